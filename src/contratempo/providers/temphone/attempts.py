"""A call's one attempt: dispatch, ringing, answer and end, and the control plane's cancel."""

from typing import Final

from contratempo.provider import Problem, Refusal
from contratempo.providers.temphone.calls import KIND, subject_of
from contratempo.providers.temphone.webhooks import tell
from contratempo.sim.calls import plan_call
from contratempo.sim.records import Record
from contratempo.sim.simulation import Simulation
from contratempo.sim.timers import Timer

_UNDERWAY: Final = ("ring", "answer")


def dispatch(simulation: Simulation, timer: Timer) -> None:
    """Start the call that is due: what it meets is decided here, what follows is put down as timers."""
    record = _get(simulation, timer)
    simulation.move(KIND, record, "dispatch", attempt=1)
    simulation.begin(KIND, record, "call_status", cause="dispatch", attempt=1)
    _keep(simulation, record)
    tell(simulation, record)
    outcome = simulation.choose_outcome(KIND, subject_of(record), 1, "completed").outcome
    timings = simulation.rules.timings("temphone")
    for after, cause in plan_call(outcome, timings, record["asked"]["max_duration_seconds"]).steps:
        kind = cause if cause in _UNDERWAY else "end"
        simulation.schedule(after, "temphone", kind, record["id"], {"cause": cause})


def progress(simulation: Simulation, timer: Timer) -> None:
    """Let the line ring or be answered; the vendor's view of the call stays as it is."""
    record = _get(simulation, timer)
    simulation.move(KIND, record, _cause(timer), "call_status", attempt=1)
    simulation.records.put(KIND, record)


def end(simulation: Simulation, timer: Timer) -> None:
    """End the call: answered is completed, anything else failed."""
    record = _get(simulation, timer)
    simulation.move(KIND, record, _cause(timer), "call_status", attempt=1)
    simulation.move(KIND, record, _cause(timer), attempt=1)
    _keep(simulation, record)
    tell(simulation, record)


def cancel(simulation: Simulation, record: Record) -> Record:
    """Cancel a call that has not ended; Refusal 409 for one that has.

    For the control plane only: the vendor knows the status and shows no way to it. Only the end of a call that was
    started is told.
    """
    if simulation.records.kind(KIND).lifecycles["status"].is_terminal(record["status"]):
        detail = f"Call {record['id']} is {record['status']}; only a scheduled call or one in progress can be canceled."
        raise Refusal(Problem("conflict", detail, status=409))
    simulation.timers.cancel(record["id"])
    started = "call_status" in record
    if started:
        simulation.move(KIND, record, "cancel", "call_status", attempt=1)
    simulation.move(KIND, record, "cancel")
    _keep(simulation, record)
    if started:
        tell(simulation, record)
    return record


def _get(simulation: Simulation, timer: Timer) -> Record:
    record = simulation.records.edit(KIND, timer.subject)
    assert record is not None, f"timer {timer.number} is about {timer.subject}, which does not exist"
    return record


def _cause(timer: Timer) -> str:
    assert timer.data is not None, f"timer {timer.number} has no cause"
    return str(timer.data["cause"])


def _keep(simulation: Simulation, record: Record) -> None:
    record["updated"] = simulation.now
    simulation.records.put(KIND, record)
