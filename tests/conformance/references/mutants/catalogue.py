"""What a mutant is, and how the set is split: every second one is held back, by a coin that is thrown once for all."""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from ..service import Service

Kind = Literal["spec", "prose", "sdk", "http", "sense"]
Needs = Literal["one", "several", "clock"]
Half = Literal["develop", "held"]
S = TypeVar("S", bound=type[Service])

SEED = "2026-03-15"


@dataclass(frozen=True)
class Mutant:
    """A server that breaks one promise. `kind` is where the promise is made, `needs` what it takes to see it broken."""

    name: str
    provider: str
    promise: str
    kind: Kind
    needs: Needs
    half: Half
    app: Callable[[], Service]


_broken: list[tuple[type[Service], Kind, Needs]] = []


def breaks(kind: Kind, needs: Needs = "one") -> Callable[[S], S]:
    """Mark a subclass of a reference as a mutant; its docstring is the promise that it breaks."""

    def note(mutant: S) -> S:
        _broken.append((mutant, kind, needs))
        return mutant

    return note


def mutants() -> tuple[Mutant, ...]:
    """Return all that are marked. Of two neighbours of one provider and need, one is held: later ones move none."""
    seen: dict[tuple[str, Needs], list[str]] = defaultdict(list)
    made = []
    for app, kind, needs in _broken:
        group = seen[app.provider, needs]
        group.append(app.__name__)
        pair, second = divmod(len(group) - 1, 2)
        half: Half = "held" if _coin(group[pair * 2]) ^ second else "develop"
        made.append(Mutant(app.__name__, app.provider, promise_of(app), kind, needs, half, app))
    return tuple(made)


def promise_of(app: type[Service]) -> str:
    """Return the first line of its docstring."""
    return (app.__doc__ or "").strip().partition("\n")[0]


def _coin(name: str) -> int:
    return hashlib.sha256(f"{SEED}/{name}".encode()).digest()[0] & 1
