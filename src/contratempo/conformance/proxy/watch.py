"""What goes by, judged: a ledger for each customer, and of what goes on at the same time only what stands by itself."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from contratempo.conformance.book import Book
from contratempo.conformance.exchange import Exchange
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.proxy.clock import Reading
from contratempo.conformance.rule import Rule
from contratempo.conformance.tally import Tally
from contratempo.conformance.vocabulary import VOCABULARIES

_READS: Final = ("GET", "HEAD")
_CUSTOMERS: Final = 32
_EXCHANGES: Final = 1_000
_BYTES: Final = 8 * 1_048_576
"""How much is remembered of a customer; then memory begins anew."""
_TOLD: Final = 50
"""How many exchanges before a failure its conversation holds."""
_MOMENT: Final = 2.0
"""For how many seconds after a change a read may not show it yet."""


@dataclass(frozen=True)
class Finding:
    """A rule that an exchange breaks, and how."""

    rule: Rule
    message: str


@dataclass
class Flight:
    """A request on its way; `crossed` when another of the same customer was on its way meanwhile."""

    customer: "_Customer"
    crossed: bool = False


@dataclass
class _Customer:
    ledger: Ledger
    flying: list[Flight] = field(default_factory=list)
    kept: int = 0
    changed: float = float("-inf")
    reading: Reading | None = None


class Watch:
    """Sees requests off and their answers in, from any thread; `tally` counts what the rules say."""

    def __init__(self, book: Book, rules: Sequence[Rule], stopwatch: Callable[[], float]) -> None:
        self.tally = Tally(rules)
        self._book, self._stopwatch = book, stopwatch
        self._rules = {rule.id: rule for rule in rules}
        self._lock, self._customers = Lock(), OrderedDict[tuple[str, ...], _Customer]()
        self.seen = 0

    @contextmanager
    def flight(self, whose: tuple[str, ...], token: str, reading: Reading | None) -> Iterator[Flight]:
        """See a request off, and its answer in at the end.

        A clock that has gone back tells of a rewind or a reset: what was known of that customer is no more.
        """
        with self._lock:
            customer = self._customers.pop(whose, None) or _Customer(self._ledger(token))
            self._customers[whose] = customer
            if len(self._customers) > _CUSTOMERS:
                self._customers.popitem(last=False)
            if _gone_back(customer.reading, reading):
                self._forget(customer)
            customer.reading = reading or customer.reading
            flight = Flight(customer, crossed=bool(customer.flying))
            for other in customer.flying:
                other.crossed = True
            customer.flying.append(flight)
        try:
            yield flight
        finally:
            with self._lock:
                customer.flying = [each for each in customer.flying if each is not flight]

    def judge(self, flight: Flight, x: Exchange) -> list[Finding]:
        """Return what an exchange breaks, and take it down."""
        with self._lock:
            return self._judge(flight.customer, x, crossed=flight.crossed)

    def _judge(self, customer: _Customer, x: Exchange, *, crossed: bool) -> list[Finding]:
        self.seen += 1
        known = customer.ledger
        ledger = self._ledger(known.token) if crossed else known
        ledger.mark = max(0, len(ledger.history) - _TOLD)
        found = dict(self.tally.judge(x, ledger))
        writes = x.method not in _READS
        if not writes and self._stopwatch() - customer.changed < _MOMENT:
            found = {name: said for name, said in found.items() if not (said and self._rules[name].settles)}
        self.tally.count(found, x, ledger, f"exchange {self.seen}")
        if writes:
            customer.changed = self._stopwatch()
        if writes or not crossed:
            self._note(customer, x)
        if writes and x.ok:
            self._changed(customer, x)
        return [Finding(self._rules[name], said[0]) for name, said in found.items() if said]

    def _note(self, customer: _Customer, x: Exchange) -> None:
        customer.kept += len(x.sent_bytes) + len(x.content)
        if len(customer.ledger.history) >= _EXCHANGES or customer.kept > _BYTES:
            self._forget(customer)
        customer.ledger.note(x)

    def _changed(self, by: _Customer, x: Exchange) -> None:
        """Forget what those know who know what another one has removed or changed: two tokens may be one customer's."""
        for each in self._customers.values():
            if each is not by and each.ledger.of(x) is not None:
                self._forget(each)

    def _forget(self, customer: _Customer) -> None:
        customer.ledger, customer.kept = self._ledger(customer.ledger.token), 0

    def _ledger(self, token: str) -> Ledger:
        return Ledger(self._book, VOCABULARIES[self._book.provider], real=True, token=token)


def _gone_back(was: Reading | None, now: Reading | None) -> bool:
    return was is not None and now is not None and (now.now < was.now or now.head < was.head)
