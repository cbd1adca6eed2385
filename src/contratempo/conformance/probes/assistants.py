"""The assistants API as the probes speak it: paths, bodies, and a create that is known to be good."""

from typing import Any, Final, TypeAlias
from urllib.parse import quote

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import written
from contratempo.conformance.visit import Visit

Json: TypeAlias = Any
WHEN: Final = "scheduled_at_fixed_datetime"


def events(assistant: str) -> str:
    """Return the path of an assistant's events."""
    return f"/ai/assistants/{quote(assistant, safe='')}/scheduled_events"


def event(assistant: str, identifier: str) -> str:
    """Return the path of one event."""
    return f"{events(assistant)}/{quote(identifier, safe='')}"


def phone(visit: Visit, **more: Json) -> dict[str, Json]:
    """Return the body of a call an hour ahead."""
    return {
        "telnyx_conversation_channel": "phone_call",
        "telnyx_end_user_target": "+13125550001",
        "telnyx_agent_target": "+13125550002",
        WHEN: written(visit.later(hours=1)),
        **more,
    }


def sms(visit: Visit, **more: Json) -> dict[str, Json]:
    """Return the body of a text an hour ahead."""
    return phone(visit, **{"telnyx_conversation_channel": "sms_chat", "text": "See you at nine.", **more})


def make(visit: Visit, assistant: str, body: dict[str, Json], key: str | None = None) -> str | None:
    """Create an event and return its id, None when there is none."""
    x = visit.send("POST", events(assistant), json=body, headers={} if key is None else {"idempotency-key": key})
    return identifier_of(x)


def identifier_of(x: Exchange) -> str | None:
    """Return the id of the event that an answer shows."""
    found = x.json.get("scheduled_event_id") if x.ok and isinstance(x.json, dict) else None
    return found if isinstance(found, str) and found else None


def list_all(visit: Visit, assistant: str, **query: str) -> Exchange:
    """List up to a hundred of an assistant's events."""
    return visit.send("GET", events(assistant), query={"page[size]": "100", **query})
