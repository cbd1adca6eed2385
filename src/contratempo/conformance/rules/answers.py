"""What any answer is held to: it comes, it is no server error, it is what the document says."""

import re
from typing import Final

from contratempo.conformance.exchange import ABSENT, BROKEN, Exchange
from contratempo.conformance.intent import intent
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import ASSISTANTS, MESSAGES, TEMPHONE, Findings, rule
from contratempo.contract.violation import Violation

ORDINARY: Final = (401, 404, 405, 408, 410, 411, 413, 414, 415, 429, 431)
"""Answers that any HTTP service gives sooner or later: none of them is ever undocumented."""
_SLOW: Final = 5.0
_LONG_TOKEN: Final = 8
_OPTIONAL: Final = ("campaign_id", "timezone", "max_duration_seconds", "caller_id", "webhook_url", "metadata")
_UNREQUIRED: Final = (("record_type",), ("direction",), ("type",), ("received_at",))
_TRACEBACK: Final = re.compile(
    rb'Traceback \(most recent call last\)|File \\?"[^"]+\.py\\?", line \d+|\.py:\d+\b'
    rb"|\bat [\w.$<>]+\([\w.]+:\d+(:\d+)?\)"
)


@rule(
    "answers.no-server-error", "Whatever is sent, the server does not break.", source="http", level="read", silence=True
)
def no_server_error(x: Exchange, ledger: Ledger) -> Findings:
    if x.status == 0:
        return [f"no answer came: {x.content[:200].decode('utf-8', 'replace')}"]
    return [f"answered {x.status}: {x.content[:200].decode('utf-8', 'replace')}"] if x.status >= 500 else []


@rule("answers.documented-status", "An answer's status is one that the document lists.", source="spec", level="read")
def documented_status(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation is None or x.status >= 500:
        return None
    if _form_of_no_content(x) or (x.operation == "scheduleCall" and x.status == 201):
        return []  # the page shows a success and no status
    listed = ledger.book.documented(x.operation)
    if {str(x.status), f"{x.status // 100}XX", "default"} & listed or x.status in ORDINARY:
        return []
    if x.refused and (x.auth != "good" or x.sent in (BROKEN, ABSENT) or _odd_type(x) or intent(x, ledger) != "valid"):
        # A request that is malformed, or that only a guide refuses: 400 is as good as what the document names.
        return [] if x.status in (400, 403, 406, 409) else [f"answered {x.status}; documented are {_named(listed)}"]
    return [f"answered {x.status}; documented are {_named(listed)}"]


@rule("answers.schema", "An answer's body and headers are valid against the document.", source="spec", level="read")
def schema(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation is None or x.status >= 500 or x.status in ORDINARY:
        return None
    body = None if x.json is ABSENT else x.json
    if body is BROKEN:
        return [f"the body is not strict JSON: {x.content[:120].decode('utf-8', 'replace')}"]
    fields = tuple(x.answer_headers.items())
    found = ledger.book.contract.check_response(
        x.operation, x.status, x.answer_headers.get("content-type"), body, fields
    )
    judged = [each for each in found if each.kind != "undocumented-status" and not guessed(x.provider, each)]
    if _form_of_no_content(x):
        return []
    if _form_is_open(x):
        judged = [each for each in judged if each.kind == "media-type" and not x.media_type.endswith("json")]
    return [f"{each.location} {each.pointer or '(all of it)'} {each.message}" for each in judged]


@rule(
    "answers.json",
    "A body that is said to be JSON is strict JSON, and one that is sent is said to be.",
    source="http",
    level="read",
)
def json_is_json(x: Exchange, ledger: Ledger) -> Findings:
    if x.json is ABSENT or x.status >= 500 or x.method == "HEAD":
        return None
    if x.media_type != "application/json" and not x.media_type.endswith("+json"):
        return [f"the body comes as {x.media_type or 'nothing in particular'}"] if x.operation and x.ok else []
    return [f"not strict JSON: {x.content[:120].decode('utf-8', 'replace')}"] if x.json is BROKEN else []


@rule(
    "answers.no-content",
    "An answer that has no content (204) has none.",
    source="http",
    contract="effective",
    providers=(ASSISTANTS,),
)
def no_content(x: Exchange, ledger: Ledger) -> Findings:
    if x.operation != "delete_scheduled_event" or not x.ok:
        return None
    told = x.answer_headers.get("content-length", "0").strip()  # a client over HTTP sees no more of it than its length
    length = len(x.content) or (int(told) if told.isdecimal() else 0)
    return [f"{length} bytes came with a 204"] if length and x.status == 204 else []


@rule("answers.quick", "An answer takes no longer than 5 seconds.", source="sense", level="read")
def quick(x: Exchange, ledger: Ledger) -> Findings:
    return [f"it took {x.elapsed:.1f} s"] if x.elapsed > _SLOW else []


@rule("answers.no-internals", "No answer shows a stack trace.", source="sense", level="read")
def no_internals(x: Exchange, ledger: Ledger) -> Findings:
    if x.ok or not x.content:
        return None
    shown = _TRACEBACK.search(x.content)
    return [f"the answer shows {shown.group()[:80].decode('utf-8', 'replace')!r}"] if shown else []


@rule("answers.no-token", "No answer repeats the caller's token.", source="sense", level="read")
def no_token(x: Exchange, ledger: Ledger) -> Findings:
    if len(ledger.token) < _LONG_TOKEN or x.auth != "good":
        return None
    texts = (x.content, *(value.encode("utf-8", "replace") for value in x.answer_headers.values()))
    return ["the answer repeats the token"] if any(ledger.token.encode() in text for text in texts) else []


def guessed(provider: str, each: Violation) -> bool:
    """Say whether what an answer breaks is but our guess: TemPhone's page prescribes no form of ids and texts, no
    bounds, and does not say whether what was not sent is absent or null; of a message the vendor's document requires
    nothing."""
    if provider == MESSAGES:
        return each.kind == "required" and each.path[-1:] in _UNREQUIRED
    if provider != TEMPHONE:
        return False
    unset = each.kind == "type" and each.value is None and each.path[-1:] and each.path[-1] in _OPTIONAL
    return each.kind in ("pattern", "minLength", "minimum") or bool(unset)


def _form_is_open(x: Exchange) -> bool:
    """The vendor's document has a form for 422 alone; the others are told by `errors.listed`."""
    return x.provider == ASSISTANTS and x.refused and x.status != 422


def _odd_type(x: Exchange) -> bool:
    return "json" not in x.headers.get("content-type", "json")


def _form_of_no_content(x: Exchange) -> bool:
    """The SDK wants nothing of a delete's answer: 200 with a body is as good as 204 without."""
    return x.ok and x.operation == "delete_scheduled_event"


def _named(listed: frozenset[str]) -> str:
    return ", ".join(sorted(listed))
