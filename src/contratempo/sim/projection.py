"""The canonical projection of a saved world: what it came to, without what tells one run from another of the same.

Two worlds that did the same project to the same bytes, whatever their ids. Left out are the world's own id, seed,
branch and numbers, where a reset would lead, real times, receivers' seconds and words, the ports of loopback addresses,
and the keys of idempotency, which are digests of tokens. A generated id is known by its form, so that one which a user
makes up in the form of a UUID is renamed like ours.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import msgspec

from contratempo.sim.instants import format_instant, parse_instant

Json: TypeAlias = Any

PROJECTED: Final = frozenset(
    {"profile", "clock", "rules", "ordinals", "records", "timers", "outcomes", "faults", "outbox", "idempotency",
     "transitions"}
)  # fmt: skip
"""Members of a saved world that are in the projection, or have a part in it."""
LEFT_OUT: Final = frozenset({"schema", "id", "seed", "branch", "line", "head", "start"})
"""Those that are not."""

DEEPEST: Final = 100
"""Levels of a value: more than a body may have."""
_TRANSITION: Final = ("at", "provider", "resource", "from", "to", "cause", "kind")
_TIMER: Final = ("provider", "kind", "subject", "data")
_OF_RECEIVERS: Final = ("seconds", "answer", "order")
"""Members of an attempt that another receiver, or the same one another time, makes others."""
_CHANCE: Final = "chance/"
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_SHORT: Final = re.compile(r"(flt|out)_[0-9a-z]{6}")
_MADE: Final = {"flt": "fault", "out": "script"}
_HANDLE: Final = re.compile(r"\bv\d:[A-Za-z0-9_-]{20,}=*")
_WORD: Final = re.compile(r"[A-Za-z0-9][\w-]*")
_LOCAL: Final = re.compile(r"(\b(?:localhost|127(?:\.\d{1,3}){3})|\[::1\]):\d{1,5}\b")


class ProjectionError(ValueError):
    """What is no saved world."""


@dataclass(frozen=True)
class Projection:
    """`world` is plain JSON, in which ids are names such as `message#2`; `ids` tells what each stands for."""

    world: dict[str, Json]
    ids: Mapping[str, str]

    def encode(self) -> bytes:
        """Return the projection as bytes that are the same for the same."""
        return msgspec.json.encode(self.world, order="deterministic")


def project(saved: Mapping[str, Json]) -> Projection:
    """Return the projection of a world that was dumped; ProjectionError for anything else."""
    names = _Names()
    try:
        world = _projected(saved, names)
        projection = Projection(world, {name: identifier for identifier, name in names.known.items()})
        projection.encode()  # a file may have what no JSON of ours has
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise ProjectionError(f"this is no saved world: {type(error).__name__} {error}"[:200]) from None
    return projection


class _Names:
    """Names of ids: their kind, and how many of it had appeared by then."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._renamed: dict[str, str] = {}

    def name(self, kind: str, identifier: str) -> str:
        """Return the name of an id, the next of its kind when it is new."""
        if identifier not in self.known:
            self._counts[kind] += 1
            self.known[identifier] = f"{kind}#{self._counts[kind]}"
        return self.known[identifier]

    def renamed(self, value: Json, member: str = "id", depth: int = 0) -> Json:
        """Return a value with the names of the ids in it; those of no record are called by the member they stand in."""
        if isinstance(value, str):
            if value not in self._renamed:  # most texts come again and again
                self._renamed[value] = self._text(value, member)
            return self._renamed[value]
        if depth > DEEPEST:
            raise ValueError(f"is nested deeper than {DEEPEST} levels")
        if isinstance(value, dict):
            return {self.renamed(name): self.renamed(content, name, depth + 1) for name, content in value.items()}
        return [self.renamed(each, member, depth + 1) for each in value] if isinstance(value, list | tuple) else value

    def _text(self, text: str, member: str) -> str:
        text = _HANDLE.sub(partial(self._loose, member), _LOCAL.sub(r"\1", text))
        return _WORD.sub(partial(self._word, member), text)

    def _word(self, member: str, found: re.Match[str]) -> str:
        word = found[0]
        if made := _SHORT.fullmatch(word):  # which may be gone, and what it did is still told
            return self.name(_MADE[made[1]], word)
        return self.known.get(word) or _UUID.sub(partial(self._loose, member), word)

    def _loose(self, member: str, found: re.Match[str]) -> str:
        return self.name(member, found[0])


def _projected(saved: Mapping[str, Json], names: _Names) -> dict[str, Json]:
    rows = saved["transitions"]["rows"]
    resources = _resources(saved["records"], rows, names)
    webhooks = {names.name("webhook", row["id"]): row for row in saved["outbox"]["webhooks"]}
    scripts = {names.name("script", row["id"]): row for row in saved["outcomes"]}
    faults = {names.name("fault", row["id"]): row for row in saved["faults"]}
    chance = {name: drawn for name, drawn in saved["ordinals"].items() if name.startswith(_CHANCE)}
    return {
        "profile": saved["profile"],
        "clock": dict(saved["clock"]),
        "rules": dict(saved["rules"]),
        "resources": {name: names.renamed(record) for name, record in resources.items()},
        "transitions": [names.renamed(_transition(row)) for row in rows],
        "webhooks": {name: names.renamed(_webhook(row)) for name, row in webhooks.items()},
        "scripts": {name: names.renamed(row) for name, row in scripts.items()},
        "faults": {name: names.renamed(row) for name, row in faults.items()},
        "timers": [names.renamed(_timer(row)) for row in _in_order(saved["timers"]["timers"])],
        "held": names.renamed(saved["outbox"]["held"]),
        "answers": _answers(saved["idempotency"], names),
        "chance": names.renamed(chance),
    }


def _resources(records: Mapping[str, list[Json]], rows: Iterable[Json], names: _Names) -> dict[str, Json]:
    """Return records by name, in the order in which they first did something; what did nothing by what it is."""
    appeared = {identifier: place for place, identifier in enumerate(dict.fromkeys(row["resource"] for row in rows))}
    found = [(kind, record) for kind, listed in records.items() for record in listed]
    found.sort(key=lambda each: _place(each[0], each[1], appeared))
    return {names.name(kind, record["id"]): {"kind": kind, **record} for kind, record in found}


def _place(kind: str, record: Mapping[str, Json], appeared: Mapping[str, int]) -> tuple[int, str, bytes]:
    place = appeared.get(record["id"])
    return (len(appeared), kind, _anonymous(record)) if place is None else (place, "", b"")


def _anonymous(record: Mapping[str, Json]) -> bytes:
    """Return a value without a trace of any id, to sort by."""
    return msgspec.json.encode(_Blank().renamed({**record, "id": ""}), order="deterministic")


class _Blank(_Names):
    """Gives every id the same name."""

    def name(self, kind: str, identifier: str) -> str:
        return "#"


def _transition(row: Mapping[str, Json]) -> Json:
    parse_instant(row["at"])
    return {**{name: row[name] for name in _TRANSITION}, "attempt": row.get("attempt")}


def _webhook(row: Mapping[str, Json]) -> Json:
    kept = {name: value for name, value in row.items() if name != "number"}
    attempts = [
        {name: value for name, value in attempt.items() if name not in _OF_RECEIVERS} | _at(attempt)
        for attempt in row["attempts"]
    ]
    return kept | _at(row) | {"body": msgspec.json.decode(row["body"]), "attempts": attempts}


def _at(row: Mapping[str, Json]) -> dict[str, str]:
    return {"at": format_instant(row["at"])}


def _in_order(timers: list[Json]) -> list[Json]:
    return sorted(timers, key=lambda timer: (timer["due"], timer["number"]))


def _timer(row: Mapping[str, Json]) -> Json:
    return {"due": format_instant(row["due"]), **{name: row[name] for name in _TIMER}}


def _answers(kept: Mapping[str, Json], names: _Names) -> list[Json]:
    """Return the answers that would be replayed, without the digests that they are found by."""
    answers = [{"at": format_instant(each["at"]), "answer": each["answer"]} for each in kept.values()]
    answers.sort(key=lambda each: (each["at"], _anonymous(each)))
    return sorted(names.renamed(answers), key=lambda each: (each["at"], msgspec.json.encode(each)))
