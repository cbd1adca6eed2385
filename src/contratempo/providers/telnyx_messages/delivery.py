"""What becomes of a message: it is due, sent, and met by an outcome; or cancelled before."""

from itertools import accumulate
from typing import Any, Final

from contratempo.provider import Problem, Refusal
from contratempo.sim.instants import SECOND, rounded_up
from contratempo.sim.outcomes import Outcome, Subject
from contratempo.sim.records import Record
from contratempo.sim.simulation import Simulation
from contratempo.sim.timers import Timer

from .refusals import entry
from .tables import FILE, MESSAGE, NAME, TABLES, rule
from .webhooks import tell

SUCCESS: Final = "delivered"
DUE: Final = "due"
STEP: Final = "step"
_LIFECYCLE: Final = FILE.lifecycles[MESSAGE]["status"]


def subject_of(record: Record) -> Subject:
    """Return whose attempt a message is, for scripts to match."""
    return Subject(record["id"], record["to"], record["from"], record["operation"])


def start(simulation: Simulation, record: Record) -> str:
    """Store a new message; send it when it is due, else schedule it for then or, with sweeps, for the next one.

    Return why it will meet its outcome.
    """
    simulation.begin(MESSAGE, record)
    if record["due"] <= simulation.now:
        return send(simulation, record)
    simulation.records.put(MESSAGE, record)
    sweep = round(rule(simulation, "sweep_seconds") * SECOND)
    simulation.timers.add(rounded_up(record["due"], sweep), NAME, DUE, record["id"])
    return foresee(simulation, record)


def foresee(simulation: Simulation, record: Record) -> str:
    """Return why a message met its outcome, or what it will meet."""
    known = simulation.records.kind(MESSAGE).outcomes
    return str(record.get("why") or simulation.outcomes.preview(subject_of(record), 1, known, SUCCESS).why)


def send(simulation: Simulation, record: Record) -> str:
    """Queue a message that is due and schedule what its outcome brings; return why it is this one."""
    simulation.move(MESSAGE, record, "due")
    chosen = simulation.choose_outcome(MESSAGE, subject_of(record), 1, SUCCESS)
    record["why"] = chosen.why
    simulation.records.put(MESSAGE, record)
    for after, data in _story(simulation, chosen.outcome):
        simulation.schedule(after, NAME, STEP, record["id"], data)
    return chosen.why


def when_due(simulation: Simulation, timer: Timer) -> None:
    """Send the message of a timer."""
    send(simulation, _record(simulation, timer))


def when_stepping(simulation: Simulation, timer: Timer) -> None:
    """Move the message of a timer one step along its story, and tell of it."""
    record, data = _record(simulation, timer), timer.data or {}
    status = simulation.move(MESSAGE, record, data["cause"])
    ended = _LIFECYCLE.is_terminal(status)
    if status == "sent":
        record["sent"] = simulation.now
    if ended:
        record["completed"] = simulation.now
        record["errors"] = data.get("errors", [])
    simulation.records.put(MESSAGE, record)
    tell(simulation, record, last=ended)


def cancel(simulation: Simulation, record: Record) -> Record:
    """Cancel a message that is still scheduled, however near its time is; Refusal (403) in any other status."""
    if record["status"] != "scheduled":
        detail = f"The message is {record['status']}; only a scheduled one can be cancelled."
        raise Refusal(Problem("forbidden", detail, code="10015", status=403))
    simulation.timers.cancel(record["id"])
    simulation.move(MESSAGE, record, "cancel")
    simulation.records.put(MESSAGE, record)
    return record


def _record(simulation: Simulation, timer: Timer) -> Record:
    record = simulation.records.edit(MESSAGE, timer.subject)
    assert record is not None, "messages are never deleted"
    return record


def _story(simulation: Simulation, outcome: Outcome) -> list[tuple[float, dict[str, Any]]]:
    """Return the steps of an outcome: seconds after the message was due, never going back, and the timer's data."""
    steps = TABLES["stories"][outcome["status"]]
    times = accumulate((rule(simulation, name) for _, name in steps), max)
    errors = _errors(outcome)
    return [
        (after, {"cause": cause} | ({"errors": errors} if errors and cause == outcome["status"] else {}))
        for after, (cause, _) in zip(times, steps, strict=True)
    ]


def _errors(outcome: Outcome) -> list[dict[str, Any]]:
    """Return what the delivery leaves in `errors`; an outcome's text is the code to have, or the detail."""
    code, text = TABLES["outcome_errors"].get(outcome["status"]), outcome.get("text", "")
    if code is None:
        return []
    if text in TABLES["delivery_errors"]:
        code, text = text, ""
    return [entry(code, text, {"pointer": "/to/0"})]
