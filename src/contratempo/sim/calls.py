"""What happens in one call attempt: a pure function of outcome, timings and caps."""

from collections.abc import Mapping
from typing import NamedTuple

from contratempo.sim.outcomes import Outcome


class Step(NamedTuple):
    """Something that happens `after` seconds of the dispatch, named by its cause."""

    after: float
    cause: str


class CallPlan(NamedTuple):
    """The steps of an attempt in order, and the seconds talked when it is answered."""

    steps: tuple[Step, ...]
    talked: float | None


def plan_call(outcome: Outcome, timings: Mapping[str, float], longest: float | None = None) -> CallPlan:
    """Return the steps of an attempt that meets `outcome`.

    `timings` has `setup`, `ring`, `talk`, `ring_timeout`, `busy`, `fail` and `cancel`, in seconds; the outcome's own
    `ring` and `talk` go before them. `longest` cuts the talk off. Causes are `ring`, `answer` and the outcome's status.
    """
    status, setup = outcome["status"], timings["setup"]
    if status == "completed":
        return _answered(outcome, timings, longest)
    if status == "busy":
        return CallPlan((Step(timings["busy"], "busy"),), None)
    if status == "failed":
        return CallPlan((Step(timings["fail"], "failed"),), None)
    if status == "stuck":
        return CallPlan((Step(setup, "ring"),), None)
    rings = outcome.get("ring", timings["ring_timeout" if status == "no-answer" else "cancel"])
    return CallPlan((Step(setup, "ring"), Step(setup + rings, status)), None)


def _answered(outcome: Outcome, timings: Mapping[str, float], longest: float | None) -> CallPlan:
    answered = timings["setup"] + outcome.get("ring", timings["ring"])
    talked = outcome.get("talk", timings["talk"])
    if longest is not None:
        talked = min(talked, longest)
    steps = (Step(timings["setup"], "ring"), Step(answered, "answer"), Step(answered + talked, "completed"))
    return CallPlan(steps, talked)
