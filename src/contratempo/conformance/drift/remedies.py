"""Which rule of the mock would make it follow a deployment that differs from it, where one is known."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, TypeAlias

from contratempo.conformance.drift.difference import Difference
from contratempo.conformance.exchange import Exchange
from contratempo.conformance.intent import faults
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import ASSISTANTS, MESSAGES, TEMPHONE
from contratempo.conformance.zones import ZONES

Json: TypeAlias = Any

UNKNOWN: Final = "no rule decides this: lay an overlay over the document, or tell us"
KNOWN_KEY: Final = "serve --known-key KEY: the mock takes any token without it"
ANY_KEY: Final = "serve without --known-key: the mock takes any token then"


@dataclass(frozen=True)
class Switch:
    """A rule with its value under which the mock takes what it otherwise refuses, and the other way round."""

    rule: str
    takes: str
    refuses: str


_BY_FAULT: Final[Mapping[str, Mapping[str, Switch]]] = {
    ASSISTANTS: {
        "past": Switch("past_datetime", "run_now", "reject"),
        "retry-on-sms": Switch("retry_fields_on_sms", "ignore", "reject"),
        "interval-missing": Switch("interval_required", "default", "reject"),
        "interval-alone": Switch("interval_without_retries", "ignore", "reject"),
    },
    MESSAGES: {
        "past": Switch("past_datetime", "run_now", "reject"),
        "early": Switch("send_at_window", "off", "enforce"),
        "late": Switch("send_at_window", "off", "enforce"),
        "sender": Switch("message_content", "off", "enforce"),
        "content": Switch("message_content", "off", "enforce"),
        "media": Switch("message_content", "off", "enforce"),
        "gsm7": Switch("gsm7_encoding", "off", "enforce"),
        "many-media": Switch("message_size", "off", "enforce"),
        "many-parts": Switch("message_size", "off", "enforce"),
        "url": Switch("webhook_urls", "off", "enforce"),
        "alphanumeric": Switch("sender_format", "off", "enforce"),
    },
    TEMPHONE: {
        "past": Switch("past_datetime", "run_now", "reject"),
        "contact": Switch("unknown_contact", "accept", "reject"),
    },
}
"""By what of the guides' promises a request breaks."""

_Asked: TypeAlias = Callable[[Exchange, Mapping[str, Json]], bool]


def _naive(x: Exchange, sent: Mapping[str, Json]) -> bool:
    return bool(x.strict) and not x.breaches


_BY_REQUEST: Final[Mapping[str, tuple[tuple[_Asked, Switch], ...]]] = {
    ASSISTANTS: (
        (_naive, Switch("naive_datetime", "utc", "reject")),
        (
            lambda x, sent: "" in (sent.get("telnyx_end_user_target"), sent.get("telnyx_agent_target")),
            Switch("empty_target", "accept", "reject"),
        ),
    ),
    MESSAGES: (
        (_naive, Switch("naive_datetime", "utc", "reject")),
        (
            lambda x, sent: x.operation == "ScheduleMessage" and "send_at" not in sent,
            Switch("missing_send_at", "send_now", "reject"),
        ),
        (lambda x, sent: bool(sent.get("auto_detect")), Switch("auto_detect", "off", "enforce")),
        (lambda x, sent: x.operation == "RetrieveMessage", Switch("cancelled_message", "kept", "gone")),
        (lambda x, sent: x.operation == "CancelMessage", Switch("cancel_window", "off", "enforce")),
        (
            lambda x, sent: isinstance(sent.get("to"), str) and not sent["to"].startswith("+"),
            Switch("to_format", "any", "e164"),
        ),
        (
            lambda x, sent: isinstance(sent.get("from"), str) and not sent["from"].startswith("+"),
            Switch("sender_format", "off", "enforce"),
        ),
    ),
    TEMPHONE: (
        (_naive, Switch("naive_datetime", "local", "reject")),
        (
            lambda x, sent: sent.get("timezone") is not None and sent["timezone"] not in ZONES,
            Switch("unknown_timezone", "accept", "reject"),
        ),
        (
            lambda x, sent: isinstance(sent.get("caller_id"), str) and not sent["caller_id"].startswith("+"),
            Switch("caller_id_format", "any", "e164"),
        ),
    ),
}
"""By what a request has in it that the rules speak of; the first that fits."""


@dataclass(frozen=True)
class Showing:
    """A rule that decides what stands at the end of a place: its value, by what is shown there.

    `loose` says that in its place anything else may stand.
    """

    kind: str
    end: str
    rule: str
    values: Mapping[str, str]
    operation: str = ""
    loose: bool = False


_BY_ANSWER: Final[Mapping[str, tuple[Showing, ...]]] = {
    ASSISTANTS: (
        Showing("member", "", "unset_fields", {"absent": "absent", "null": "null"}),
        Showing("type", "", "unset_fields", {"null": "null"}, loose=True),
    ),
    MESSAGES: (
        Showing("word", "status", "scheduled_status", {'"queued"': "queued", '"scheduled"': "scheduled"}),
        Showing("type", "amount", "cost_amount", {"string": "text", "number": "number"}),
        Showing("status", "status", "cancelled_message", {"403": "kept", "404": "gone"}, "CancelMessage"),
        Showing("word", "line_type", "sender_line_type", {'"VoIP"': "by_document", '"long_code"': "long_code"}),
    ),
    TEMPHONE: (Showing("status", "status", "success_status", {"200": "200", "201": "201"}),),
}


_BY_RULE: Final[Mapping[str, Switch]] = {
    "messages.time.ten-days": Switch("retrieval_window", "off", "enforce"),
    "keys.mismatch": Switch("idempotency_mismatch", "fresh", "reject"),
}
"""By the rule of the suite that one keeps and the other breaks, where the request alone does not tell."""


def remedy(difference: Difference, mock: Exchange, real: Exchange, rules: Sequence[str], ledger: Ledger) -> str:
    """Return what to do so that the mock follows.

    `rules` are those that one keeps and the other breaks, `ledger` knows nothing but the document.
    """
    provider = mock.provider
    for each in _BY_ANSWER[provider]:
        fits = each.kind == difference.kind and difference.place.endswith(each.end)
        shown = {difference.real} if each.loose else {difference.mock, difference.real}
        if fits and each.operation in ("", mock.operation) and shown <= each.values.keys():
            return f"{provider}.{each.rule}={each.values[difference.real]}"
    if mock.auth in ("unknown", "malformed") and real.status == 401 != mock.status:
        return KNOWN_KEY
    if mock.auth == "unknown" and mock.status == 401 != real.status:
        return ANY_KEY
    if difference.kind not in ("status", "rule") or mock.ok == real.ok:
        return UNKNOWN
    told = (_BY_RULE[name] for name in rules if name in _BY_RULE)
    found = next(chain(told, _switches(mock, real, ledger)), None)
    return UNKNOWN if found is None else f"{provider}.{found.rule}={found.takes if real.ok else found.refuses}"


def _switches(mock: Exchange, real: Exchange, ledger: Ledger) -> Iterator[Switch]:
    """Yield the rules by which the mock may have done otherwise; none where the token is the matter."""
    if mock.auth != "good" or 401 in (mock.status, real.status):
        return
    sent = mock.sent if isinstance(mock.sent, dict) else {}
    for fault in faults(mock, ledger):
        if fault in _BY_FAULT[mock.provider]:
            yield _BY_FAULT[mock.provider][fault]
    for asked, switch in _BY_REQUEST[mock.provider]:
        if asked(mock, sent):
            yield switch
    if mock.provider == ASSISTANTS and 404 in (mock.status, real.status):
        yield Switch("unknown_assistant", "accept", "reject")
    if mock.provider == TEMPHONE and 404 in (mock.status, real.status):
        yield Switch("unknown_contact", "accept", "reject")


def every_setting() -> Iterator[tuple[str, str]]:
    """Yield each rule and value that may be named."""
    for provider, switches in _BY_FAULT.items():
        for each in (*switches.values(), *(switch for _, switch in _BY_REQUEST[provider])):
            yield f"{provider}.{each.rule}", each.takes
            yield f"{provider}.{each.rule}", each.refuses
    for provider, showings in _BY_ANSWER.items():
        yield from ((f"{provider}.{each.rule}", value) for each in showings for value in each.values.values())
    yield from (
        (f"{MESSAGES}.{each.rule}", value) for each in _BY_RULE.values() for value in (each.takes, each.refuses)
    )
