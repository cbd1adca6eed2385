"""The proxy: each request goes to one deployment as it came, each answer back, judged, with what it breaks named."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from contratempo.conformance.book import DEFAULT_PROFILE, Flavour, open_book
from contratempo.conformance.door import Asked, Refused, Reply, printable
from contratempo.conformance.exchange import Auth, Exchange, read_json
from contratempo.conformance.har import NEVER_TOLD
from contratempo.conformance.proxy.clock import WORLD, Clock, Reading
from contratempo.conformance.proxy.hiding import REDACTED, Hiding, Redactor
from contratempo.conformance.proxy.passing import PROXY, below, check_host, joined, passed_back, passed_on, readable
from contratempo.conformance.proxy.recording import Recording
from contratempo.conformance.proxy.telling import Telling
from contratempo.conformance.proxy.upstream import BrokenOff, Passed, TooLate, TooLong, Upstream
from contratempo.conformance.proxy.watch import Finding, Flight, Watch
from contratempo.conformance.rule import Rule
from contratempo.conformance.rules import MADE_BY_NOBODY, RULES
from contratempo.conformance.surroundings import stopwatch, wall
from contratempo.conformance.target import is_loopback
from contratempo.conformance.verdict import State, Verdict, broken_as, result_of
from contratempo.conformance.visit import read_exchange
from contratempo.conformance.wire import Unreachable

_UNMOVED: Final = "a proxy moves no clock and receives no webhooks"
_UNSEEN: Final = "what was made before, or beside it, a proxy has not seen"


@dataclass(frozen=True)
class Between:
    """Where a proxy stands: before the deployment at `url`, whose contract is that of `provider`.

    `real` says that it is no mock: then guesses of ours warn. `hosts` are names that it answers to, besides loopback.
    """

    url: str
    provider: str
    contract: Flavour = "effective"
    profile: str | None = None
    real: bool = False
    hosts: tuple[str, ...] = ()
    patience: float = 30.0

    @property
    def origin(self) -> str:
        """Return where everything goes."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def prefix(self) -> str:
        """Return the path that everything lies below."""
        return urlsplit(self.url).path.rstrip("/")


class Proxy:
    """Answers from any thread; `verdict` is what all of it comes to."""

    def __init__(
        self,
        place: Between,
        redactor: Callable[[Iterable[str]], Redactor],
        tell: Callable[[str], None],
        recording: Recording | None = None,
    ) -> None:
        self._place, self._recording = place, recording
        near = is_loopback(urlsplit(place.url).hostname or "")
        self._upstream = Upstream(place.origin, stopwatch, near=near, patience=place.patience)
        base = open_book(place.provider, place.contract).contract.base
        mock = near and not place.real and place.prefix.endswith(base)
        control = f"{place.prefix.removesuffix(base)}/_mock" if mock else None
        self._clock = Clock(self._upstream, control)
        self._book = open_book(place.provider, place.contract, place.profile or self._profile(control))
        self._rules = [rule for rule in RULES.values() if place.provider in rule.providers]
        self._watch = Watch(self._book, [rule for rule in self._rules if not self._off(rule)[0]], stopwatch)
        self._hiding = Hiding(redactor)
        self._telling = Telling(lambda text: tell(self._hiding.text(text)), real=place.real)
        self._lock, self._notes, self._dead, self._started = Lock(), Counter[str](), "", stopwatch()

    def _profile(self, control: str | None) -> str:
        try:
            asks = control and self._place.contract == "effective"
            answer = self._upstream.send("GET", f"{control}/contracts", (), b"") if asks else None
        except (Unreachable, BrokenOff, TooLate, TooLong):
            answer = None
        told = read_json(answer.content) if answer else None
        return str(told["profile"]) if isinstance(told, dict) and "profile" in told else DEFAULT_PROFILE

    def answer(self, asked: Asked) -> Reply:
        """Pass a request on and its answer back; Refused for what is not passed on, or has no answer."""
        check_host(asked, self._place.hosts)
        path, query = below(asked.target, self._place.prefix)
        fields = joined(asked.headers)
        judged = asked.method != "OPTIONS" and bool(self._book.find(asked.method, path)[2])
        reading = self._clock.read(fields) if judged else None
        whose = tuple(fields.get(name, "") for name in WORLD)
        with self._watch.flight(whose, whose[0].partition(" ")[2], reading) as flight:
            trip = Trip(asked, path, query, fields, wall(), reading, flight)
            passed, refused = self._passed(asked)
            found = self._seen(trip, passed, judged=judged)
        if refused:
            raise refused
        broken = [each.rule.id for each in found if broken_as(each.rule, real=self._place.real) == "fail"]
        return Reply(passed.status, passed_back(passed.headers, broken), passed.content)

    def _passed(self, asked: Asked) -> tuple[Passed, Refused | None]:
        """Return what came of a request; where no whole answer came, also what is told instead."""
        try:
            return self._upstream.send(asked.method, asked.target, passed_on(asked), asked.body), None
        except Unreachable as error:
            self._dead = str(error)
            raise Refused(f"unreachable: {error}", 502) from error
        except TooLong as error:
            raise Refused(f"too long: {error}", 502) from error
        except TooLate as error:
            return Passed(0, (), str(error).encode(), self._place.patience), Refused(f"late: {error}", 504)
        except BrokenOff as error:
            return Passed(0, (), str(error).encode(), 0.0), Refused(f"broken off: {error}", 502)

    def _seen(self, trip: "Trip", passed: Passed, *, judged: bool) -> list[Finding]:
        """Judge, record and tell; what goes wrong in here is ours, and keeps no answer back."""
        found: list[Finding] = []
        try:
            content = readable(passed.content, passed.headers)
            self._hiding.learn(trip.fields.get("authorization", ""), refused=passed.status == 401)
            x = self._exchange(trip, passed, content or b"")
            if not judged or content is None:
                self._note("not judged: a path or coding that is none of the document's")
            else:
                found = self._watch.judge(trip.flight, x)
            if self._recording and passed.status:
                self._recording.add(self._hiding.exchange(x), trip.began)
                if self._recording.full:
                    self._note("not recorded: the HAR is as large as may be")
            for each in found:
                self._telling.broken(x, each)
        except Exception as error:
            self._note(f"not judged, by a fault of contratempo: {type(error).__name__}: {error}"[:200])
        return found

    def _exchange(self, trip: "Trip", passed: Passed, content: bytes) -> Exchange:
        auth = _auth(trip.asked, passed.status)
        headers = {
            name: value
            for name, value in trip.fields.items()
            if name not in NEVER_TOLD or (auth == "malformed" and name == "authorization")
        }
        if auth == "malformed":
            scheme, _, rest = headers["authorization"].partition(" ")
            headers["authorization"] = f"{scheme} {REDACTED}" if rest else scheme if scheme == "Bearer" else REDACTED
        return read_exchange(
            self._book,
            method=trip.asked.method,
            path=trip.path,
            query=trip.query,
            auth=auth,
            headers=headers,
            sent_bytes=trip.asked.body,
            status=passed.status,
            answer_headers=joined(passed.headers),
            content=content,
            elapsed=passed.elapsed,
            now=None,
            wall=trip.reading.now if trip.reading else trip.began,
            exclusive=False,
            url=self._place.origin + self._place.prefix,
        )

    def refuse(self, refused: Refused) -> Reply:
        """Return the answer that is the proxy's own, which says so."""
        reason = self._hiding.text(refused.reason)
        self._note(f"answered by the proxy itself: {reason.partition(':')[0]}")
        self._telling.own(refused.status, reason)
        fields = ((PROXY, printable(reason)), ("content-type", "text/plain; charset=utf-8"))
        return Reply(refused.status, fields, f"contratempo proxy: {reason}\n".encode("utf-8", "replace"))

    def _note(self, what: str) -> None:
        with self._lock:
            self._notes[what] += 1

    def _off(self, rule: Rule) -> tuple[str, State]:
        if self._place.contract == "vendored" and rule.contract == "effective":
            return "it belongs to the effective contract", "off"
        if rule.id in MADE_BY_NOBODY:
            return _UNSEEN, "not_testable"
        return (_UNMOVED, "not_testable") if rule.need else ("", "pass")

    def verdict(self) -> Verdict:
        """Return what became of each rule until now, without secrets."""
        results = {
            rule.id: result_of(rule, self._watch.tally, *self._off(rule), real=self._place.real) for rule in self._rules
        }
        where = f"a path of {self._place.provider} below {self._place.prefix or '/'}"
        verdict = Verdict(
            self._place.provider,
            self._place.contract,
            self._place.url,
            0,
            "proxied",
            results,
            requests=self._watch.seen,
            seconds=stopwatch() - self._started,
            notes=tuple(f"{number} {what}" for what, number in sorted(self._notes.items())),
            error="" if self._watch.seen else self._dead or f"nothing was sent to {where}",
        )
        return self._hiding.verdict(verdict)

    def close(self) -> None:
        """Let go of the deployment."""
        self._upstream.close()


@dataclass(frozen=True)
class Trip:
    """A request on its way: where to, when it began, and what the deployment's clock showed."""

    asked: Asked
    path: str
    query: str
    fields: Mapping[str, str]
    began: datetime
    reading: Reading | None
    flight: Flight


def _auth(asked: Asked, status: int) -> Auth:
    """Whose token is good only the answer tells."""
    sent = [value for name, value in asked.headers if name == "authorization"]
    if not sent:
        return "none"
    scheme, _, token = sent[0].partition(" ")
    if len(sent) > 1 or scheme.lower() != "bearer" or not token.strip():
        return "malformed"
    return "unknown" if status == 401 else "good"
