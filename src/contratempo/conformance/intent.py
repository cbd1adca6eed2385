"""What a request asks for: what the contract promises to do, what it promises to refuse, or neither clearly."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import DAY, MINUTE, instant_of
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.segments import parts_of
from contratempo.conformance.zones import ZONES

Json: TypeAlias = Any
Intent: TypeAlias = Literal["valid", "invalid", "unclear"]

UNCLEAR: Final = "unclear"
"""A fault that is none for sure: what has it may be accepted or refused."""
_SKEW: Final = 5 * MINUTE
_NEAR: Final = MINUTE / 2
"""How far the clock of a deployment may be from ours; that of one which is ours alone is nearer."""
_SAFE: Final = 2**53
_LONG: Final = 1_600
_MANY: Final = 50
_FAR: Final = 3_660 * DAY
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_SHORT_CODE: Final = re.compile(r"[0-9]{3,8}")
_ALPHANUMERIC: Final = re.compile(r"[A-Za-z0-9 ]{1,11}")
_USUAL: Final = (30, 3_600)
_URL: Final = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)


def intent(x: Exchange, ledger: Ledger) -> Intent:
    """Return what a request with a good token to an operation asks for."""
    if x.breaches:
        return "unclear" if _debatable(x) else "invalid"
    if x.operation in _FAULTS and not isinstance(x.sent, dict):
        return "unclear"
    found = faults(x, ledger)
    if UNCLEAR in found or x.strict or _risky(x.sent):
        return "unclear"
    return "invalid" if found else "valid"


def faults(x: Exchange, ledger: Ledger) -> tuple[str, ...]:
    """Return the promises that a request which the document allows breaks, by name; `unclear` among them for doubts.

    Those of the guides and SDKs count under the effective contract; under the vendored one they are doubts.
    """
    if x.operation is None or x.operation not in _FAULTS or not isinstance(x.sent, dict) or x.breaches:
        return ()
    own, guides = _FAULTS[x.operation]
    beyond = tuple(guides(x.sent, x))
    key = x.headers.get("idempotency-key")
    keyed = key is not None and any(uses and known == key for (known, _), uses in ledger.keys.items())
    if beyond and ledger.book.flavour == "vendored":
        beyond = (UNCLEAR,)
    return (*own(x.sent, x), *beyond, *([UNCLEAR] if keyed else []))


def _debatable(x: Exchange) -> bool:
    """A null where a guide speaks of one, or a breach that only a guess of ours makes one."""
    if x.operation == "create_scheduled_event":
        return all(each.value is None and each.kind == "type" for each in x.breaches)
    guessed = ("pattern", "minLength", "minimum")
    return x.provider == "temphone" and all(each.kind in guessed for each in x.breaches)


def _risky(value: Json) -> bool:
    """Say whether a body holds what services may well refuse: what is huge, NUL, halves of characters."""
    if isinstance(value, str):
        return len(value) > _LONG or "\x00" in value or any("\ud800" <= each <= "\udfff" for each in value)
    if isinstance(value, dict):
        return len(value) > _MANY or any(_risky(name) or _risky(member) for name, member in value.items())
    if isinstance(value, list):
        return any(map(_risky, value))
    return isinstance(value, float) or (isinstance(value, int) and abs(value) > _SAFE)


def _events(body: Mapping[str, Json], x: Exchange) -> Iterator[str]:
    if body["telnyx_conversation_channel"] == "sms_chat" and "text" not in body:
        yield "text"
    if body.get("text") == "" or not (body["telnyx_end_user_target"] and body["telnyx_agent_target"]):
        yield UNCLEAR
    if _instant(body, "scheduled_at_fixed_datetime") is None:
        yield UNCLEAR


def _events_guide(body: Mapping[str, Json], x: Exchange) -> Iterator[str]:
    due, sms = _instant(body, "scheduled_at_fixed_datetime"), body["telnyx_conversation_channel"] == "sms_chat"
    if due is not None:
        yield from _future(due, x)
    retries, interval = (body.get("max_retries_client_errors") or 0) > 0, body.get("retry_interval_secs") is not None
    if sms and (retries or interval):
        yield "retry-on-sms"
    if sms and "call_settings" in body:
        yield UNCLEAR
    if not sms and retries and not interval:
        yield "interval-missing"
    if not sms and interval and not retries:
        yield "interval-alone"


def _future(due: datetime, x: Exchange, ahead: timedelta = timedelta(), most: timedelta | None = None) -> Iterator[str]:
    """Yield `past`, `early` or `late`; near a bound of the wall clock it is not clear."""
    at = x.at
    if at is None:
        yield UNCLEAR
        return
    skew = timedelta() if x.now is not None else _NEAR if x.exclusive else _SKEW
    lead = due - at
    bounds = [timedelta(), ahead, *([most] if most is not None else [])]
    if skew and any(abs(lead - bound) <= skew for bound in bounds):
        yield UNCLEAR
    elif lead <= timedelta():
        yield "past"
    elif lead < ahead:
        yield "early"
    elif most is not None and lead > most:
        yield "late"
    elif lead > _FAR:
        yield UNCLEAR


def _messages(body: Mapping[str, Json], x: Exchange) -> Iterator[str]:
    text, media, kind = body.get("text"), body.get("media_urls") or [], body.get("type")
    if "from" not in body and "messaging_profile_id" not in body:
        yield "sender"
    if not text and not media:
        yield "content"
    if kind == "MMS" and not media and text:
        yield "media"
    if (kind == "SMS" and media) or (text == "" and media) or not _E164.fullmatch(body["to"]):
        yield UNCLEAR
    if body.get("auto_detect") or body.get("subject") == "":
        yield UNCLEAR


def _messages_guide(body: Mapping[str, Json], x: Exchange) -> Iterator[str]:
    due = _instant(body, "send_at")
    if body.get("send_at") is None:
        yield from () if x.operation == "SendMessage" else (UNCLEAR,)
    elif due is None:
        yield UNCLEAR
    else:
        yield from _future(due, x, 5 * MINUTE, 5 * DAY)
    if body.get("encoding"):
        wide = not parts_of(body.get("text") or "")[0]
        yield "gsm7" if body["encoding"] == "gsm7" and wide else UNCLEAR
    media = body.get("media_urls") or []
    if len(media) > 10:
        yield "many-media"
    if not media and parts_of(body.get("text") or "")[1] > 10:
        yield "many-parts"
    if any(not _URL.fullmatch(url) for url in media):
        yield UNCLEAR
    for name in ("webhook_url", "webhook_failover_url"):
        if name in body and (not _URL.fullmatch(body[name]) or len(body[name]) > 2_000):
            yield "url"
    if "from" in body:
        yield from _sender(body, bool(media))


def _sender(body: Mapping[str, Json], media: bool) -> Iterator[str]:
    sender = body["from"]
    if _E164.fullmatch(sender):
        return
    if _SHORT_CODE.fullmatch(sender) or not sender.strip() or not _ALPHANUMERIC.fullmatch(sender):
        yield UNCLEAR
    elif "messaging_profile_id" not in body:
        yield "alphanumeric"
    else:
        yield UNCLEAR  # where it may go depends on the account and the country


def _calls(body: Mapping[str, Json], x: Exchange) -> Iterator[str]:
    due, zone = _instant(body, "scheduled_at"), body.get("timezone")
    if due is None:
        yield UNCLEAR
    else:
        yield from _future(due, x)
    if body["contact_id"] == MISSING_CONTACT:
        yield "contact"
    elif body["contact_id"] != SAMPLE_CONTACT:
        yield UNCLEAR  # whom an account knows is its own matter
    if zone is not None and zone not in ZONES:
        yield UNCLEAR
    if not _USUAL[0] <= body.get("max_duration_seconds", _USUAL[0]) <= _USUAL[1]:
        yield UNCLEAR  # the page names no bounds


def _nothing(body: Mapping[str, Json], x: Exchange) -> Iterator[str]:
    return iter(())


def _instant(body: Mapping[str, Json], name: str) -> datetime | None:
    text = body.get(name)
    moment = instant_of(text) if isinstance(text, str) and text == text.upper() else None  # ISO 8601 has capitals
    return moment if moment is not None and 1970 <= moment.year < 9000 else None


SAMPLE_CONTACT: Final = "ctc_12kd88"
"""The contact of the page's sample."""
MISSING_CONTACT: Final = "ctc_missing"
"""The contact that the mock's fixtures list as nobody's."""

_Faults: TypeAlias = Callable[[Mapping[str, Json], Exchange], Iterator[str]]
_FAULTS: Final[Mapping[str, tuple[_Faults, _Faults]]] = {
    "create_scheduled_event": (_events, _events_guide),
    "ScheduleMessage": (_messages, _messages_guide),
    "SendMessage": (_messages, _messages_guide),
    "scheduleCall": (_calls, _nothing),
}
