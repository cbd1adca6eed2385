"""What a client of the assistants API can see in some two hundred requests, enough to tell every mutant."""

from typing import Any

from .driver import Driver
from .witness_wire import knock

A, B = (f"/v2/ai/assistants/{name}/scheduled_events" for name in ("a", "b"))
PHONE = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_end_user_target": "+13125550001",
    "telnyx_agent_target": "+13125550002",
    "scheduled_at_fixed_datetime": "2030-03-15T15:00:30.5+02:00",
}
SMS = PHONE | {"telnyx_conversation_channel": "sms_chat", "text": " Olá 👋\n" + "long " * 40}
FULL = PHONE | {
    "conversation_metadata": {"Name": "x", "visits": 3, "returning": True, "big": 2**70},
    "dynamic_variables": {"first": "Ada"},
    "max_retries_client_errors": 2,
    "retry_interval_secs": 600,
    "call_settings": {"sip_region": "Europe"},
    "unlisted": [1],
}
WRONG: tuple[dict[str, Any], ...] = (
    {"telnyx_conversation_channel": "fax"},
    {"telnyx_end_user_target": 3},
    {"max_retries_client_errors": 11, "retry_interval_secs": 60},
    {"max_retries_client_errors": -1},
    {"max_retries_client_errors": "0"},
    {"max_retries_client_errors": 0.5},
    {"max_retries_client_errors": 1, "retry_interval_secs": 59},
    {"max_retries_client_errors": 1, "retry_interval_secs": 86401},
    {"conversation_metadata": {"a": {"b": 1}}},
    {"conversation_metadata": None},
    {"dynamic_variables": {"a": 1}},
    {"call_settings": {"sip_region": "Mars"}},
    {"scheduled_at_fixed_datetime": "2031-01-01"},
    {"scheduled_at_fixed_datetime": "2031-02-30T00:00:00Z"},
    {"scheduled_at_fixed_datetime": 1924992000},
    {"scheduled_at_fixed_datetime": "2030-03-15T11:59:59Z"},
    {"max_retries_client_errors": 1},
    {"retry_interval_secs": 60},
)
QUERIES = (
    "page[size]=101",
    "page[size]=0",
    "page[number]=0",
    "page[number]=x",
    "page[number]=" + "9" * 20,
    "from_date=soon",
    "conversation_channel=fax",
    "to_date=2030-01-01",
    "from_date=2031-01-01T00:00:00Z&to_date=2030-01-01T00:00:00Z",
)
DAY = "2030-04-02T"
LISTS = (
    "",
    "page[size]=12",
    "page[size]=12&page[number]=2",
    "page[size]=12&page[number]=3",
    "page[size]=100",
    "page[size]=5&page[number]=5",
    "page[size]=5&page[number]=2",
    "conversation_channel=phone_call",
    "conversation_channel=sms_chat",
    f"from_date={DAY}04:00:00Z",
    f"to_date={DAY}04:00:00Z",
    f"from_date={DAY}04:00:00Z&to_date={DAY}12:00:00Z",
    f"from_date={DAY}00:00:00Z&conversation_channel=sms_chat&page[size]=4&page[number]=2",
    "to_date=2030-03-15T13:30:00Z",
)


def _knocking(client: Driver) -> None:
    knock(client, A, PHONE)


def _creating(client: Driver) -> None:
    ids = [client("POST", A, body).get("scheduled_event_id") for body in (PHONE, SMS, FULL, PHONE)]
    client("POST", A, PHONE | {"scheduled_at_fixed_datetime": "2030-03-15T16:00:00"})
    client(
        "POST", A, PHONE | {"scheduled_at_fixed_datetime": "2099-01-01T00:00:00Z", "telnyx_end_user_target": "sip:a@b"}
    )
    client("POST", B, SMS | {"max_retries_client_errors": 0})
    client("POST", A, PHONE | {"telnyx_end_user_target": "", "telnyx_agent_target": ""})
    client("POST", A, b"[]")
    client("POST", A, b'{"a": ' + b"[" * 600 + b"]" * 600 + b"}")
    for name in ids:
        client("GET", f"{A}/{name}")


def _refusing(client: Driver) -> None:
    for wrong in WRONG:
        client("POST", A, PHONE | wrong)
    for name in PHONE:
        client("POST", A, {field: value for field, value in PHONE.items() if field != name})
    client("POST", A, {name: value for name, value in SMS.items() if name != "text"})
    client("POST", A, SMS | {"max_retries_client_errors": 1, "retry_interval_secs": 60})
    client("GET", A)
    for query in QUERIES:
        client("GET", f"{A}?{query}")


def _listing(client: Driver) -> None:
    path = A.replace("/a/", "/lists/")
    for hour in range(1, 26):
        body = (SMS, FULL)[hour % 2] | {"scheduled_at_fixed_datetime": f"2030-04-0{hour % 3 + 1}T{hour % 24:02}:00:00Z"}
        client("POST", path, body)
    for query in LISTS:
        client("GET", f"{path}?{query}")
    client("POST", A, PHONE)
    client("GET", f"{A}?from_date=2030-03-15T13:30:00Z&to_date=2030-03-16T00:00:00Z")
    client("HEAD", A)
    client.token = "key-of-v"
    client("GET", path)
    client.token = "key-of-w"


def _records(client: Driver) -> None:
    path = A.replace("/a/", "/records/")
    first, second, third = (client("POST", path, PHONE).get("scheduled_event_id") for _ in range(3))
    client("GET", f"{B}/{first}")
    client("DELETE", f"{B}/{first}")
    client("GET", f"{path}/{first}")
    client.token = "key-of-v"
    client("GET", f"{path}/{first}")
    client.token = "key-of-w"
    client("DELETE", f"{path}/{third}")
    client("GET", f"{path}/{third}")
    client("GET", f"{path}/{second}")
    client("GET", path)
    client("DELETE", f"{path}/{third}")
    client("POST", path, PHONE)
    for method in ("GET", "DELETE"):
        client("POST", path, PHONE)
        client(method, f"{path}/{second}", authorization="Basic none")


def _keys(client: Driver) -> None:
    other = SMS | {"scheduled_at_fixed_datetime": "2030-05-01T00:00:00Z"}
    later = PHONE | {"scheduled_at_fixed_datetime": "2030-05-01T00:00:00Z"}
    uses = [("one-1_", A, later), ("one-1_", A, later), ("one-1_", A, other), ("one-1_", B, later), ("a b", A, later)]
    uses += [("x" * 255, A, later), ("x" * 256, A, later)]
    uses += [("bad", A, later | {"retry_interval_secs": 60}), ("bad", A, later)]
    for key, path, body in uses:
        client("POST", path, body, idempotency_key=key)
    for step in ("1h", "24h"):
        client.advance(step)
        client("POST", A, later, idempotency_key="one-1_")
    client("GET", A)


def _watch(client: Driver, path: str, *steps: float | str) -> None:
    for step in steps:
        client.advance(step)
        client("GET", path)


def _calls(client: Driver) -> None:
    """The first events are due at 13:00:30.5; from 13:01 on, the others' are."""
    path = A.replace("/a/", "/calls/")
    made = client("POST", A, PHONE).get("scheduled_event_id")
    client("POST", A, SMS)
    for step in ("1h", 60):
        client.advance(step)
        client("GET", A)
    client("DELETE", f"{A}/{made}")
    due = FULL | {"scheduled_at_fixed_datetime": "2030-03-15T14:00:00Z"}
    for number, outcomes in enumerate(
        (
            ["busy"],
            ["no-answer", "canceled", "completed"],
            ["failed", "busy", {"status": "completed", "talk": 5}],
            ["stuck"],
        )
    ):
        client.script(*outcomes, to=f"+1{number}")
        client("POST", path, due | {"telnyx_end_user_target": f"+1{number}"})
    client.script("busy", to="+19")
    client(
        "POST", path, PHONE | {"telnyx_end_user_target": "+19", "scheduled_at_fixed_datetime": "2030-03-15T14:00:00Z"}
    )
    client("POST", path, due | {"telnyx_end_user_target": "+1", "scheduled_at_fixed_datetime": "2030-03-16T14:00:00Z"})
    _watch(client, path, 3420, 120, 1, 1, 1, 6, 30, 30, 300, 270, 1, 60, 600, 600, 1200, "3h", "24h")
    for event in client("GET", path).get("data", []):
        client("DELETE", f"{path}/{event['scheduled_event_id']}")
    client("GET", path)


def _texts(client: Driver) -> None:
    path = A.replace("/a/", "/texts/")
    for outcome in ("delivered", "delivery_failed"):
        client.script(outcome, to=f"+2{outcome}")
        body = SMS | {"telnyx_end_user_target": f"+2{outcome}", "scheduled_at_fixed_datetime": "2030-03-18T00:00:00Z"}
        client("POST", path, body)
    _watch(client, path, "24h", "24h", "24h")


SCRIPTS = (_knocking, _creating, _refusing, _listing, _records, _keys, _texts, _calls)
