"""How a refusal is said: each vendor's own form, with something in it, about the right place."""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import instant_of
from contratempo.conformance.intent import faults, intent
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import ASSISTANTS, MESSAGES, TEMPHONE, Findings, rule
from contratempo.conformance.zones import ZONES

Json: TypeAlias = Any
_ON_THE_PAGE: Final = (400, 401, 404, 422)
"""What the page shows, and the 422 that would stand for its 400."""
_UNREAD: Final = (408, 411, 413, 414, 431)
"""What a server in front says of a request that is too slow, too much or too long."""
_PLACES: Final = ("body", "query", "path", "header")
_GUIDED: Final = frozenset(("send_at", "webhook_url", "webhook_failover_url"))


@rule(
    "errors.listed",
    "An error says what is wrong: errors with code and title, or a detail.",
    source="prose",
    level="read",
    providers=(ASSISTANTS,),
)
def listed(x: Exchange, ledger: Ledger) -> Findings:
    if not _told(x):
        return None
    if x.status == 401 and not x.content and "www-authenticate" in x.answer_headers:
        return []  # no document has a form for it, and HTTP's own says what is wrong
    if x.status == 404 and not x.content:
        return []  # its body is documented nowhere
    if not isinstance(x.json, dict) or not ("errors" in x.json or "detail" in x.json):
        return [f"a {x.status} without errors or detail: {_shown(x)}"]
    if x.json.get("detail") and not x.json.get("errors"):
        return []
    return list(_errors(x.json["errors"])) if "errors" in x.json else ["an empty detail"]


@rule(
    "errors.validation",
    "A 422 lists what is wrong, each with loc, msg and type.",
    source="spec",
    level="read",
    providers=(ASSISTANTS,),
)
def validation(x: Exchange, ledger: Ledger) -> Findings:
    if x.status != 422 or x.operation is None or not x.breaches:
        return None
    detail = x.json.get("detail") if isinstance(x.json, dict) else None
    if not isinstance(detail, list) or not detail:
        return [f"detail is not a list of what is wrong: {_shown(x)}"]
    return [f"detail has {entry!r}" for entry in detail if not _is_entry(entry)]


@rule(
    "errors.validation-place",
    "A 422 points at the field that is wrong.",
    source="spec",
    level="read",
    providers=(ASSISTANTS,),
)
def validation_place(x: Exchange, ledger: Ledger) -> Findings:
    if x.status != 422 or len({each.path[:1] for each in x.breaches}) != 1 or x.breaches[0].location not in _PLACES[:2]:
        return None
    detail = x.json.get("detail") if isinstance(x.json, dict) else None
    if not x.breaches[0].path or not isinstance(detail, list) or not all(map(_is_entry, detail)):
        return None
    where, name = x.breaches[0].location, str(x.breaches[0].path[0])
    said = [[str(part) for part in entry["loc"]] for entry in detail]
    if name == "text" and x.breaches[0].kind == "required" and [where] in said:
        return []  # a rule of the body as a whole
    elsewhere = {place for place in _PLACES if place != where}
    good = any(loc and loc[0] not in elsewhere and any(name in part for part in loc) for loc in said)
    return [] if good else [f"{where} {name} is wrong, and {said} is said to be"]


@rule(
    "errors.messages",
    "An error is a list of errors, each with a code, which is a text, and a title.",
    source="spec",
    level="reject",
    providers=(MESSAGES,),
)
def messages(x: Exchange, ledger: Ledger) -> Findings:
    if not _told(x) or x.operation == "CancelMessage":
        return None
    if not isinstance(x.json, dict) or "errors" not in x.json:
        return [f"a {x.status} without errors: {_shown(x)}"]
    return list(_errors(x.json["errors"]))


@rule(
    "errors.cancel",
    "A refused cancel says why: one error, or a list of them.",
    source="prose",
    contract="effective",
    providers=(MESSAGES,),
)
def cancel(x: Exchange, ledger: Ledger) -> Findings:
    if not _told(x) or x.operation != "CancelMessage":
        return None
    if not isinstance(x.json, dict):
        return [f"a {x.status} without an error: {_shown(x)}"]
    return list(_errors(x.json.get("errors", [x.json])))


@rule(
    "errors.pointer",
    "An error that points at a member points at the one that is wrong.",
    source="spec",
    level="reject",
    providers=(MESSAGES,),
)
def pointer(x: Exchange, ledger: Ledger) -> Findings:
    named = {str(each.path[0]) for each in x.breaches if each.path and each.location == "body"}
    if not x.refused or len(named) != 1 or not isinstance(x.json, dict) or not isinstance(x.json.get("errors"), list):
        return None
    sources = [entry.get("source") for entry in x.json["errors"] if isinstance(entry, dict)]
    pointers = [str(source["pointer"]) for source in sources if isinstance(source, dict) and "pointer" in source]
    name = named.pop()
    sent = x.sent if isinstance(x.sent, dict) else {}
    if not pointers or all(each.removeprefix("/").split("/")[0] in _GUIDED & sent.keys() for each in pointers):
        return None  # what guides say of it may be broken, too, and looked at before
    good = any(pointer.startswith("/") and name in pointer.split("/") for pointer in pointers)
    return [] if good else [f"{name} is wrong, and {', '.join(pointers)} is pointed at"]


@rule(
    "errors.code",
    "An error's code is that of the vendor's list for what happened.",
    source="prose",
    level="reject",
    contract="effective",
    providers=(ASSISTANTS, MESSAGES),
)
def code(x: Exchange, ledger: Ledger) -> Findings:
    wanted = {401: ("10009",), 404: ("10005", "40303") if x.provider == MESSAGES else None}.get(x.status)
    entries = x.json.get("errors") if isinstance(x.json, dict) else None
    if wanted is None or not isinstance(entries, list) or not entries or not isinstance(entries[0], dict):
        return None
    if x.status == 404 and x.breaches:
        return None  # what is said of an id that is none is the server's own
    found = str(entries[0].get("code"))
    return [] if found in wanted else [f"code {found} with a {x.status}; the list has {' or '.join(wanted)}"]


@rule(
    "errors.envelope",
    "An error is {status: error, message, data: null}.",
    source="prose",
    level="read",
    providers=(TEMPHONE,),
)
def envelope(x: Exchange, ledger: Ledger) -> Findings:
    if not _told(x) or x.status not in _ON_THE_PAGE:
        return None
    if not isinstance(x.json, dict):
        return [f"a {x.status} without the envelope: {_shown(x)}"]
    message = x.json.get("message")
    return [
        *([] if x.json.get("status") == "error" else [f"status is {x.json.get('status')!r}"]),
        *([] if isinstance(message, str) and message else [f"message is {message!r}"]),
        *([] if "data" in x.json and x.json["data"] is None else ["data is not null"]),
    ]


@rule(
    "errors.field",
    "A 400 names the field that is wrong.",
    source="prose",
    level="reject",
    providers=(TEMPHONE,),
)
def field(x: Exchange, ledger: Ledger) -> Findings:
    named = {str(each.path[0]) for each in x.breaches if each.path and each.location == "body"}
    if x.status != 400 or len(named) != 1 or any(not each.path for each in x.breaches):
        return None
    name = named.pop()
    due = instant_of(x.sent.get("scheduled_at")) if isinstance(x.sent, dict) else None
    if name != "scheduled_at" and (
        due is None
        or x.at is None
        or due <= x.at
        or (name != "timezone" and str(x.sent.get("timezone", "UTC")) not in ZONES)
    ):
        return None  # more is wrong than the document sees, and the page gives no order
    return [] if name in _said(x) else [f"{name} is wrong, and the message is {_said(x)!r}"]


@rule("errors.unauthorized", "A 401 says: Unauthorized.", source="prose", level="read", providers=(TEMPHONE,))
def unauthorized(x: Exchange, ledger: Ledger) -> Findings:
    return None if x.status != 401 else [] if _said(x) == "Unauthorized." else [f"the message is {_said(x)!r}"]


@rule(
    "errors.instant",
    "A scheduled_at that is none, or not in the future, is refused in the page's own words.",
    source="prose",
    level="reject",
    providers=(TEMPHONE,),
)
def instant(x: Exchange, ledger: Ledger) -> Findings:
    wrong = {str(each.path[0]) for each in x.breaches if each.path} == {"scheduled_at"} and len(x.breaches) == 1
    if x.status != 400 or not (wrong or faults(x, ledger) == ("past",)) or intent(x, ledger) != "invalid":
        return None
    words = "Field 'scheduled_at' must be a valid ISO-8601 timestamp in the future."
    return [] if _said(x) == words else [f"the message is {_said(x)!r}; the page has {words!r}"]


def _told(x: Exchange) -> bool:
    """Say whether it is a refusal that documents speak of: none speaks of paths and methods that are not there, nor
    of what is refused before anybody has read the request."""
    if x.operation is None or x.method == "HEAD" or "%2F" in x.path.upper():
        return False
    return x.refused and x.status not in _UNREAD


def _errors(entries: Json) -> Iterator[str]:
    if not isinstance(entries, list) or not entries:
        yield f"errors is {entries!r}, which says nothing"
        return
    for entry in entries:
        if not isinstance(entry, dict):
            yield f"an error is {entry!r}"
        elif not all(isinstance(entry.get(name), str) and entry[name] for name in ("code", "title")):
            yield f"code and title are {entry.get('code')!r} and {entry.get('title')!r}"


def _is_entry(entry: Json) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("loc"), list):
        return False
    return all(isinstance(entry.get(name), str) and entry[name] for name in ("msg", "type"))


def _said(x: Exchange) -> str:
    return str(x.json.get("message")) if isinstance(x.json, dict) else ""


def _shown(x: Exchange) -> str:
    return x.content[:160].decode("utf-8", "replace")
