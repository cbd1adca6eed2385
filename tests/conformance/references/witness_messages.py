"""What a client of the messages API can see, webhooks among it."""

from typing import Any

from .driver import Driver
from .witness_wire import knock

SCHEDULE, SEND = "/v2/messages/schedule", "/v2/messages"
DUE = "2030-03-16T15:00:30Z"
SMS = {"from": "+18445550001", "to": "+18665550001", "text": " Hello, {World}!\n", "send_at": DUE}
HOOKS = {"webhook_url": "http://main.example/hook?a=1", "webhook_failover_url": "http://spare.example/hook"}
FULL = (
    SMS | HOOKS | {"subject": "Hi", "type": "SMS", "messaging_profile_id": "p-1", "use_profile_webhooks": False, "x": 1}
)
MMS = {"from": "+18445550001", "to": "+18665550001", "media_urls": ["http://a.example/1.png", "http://a.example/2.png"]}
TEXTS = (
    "a" * 160,
    "a" * 161,
    "{" * 80,
    "{" * 81,
    "é" * 160,
    "я" * 70,
    "я" * 71,
    "👋" * 35,
    "👋" * 36,
    "a" * 306,
    "a" * 307,
    "a" * 1530,
)
WRONG: tuple[dict[str, Any], ...] = (
    {"to": 3},
    {"text": 3},
    {"text": ""},
    {"media_urls": "http://a.example/1.png"},
    {"type": "FAX"},
    {"type": "MMS"},
    {"use_profile_webhooks": "yes"},
    {"send_at": "tomorrow"},
    {"send_at": None},
    {"send_at": "2030-03-15T12:04:59Z"},
    {"send_at": "2030-03-20T12:00:01Z"},
    {"send_at": "2030-03-15T11:00:00Z"},
    {"from": "ACME"},
    {"from": "A-VERY-LONG-NAME"},
    {"webhook_url": "ftp://a"},
    {"text": "a" * 1531},
)


def _knocking(client: Driver) -> None:
    knock(client, SCHEDULE, SMS)
    client("GET", SEND)


def _id(shown: Any) -> str:
    data = shown.get("data", shown) if isinstance(shown, dict) else {}
    return str(data.get("id")) if isinstance(data, dict) else "none"


def _creating(client: Driver) -> None:
    bodies = [
        SMS,
        SMS,
        FULL,
        MMS | {"send_at": DUE},
        SMS | {"from": "ACME", "messaging_profile_id": "p", "to": "+447700900001"},
    ]
    bodies += [
        SMS | {"send_at": at} for at in ("2030-03-16T10:00:00.25-05:00", "2030-03-16T10:00:00", "2030-03-15T12:05:00Z")
    ]
    bodies.append({"messaging_profile_id": "p", "to": "12345", "text": "x", "send_at": "2030-03-20T12:00:00Z"})
    for body in bodies:
        client("GET", f"{SEND}/{_id(client('POST', SCHEDULE, body))}")
    for text in TEXTS:
        client("POST", SEND, {"from": "+18445550001", "to": "+18665550001", "text": text})
    for encoding in ("gsm7", "ucs2", "auto"):
        client("POST", SEND, {"from": "+18445550001", "to": "+18665550001", "text": "plain", "encoding": encoding})
    client("POST", SEND, {"from": "+18445550001", "to": "+18665550001", "text": "я", "encoding": "gsm7"})
    client("POST", SEND, SMS | {"send_at": None})
    client("POST", SEND, MMS)


def _refusing(client: Driver) -> None:
    for wrong in WRONG:
        client("POST", SCHEDULE, SMS | wrong)
    for name in SMS:
        client("POST", SCHEDULE, {field: value for field, value in SMS.items() if field != name})
    client("POST", SEND, SMS | {"encoding": "utf8"})


def _records(client: Driver) -> None:
    first, second = (_id(client("POST", SCHEDULE, SMS | HOOKS)) for _ in range(2))
    for method in ("GET", "DELETE"):
        client(method, f"{SEND}/40385f64-5717-4562-b3fc-2c963f66afa6")
        client(method, f"{SEND}/nonsense")
        client.token = "key-of-v"
        client(method, f"{SEND}/{first}")
        client.token = "key-of-w"
        client(method, f"{SEND}/{first}", authorization="Basic none")
    client("HEAD", f"{SEND}/{first}")
    for method in ("DELETE", "GET", "DELETE"):
        client(method, f"{SEND}/{first}")
    client("GET", f"{SEND}/{second}")


def _keys(client: Driver) -> None:
    body = {"from": "+18445550001", "to": "+18665550001", "text": "once"}
    for key, sent in (
        ("k-1", body),
        ("k-1", body),
        ("k-1", body | {"text": "twice"}),
        ("k 1", body),
        ("x" * 256, body),
    ):
        client("POST", SEND, sent, idempotency_key=key)
    client.advance("2h")
    client("POST", SEND, body, idempotency_key="k-1")


def _statuses(client: Driver) -> None:
    """From 14:00 on, an hour before they are due."""
    client.advance("2h")
    made = []
    for outcome in ("delivered", "delivery_failed", "delivery_unconfirmed", "sending_failed", "expired", "stuck"):
        client.script(outcome, to=f"+1{outcome}")
        body = SMS | HOOKS | {"to": f"+1{outcome}", "send_at": "2030-03-15T15:00:00Z"}
        made.append(_id(client("POST", SCHEDULE, body)))
    spare = _id(client("POST", SCHEDULE, SMS | HOOKS | {"send_at": "2030-03-15T15:00:01Z"}))
    client("DELETE", f"{SEND}/{spare}")
    client("POST", SCHEDULE, SMS | HOOKS | {"send_at": "2030-03-15T15:00:01Z"})
    late = _id(client("POST", SCHEDULE, SMS | HOOKS | {"send_at": "2030-03-15T15:00:00Z"}))
    client.advance(3540)
    client("DELETE", f"{SEND}/{late}")
    for step in (59, 1, 1, 1, 1, 1, 3590, 60, "24h", "10d"):
        client.advance(step)
        for name in made:
            client("GET", f"{SEND}/{name}")
    client("DELETE", f"{SEND}/{made[0]}")


def _hooks(client: Driver) -> None:
    for down in (("main",), ("main", "spare"), ("moved",)):
        client.receive = lambda url, down=down: (302 if "moved" in url else 500) if any(w in url for w in down) else 200
        body = {"from": "+18445550001", "to": "+18665550001", "text": "é 👋"} | HOOKS
        if down == ("moved",):
            body |= {"webhook_url": "http://moved.example/hook"}
        client("POST", SEND, body)
        for step in (0, 1, 1, 1, 1, 1, 5, 30, "1h"):
            client.advance(step)


SCRIPTS = (_knocking, _creating, _refusing, _records, _keys, _hooks, _statuses)
