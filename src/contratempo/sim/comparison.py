"""The comparison of two worlds by their projections: what differs, as plain JSON."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import msgspec

from contratempo.sim.projection import Projection

Json: TypeAlias = Any
Difference: TypeAlias = dict[str, Json]
"""`{field, a, b}`; on a side that has no such field the member is left out."""

_NAMED: Final = ("resources", "webhooks", "scripts", "faults")
_LISTED: Final = ("transitions", "timers")
_OTHER: Final = ("held", "answers", "chance")


def compare(a: Projection, b: Projection) -> dict[str, Json]:
    """Return what differs between two worlds.

    `{same, profile, clock, rules, resources, webhooks, scripts, faults, transitions, timers, other}`. `profile`,
    `clock`, `rules` and `other` are lists of `{field, a, b}`. Of what has a name: `{same, differ: [{name, ids,
    fields}], only_a, only_b}`, where `ids` tells what it is called in either world. Of transitions and timers: `{same,
    only_a, only_b, reordered}`, where `reordered` says that the same ones come in another order.
    """
    ours, theirs = a.world, b.world
    return {
        "same": a.encode() == b.encode(),
        "profile": differences(ours["profile"], theirs["profile"]),
        "clock": differences(ours["clock"], theirs["clock"]),
        "rules": differences(ours["rules"], theirs["rules"]),
        **{name: _named(ours[name], theirs[name], a.ids, b.ids) for name in _NAMED},
        **{name: _listed(ours[name], theirs[name]) for name in _LISTED},
        "other": [each for name in _OTHER for each in differences(ours[name], theirs[name], name)],
    }


def differences(a: Json, b: Json, field: str = "") -> list[Difference]:
    """Return where two values differ, by paths such as `call_attempts[0].call_status`."""
    if isinstance(a, dict) and isinstance(b, dict):
        names = [*a, *(name for name in b if name not in a)]
        return [each for name in names for each in _member(a, b, name, f"{field}.{name}" if field else name)]
    if isinstance(a, list) and isinstance(b, list):
        ours, theirs = dict(enumerate(a)), dict(enumerate(b))
        places = range(max(len(a), len(b)))
        return [each for place in places for each in _member(ours, theirs, place, f"{field}[{place}]")]
    return [] if _alike(a, b) else [{"field": field, "a": a, "b": b}]


def _member(a: Mapping[Any, Json], b: Mapping[Any, Json], name: Any, field: str) -> list[Difference]:
    if name in a and name in b:
        return differences(a[name], b[name], field)
    return [{"field": field, "a": a[name]} if name in a else {"field": field, "b": b[name]}]


def _alike(a: Json, b: Json) -> bool:
    """Say whether two values are written alike: 1 and True are equal, and not the same."""
    return msgspec.json.encode(a) == msgspec.json.encode(b)


def _named(a: dict[str, Json], b: dict[str, Json], ids_a: Mapping[str, str], ids_b: Mapping[str, str]) -> Json:
    both = [name for name in a if name in b]
    fields = {name: differences(a[name], b[name]) for name in both}
    differ = [
        {"name": name, "ids": {"a": ids_a[name], "b": ids_b[name]}, "fields": found}
        for name, found in fields.items()
        if found
    ]
    return {
        "same": len(both) - len(differ),
        "differ": differ,
        "only_a": [_only(name, a[name], ids_a) for name in a if name not in b],
        "only_b": [_only(name, b[name], ids_b) for name in b if name not in a],
    }


def _only(name: str, content: dict[str, Json], ids: Mapping[str, str]) -> Json:
    return {"name": name, "id": ids[name], "content": content}


def _listed(a: list[Json], b: list[Json]) -> Json:
    """Compare rows as a bag, and then their order."""
    keys_a, keys_b = ([msgspec.json.encode(row, order="deterministic") for row in rows] for rows in (a, b))
    only_a, only_b = _surplus(a, keys_a, keys_b), _surplus(b, keys_b, keys_a)
    reordered = keys_a != keys_b and not only_a and not only_b
    return {"same": len(a) - len(only_a), "only_a": only_a, "only_b": only_b, "reordered": reordered}


def _surplus(rows: list[Json], keys: list[bytes], others: list[bytes]) -> list[Json]:
    left, found = Counter(others), []
    for row, key in zip(rows, keys, strict=True):
        if left[key]:
            left[key] -= 1
        else:
            found.append(row)
    return found
