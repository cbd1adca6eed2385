"""Probes that every provider shares: who comes in, methods and paths that are not there, bodies that are none."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import ABSENT
from contratempo.conformance.probes.probe import BROKEN_BODIES, MEDIA_TYPES, NO_OBJECTS, Probe
from contratempo.conformance.visit import Visit

Json: TypeAlias = Any
Place: TypeAlias = Callable[[Visit], str]
Body: TypeAlias = Callable[[Visit], dict[str, Json]]

_CREDENTIALS: Final = (
    "Basic {token}",
    "{token}",
    "Bearer",
    "Token {token}",
    "Basic dXNlcjpwYXNz",
    "Bearer {token}x",
    "Bearer x{token}",
)


def reading(method: str, place: Place, word: str, contract: Any = "vendored") -> Iterator[Probe]:
    """Yield probes of who may read at a place."""
    for auth in ("none", "unknown"):
        yield Probe(f"{word}: {auth} token", "read", partial(_auth, method, place, auth, None), contract)
    yield Probe(f"{word}: token in other letters", "read", partial(_other_letters, method, place), contract)
    for number, credentials in enumerate(_CREDENTIALS):
        yield Probe(
            f"{word}: credentials {number}", "read", partial(_credentials, method, place, credentials, None), contract
        )


def writing(place: Place, body: Body, word: str, contract: Any = "vendored") -> Iterator[Probe]:
    """Yield probes of what a create refuses before it looks at members."""
    for auth in ("none", "unknown"):
        yield Probe(f"{word}: {auth} token", "reject", partial(_auth, "POST", place, auth, body), contract)
        yield Probe(
            f"{word}: {auth} token, bad body", "reject", partial(_auth, "POST", place, auth, lambda _: {}), contract
        )
    for number, credentials in enumerate(_CREDENTIALS):
        run = partial(_credentials, "POST", place, credentials, body)
        yield Probe(f"{word}: credentials {number}", "reject", run, contract)
    run = partial(_other_letters, "POST", place)
    yield Probe(f"{word}: token in other letters", "reject", run, contract)
    for name, content in BROKEN_BODIES.items():
        yield Probe(f"{word}: {name}", "reject", partial(_raw, place, content), contract)
    for value in NO_OBJECTS:
        yield Probe(f"{word}: {value!r} for a body", "reject", partial(_json, place, value), contract)
    for media_type in MEDIA_TYPES:
        run = partial(_typed, place, media_type, body)
        yield Probe(f"{word}: as {media_type}", "reject", run, contract)


def accepting(place: Place, body: Body, word: str, contract: Any = "vendored") -> Iterator[Probe]:
    """Yield probes of what a create takes in whatever HTTP form it comes."""
    for media_type in ("application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"):
        yield Probe(f"{word}: as {media_type}", "full", partial(_typed, place, media_type, body), contract)
    yield Probe(f"{word}: spaces around the body", "full", partial(_spaced, place, body), contract)
    yield Probe(f"{word}: bearer in small letters", "full", partial(_small_bearer, place, body), contract)


def elsewhere(place: Place, word: str, methods: tuple[str, ...], contract: Any = "vendored") -> Iterator[Probe]:
    """Yield probes of methods that a place does not have."""
    for method in methods:
        yield Probe(f"{word}: {method}", "full", partial(_method, method, place), contract)


def nowhere() -> Iterator[Probe]:
    """Yield probes of paths that do not exist."""
    for path in ("/conform-nowhere", "/conform/no/where"):
        yield Probe(f"GET {path}", "read", partial(_get, path))


def _auth(method: str, place: Place, auth: Any, body: Body | None, visit: Visit) -> None:
    visit.send(method, place(visit), json=ABSENT if body is None else body(visit), auth=auth)


def _credentials(method: str, place: Place, credentials: str, body: Body | None, visit: Visit) -> None:
    sent = ABSENT if body is None else body(visit)
    visit.send(method, place(visit), json=sent, auth="malformed", credentials=credentials)


def _other_letters(method: str, place: Place, visit: Visit) -> None:
    if visit.token.swapcase() != visit.token:
        sent: Json = {} if method == "POST" else ABSENT
        visit.send(method, place(visit), json=sent, auth="malformed", credentials="Bearer {TOKEN}")


def _raw(place: Place, content: bytes, visit: Visit) -> None:
    visit.send("POST", place(visit), body=content, headers={"content-type": "application/json"})


def _json(place: Place, value: Json, visit: Visit) -> None:
    visit.send("POST", place(visit), json=value)


def _typed(place: Place, media_type: str, body: Body, visit: Visit) -> None:
    visit.send("POST", place(visit), json=body(visit), headers={"content-type": media_type})


def _spaced(place: Place, body: Body, visit: Visit) -> None:
    visit.send("POST", place(visit), body=b"\r\n " + json.dumps(body(visit), indent=1).encode() + b"\n\t")


def _small_bearer(place: Place, body: Body, visit: Visit) -> None:
    visit.send("POST", place(visit), json=body(visit), credentials="bearer {token}")


def _method(method: str, place: Place, visit: Visit) -> None:
    visit.send(method, place(visit))


def _get(path: str, visit: Visit) -> None:
    visit.send("GET", path)
