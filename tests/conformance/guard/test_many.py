"""Thousands of requests of every kind, at each level: what gets through is held to the permit by other eyes."""

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings

from contratempo.conformance.door import Asked, Refused

COUNT = 5_000 if settings().max_examples >= 1_000 else 400
TARGETS = (
    "+13125550199",
    "+13125550001",
    13125550199,
    13125550001,
    "",
    None,
    ["+13125550001"],
    "sip:a@b.c",
    "ctc_mine00",
    "ctc_x",
)
SENDERS = ("+13125550198", "+13125550002", "Contratempo", 12, None, "")
SPANS = (-400, -1, 0, 1, 12, 23.9, 24.1, 30, 72, 4_000)
ODD_TIMES = (
    "tomorrow",
    "",
    "2030-03-15 10:00",
    "2099-13-01",
    1_899_800_000,
    4_070_908_800,
    None,
    True,
    [],
    "2030-03-15T10:00Z",
)
ODD_BODIES = (
    b"",
    b"{",
    b'{"to": "+13125550001"} {}',
    b"[]",
    b"null",
    b'[{"to": "+13125550001"}]',
    b"\xff",
    b'{"to":1,"to":2}',
)
METHODS = (
    "GET",
    "HEAD",
    "POST",
    "POST",
    "POST",
    "POST",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "post",
    "QUERY",
)
ASSISTANTS = ("mine", "mine", "mine", "other", "%6dine", "mine%2f..", "..", "mine;x", "Mine")
TOKENS = ("the-token-of-this-deployment",) * 4 + ("x", None)


def requests(chance: random.Random, here: Any, now: datetime) -> Iterator[tuple[Any, ...]]:
    while True:
        method = chance.choice(METHODS)
        reads = method in ("GET", "HEAD", "DELETE") and chance.random() < 0.9
        yield method, place(chance, here), None if reads else body(chance, here, now), chance.choice(TOKENS)


def place(chance: random.Random, here: Any) -> str:
    events = f"/ai/assistants/{chance.choice(ASSISTANTS)}/scheduled_events"
    odd = (
        "/conform-nowhere",
        "//",
        "/../v2/messages",
        "/messages",
        events + f"/e{chance.randrange(99)}",
        f"/messages/m{chance.randrange(99)}",
    )
    own = events if here.provider == "telnyx_assistants" else here.place
    return chance.choice((own,) * 14 + ("/conform-nowhere",) * 4 + odd)


def body(chance: random.Random, here: Any, now: datetime) -> Any:
    if chance.random() < 0.1:
        return chance.choice(ODD_BODIES)
    made: dict[str, Any] = here.good()
    for name in made:
        if chance.random() < 0.2:
            made[name] = value(chance, name, now)
    if chance.random() < 0.1:
        made[chance.choice(("TO", "Telnyx-End-User-Target", "x"))] = "+13125550001"
    if chance.random() < 0.1:
        made["webhook_url"] = chance.choice(("https://telnyx.com", "https://a.example/x", "nowhere", 1))
    return {name: each for name, each in made.items() if chance.random() < 0.97}


def value(chance: random.Random, name: str, now: datetime) -> Any:
    if name.endswith("end_user_target") or name in ("to", "contact_id"):
        return chance.choice(TARGETS)
    if name.endswith("agent_target") or name == "from":
        return chance.choice(SENDERS)
    if "_at" in name:
        due = (now + timedelta(hours=chance.choice(SPANS))).astimezone(UTC)
        return chance.choice((due.isoformat(), due.isoformat(), due.isoformat()[:19], *ODD_TIMES))
    return chance.choice(("fax", "phone_call", "sms_chat", 1, None))


@pytest.mark.parametrize("provider", ["telnyx_assistants", "telnyx_messages", "temphone"])
@pytest.mark.parametrize("level", ["read", "reject", "full"])
def test_nothing_gets_through_that_may_not(provider: str, level: str, post: Any, now: datetime) -> None:
    here = post(provider, level, max_requests=COUNT // 3, max_creates=COUNT // 20, rate=50)
    made = requests(random.Random(f"{provider} {level}"), here, now)
    reasons = [here.reason(*next(made)) for _ in range(COUNT)]
    assert reasons.count("") == len(here.upstream.seen) >= COUNT // 50
    for asked in here.upstream.seen:
        check(asked, level, now)
    creates = [asked for asked in here.upstream.seen if asked.method == "POST"]
    assert len(here.upstream.seen) <= COUNT // 3
    assert len(creates) <= COUNT // 20
    assert bool(creates) is (level != "read")
    gaps = [after - before for before, after in zip(here.upstream.at, here.upstream.at[1:], strict=False)]
    assert min(gaps) >= 0.0199


def check(asked: Asked, level: str, now: datetime) -> None:
    """Hold a request that reached the deployment to the permit, knowing nothing of how the guard judges."""
    assert asked.method in ("GET", "HEAD", "POST", "DELETE")
    assert not re.search(r"%2f|;|\.\.", asked.target, re.IGNORECASE)
    assert "/assistants/" not in asked.target or re.search(r"/assistants/(mine|%6dine)/", asked.target)
    if asked.method in ("GET", "HEAD"):
        assert asked.body == b""
        return
    assert level != "read"
    assert dict(asked.headers)["authorization"] == "Bearer the-token-of-this-deployment"
    digits = {
        "".join(re.findall(r"\d", each)) for each in re.findall(r'"\+[0-9]+"|\b1\d{10}\b', asked.body.decode("latin-1"))
    }
    assert digits <= {"13125550199", "13125550198"}
    assert b"sip:" not in asked.body
    assert b"ctc_x" not in asked.body
    assert b"telnyx.com" not in asked.body
    check_time(asked, now)


def check_time(asked: Asked, now: datetime) -> None:
    try:
        sent = json.loads(asked.body)
    except ValueError:
        return
    if not isinstance(sent, dict) or not any(sent.get(name) for name in ("to", "telnyx_end_user_target", "contact_id")):
        return  # it reaches nobody
    due = next(
        (each for name, each in sent.items() if name in ("send_at", "scheduled_at", "scheduled_at_fixed_datetime")),
        None,
    )
    if isinstance(due, str) and re.match(r"\d{4}-", due) and not due.startswith("2099"):
        moment = datetime.fromisoformat(due)
        naive = moment.tzinfo is None
        assert moment.replace(tzinfo=moment.tzinfo or UTC) >= now + timedelta(hours=38 if naive else 24)
    assert due not in (1_899_800_000, "2030-03-15 10:00", "2030-03-15T10:00Z")


def test_the_eyes_see(now: datetime) -> None:
    """A check that cannot fail would prove nothing."""
    headers = (("authorization", "Bearer the-token-of-this-deployment"),)
    wrong = (b'{"to": "+13125550001"}', b'{"to": "+13125550199", "send_at": "2030-03-15T10:00:00+00:00"}')
    for content in wrong:
        with pytest.raises(AssertionError):
            check(Asked("POST", "/v2/messages", headers, content), "full", now)
    with pytest.raises(AssertionError):
        check(Asked("POST", "/v2/messages", (), b"{}"), "read", now)


def test_a_refusal_is_told_not_raised_as_something_else(post: Any) -> None:
    here = post()
    with pytest.raises(Refused):
        here.ask("PUT", here.place, {})
