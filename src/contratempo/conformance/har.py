"""Recorded traffic, as browsers and proxies save it (HAR): the same rules, nothing is sent."""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from contratempo.conformance.book import DEFAULT_PROFILE, Book, Flavour, open_book
from contratempo.conformance.exchange import Auth, Exchange
from contratempo.conformance.instants import instant_of
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rules import MADE_BY_NOBODY, RULES, Rule
from contratempo.conformance.tally import Tally
from contratempo.conformance.verdict import State, Verdict, result_of
from contratempo.conformance.visit import read_exchange
from contratempo.conformance.vocabulary import VOCABULARIES

Json: TypeAlias = Any
_LARGEST: Final = 256 * 1024 * 1024
NEVER_TOLD: Final = ("authorization", "cookie", "host", "content-length", "connection", "accept-encoding")


class HarError(Exception):
    """The file is no HAR, or there is nothing in it to judge."""


def judge_har(file: Path, *, provider: str, contract: Flavour = "effective", profile: str = DEFAULT_PROFILE) -> Verdict:
    """Hold recorded traffic to a provider's contract; what is not the provider's is passed over.

    Whose deployment was recorded is not known, so guesses of ours warn. HarError for a file that cannot be used.
    """
    book = open_book(provider, contract, profile)
    unrecorded: list[str] = []
    exchanges = list(read_har(file, book, unrecorded))
    notes = (f"passed over {len(unrecorded)}: their answers or bodies were not recorded",) if unrecorded else ()
    if not exchanges:
        said = f"; {notes[0]}" if notes else ""
        raise HarError(f"none of its requests is to a path of {provider} below {book.contract.base}{said}")
    rules = [rule for rule in RULES.values() if provider in rule.providers]
    in_force = tuple(rule for rule in rules if not _off(contract, rule)[0])
    tally, ledger = Tally(in_force), Ledger(book, VOCABULARIES[provider], real=True)
    for x in exchanges:
        tally.count(tally.judge(x, ledger), x, ledger, "recorded")
        ledger.note(x)
    results = {rule.id: result_of(rule, tally, *_off(contract, rule), real=True) for rule in rules}
    return Verdict(provider, contract, str(file), 0, "recorded", results, requests=len(exchanges), notes=notes)


def _off(contract: Flavour, rule: Rule) -> tuple[str, State]:
    if contract == "vendored" and rule.contract == "effective":
        return "it belongs to the effective contract", "off"
    if rule.id in MADE_BY_NOBODY:
        return "what was made before the recording is not in it", "not_testable"
    return "", "pass"


def read_har(file: Path, book: Book, unrecorded: list[str]) -> Iterator[Exchange]:
    """Yield the exchanges with a provider, in the order of the file; HarError where the file is no HAR.

    The URLs of those that were not recorded as a whole are added to `unrecorded`: nothing can be said of them.
    """
    if file.stat().st_size > _LARGEST:
        raise HarError(f"it is larger than {_LARGEST // 1024 // 1024} MB. Save fewer requests")
    try:
        entries = json.loads(file.read_bytes())["log"]["entries"]
        yield from (x for x in (_read(entry, book, unrecorded) for entry in entries) if x is not None)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise HarError(f"it is no HAR: {type(error).__name__}: {error}. Save one with your browser or proxy") from error


def _read(entry: Mapping[str, Json], book: Book, unrecorded: list[str]) -> Exchange | None:
    request, response = entry["request"], entry["response"]
    parts = urlsplit(request["url"])
    above, base, path = parts.path.partition(book.contract.base + "/")
    if not base or not book.find(request["method"], "/" + path)[2]:
        return None
    sent, answered = _fields(request["headers"]), _fields(response["headers"])
    if not int(response["status"]) or _is_cut(request, response, answered):
        unrecorded.append(request["url"])
        return None
    return read_exchange(
        book,
        method=request["method"],
        path="/" + path,
        query=parts.query,
        auth=_auth(sent, int(response["status"])),
        headers={name: value for name, value in sent.items() if name not in NEVER_TOLD and not name.startswith(":")},
        sent_bytes=_sent(request),
        status=int(response["status"]),
        answer_headers=answered,
        content=_content(response.get("content") or {}),
        elapsed=float(entry.get("time") or 0) / 1000,
        now=None,
        wall=instant_of(entry.get("startedDateTime")),
        exclusive=False,
        url=f"{parts.scheme}://{parts.netloc}{above}{book.contract.base}",
    )


def _is_cut(request: Mapping[str, Json], response: Mapping[str, Json], answered: Mapping[str, str]) -> bool:
    """Say whether there was a body that the recorder left out, as browsers do with what is large or long ago."""
    content, posted = response.get("content") or {}, request.get("postData") or {}
    length = answered.get("content-length", "0")
    told = _number(content.get("size")) > 0 or (length.isdecimal() and int(length) > 0)
    lost = told and request["method"] != "HEAD" and not content.get("text")
    return lost or (_number(request.get("bodySize")) > 0 and not posted.get("text"))


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _fields(headers: list[Mapping[str, str]]) -> dict[str, str]:
    """Return headers by name; one that comes several times is one with commas."""
    fields: dict[str, str] = {}
    for each in headers:
        name = each["name"].lower()
        fields[name] = f"{fields[name]}, {each['value']}" if name in fields else each["value"]
    return fields


def _auth(sent: Mapping[str, str], status: int) -> Auth:
    """Many recorders leave tokens out, so that only a refusal tells that there was none."""
    if status != 401:
        return "good"
    return "unknown" if "authorization" in sent else "none"


def _sent(request: Mapping[str, Json]) -> bytes:
    return str((request.get("postData") or {}).get("text") or "").encode("utf-8", "surrogatepass")


def _content(content: Mapping[str, Json]) -> bytes:
    text = str(content.get("text") or "")
    if content.get("encoding") == "base64":
        try:
            return b64decode(text, validate=True)
        except Base64Error as error:
            raise ValueError(f"a body is no base64: {error}") from error
    return text.encode("utf-8", "surrogatepass")
