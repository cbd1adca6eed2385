"""Methods and paths that the document does not have."""

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import ASSISTANTS, Findings, rule


def _undocumented(x: Exchange) -> bool:
    return bool(x.known_methods) and x.operation is None and x.method not in ("HEAD", "OPTIONS") and x.auth == "good"


@rule(
    "methods.refused",
    "A method that a path does not have is refused, with 405 where the server says so at all.",
    source="http",
)
def refused(x: Exchange, ledger: Ledger) -> Findings:
    if not _undocumented(x):
        return None
    if x.method == "GET" and x.ok:
        return []  # reading what the document does not offer harms nobody
    return [] if x.status in (404, 405, 501) else [f"{x.method} answered {x.status}; the path has {_of(x)}"]


@rule("methods.allow", "A 405 names the methods that the path has (Allow), and they are the document's.", source="http")
def allow(x: Exchange, ledger: Ledger) -> Findings:
    if x.status != 405 or not x.known_methods:
        return None
    if "allow" not in x.answer_headers:
        return ["a 405 without Allow"]
    named = {name.strip().upper() for name in x.answer_headers["allow"].split(",")}
    if x.method in named:
        return [f"Allow names {x.method}, which was just refused"]
    missing = sorted(set(x.known_methods) - named)
    return [f"Allow is {x.answer_headers['allow']!r} and lacks {', '.join(missing)}"] if missing else []


@rule(
    "methods.head",
    "HEAD, where it is answered, has GET's status and no body.",
    source="http",
    level="read",
    providers=(ASSISTANTS,),
)
def head(x: Exchange, ledger: Ledger) -> Findings:
    if x.method != "HEAD" or "GET" not in x.known_methods or x.auth != "good":
        return None
    if x.content:
        return [f"HEAD was answered with {len(x.content)} bytes of body"]
    return [] if x.ok or x.status in (404, 405, 501) else [f"HEAD answered {x.status}"]


@rule("methods.unknown-path", "A path that does not exist is 404.", source="http", level="read")
def unknown_path(x: Exchange, ledger: Ledger) -> Findings:
    if x.known_methods or x.auth != "good" or x.method not in ("GET", "POST"):
        return None
    return [] if x.status in (404, 405) else [f"answered {x.status} to a path that nobody documents"]


def _of(x: Exchange) -> str:
    return ", ".join(x.known_methods)
