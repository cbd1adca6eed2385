"""What is said while it goes by: a line for each rule that is broken, until it has been said often enough."""

from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Final

from contratempo.conformance.exchange import Exchange
from contratempo.conformance.proxy.watch import Finding
from contratempo.conformance.verdict import broken_as
from contratempo.plaintext import plain_text

_OFTEN: Final = 5
_LONGEST: Final = 300
_WORDS: Final = {"fail": "BROKEN", "warn": "warning"}


class Telling:
    """Says lines, whole ones and one at a time, whichever threads they come from."""

    def __init__(self, say: Callable[[str], None], *, real: bool) -> None:
        self._say, self._real = say, real
        self._lock, self._said = Lock(), Counter[str]()

    def broken(self, x: Exchange, finding: Finding) -> None:
        """Say that an exchange breaks a rule, unless that was said often enough."""
        name = finding.rule.id
        with self._lock:
            self._said[name] += 1
            if self._said[name] > _OFTEN:
                return
            word = _WORDS[broken_as(finding.rule, real=self._real)]
            where = f"{x.operation or 'no operation'}, {x.method} {x.path} {x.status or 'without an answer'}"
            self._line(f"{word}: {name}: {where}: {finding.message}")
            if self._said[name] == _OFTEN:
                self._line(f"{name} is only counted from here on")

    def own(self, status: int, what: str) -> None:
        """Say that the proxy itself answered."""
        with self._lock:
            self._line(f"answered {status} itself: {what}")

    def _line(self, text: str) -> None:
        shown = plain_text(text)
        self._say(shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 4]} ...")
