"""What a client of TemPhone can see, webhooks among it."""

from typing import Any

from .driver import Driver
from .witness_wire import knock

CALLS = "/v1/calls/scheduled"
MINIMAL = {
    "contact_id": "ctc_12kd88",
    "scheduled_at": "2030-03-15T15:00:00Z",
    "initial_message": "Hi {{first_name}},  é 👋\n this is your AI assistant.",
}
FULL = MINIMAL | {
    "campaign_id": "camp_91ks11",
    "timezone": "Europe/Berlin",
    "max_duration_seconds": 30,
    "caller_id": "+1-415-555-0199",
    "recording_enabled": False,
    "webhook_url": "http://main.example/calls?a=1",
    "metadata": {"Priority": 3, "deep": {"list": [1, None, True]}, "text": "x"},
    "unlisted": 1,
}
WRONG: tuple[dict[str, Any], ...] = (
    {"contact_id": 3},
    {"contact_id": ""},
    {"contact_id": "ctc_missing"},
    {"contact_id": "nobody"},
    {"contact_id": "nobody", "initial_message": ""},
    {"campaign_id": 3},
    {"scheduled_at": "tomorrow"},
    {"scheduled_at": "2031-01-01"},
    {"scheduled_at": 1924992000},
    {"scheduled_at": "2031-02-30T00:00:00Z"},
    {"scheduled_at": "2030-03-15T12:00:00Z"},
    {"scheduled_at": "2030-03-15T11:00:00Z", "initial_message": 3},
    {"timezone": "Mars/Olympus"},
    {"timezone": 3},
    {"initial_message": ""},
    {"initial_message": ["x"]},
    {"max_duration_seconds": "900"},
    {"max_duration_seconds": 0},
    {"max_duration_seconds": 1.5},
    {"caller_id": 14155550199},
    {"metadata": []},
    {"metadata": "x"},
    {"recording_enabled": "yes"},
    {"webhook_url": "nowhere"},
    {"webhook_url": 3},
)


def _knocking(client: Driver) -> None:
    knock(client, CALLS, MINIMAL)


def _creating(client: Driver) -> None:
    for body in (
        MINIMAL,
        MINIMAL,
        MINIMAL | {"initial_message": "long " * 200},
        FULL | {"webhook_url": "http://early.example/"},
    ):
        client("POST", CALLS, body)
    for at in ("2030-03-15T17:00:00.25+02:00", "2030-03-15T17:00:00", "2030-03-15T12:00:30Z", "2099-01-01T00:00:00Z"):
        client("POST", CALLS, MINIMAL | {"scheduled_at": at})
    client("POST", CALLS, MINIMAL | {"contact_id": "ctc_berlin", "scheduled_at": "2030-03-15T15:30:00"})
    client("POST", CALLS, FULL | {"scheduled_at": "2030-03-15T15:30:00", "webhook_url": "http://local.example/"})


def _refusing(client: Driver) -> None:
    for wrong in WRONG:
        client("POST", CALLS, MINIMAL | wrong)
    for name in MINIMAL:
        client("POST", CALLS, {field: value for field, value in MINIMAL.items() if field != name})


def _calls(client: Driver) -> None:
    for number, outcome in enumerate(("completed", "busy", "no-answer", "failed", "canceled", "stuck")):
        client.script(outcome, to=f"ctc_{number}")
        address = {"webhook_url": f"http://{number}.example/"}
        client(
            "POST", CALLS, MINIMAL | address | {"contact_id": f"ctc_{number}", "scheduled_at": "2030-03-15T13:00:00Z"}
        )
    late = MINIMAL | {"webhook_url": "http://main.example/", "scheduled_at": "2030-03-15T18:00:00Z"}
    client("POST", CALLS, late | {"max_duration_seconds": 20})
    client("POST", CALLS, late | {"scheduled_at": "2030-03-15T16:00:00", "timezone": "Europe/London"})
    for step in ("59m", 59, 1, 1, 30, 60, "1h", "50m", "1h", "1h"):
        client.advance(step)
        client("GET", CALLS)
    client.receive = lambda url: 500
    client("POST", CALLS, late | {"scheduled_at": "2030-03-16T00:00:00Z"})
    for step in ("1d", 1, 1, 1, 1):
        client.advance(step)
        client("GET", CALLS)


SCRIPTS = (_knocking, _creating, _refusing, _calls)
