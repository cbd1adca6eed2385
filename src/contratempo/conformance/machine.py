"""Histories that nobody listed: hypothesis makes them up, shrinks what breaks a rule, and drives clock and outcomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar, Final, TypeAlias

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from contratempo.conformance.instants import written
from contratempo.conformance.probes import assistants, messages, temphone_requests
from contratempo.conformance.tally import Tally
from contratempo.conformance.visit import Visit

Json: TypeAlias = Any
Strategy: TypeAlias = "st.SearchStrategy[dict[str, Json]]"

_CALLS: Final = ("completed", "busy", "no-answer", "failed", "canceled")
_ENDS: Final = ("delivered", "delivery_failed", "sending_failed", "delivery_unconfirmed")
_SPANS: Final = st.sampled_from((1, 5, 30, 61, 300, 3_599, 3_601, 20_000, 90_000))
_LEADS: Final = st.sampled_from((-60, 0, 1, 59, 299, 300, 301, 3_600, 86_400, 431_999, 432_001))
_TEXTS: Final = st.one_of(st.sampled_from(("", "Hello", "世界 👋", "x" * 200)), st.text(max_size=30))
_NAMES: Final = st.text(max_size=5)
_PICK: Final = st.integers(0, 50)


@dataclass(frozen=True)
class Moves:
    """What can be done with a provider: bodies by strategy, where they go, what can be read and removed."""

    bodies: Strategy
    good: Callable[..., dict[str, Json]]
    place: Callable[[str], str]
    when: str
    one: Callable[[str, str], str] | None
    outcomes: tuple[str, ...]
    queries: "st.SearchStrategy[dict[str, str]] | None" = None


_EVENTS: Final = st.fixed_dictionaries(
    {"telnyx_conversation_channel": st.sampled_from(("phone_call", "phone_call", "sms_chat"))},
    optional={
        "text": _TEXTS,
        "max_retries_client_errors": st.sampled_from((0, 1, 2, 10, 11)),
        "retry_interval_secs": st.sampled_from((59, 60, 600, 86_400)),
        "conversation_metadata": st.dictionaries(
            st.text(max_size=5), st.one_of(_TEXTS, st.integers(-9, 9), st.booleans())
        ),
        "dynamic_variables": st.dictionaries(st.text(max_size=5), _TEXTS),
    },
)
_MESSAGES: Final = st.fixed_dictionaries(
    {},
    optional={
        "text": _TEXTS,
        "type": st.sampled_from(("SMS", "MMS", "FAX")),
        "media_urls": st.lists(st.just(messages.PICTURE), max_size=11),
        "from": st.sampled_from((messages.FROM, "12345", "Contratempo")),
        "webhook_url": st.sampled_from(("https://www.example.com/hooks", "nowhere")),
    },
)
_SCHEDULED: Final = st.fixed_dictionaries(
    {},
    optional={
        "initial_message": _TEXTS,
        "max_duration_seconds": st.sampled_from((-1, 0, 1, 900, 86_400)),
        "timezone": st.sampled_from(("UTC", "Asia/Tokyo", "Mars/Olympus")),
        "metadata": st.dictionaries(st.text(max_size=5), st.one_of(_TEXTS, st.none(), st.integers(-9, 9))),
        "recording_enabled": st.sampled_from((True, False, "yes")),
    },
)
_QUERIES: Final = st.fixed_dictionaries(
    {},
    optional={
        "page[size]": st.sampled_from(("1", "2", "20", "100", "0", "101")),
        "page[number]": st.sampled_from(("1", "2", "3", "0")),
        "conversation_channel": st.sampled_from(("phone_call", "sms_chat", "fax")),
    },
)
MOVES: Final[Mapping[str, Moves]] = {
    "telnyx_assistants": Moves(
        _EVENTS, assistants.phone, assistants.events, assistants.WHEN, assistants.event, _CALLS, _QUERIES
    ),
    "telnyx_messages": Moves(
        _MESSAGES, messages.sms, lambda _: messages.SCHEDULE, "send_at", lambda _, one: messages.message(one), _ENDS
    ),
    "temphone": Moves(
        _SCHEDULED, temphone_requests.call, lambda _: temphone_requests.CALLS, "scheduled_at", None, _CALLS[:4]
    ),
}


class Histories(RuleBasedStateMachine):
    """One history; `visit` and `moves` are set on a class of its own for each run."""

    visit: ClassVar[Visit]
    moves: ClassVar[Moves]
    played: ClassVar[list[Tally]]

    @initialize()
    def begin(self) -> None:
        """Start with nothing made."""
        visit = self.visit
        visit.tally = Tally(visit.tally.rules)
        visit.ledger = replace(
            visit.ledger, made={}, keys={}, receipts=[], history=[], last_change=-1, mark=0, shared=set()
        )  # fmt: skip
        self.played.append(visit.tally)
        self.scope = visit.fresh(f"machine-{len(self.played)}")
        visit.begin("histories made up")

    @rule(data=st.data(), lead=_LEADS)
    def create(self, data: st.DataObject, lead: int) -> None:
        """Make something, or try to."""
        body = {**self.moves.good(self.visit), **data.draw(self.moves.bodies)}
        body[self.moves.when] = written(self.visit.later(seconds=lead))
        self.visit.send("POST", self.moves.place(self.scope), json=body)
        self.look()

    @rule(number=st.integers(1, 3), hours=st.sampled_from((1, 2)))
    def create_some(self, number: int, hours: int) -> None:
        """Make what is known to be good."""
        for _ in range(number):
            body = {**self.moves.good(self.visit), self.moves.when: written(self.visit.later(hours=hours))}
            self.visit.send("POST", self.moves.place(self.scope), json=body)
        self.look()

    @precondition(lambda self: self.moves.queries is not None)
    @rule(data=st.data())
    def list(self, data: st.DataObject) -> None:
        """Read a list."""
        queries: Any = self.moves.queries
        self.visit.send("GET", self.moves.place(self.scope), query=data.draw(queries))
        self.look()

    @precondition(lambda self: self.moves.one is not None and self.visit.ledger.made)
    @rule(pick=_PICK, method=st.sampled_from(("GET", "GET", "GET", "DELETE")))
    def one(self, pick: int, method: str) -> None:
        """Read one, or remove it."""
        one: Any = self.moves.one
        if self.visit.book.flavour == "effective":
            self.visit.send(method, one(self.scope, self.chosen(pick)))
            self.look()

    @precondition(lambda self: self.visit.plane is not None and self.visit.ledger.made)
    @rule(pick=_PICK, data=st.data())
    def script(self, pick: int, data: st.DataObject) -> None:
        """Say what the far end will do, of what has not begun."""
        made = self.visit.ledger.made[self.chosen(pick)]
        texts = made.sent.get("telnyx_conversation_channel") == "sms_chat"
        outcomes = data.draw(
            st.lists(st.sampled_from(_ENDS[:2] if texts else self.moves.outcomes), min_size=1, max_size=3)
        )
        if made.gone is None and made.by.now == self.visit.now and not made.script:
            self.visit.script(made.id, *outcomes)

    @precondition(lambda self: self.visit.plane is not None)
    @rule(seconds=_SPANS)
    def advance(self, seconds: int) -> None:
        """Let time pass."""
        self.visit.advance(timedelta(seconds=seconds))
        self.look()

    def chosen(self, pick: int) -> str:
        """Return the id of one of what was made."""
        known = [*self.visit.ledger.made]
        return known[pick % len(known)]

    def look(self) -> None:
        """Fail when a rule is broken."""
        broken = self.visit.tally.first
        assert not broken, ", ".join(broken)


def run_machine(visit: Visit, examples: int, steps: int) -> None:
    """Play histories; what breaks a rule is shrunk, and the smallest is kept in the visit's tally."""
    whole, ledger, played = visit.tally, visit.ledger, []  # type: ignore[var-annotated]
    machine = type("Histories", (Histories,), {"visit": visit, "moves": MOVES[visit.book.provider], "played": played})
    quiet = settings(
        max_examples=examples, stateful_step_count=steps, database=None, deadline=None, verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink), print_blob=False,
    )  # fmt: skip
    try:
        run_state_machine_as_test(seed(visit.seed)(machine), settings=quiet)
    except (AssertionError, Flaky):
        pass  # the tallies tell
    finally:
        visit.tally, visit.ledger = whole, ledger
        for tally in played:
            whole.add(tally)
