"""One run: a target, a plan, and the verdict."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from contratempo.conformance.book import DEFAULT_PROFILE, Flavour, UnknownProfile, open_book
from contratempo.conformance.corpus import read_conversations, replay
from contratempo.conformance.guard.adapt import Adaptation
from contratempo.conformance.guard.permit import Permit
from contratempo.conformance.guard.running import Guarded, Protection, guarded
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.plane import Plane, PlaneError
from contratempo.conformance.probes import PLANS, Probe
from contratempo.conformance.receiver import Receiver
from contratempo.conformance.rule import LEVELS, Level, Rule
from contratempo.conformance.rules import RULES
from contratempo.conformance.surroundings import pause, stopwatch, unheard_of, wall
from contratempo.conformance.tally import Tally
from contratempo.conformance.target import Target
from contratempo.conformance.verdict import RuleResult, State, Verdict, result_of
from contratempo.conformance.visit import Hearing, Visit
from contratempo.conformance.vocabulary import VOCABULARIES
from contratempo.conformance.wire import Unreachable

_TRIED_FIRST: Final = {
    "telnyx_assistants": ("GET", "/ai/assistants/{}/scheduled_events"),
    "telnyx_messages": ("POST", "/messages/schedule"),
    "temphone": ("POST", "/calls/scheduled"),
}


_HISTORIES: Final = 30
_STEPS: Final = 25


class NeedsPermission(Exception):
    """The target has no control plane, and nobody said that it may be written to."""


class CouldNotTest(Exception):
    """The target cannot be tested, for the reason given."""


def conform(
    target: Target,
    *,
    provider: str,
    contract: Flavour = "effective",
    quick: bool = False,
    level: Level = "full",
    seed: int = 1,
    fuzz: int = 0,
    allow_writes: bool = True,
    profile: str | None = None,
    going: Guarded | None = None,
    heard: Hearing | None = None,
    untold: str | None = None,
    fit_for: Permit | None = None,
) -> Verdict:
    """Hold a target to a provider's contract and return the verdict.

    The effective contract is that of `profile`; without one, of the profile that the target's control plane tells.
    `quick` leaves out all but the fixed plan; `fuzz` is how many cases schemathesis makes of each operation besides.
    `going` is the guard before a real deployment: see `conform_real`. `heard` is told of each exchange: see `Visit`.
    `untold` is the profile where none is asked for and no control plane tells one. With `fit_for` the requests are
    changed as they are for a real deployment where that is permitted, although nothing guards this one.
    """
    started = stopwatch()
    tally = Tally(tuple(rule for rule in RULES.values() if _in_force(rule, provider, contract)))
    visit: Visit | None = None
    error = ""
    notes: list[str] = []
    inputs: list[str] = []
    try:
        with visiting(target, provider, contract, level, seed, tally, profile, untold) as visit:
            visit.heard = heard
            if fit_for is not None:
                visit.adapt = Adaptation(fit_for, visit.book, visit.at, "conform")
                visit.assistant = next(iter(fit_for.assistants), visit.assistant)
            if going is not None:
                visit.adapt, visit.withheld = going.adapt, going.withheld
                visit.assistant = next(iter(going.guard.gate.permit.assistants), visit.assistant)
            _greet(visit)
            if visit.plane is None and level != "read" and not allow_writes:
                raise NeedsPermission(_without_plane(target.url, visit))
            if target.app is None and not visit.token.strip():
                raise CouldNotTest(f"there is no token for {target.url}: set CONTRATEMPO_TOKEN to one that it knows")
            _knock(visit)
            for each in plan(provider, contract, level, visit.plane is not None):
                visit.begin(each.name)
                each.run(visit)
            if not quick and level == "full":
                notes += _beyond(visit)
            if fuzz and level == "full":
                notes += _fuzzed(visit, fuzz)
    except (Unreachable, CouldNotTest, PlaneError, UnknownProfile) as failure:
        error = str(failure)
    plane = visit.plane if visit else None
    results = {
        rule.id: result_of(rule, tally, *_out_of_reach(rule, provider, contract, level, plane), real=target.real)
        for rule in RULES.values()
        if provider in rule.providers
    }
    if going is not None and going.withheld:
        results = {name: _unsent(result) for name, result in results.items()}
    if going is not None and going.guard.dead:
        error = error or going.guard.dead
    return Verdict(
        provider,
        contract,
        target.url or "an app of this process",
        seed,
        level,
        results,
        requests=visit.requests if visit else 0,
        seconds=stopwatch() - started,
        notes=(*notes, *(visit.left if visit else ())),
        error=error,
        inputs=tuple(inputs),
        profile=visit.profile if visit else "",
    )


def conform_real(target: Target, protection: Protection, *, provider: str, **wish: Any) -> Verdict:
    """Hold a real deployment to a provider's contract: the guard stands before it, and what is created is removed."""
    with guarded(target, provider, protection) as going:
        verdict = conform(going.target, provider=provider, going=going, **(wish | {"allow_writes": True}))
    return replace(verdict, notes=(*verdict.notes, *going.notes))


def plan(provider: str, contract: Flavour, level: Level, controlled: bool) -> Iterator[Probe]:
    """Yield the probes of a run, in order."""
    for probe in PLANS[provider]:
        fits = contract == "effective" or probe.contract == "vendored"
        if fits and LEVELS.index(probe.level) <= LEVELS.index(level) and (controlled or not probe.needs):
            yield probe


def _beyond(visit: Visit) -> list[str]:
    """Replay what was recorded, and play histories that nobody listed; say what could not be done."""
    for name, conversation in read_conversations(visit.book.provider):
        if conversation["contract"] == "vendored" or visit.book.flavour == "effective":
            visit.begin(f"recorded: {name}")
            replay(visit, conversation)
    try:
        from contratempo.conformance.machine import run_machine  # hypothesis is an extra
    except ModuleNotFoundError as missing:
        return [f"no histories were made up: {missing.name} is not installed (pip install 'contratempo[test]')"]
    run_machine(visit, _HISTORIES, _STEPS)
    return []


def _fuzzed(visit: Visit, cases: int) -> list[str]:
    try:
        from contratempo.conformance.fuzz import run_fuzz  # schemathesis is an extra
    except ModuleNotFoundError as missing:
        return [f"nothing was fuzzed: {missing.name} is not installed (pip install 'contratempo[test]')"]
    run_fuzz(visit, cases)
    return []


@contextmanager
def visiting(
    target: Target,
    provider: str,
    contract: Flavour,
    level: Level,
    seed: int,
    tally: Tally,
    profile: str | None = None,
    untold: str | None = None,
) -> Iterator[Visit]:
    """Visit a target: in a world of its own where there is a control plane, with a receiver of webhooks then."""
    book = open_book(provider, contract, profile or untold or DEFAULT_PROFILE)
    with ExitStack() as stack:
        wire = target.wire()
        stack.callback(wire.close)
        base = book.contract.base
        plane = None if target.real else target.plane(wire, base)
        ledger = Ledger(book, VOCABULARIES[provider], real=target.real)
        visit = Visit(
            wire,
            target.prefix(base),
            target.token,
            book,
            ledger,
            tally,
            wall,
            pause,
            seed=seed,
            level=level,
            plane=plane,
            assistant=target.assistant,
            profile=profile or "",
        )
        if plane is None:
            visit.nonce = f"-{int(wall().timestamp() * 1000):x}"
        else:
            _enter(visit, plane, stack, profile)
        ledger.token = visit.token
        yield visit


def _enter(visit: Visit, plane: Plane, stack: ExitStack, profile: str | None) -> None:
    stack.callback(lambda: visit.left.extend(plane.leave()))
    visit.now = plane.enter(f"conform-{unheard_of()}", visit.seed, profile)
    visit.profile = profile or plane.profile() or ""
    if visit.profile:
        visit.book = visit.ledger.book = open_book(visit.book.provider, visit.book.flavour, visit.profile)
    visit.token = plane.api_key
    visit.ledger.public_key = plane.public_key()
    visit.receiver = Receiver(lambda: wall().timestamp())
    visit.ledger.receiver = visit.receiver.url
    stack.callback(visit.receiver.close)


_HINT: Final = {"POST": "", "GET": ", and in CONTRATEMPO_ASSISTANT an assistant that is there"}


def _greet(visit: Visit) -> None:
    """See that it is HTTP that is spoken there."""
    answers = [visit.wire.send("GET", place, {}, b"") for place in (visit.prefix or "/", "/")]
    if all(answer.status == 0 for answer in answers):
        said = answers[0].content[:200].decode("utf-8", "replace")
        raise CouldNotTest(f"{visit.wire.origin} gives no answer that is HTTP: {said}")


def _without_plane(url: str, visit: Visit) -> str:
    base = visit.book.contract.base
    elsewhere = (
        "" if visit.prefix.endswith(base) else f" (it is looked for beside {base}, in which the URL does not end)"
    )
    return (
        f"{url} has no control plane{elsewhere}, so nothing keeps its records apart: --allow-writes lets this write"
        " there, --level read only reads"
    )


def _knock(visit: Visit) -> None:
    """See that somebody answers and that the token is good, without the rules judging."""
    method, path = _TRIED_FIRST[visit.book.provider]
    if visit.level == "read" and method != "GET":
        return
    place = path.format(quote(visit.assistant, safe=""))
    headers = {"authorization": f"Bearer {visit.token}", "content-type": "application/json"}
    body = b"{}" if method == "POST" else b""
    answer = visit.wire.send(method, visit.prefix + place, headers, body)
    if answer.status == 401:
        raise CouldNotTest(
            f"{visit.wire.origin}{visit.prefix} refuses the token: set CONTRATEMPO_TOKEN to one that it knows"
        )
    if answer.status == 404 and method == "GET" and visit.level != "read":
        answer = visit.wire.send("POST", visit.prefix + place, headers, b"{}")
    if answer.status == 404:
        raise CouldNotTest(
            f"there is no {path} below {visit.wire.origin}{visit.prefix}: give the provider's base URL{_HINT[method]}"
        )


def _unsent(result: RuleResult) -> RuleResult:
    """What the guard may have kept back is not testable, rather than forgotten."""
    if result.state != "vacuous":
        return result
    return RuleResult(result.rule, "not_testable", reason="the guard sent nothing that had to do with it")


def _in_force(rule: Rule, provider: str, contract: Flavour) -> bool:
    return provider in rule.providers and (contract == "effective" or rule.contract == "vendored")


def _out_of_reach(rule: Rule, provider: str, contract: Flavour, level: Level, plane: Plane | None) -> tuple[str, State]:
    if not _in_force(rule, provider, contract):
        return "it belongs to the effective contract", "off"
    if LEVELS.index(rule.level) > LEVELS.index(level):
        return f"it needs level {rule.level}", "off"
    if rule.need and plane is None:
        return "the target has no control plane: its clock is its own", "not_testable"
    return "", "pass"
