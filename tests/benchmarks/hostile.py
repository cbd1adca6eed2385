"""What a soak sends: ordinary calls, the control plane's, hostile but well-formed HTTP, and bytes that are no HTTP."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from exchanges import CHAT, EVENT
from exchanges import MESSAGE as SOON

_EVENTS = "/v2/ai/assistants/assistant-{}/scheduled_events"
_CALLS, _MESSAGES = "/v1/calls/scheduled", "/v2/messages/schedule"
_MESSAGE = SOON | {"send_at": "2025-04-05T13:07:00Z"}
_CALL = {
    "contact_id": "ctc_12kd88", "scheduled_at": "2025-06-15T15:00:00Z", "initial_message": "Hi {{first_name}}",
    "max_duration_seconds": 900, "recording_enabled": True, "metadata": {"playbook": "renewal"},
}  # fmt: skip
_ODD: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, 1e308, "", "\x00", "日本", "\ud800", "a" * 5000, [], {}, [[[[]]]], {"": {"": None}},
    "2025-02-30T00:00:00Z", "0000-00-00", "9999-12-31T23:59:60Z", "' OR 1=1 --", "{{7*7}}", "../../etc/passwd",
)  # fmt: skip
_METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FROBNICATE")
_PATHS = (
    "/", "//", "/v2", "/v2/", "/v2/%00", "/v2/%ff%fe", "/v2/ai/assistants/%2e%2e/scheduled_events", "/_mock/nothing",
    "/v2/ai/assistants/a%2Fb/scheduled_events", "/v2/messages/" + "x" * 4000, "/_mock/resources/%F0%9F%98%80",
    "/v1/calls",
)  # fmt: skip
_QUERIES = (
    "page%5Bsize%5D=-1", "page%5Bsize%5D=1e3", "page%5Bsize%5D=" + "9" * 400, "page=7", "page%5B%5D=1", "from_date=now",
    "from_date=2025-02-30T00:00:00Z", "conversation_channel=%ff",
    "conversation_channel=sms_chat&conversation_channel=x",
    "&".join(f"a{number}={number}" for number in range(500)), "%", "=&=&=",
)  # fmt: skip
_BODIES = (
    b"", b"{", b"nul", b"[" * 100_000, b'{"a":' * 5_000, b"\xff\xfe\x00", b'{"a":1,"a":2}', b"NaN", b'"\\ud800"',
    b"1" * 100_000, b"\xef\xbb\xbf{}", b"{}garbage", b"x" * 1_200_000,
)  # fmt: skip
_TYPES = ("application/json", "text/plain", "application/json; charset=utf-16", "multipart/form-data", "a/b/c", "")
_NO_HTTP = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/9.9\r\n\r\n", b"GET /\r\n\r\n", b"\r\n\r\n\r\n",
    b"POST /v2/messages/schedule HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
    b"POST /v2/messages/schedule HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"POST /v2/messages/schedule HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n",
    b"POST /v2/messages/schedule HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nhalf of it",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", b"GET / HTTP/1.1\r\nHost a\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nX-\x00: b\r\n\r\n",
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """Bytes to send; `kind` is "call", "control", "hostile" or "no HTTP", the last of which may go unanswered."""

    kind: str
    data: bytes
    about: str


def chosen(chance: Random) -> Call:
    """Choose what to send next."""
    makers: tuple[Callable[[Random], Call], ...] = (_ordinary, _control, _odd_body, _odd_request, _no_http)
    return chance.choices(makers, weights=(60, 8, 20, 10, 2))[0](chance)


def request(kind: str, method: str, path: str, body: bytes | None = None, media_type: str = "application/json") -> Call:
    """Write a request as HTTP/1.1 bytes."""
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Authorization: Bearer KEY_soak"]
    if body is not None:
        head += [f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
    return Call(kind, "\r\n".join([*head, "", ""]).encode() + (body or b""), f"{method} {path[:80]}")


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _ordinary(chance: Random) -> Call:
    path = _EVENTS.format(chance.randrange(20))
    when = f"2025-{chance.randint(5, 12):02d}-{chance.randint(1, 28):02d}T{chance.randint(0, 23):02d}:00:00Z"
    event = chance.choice((EVENT, EVENT, CHAT)) | {"scheduled_at_fixed_datetime": when}
    return chance.choice((
        lambda: request("call", "POST", path, _json(event)),
        lambda: request("call", "GET", f"{path}?page%5Bsize%5D=20&page%5Bnumber%5D={chance.randint(1, 5)}"),
        lambda: request("call", "GET", f"{path}/00000000-0000-4000-8000-000000000000"),
        lambda: request("call", "POST", _MESSAGES, _json(_MESSAGE)),
        lambda: request("call", "POST", _CALLS, _json(_CALL)),
    ))()  # fmt: skip


def _control(chance: Random) -> Call:
    minutes = (
        f"PT{chance.randint(1, 90)}M"  # small steps: what is scheduled must lie in the future until the next reset
    )
    advance = chance.choice(({"to": "next"}, {"by": minutes}, {"by": minutes, "wait": "none"}))
    script = {"outcomes": [chance.choice(("busy", "no-answer", "completed"))], "match": {"to": "+13125550100"}}
    return chance.choice((
        lambda: request("control", "POST", "/_mock/clock/advance", _json(advance)),
        lambda: request("control", "GET", "/_mock/timeline?limit=50"),
        lambda: request("control", "GET", "/_mock/requests?limit=50"),
        lambda: request("control", "GET", "/_mock/resources?limit=50"),
        lambda: request("control", "POST", "/_mock/outcomes", _json(script)),
        lambda: request("control", "POST", "/_mock/worlds", _json({"id": f"soak-{chance.randrange(50)}"})),
        lambda: request("control", "DELETE", f"/_mock/worlds/soak-{chance.randrange(50)}"),
    ))()  # fmt: skip


def _odd_body(chance: Random) -> Call:
    path, good = chance.choice(((_EVENTS.format(1), EVENT), (_MESSAGES, _MESSAGE), (_CALLS, _CALL)))
    body: dict[str, Any] = dict(good)
    for _ in range(chance.randint(1, 3)):
        name = chance.choice([*body, "unheard_of"])
        if chance.random() < 0.2:
            body.pop(name, None)
        else:
            body[name] = chance.choice(_ODD)
    return request("hostile", "POST", path, _json(body))


def _odd_request(chance: Random) -> Call:
    path = _EVENTS.format(1)
    return chance.choice((
        lambda: request("hostile", "GET", chance.choice(_PATHS)),
        lambda: request("hostile", chance.choice(_METHODS), chance.choice((path, _MESSAGES, "/_mock/clock"))),
        lambda: request("hostile", "GET", f"{path}?{chance.choice(_QUERIES)}"),
        lambda: request("hostile", "POST", chance.choice((path, _MESSAGES, _CALLS)), chance.choice(_BODIES)),
        lambda: request("hostile", "POST", path, _json(EVENT), chance.choice(_TYPES)),
        lambda: request("hostile", "POST", "/_mock/clock/advance", _json({"by": chance.choice(("-1h", "x", -5))})),
    ))()  # fmt: skip


def _no_http(chance: Random) -> Call:
    data = chance.choice((*_NO_HTTP, chance.randbytes(300)))
    return Call("no HTTP", data, repr(data[:60]))
