"""FLOOR 2: what a provider is, what comes to it and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, Final, Protocol, TypeAlias

import msgspec

from contratempo.contract.source import load
from contratempo.contract.violation import Violation
from contratempo.data import data_root
from contratempo.sim.idempotency import KeyReused
from contratempo.sim.ids import digest
from contratempo.sim.lifecycle import Lifecycle
from contratempo.sim.outcomes import MagicTarget
from contratempo.sim.records import Kind
from contratempo.sim.rules import Rule
from contratempo.sim.simulation import Simulation
from contratempo.sim.timers import Timer
from contratempo.sim.webhooks import Delivery

Json: TypeAlias = Any


@dataclass(frozen=True)
class Request:
    """A valid request: `query` is cast and has its defaults, `headers` are the declared ones by lower-case name.

    `caller` is a digest of the bearer token: enough to tell callers apart, not to be one. Only operations of the server
    itself, which are no commands, see the body's bytes (`raw`) and every header as it came (`sent`).
    """

    operation: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Json] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    caller: str = ""
    raw: bytes = b""
    sent: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, command: Mapping[str, Json]) -> "Request":
        """Return the request that a command has, in a tenth of the time that a frozen dataclass takes."""
        request = object.__new__(cls)
        vars(request).update({"path": {}, "query": {}, "headers": {}, **command})
        return request


class Stream(Protocol):
    """An answer that is sent as it comes about."""

    async def send(self, headers: Mapping[str, str], scope: Any, receive: Any, send: Any) -> None:
        """Answer an ASGI request, and return when there is no more to send or nobody to take it."""


@dataclass(frozen=True, init=False)
class Response:
    """An answer: `body` None has no content; `trace` says why it is this one (`X-Mock-Trace`).

    For the journal: `resource` is the id of the record it is about, `violations` what was wrong with the request,
    `rule` the rule that refused it and `hint` what to do then. A `stream` is what is sent in place of the body.
    """

    status: int
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    trace: tuple[str, ...] = ()
    media_type: str = "application/json"
    resource: str | None = None
    violations: tuple[Violation, ...] = ()
    rule: str | None = None
    hint: str | None = None
    stream: Stream | None = None

    def __init__(
        self,
        status: int,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
        trace: tuple[str, ...] = (),
        media_type: str = "application/json",
        resource: str | None = None,
        violations: tuple[Violation, ...] = (),
        rule: str | None = None,
        hint: str | None = None,
        stream: Stream | None = None,
    ) -> None:
        """Take what dataclasses would take, in a third of the time: there is one for each request."""
        vars(self).update(
            status=status, body=body, headers={} if headers is None else headers, trace=trace, media_type=media_type,
            resource=resource, violations=violations, rule=rule, hint=hint, stream=stream,
        )  # fmt: skip

    def but(self, **changes: Any) -> "Response":
        """Return the answer with other members, in a fraction of the time that `dataclasses.replace` takes."""
        made = object.__new__(Response)
        vars(made).update(vars(self), **changes)
        return made


@dataclass(frozen=True, init=False)
class Problem:
    """Why a call is refused (RFC 9457's word); the provider says it in its vendor's style.

    `kind` is one of KINDS. `code` and `pointer` are the vendor's, where it has such. `rule` names the rule that
    refused; `hint` is what to do next, kept apart because some vendors' texts are fixed to the letter.
    """

    kind: str
    detail: str = ""
    violations: tuple[Violation, ...] = ()
    status: int | None = None
    code: str | None = None
    pointer: str | None = None
    rule: str | None = None
    hint: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __init__(
        self,
        kind: str,
        detail: str = "",
        violations: tuple[Violation, ...] = (),
        status: int | None = None,
        code: str | None = None,
        pointer: str | None = None,
        rule: str | None = None,
        hint: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Take what dataclasses would take, in a third of the time."""
        vars(self).update(
            kind=kind, detail=detail, violations=violations, status=status, code=code, pointer=pointer, rule=rule,
            hint=hint, headers={} if headers is None else headers,
        )  # fmt: skip


KINDS: Final = (
    "invalid", "unauthorized", "forbidden", "not-found", "no-route", "method", "too-large", "conflict", "rate-limited",
    "timeout", "rule", "internal",
)  # fmt: skip


class Refusal(Exception):
    """Raised by an operation that refuses: nothing has happened."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


Operation: TypeAlias = Callable[[Simulation, Request], Response]
Firing: TypeAlias = Callable[[Simulation, Timer], None]
Earlier: TypeAlias = Callable[[Simulation, Json, Sequence[Violation]], Problem | None]
Sign: TypeAlias = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Hooks:
    """How a vendor's webhooks look on the wire.

    `body(delivery)` is the whole JSON of one attempt; `headers(sign, timestamp, body)` are the vendor's, where `sign`
    makes an Ed25519 signature of 64 bytes, `timestamp` is the wall clock's in seconds, and `body` the bytes sent. Those
    of a vendor who is not `signed` make none. `events` are the names of what it sends.
    """

    body: Callable[[Delivery], Json]
    headers: Callable[[Sign, int, bytes], Mapping[str, str]]
    events: tuple[str, ...] = ()
    signed: bool = True


@dataclass(frozen=True)
class Provider:
    """One vendor's API: its documents, and functions for what they leave to behaviour.

    `documents` are paths below the specs folder, fragments of one OpenAPI document. `operations` are by operationId;
    one without a function answers an example. `timers` are by timer kind. `refuse(problem)` says a refusal in the
    vendor's style. `error_schema` is the pointer of the schema that answers outside any operation are held to.
    `webhooks` says how its webhooks look, for a provider that emits any. One that is `bare` is a document (named by its
    absolute path) and nothing else: its answers, refusals and credentials are as the document has them. `attempted` are
    the operations whose records are attempted, which scripts may name; if it says none, any of its operations may be.
    `earlier(simulation, body, violations)` is the problem, if any, that the vendor tells of before what breaks the
    document: for one who looks at fields in an order of its own.
    """

    name: str
    title: str
    documents: tuple[str, ...]
    operations: Mapping[str, Operation]
    refuse: Callable[[Problem], Response]
    error_schema: str
    timers: Mapping[str, Firing] = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    environment: str = ""
    webhooks: Hooks | None = None
    bare: bool = False
    attempted: frozenset[str] = frozenset()
    earlier: Earlier | None = None

    def call(self, simulation: Simulation, operation: str, request: dict[str, Json]) -> Response:
        """Do an operation on a world; Refusal when the world stays as it is."""
        return self.operations[operation](simulation, Request.of(request))

    def fire(self, simulation: Simulation, timer: Timer) -> None:
        """Do what a timer is for."""
        self.timers[timer.kind](simulation, timer)


@dataclass(frozen=True)
class RuleFile:
    """One provider's data file: its rules by full name, its lifecycles by kind and field, and its other tables."""

    rules: Mapping[str, Rule]
    lifecycles: Mapping[str, Mapping[str, Lifecycle]]
    tables: Mapping[str, Json]


def once(
    simulation: Simulation,
    request: Request,
    act: Operation,
    *,
    reused: Callable[[], Refusal | None],
    forgotten: Callable[[Json], bool],
) -> Response:
    """Act, or give the answer kept for the same `Idempotency-Key`, operation, path and caller.

    Only answers that succeed are kept. `reused()` is the refusal of a key that came with another request, None to act
    afresh; `forgotten(body)` says that what a kept answer shows is gone, and it is of no use.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return act(simulation, request)
    scope = digest(key, request.operation, *request.path.values(), request.caller).hex()
    fingerprint = digest(msgspec.json.encode(request.body, order="deterministic").decode()).hex()
    kept = None
    try:
        kept = simulation.idempotency.recall(scope, fingerprint, simulation.now)
    except KeyReused:
        if (refusal := reused()) is not None:
            raise refusal from None
    if kept is not None and not forgotten(kept["body"]):
        return Response(**kept, trace=("Idempotency-Key replayed",))
    response = act(simulation, request)
    answer = {"status": response.status, "body": response.body, "resource": response.resource}
    simulation.idempotency.keep(scope, fingerprint, answer, simulation.now)
    return response


def read_rules(name: str) -> RuleFile:
    """Return `specs/rules/NAME.yaml`; DocumentError when it cannot be read."""
    tree = load(data_root("specs") / "rules" / f"{name}.yaml")
    rules = {f"{name}.{rule}": _rule(f"{name}.{rule}", entry) for rule, entry in tree.get("rules", {}).items()}
    lifecycles = {
        kind: {field_: Lifecycle.load(f"{kind}.{field_}", table) for field_, table in fields.items()}
        for kind, fields in tree.get("lifecycles", {}).items()
    }
    return RuleFile(rules, lifecycles, tree.get("tables", {}))


def _rule(name: str, entry: Mapping[str, Json]) -> Rule:
    values = entry.get("values")
    return Rule(
        name, values=None if values is None else tuple(values), **{k: v for k, v in entry.items() if k != "values"}
    )


def installed_providers() -> dict[str, Provider]:
    """Return every provider that is installed, by name: ours come through the same entry point as third parties'."""
    points = entry_points(group="contratempo.providers")
    return {point.name: point.load() for point in sorted(points, key=lambda point: point.name)}


def magic_targets() -> dict[str, MagicTarget]:
    """Return the table of magic targets by their last four digits (`specs/outcomes.yaml`)."""
    table = load(data_root("specs") / "outcomes.yaml")["magic"]
    return {digits: MagicTarget(digits, tuple(row["outcomes"]), row["summary"]) for digits, row in table.items()}
