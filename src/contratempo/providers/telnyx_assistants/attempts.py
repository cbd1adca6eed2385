"""Attempts: an event is dispatched, its call or text takes its course, and it is done, given up or queued again."""

from base64 import urlsafe_b64encode
from typing import Any, Final

from contratempo.providers.telnyx_assistants.rulebook import KIND, NAME, rule
from contratempo.sim.calls import plan_call
from contratempo.sim.ids import digest
from contratempo.sim.instants import SECOND, format_instant, rounded_up
from contratempo.sim.outcomes import CALL_OUTCOMES, MESSAGE_OUTCOMES, Chosen, Outcome, Subject
from contratempo.sim.records import Record
from contratempo.sim.simulation import Simulation
from contratempo.sim.timers import Timer

SMS_OUTCOMES: Final = MESSAGE_OUTCOMES | {"completed", "failed"}
_SMS_REACHED: Final = frozenset({"delivered", "completed"})
_SMS_LATE: Final = frozenset({"delivery_unconfirmed", "expired"})


def queue(simulation: Simulation, record: Record) -> None:
    """Schedule the next dispatch at `due`, at the earliest now, rounded up to the next sweep where there are sweeps."""
    sweep = round(rule(simulation, "sweep_seconds") * SECOND)
    due = rounded_up(max(record["due"], simulation.now), sweep)
    simulation.timers.add(due, NAME, "dispatch", record["id"])


def foresee(simulation: Simulation, record: Record) -> Chosen:
    """Return what the next attempt would meet as things stand, using nothing up."""
    return simulation.outcomes.preview(*_terms(record))


def dispatch(simulation: Simulation, timer: Timer) -> None:
    """Start an attempt: dial, or send the text."""
    record = _record(simulation, timer)
    chosen = simulation.outcomes.choose(*_terms(record))
    record["why"] = chosen.why
    simulation.move(KIND, record, "dispatch", attempt=_attempt(record))
    start = _send if _is_sms(record) else _dial
    start(simulation, record, chosen.outcome)
    simulation.records.put(KIND, record)


def ring(simulation: Simulation, timer: Timer) -> None:
    """The far end rings."""
    record = _record(simulation, timer)
    simulation.move(KIND, record, "ring", "call_status", attempt=_attempt(record))
    simulation.records.put(KIND, record)


def answer(simulation: Simulation, timer: Timer) -> None:
    """The far end answers, and a conversation begins."""
    record = _record(simulation, timer)
    simulation.move(KIND, record, "answer", "call_status", attempt=_attempt(record))
    record["conversation_id"] = simulation.uuid("conversation")
    simulation.records.put(KIND, record)


def hang_up(simulation: Simulation, timer: Timer) -> None:
    """A call ends; `timer.data` has its `call_status`, the seconds `talked` (or None), and perhaps a `text`."""
    record, ended = _record(simulation, timer), timer.data or {}
    attempt = _attempt(record)
    simulation.move(KIND, record, ended["call_status"], "call_status", attempt=attempt)
    record["call_attempts"] = [*record.get("call_attempts", ()), _entry(simulation, record, ended)]
    if ended["call_status"] == "completed":
        record["call_duration"] = round(ended["talked"])
        simulation.move(KIND, record, "completed", attempt=attempt)
    elif record["retry_count"] < record["max_retries_client_errors"]:
        _queue_again(simulation, record)
    else:
        record["errors"] = [*filter(None, [ended.get("text")]), _exhaustion(record)]
        simulation.move(KIND, record, "exhausted", attempt=attempt)
    simulation.records.put(KIND, record)


def deliver(simulation: Simulation, timer: Timer) -> None:
    """A text ends as `timer.data` says: its `outcome`, and perhaps a `text` that tells why."""
    record, ended = _record(simulation, timer), timer.data or {}
    outcome = ended["outcome"]
    simulation.move(KIND, record, outcome, attempt=_attempt(record))
    if outcome not in _SMS_REACHED:
        record["errors"] = [ended.get("text") or f"The message did not reach the end user: {outcome}."]
    simulation.records.put(KIND, record)


TIMERS: Final = {"dispatch": dispatch, "ring": ring, "answer": answer, "hang_up": hang_up, "deliver": deliver}


def _dial(simulation: Simulation, record: Record, outcome: Outcome) -> None:
    attempt = _attempt(record)
    record["dispatched_at"] = format_instant(simulation.now)
    if "call_status" in record:
        simulation.move(KIND, record, "dispatch", "call_status", attempt=attempt)
    else:
        simulation.begin(KIND, record, "call_status", cause="dispatch", attempt=attempt)
    plan = plan_call(outcome, simulation.rules.timings(NAME), rule(simulation, "longest_call_seconds"))
    for step in plan.steps:
        if step.cause in TIMERS:
            simulation.schedule(step.after, NAME, step.cause, record["id"])
        else:
            data = {"call_status": step.cause, "talked": plan.talked, "text": outcome.get("text")}
            simulation.schedule(step.after, NAME, "hang_up", record["id"], data)


def _send(simulation: Simulation, record: Record, outcome: Outcome) -> None:
    record["conversation_id"] = simulation.uuid("conversation")
    status = outcome["status"]
    if status != "stuck":
        after = rule(simulation, "sms_unconfirmed_seconds" if status in _SMS_LATE else "sms_seconds")
        simulation.schedule(after, NAME, "deliver", record["id"], {"outcome": status, "text": outcome.get("text")})


def _queue_again(simulation: Simulation, record: Record) -> None:
    """The interval counts from the terminal status, and the event's time is rewritten (vendor's guide)."""
    simulation.move(KIND, record, "retry", attempt=_attempt(record))
    record["retry_count"] += 1
    record["due"] = simulation.now + record["retry_interval_secs"] * SECOND
    record["scheduled_at_fixed_datetime"] = format_instant(record["due"])
    queue(simulation, record)


def _entry(simulation: Simulation, record: Record, ended: dict[str, Any]) -> dict[str, Any]:
    attempt = _attempt(record)
    control = digest(simulation.origin.seed, simulation.minting.strand, record["id"], attempt, size=36)
    entry = {
        "attempt_number": attempt,
        "attempted_at": record["dispatched_at"],
        "call_status": ended["call_status"],
        "telnyx_call_control_id": f"v3:{urlsafe_b64encode(control).decode()}",
    }
    return entry if ended["talked"] is None else entry | {"call_duration": round(ended["talked"])}


def _exhaustion(record: Record) -> str:
    budget, attempts = record["max_retries_client_errors"], _attempt(record)
    return (
        f"The budget of client error retries is exhausted: {_count(budget, 'retry', 'retries')},"
        f" {_count(attempts, 'attempt', 'attempts')}, the last one {record['call_status']}."
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _terms(record: Record) -> tuple[Subject, int, frozenset[str], str]:
    targets = record["telnyx_end_user_target"], record["telnyx_agent_target"]
    subject = Subject(record["id"], *targets, "create_scheduled_event")
    known, success = (SMS_OUTCOMES, "delivered") if _is_sms(record) else (CALL_OUTCOMES, "completed")
    return subject, _attempt(record), known, success


def _attempt(record: Record) -> int:
    return int(record["retry_count"]) + 1


def _is_sms(record: Record) -> bool:
    return bool(record["telnyx_conversation_channel"] == "sms_chat")


def _record(simulation: Simulation, timer: Timer) -> Record:
    record = simulation.records.edit(KIND, timer.subject)
    assert record is not None, "a deleted event takes its timers with it"
    return record
