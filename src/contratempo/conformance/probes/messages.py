"""The messages API as the probes speak it."""

from typing import Any, Final, TypeAlias
from urllib.parse import quote

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import written
from contratempo.conformance.visit import Visit

Json: TypeAlias = Any
SCHEDULE: Final = "/messages/schedule"
SEND: Final = "/messages"
FROM: Final = "+18445550001"
TO: Final = "+18665550001"
PROFILE: Final = "4000eba1-a0c0-4563-9925-b25e842a7cb6"
NOBODY: Final = "40385f64-5717-4562-b3fc-2c963f66afa6"
PICTURE: Final = "https://www.example.com/cat.png"


def message(identifier: str) -> str:
    """Return the path of one message."""
    return f"/messages/{quote(identifier, safe='')}"


def sms(visit: Visit, **more: Json) -> dict[str, Json]:
    """Return the body of a text an hour ahead."""
    return {"from": FROM, "to": TO, "text": "Hello, World!", "send_at": written(visit.later(hours=1)), **more}


def mms(visit: Visit, **more: Json) -> dict[str, Json]:
    """Return the body of a picture an hour ahead."""
    return {
        "from": FROM,
        "to": TO,
        "subject": "From here",
        "media_urls": [PICTURE],
        "type": "MMS",
        "send_at": written(visit.later(hours=1)),
        **more,
    }


def schedule(visit: Visit, body: dict[str, Json]) -> str | None:
    """Schedule a message and return its id, None when there is none."""
    return identifier_of(visit.send("POST", SCHEDULE, json=body))


def identifier_of(x: Exchange) -> str | None:
    """Return the id of the message that an answer shows in data."""
    data = x.json.get("data") if x.ok and isinstance(x.json, dict) else None
    found = data.get("id") if isinstance(data, dict) else None
    return found if isinstance(found, str) and found else None
