"""What the document says of requests: what it allows is done, what it forbids is refused."""

import json
from typing import Final

from contratempo.conformance.exchange import ABSENT, BROKEN, Exchange
from contratempo.conformance.intent import intent
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import ASSISTANTS, MESSAGES, TEMPHONE, Findings, rule
from contratempo.conformance.rules.event_lists import PARAMETERS, asked, is_beyond

_UNREADABLE: Final = ("json", "media-type", "missing-body", "depth", "syntax", "encoding", "duplicate")


def _judged(x: Exchange) -> bool:
    """Say whether the request is one for rules about requests; where a slash in an id leads is every server's own."""
    if x.auth != "good" or x.operation is None or "%2F" in x.path.upper():
        return False
    return x.status < 500 and x.status not in (0, 401, 429)


def _unreadable(x: Exchange) -> bool:
    return any(
        each.kind in ("json", "media-type", "missing-body", "depth", "syntax", "encoding", "duplicate")
        for each in x.breaches
    )


@rule("requests.invalid-refused", "A body that breaks the document is refused.", source="spec", level="reject")
def invalid_refused(x: Exchange, ledger: Ledger) -> Findings:
    if not _judged(x) or not x.breaches or _unreadable(x) or intent(x, ledger) != "invalid" or x.method == "GET":
        return None
    return [] if x.refused else [f"answered {x.status} although {_first(x)}"]


@rule(
    "requests.invalid-query-refused",
    "A query that breaks the document is refused.",
    source="spec",
    level="read",
    providers=(ASSISTANTS,),
)
def invalid_query_refused(x: Exchange, ledger: Ledger) -> Findings:
    if not _judged(x) or not any(each.location == "query" for each in x.breaches):
        return None
    return [] if x.refused else [f"answered {x.status} although {_first(x)}"]


@rule(
    "requests.invalid-status",
    "What breaks the document is refused with the status that it names: 422.",
    source="spec",
    level="read",
    providers=(ASSISTANTS,),
)
def invalid_status(x: Exchange, ledger: Ledger) -> Findings:
    if not _judged(x) or not x.breaches or _unreadable(x) or not x.refused or intent(x, ledger) != "invalid":
        return None
    if any(each.location == "header" or each.path == ("text",) for each in x.breaches):
        return None  # that an SMS needs a text is said without a status
    return [] if x.status == 422 else [f"answered {x.status}; the document names 422 when {_first(x)}"]


@rule(
    "requests.bad-field-status",
    "A field that is missing or wrong is a 400.",
    source="prose",
    level="reject",
    providers=(TEMPHONE,),
)
def bad_field_status(x: Exchange, ledger: Ledger) -> Findings:
    if not _judged(x) or not x.breaches or _unreadable(x) or not x.refused or intent(x, ledger) != "invalid":
        return None
    return [] if x.status == 400 else [f"answered {x.status}; the page has 400 when {_first(x)}"]


@rule(
    "requests.unreadable-refused",
    "A body that is no JSON, or none where one is needed, is refused.",
    source="spec",
    level="reject",
)
def unreadable_refused(x: Exchange, ledger: Ledger) -> Findings:
    if not _judged(x) or not _unreadable(x) or x.operation not in ledger.vocabulary.creates:
        return None
    if x.sent is not BROKEN and x.sent is not ABSENT and not _wrong_type(x):
        return None
    if x.sent is BROKEN and _lax(x.sent_bytes):
        return None  # a name that comes twice, or NaN: many parsers take them
    return [] if x.refused else [f"answered {x.status} although {_first(x)}"]


@rule("requests.valid-accepted", "A request that the contract allows is done.", source="spec")
def valid_accepted(x: Exchange, ledger: Ledger) -> Findings:
    creates = x.operation in ledger.vocabulary.creates
    if not _judged(x) or not creates or intent(x, ledger) != "valid":
        return None
    if ledger.real and x.status in (400, 403, 404):
        return None  # what an account lacks is not the contract's business
    return [] if x.ok else [f"answered {x.status}: {x.content[:200].decode('utf-8', 'replace')}"]


@rule(
    "requests.valid-query-accepted",
    "A query that the document allows is answered.",
    source="spec",
    level="read",
    providers=(ASSISTANTS,),
)
def valid_query_accepted(x: Exchange, ledger: Ledger) -> Findings:
    if not _judged(x) or x.operation != "get_scheduled_events" or x.strict or (ledger.real and x.status == 404):
        return None
    if x.ok:
        return []
    huge = any(len(part.rpartition("=")[2]) > 12 and part.startswith("page") for part in x.query.split("&"))
    odd = huge or (x.refused and _where_it_is_open(x, ledger))
    return None if odd else [f"answered {x.status}: {x.content[:200].decode('utf-8', 'replace')}"]


def _where_it_is_open(x: Exchange, ledger: Ledger) -> bool:
    """A range that may be empty, names that the document does not list, a page that is not there."""
    query = asked(x)
    return {"from_date", "to_date"} <= query.keys() or bool(query.keys() - PARAMETERS) or is_beyond(x, ledger)


@rule(
    "requests.unknown-members",
    "Members that the document does not know do no harm: it does not forbid them.",
    source="spec",
)
def unknown_members(x: Exchange, ledger: Ledger) -> Findings:
    if not _judged(x) or x.operation not in ledger.vocabulary.creates or not isinstance(x.sent, dict):
        return None
    if not any(str(name).startswith("x_unknown") for name in x.sent) or intent(x, ledger) != "valid":
        return None
    if ledger.real and x.status in (400, 403, 404):
        return None
    return [] if x.ok else [f"answered {x.status} to a member that the document does not know"]


@rule(
    "requests.guessed-bounds",
    "What the page leaves open and our document bounds is refused.",
    source="assumed",
    level="reject",
    providers=(TEMPHONE,),
)
def guessed_bounds(x: Exchange, ledger: Ledger) -> Findings:
    if not _judged(x) or not x.breaches or intent(x, ledger) != "unclear":
        return None
    return [] if x.refused else [f"answered {x.status} although {_first(x)}"]


@rule(
    "requests.receiver-needed",
    "A message without a receiver is refused.",
    source="spec",
    level="reject",
    providers=(MESSAGES,),
)
def receiver_needed(x: Exchange, ledger: Ledger) -> Findings:
    if not _judged(x) or x.operation not in ledger.vocabulary.creates or not isinstance(x.sent, dict) or "to" in x.sent:
        return None
    return [] if x.refused else [f"answered {x.status} to a message without 'to'"]


def _lax(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def _wrong_type(x: Exchange) -> bool:
    return any(each.kind == "media-type" for each in x.breaches)


def _first(x: Exchange) -> str:
    each = x.breaches[0]
    place = ".".join(map(str, each.path))
    return f"{each.location} {place} {each.message}" if place else f"{each.location}: {each.message}"
