"""Secrets out of what is written down: every token that came by, and what looks or is named like one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from threading import Lock
from typing import Any, Final, Protocol

from contratempo.conformance.exchange import BROKEN, Exchange, Observation, read_json
from contratempo.conformance.tally import Failure
from contratempo.conformance.verdict import RuleResult, Verdict

REDACTED: Final = "[REDACTED]"
_MOST: Final = 1_000
_PUBLIC: Final = frozenset({"idempotency-key", "content-type", "content-length", "accept", "date"})
_NAMES: Final = ("authorization", "cookie", "key", "token", "secret", "signature", "password", "credential")


class Redactor(Protocol):
    """Takes the secrets that it was made with, and others by their form or name, out of what is shown."""

    def text(self, text: str) -> str:
        """Return a text without secrets."""

    def path(self, path: str) -> str:
        """Return a path without secrets."""

    def query(self, query: str) -> str:
        """Return a query without secrets."""

    def json(self, body: bytes) -> bytes:
        """Return JSON without secrets."""


class Hiding:
    """Knows the tokens that came by; of those that the deployment refuses no more than so many."""

    def __init__(self, redactor: Callable[[Iterable[str]], Redactor]) -> None:
        self._make = redactor
        self._lock, self._tokens = Lock(), dict[str, None]()
        self._clean = redactor(())

    def learn(self, credentials: str, *, refused: bool) -> None:
        """Take down what must not be shown: credentials as they came, and what follows their scheme."""
        with self._lock:
            if credentials in self._tokens or (refused and len(self._tokens) > _MOST):
                return
            self._tokens |= dict.fromkeys((credentials, credentials.partition(" ")[2]))
            self._clean = self._make(tuple(self._tokens))

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        return self._clean.text(text)

    def header(self, name: str, value: str) -> str:
        """Return a header's value without secrets; of credentials the scheme is kept."""
        if name not in _PUBLIC and any(word in name for word in _NAMES):
            scheme, _, rest = value.partition(" ")
            return f"{scheme} {REDACTED}" if name == "authorization" and rest else REDACTED
        return self.text(value)

    def exchange(self, x: Exchange) -> Exchange:
        """Return an exchange without secrets, as fit to be shown as it was to be judged."""
        sent, content = self.body(x.sent_bytes), self.body(x.content)
        return replace(
            x,
            path=self._clean.path(x.path),
            query=self._clean.query(x.query),
            headers={name: self.header(name, value) for name, value in x.headers.items()},
            answer_headers={name: self.header(name, value) for name, value in x.answer_headers.items()},
            sent_bytes=sent,
            sent=read_json(sent),
            content=content,
            json=read_json(content),
        )

    def body(self, content: bytes) -> bytes:
        """Return a body without secrets."""
        if not content:
            return content
        if read_json(content) is not BROKEN:
            return self._clean.json(content)
        text = content.decode("utf-8", "surrogateescape")
        shown = self._clean.text(text)
        return content if shown == text else shown.encode("utf-8", "surrogateescape")

    def verdict(self, verdict: Verdict) -> Verdict:
        """Return a verdict without secrets."""
        rules = {name: self._result(each) for name, each in verdict.rules.items()}
        return replace(verdict, rules=rules, target=self.text(verdict.target))

    def _result(self, result: RuleResult) -> RuleResult:
        first = result.first
        if first is None:
            return result
        shown = Failure(
            self.text(first.message), first.probe, self._observation(first.seen), tuple(self._all(first.after))
        )
        return replace(result, first=shown)

    def _all(self, seen: Iterable[Observation]) -> Iterator[Observation]:
        return map(self._observation, seen)

    def _observation(self, seen: Any) -> Any:
        return self.exchange(seen) if isinstance(seen, Exchange) else seen
