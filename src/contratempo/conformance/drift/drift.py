"""The same plan sent to a mock and to a real deployment, and where the answers part."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from contratempo.conformance.book import DEFAULT_PROFILE, Book, open_book
from contratempo.conformance.drift.difference import Difference, differences
from contratempo.conformance.drift.place import Place, answer_place
from contratempo.conformance.drift.remedies import remedy
from contratempo.conformance.exchange import Exchange
from contratempo.conformance.guard import Protection
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.run import conform, conform_real
from contratempo.conformance.target import Target
from contratempo.conformance.verdict import CLEAN, COULD_NOT, VIOLATED, Verdict
from contratempo.conformance.vocabulary import VOCABULARIES

Json: TypeAlias = Any
Found: TypeAlias = Mapping[str, list[str]]

_NOT_COMPARED: Final = (429,)
"""Answers that say nothing of the deployment, but how busy it is."""


@dataclass(frozen=True)
class Drift:
    """One difference, all the probes that showed it, and what to do; `curl` shows it at the real deployment.

    `rules` are those that one keeps and the other breaks where they differ like this.
    """

    operation: str
    difference: Difference
    todo: str
    curl: str
    probes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """What came of it. `error` says why nothing could be compared."""

    provider: str
    mock: Verdict
    real: Verdict | None
    compared: int = 0
    drifts: tuple[Drift, ...] = ()
    error: str = ""

    @property
    def differing(self) -> tuple[Drift, ...]:
        """Return what differs and may not."""
        return tuple(each for each in self.drifts if not each.difference.allowed)

    @property
    def allowed(self) -> tuple[Drift, ...]:
        """Return what differs and may."""
        return tuple(each for each in self.drifts if each.difference.allowed)

    @property
    def exit_code(self) -> int:
        """Return 1 where they differ, 5 where that could not be seen, else 0."""
        if self.error:
            return COULD_NOT
        return VIOLATED if self.differing else CLEAN


@dataclass
class Heard:
    """What was said in a run, by probe and the number of its request."""

    seen: dict[tuple[str, int], tuple[Exchange, Found]] = field(default_factory=dict)

    def __call__(self, probe: str, number: int, x: Exchange, found: Found) -> None:
        """Take down an exchange and what the rules say of it."""
        self.seen[probe, number] = x, {name: list(said) for name, said in found.items()}


def compare(mock: Target, real: Target, *, provider: str, protection: Protection | None, **wish: Any) -> Comparison:
    """Send the fixed plan to the mock, then to the real one, where `protection` stands before it, and compare.

    `wish` is as of `conform`. What was created is removed, or stays in worlds that are deleted. Both are asked the
    same: what is made fit for the real one is for the mock, too; one that tells no profile is held to the mock's.
    """
    ours, theirs = Heard(), Heard()
    wish = wish | {"quick": True, "fuzz": 0}
    first = conform(mock, provider=provider, heard=ours, fit_for=protection.permit if protection else None, **wish)
    if first.error:
        return Comparison(provider, first, None, error=f"MOCK cannot be tested: {first.error}")
    wish["untold"] = profile = first.profile or DEFAULT_PROFILE
    second = (
        conform(real, provider=provider, heard=theirs, **wish)
        if protection is None
        else conform_real(real, protection, provider=provider, heard=theirs, **wish)
    )
    book = open_book(provider, wish["contract"], profile)
    pairs = [(probe, number) for probe, number in ours.seen if (probe, number) in theirs.seen]
    drifts = Drifts(book)
    compared = sum(drifts.add(probe, ours.seen[probe, number], theirs.seen[probe, number]) for probe, number in pairs)
    error = second.error and f"REAL cannot be tested: {second.error}"
    if not compared:
        error = error or "no request was answered by both"
    return Comparison(provider, first, second, compared, tuple(drifts.all()), error)


class Drifts:
    """Differences, those alike together; a conversation that has gone another way is compared no further."""

    def __init__(self, book: Book) -> None:
        self._ledger = Ledger(book, VOCABULARIES[book.provider])
        self._book = book
        self._parted: set[str] = set()
        self._found: dict[tuple[str, Difference, str], Drift] = {}
        self._broken: dict[tuple[str, str, bool], Difference] = {}

    def add(self, probe: str, mock: tuple[Exchange, Found], real: tuple[Exchange, Found]) -> bool:
        """Take up the answers to one request; return whether they could be compared."""
        ours, theirs = mock[0], real[0]
        if (ours.method, ours.operation) != (theirs.method, theirs.operation):
            self._parted.add(probe)
        if probe in self._parted or {ours.status, theirs.status} & set(_NOT_COMPARED):
            return False
        operation = ours.operation or f"{ours.method} of a path that is not there"
        parted = _parted_rules(mock[1], real[1])
        for each in differences(ours, theirs, self._place(ours), self._ledger.vocabulary.identity):
            self._take(operation, each, probe, ours, theirs, parted if each.kind == "status" else ())
        if ours.status == theirs.status:
            for name in parted:
                self._take(operation, self._rule(operation, name, mock[1], real[1]), probe, ours, theirs, (name,))
        return True

    def _place(self, x: Exchange) -> Place:
        if x.operation is None:
            return Place(self._book.contract.document.tree)
        return answer_place(self._book.contract, x.operation, x.status)

    def _rule(self, operation: str, name: str, ours: Found, theirs: Found) -> Difference:
        """Return how a rule is kept and broken, as it was first said of an operation."""
        mock, real = (f"broken: {said[0]}" if said else "kept" for said in (ours[name], theirs[name]))
        key = (operation, name, bool(theirs[name]))
        return self._broken.setdefault(key, Difference("rule", name, mock, real))

    def _take(
        self, operation: str, found: Difference, probe: str, ours: Exchange, theirs: Exchange, rules: tuple[str, ...]
    ) -> None:
        todo = "" if found.allowed else remedy(found, ours, theirs, rules, self._ledger)
        known = self._found.get((operation, found, todo)) or Drift(operation, found, todo, theirs.curl())
        self._found[operation, found, todo] = replace(
            known,
            probes=tuple(dict.fromkeys((*known.probes, probe))),
            rules=tuple(dict.fromkeys((*known.rules, *rules))),
        )

    def all(self) -> Iterable[Drift]:
        """Return what was found, by operation, in the order that it was found in."""
        order = {name: number for number, name in enumerate(dict.fromkeys(name for name, *_ in self._found))}
        return sorted(self._found.values(), key=lambda each: order[each.operation])


def _parted_rules(ours: Found, theirs: Found) -> tuple[str, ...]:
    return tuple(name for name in ours if name in theirs and bool(ours[name]) != bool(theirs[name]))


def described(comparison: Comparison) -> dict[str, Json]:
    """Return a comparison as JSON."""
    return {
        "provider": comparison.provider,
        "mock": comparison.mock.target,
        "real": comparison.real.target if comparison.real else None,
        "contract": comparison.mock.contract,
        "level": comparison.mock.level,
        "seed": comparison.mock.seed,
        "compared": comparison.compared,
        "exit_code": comparison.exit_code,
        "error": comparison.error or None,
        "notes": list(comparison.real.notes) if comparison.real else [],
        "differences": [_described(each) for each in comparison.differing],
        "allowed": [_described(each) for each in comparison.allowed],
    }


def _described(drift: Drift) -> dict[str, Json]:
    found = drift.difference
    told: dict[str, Json] = {"operation": drift.operation, "kind": found.kind, "place": found.place}
    told |= {"mock": found.mock, "real": found.real, "todo": drift.todo or None}
    return told | {"rules": list(drift.rules), "probes": list(drift.probes), "curl": drift.curl}
