"""The verdict for people: what is broken first, with a command that shows it, then what was seen and what was not."""

from collections.abc import Callable, Iterator
from typing import Final

from contratempo.conformance.rule import SOURCES
from contratempo.conformance.verdict import RuleResult, State, Verdict
from contratempo.plaintext import plain_text

_WORDS: Final[dict[State, str]] = {
    "pass": "kept",
    "fail": "broken",
    "warn": "to look at",
    "vacuous": "never exercised",
    "not_testable": "not testable here",
    "off": "off",
}
_LONGEST: Final = 900


def summary(verdict: Verdict, strong: Callable[[str], str] = str, *, brief: bool = False) -> str:
    """Return the verdict as text; what a deployment sent moves no cursor and forges no line of it.

    A `brief` one does not list what was never exercised.
    """
    return "\n".join(_lines(verdict, strong, brief))


def _lines(verdict: Verdict, strong: Callable[[str], str], brief: bool) -> Iterator[str]:
    how = f"{verdict.contract} contract, level {verdict.level}, seed {verdict.seed}"
    yield f"{verdict.target} as {verdict.provider}, {how}"
    broken: tuple[State, ...] = ("fail", "warn")
    for state in broken:
        for result in verdict.rules.values():
            if result.state == state:
                yield from _broken(result, strong)
    for result in verdict.rules.values():
        if result.state == "vacuous" and not (verdict.error or brief):
            yield f"never exercised: {result.rule.id}: {result.rule.says}"
    yield from (f"note: {plain_text(note)}" for note in verdict.notes)
    reasons = {result.reason for result in verdict.rules.values() if result.state == "not_testable"}
    yield from (f"not testable: {plain_text(reason)}" for reason in sorted(reasons))
    counts = [f"{verdict.count(state)} {word}" for state, word in _WORDS.items() if verdict.count(state)]
    yield strong(
        f"{verdict.requests} requests in {verdict.seconds:.1f} s; of {len(verdict.rules)} rules {', '.join(counts)}"
    )
    if verdict.error:
        yield strong(f"could not test: {plain_text(verdict.error)}")


def _broken(result: RuleResult, strong: Callable[[str], str]) -> Iterator[str]:
    rule, first = result.rule, result.first
    assert first is not None
    yield strong(f"{'BROKEN' if result.state == 'fail' else 'warning'}: {rule.id}: {rule.says}")
    yield f"  by {SOURCES[rule.source]}; {result.failures} of {result.exercised} times, first at {first.probe!r}:"
    yield f"  {plain_text(first.message)}"
    curl = plain_text(first.curl, keep="\n")
    yield f"  {curl[:_LONGEST]}{' ...' if len(curl) > _LONGEST else ''}"
