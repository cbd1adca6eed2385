"""Scheduled events: create, list, retrieve and delete, and how a record is kept and shown."""

from typing import Any, Final, TypedDict

import msgspec

from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Refusal, Request, Response
from contratempo.providers.telnyx_assistants.attempts import SMS_OUTCOMES, foresee, queue
from contratempo.providers.telnyx_assistants.idempotency import once
from contratempo.providers.telnyx_assistants.rulebook import KIND, NAME, RULES, rule
from contratempo.providers.telnyx_assistants.semantics import check_assistant, check_event
from contratempo.sim.instants import Instant, format_instant, parse_instant
from contratempo.sim.outcomes import CALL_OUTCOMES
from contratempo.sim.records import Key, Kind, Record, Sort
from contratempo.sim.simulation import Simulation


class Shown(TypedDict, total=False):
    """What is shown of a record, in the order of the vendor's schemas; the rest of it is the mock's own."""

    telnyx_conversation_channel: Any
    telnyx_end_user_target: Any
    telnyx_agent_target: Any
    scheduled_at_fixed_datetime: Any
    assistant_id: Any
    retry_count: Any
    text: Any  # of a sms_chat alone; from call_status on of a phone_call alone
    scheduled_event_id: Any
    conversation_id: Any
    created_at: Any
    status: Any
    conversation_metadata: Any
    dynamic_variables: Any
    errors: Any
    call_status: Any
    call_duration: Any
    max_retries_client_errors: Any
    retry_interval_secs: Any
    call_settings: Any
    call_attempts: Any
    dispatched_at: Any


_SHOWN: Final = frozenset(Shown.__annotations__)
_PAGE: Final = msgspec.json.Decoder(list[Shown])
"""Reads records and passes over what is not shown: half of what making and dropping it takes."""
_UNSHOWN_CALL_STATUS: Final = RULES.lifecycles[KIND]["call_status"].initial
_NULLS: Final = RULES.tables["nulls"]
_MEMBERS: Final = (
    "telnyx_conversation_channel", "scheduled_at_fixed_datetime", "max_retries_client_errors", "telnyx_end_user_target",
    "conversation_metadata", "telnyx_agent_target",
)  # fmt: skip
"""The longest, a quarter of a record together: each makes keeping one and reading a page dearer."""
_COPIED: Final = {
    "phone_call": ("conversation_metadata", "dynamic_variables", "call_settings"),
    "sms_chat": ("conversation_metadata", "dynamic_variables", "text"),
}
_NOT_A_DATE: Final = "is not a date-time of the calendar"


def create(simulation: Simulation, request: Request) -> Response:
    """Schedule an event; the same `Idempotency-Key` and request again get the same answer and nothing more."""
    return once(simulation, request, _create)


def list_events(simulation: Simulation, request: Request) -> Response:
    """List an assistant's events by scheduled time, then time of creation; the bounds are inclusive."""
    assistant, query, page = request.path["assistant_id"], request.query, request.query["page"]
    check_assistant(simulation, assistant)
    channel = query.get("conversation_channel")
    found = simulation.records.page(
        KIND,
        (assistant,) if channel is None else (assistant, channel),
        first=_bound(query, "from_date"),
        last=_bound(query, "to_date"),
        offset=(page["number"] - 1) * page["size"],
        limit=page["size"],
    )
    meta = {
        "total_pages": -(-found.total // page["size"]),
        "total_results": found.total,
        "page_number": page["number"],
        "page_size": page["size"],
    }
    return Response(200, {"meta": meta, "data": _presented(simulation, found.read(_PAGE))})


def retrieve(simulation: Simulation, request: Request) -> Response:
    """Return one event; the trace tells why its latest attempt went as it did, or how its first one will."""
    record = _find(simulation, request)
    why = record.get("why") or foresee(simulation, record).why
    return Response(200, represent(simulation, record), trace=(why,), resource=record["id"])


def delete(simulation: Simulation, request: Request) -> Response:
    """Remove an event in whatever status; what is left of its attempts does not happen."""
    record = _find(simulation, request)
    simulation.vanish(KIND, record, "delete")
    return Response(204, resource=record["id"])


def represent(simulation: Simulation, record: Record) -> Any:
    """Return the event as the vendor shows it: fields that are not set are left out, or null."""
    return _presented(simulation, [{name: value for name, value in record.items() if name in _SHOWN}])[0]


def _presented(simulation: Simulation, rows: list[Any]) -> list[Any]:
    """Return what is shown of records as the vendor shows it."""
    for shown in rows:
        if shown.get("call_status") == _UNSHOWN_CALL_STATUS:
            del shown["call_status"]
    return list(map(_with_nulls, rows)) if rule(simulation, "unset_fields") == "null" else rows


def _with_nulls(shown: Any) -> Any:
    full = _filled(shown, shown["telnyx_conversation_channel"])
    if "call_attempts" in full:
        full["call_attempts"] = [_filled(attempt, "call_attempt") for attempt in full["call_attempts"]]
    return full


def _filled(shown: Any, form: str) -> Any:
    return shown | {name: None for name in _NULLS[form] if name not in shown}


def _create(simulation: Simulation, request: Request) -> Response:
    assistant, event = request.path["assistant_id"], request.body
    sent = event["scheduled_at_fixed_datetime"]
    due = _instant("body", "scheduled_at_fixed_datetime", sent)
    check_assistant(simulation, assistant)
    check_event(simulation, assistant, event, due)
    channel, identifier = event["telnyx_conversation_channel"], simulation.uuid(KIND)
    record: Record = {
        "id": identifier,
        "telnyx_conversation_channel": channel,
        "telnyx_end_user_target": event["telnyx_end_user_target"],
        "telnyx_agent_target": event["telnyx_agent_target"],
        "scheduled_at_fixed_datetime": _with_offset(sent),
        "assistant_id": assistant,
        "retry_count": 0,
        "scheduled_event_id": identifier,
        "created_at": format_instant(simulation.now),
        "due": due,
        "created": simulation.now,
        "ordinal": simulation.ordinals[KIND],
    } | {name: event[name] for name in _COPIED[channel] if name in event}
    if channel == "phone_call":
        record |= _retries(simulation, event)
    simulation.begin(KIND, record)
    simulation.records.put(KIND, record)
    queue(simulation, record)
    why = foresee(simulation, record).why
    return Response(201, represent(simulation, record), trace=(why,), resource=identifier)


def _retries(simulation: Simulation, event: dict[str, Any]) -> dict[str, int]:
    """JSON Schema takes 2.0 for an integer, so numbers are made whole here."""
    retries = int(event.get("max_retries_client_errors", 0))
    interval = event.get("retry_interval_secs")
    if interval is None and retries:
        interval = rule(simulation, "default_retry_interval_seconds")
    if interval is None:
        return {"max_retries_client_errors": 0}
    return {"max_retries_client_errors": retries, "retry_interval_secs": int(interval)}


def _find(simulation: Simulation, request: Request) -> Record:
    assistant, identifier = request.path["assistant_id"], request.path["event_id"]
    check_assistant(simulation, assistant)
    record = simulation.records.get(KIND, identifier)
    if record is None or record["assistant_id"] != assistant:
        raise Refusal(Problem("not-found", f"Scheduled event {identifier[:100]} not found"))
    return record


def _bound(query: Any, name: str) -> Instant | None:
    return _instant("query", name, query[name]) if name in query else None


def _instant(location: str, name: str, text: str) -> Instant:
    """The document's check of date-times is of their form; what no calendar has is found here."""
    try:
        return parse_instant(text)
    except ValueError:
        broken = Violation(location, (name,), "format", _NOT_A_DATE, text, "date-time")
        raise Refusal(Problem("invalid", violations=(broken,))) from None


def _with_offset(text: str) -> str:
    """Sent text is echoed as it is; one without an offset is UTC and says so."""
    clock = text[11:]
    return text if clock[-1] in "Zz" or "+" in clock or "-" in clock else f"{text}Z"


def _index(record: Record) -> tuple[tuple[Key, Sort], ...]:
    sort = (record["due"], record["created"], record["ordinal"])
    assistant, channel = record["assistant_id"], record["telnyx_conversation_channel"]
    return ((), sort), ((assistant,), sort), ((assistant, channel), sort)


def _cancel(simulation: Simulation, record: Record) -> None:
    simulation.vanish(KIND, record, "cancel")


SCHEDULED_EVENT: Final = Kind(
    name=KIND,
    provider=NAME,
    index=_index,
    represent=represent,
    lifecycles=RULES.lifecycles[KIND],
    outcomes=CALL_OUTCOMES | SMS_OUTCOMES,
    cancel=_cancel,
    schema="#/components/schemas/ScheduledEventResponse",
    members=_MEMBERS,
)
OPERATIONS: Final = {
    "create_scheduled_event": create,
    "get_scheduled_events": list_events,
    "get_scheduled_event": retrieve,
    "delete_scheduled_event": delete,
}
