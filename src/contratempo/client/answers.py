"""What the control plane answers, as frozen dataclasses; instants are aware UTC datetimes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

import msgspec

Json: TypeAlias = Any
T = TypeVar("T")


def read(kind: type[T], body: Json) -> T:
    """Return an answer as `kind`; members that it does not name are left out, so that a newer server is understood."""
    return msgspec.convert(body, kind)


def read_all(kind: type[T], rows: list[Json]) -> tuple[T, ...]:
    """Return the rows of an answer as `kind`."""
    return tuple(read(kind, row) for row in rows)


@dataclass(frozen=True)
class ClockState:
    """A clock: `mode` is `frozen` or `running`, `rate` seconds of the world for each real one."""

    now: datetime
    mode: str
    rate: float
    next_due: datetime | None
    head: int


@dataclass(frozen=True)
class Transition:
    """A change of a record's status, or with kind `call` of its call status.

    `was` is None when the record came to be, `to` when it is gone. `state` is `fired`, or `planned` for
    what is to come.
    """

    at: datetime
    provider: str
    resource: str
    was: str | None
    to: str | None
    cause: str
    kind: str
    state: str
    attempt: int | None = None


def text_of(moment: datetime) -> str:
    """Return an instant as it is sent; one without an offset is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")


def renamed(rows: list[Json]) -> list[Json]:
    """Call `was` what the wire calls `from`, which is no name in Python."""
    return [{**row, "was": row["from"]} for row in rows]


@dataclass(frozen=True)
class Advance:
    """What an advance came to: `fired_count` transitions happened, the first 1,000 are in `fired`."""

    now: datetime
    head: int
    fired_count: int
    fired: tuple[Transition, ...]
    undelivered: int


def read_advance(body: Json) -> Advance:
    """Return what an advance came to."""
    return read(Advance, {**body, "fired": renamed(body["fired"])})


@dataclass(frozen=True)
class WorldState:
    """A world in a list: how many records it has and how many things are due in it.

    `fork_of` is the world it was forked from, and one that `captures` sends no webhooks.
    """

    id: str
    now: datetime
    mode: str
    rate: float
    head: int
    records: int
    planned: int
    fork_of: str | None = None
    captures: bool = False


@dataclass(frozen=True)
class MintedWorld:
    """A new world: requests with `api_key` as their bearer token live in it. `head` is told of forks."""

    id: str
    api_key: str
    now: datetime
    head: int = 0


@dataclass(frozen=True)
class Script:
    """Scripted outcomes: `used` of them are used up; `then` is `repeat` or `default`."""

    id: str
    match: Mapping[str, str]
    outcomes: tuple[dict[str, Any], ...]
    then: str
    used: int


@dataclass(frozen=True)
class MagicTarget:
    """A number, any area code, that decides where no script does."""

    target: str
    outcomes: tuple[str, ...]
    summary: str


@dataclass(frozen=True)
class Resource:
    """A record as its vendor shows it; `due` is when the next thing happens to it."""

    id: str
    provider: str
    kind: str
    status: str | None
    due: datetime | None
    record: Json


@dataclass(frozen=True)
class RequestRow:
    """A request in the journal, with the bodies of both sides.

    `status` is None when nothing was answered. `received_at` and `seconds` are real time. `rule` is the rule that
    refused it and `hint` what to do then, `fault` is `{id, kind}` of the fault that struck it. `near_miss` is the
    operation that was probably meant where there is none: `{provider, operation, method, path, differs}`.
    """

    number: int
    at: datetime
    provider: str | None
    operation: str | None
    method: str
    path: str
    query: str
    status: int | None
    verdict: str
    violations: tuple[dict[str, Any], ...]
    trace: tuple[str, ...]
    request: Json
    response: Json
    resource: str | None
    world: str | None = None
    received_at: datetime | None = None
    seconds: float | None = None
    rule: str | None = None
    hint: str | None = None
    fault: dict[str, str] | None = None
    near_miss: dict[str, Any] | None = None


@dataclass(frozen=True)
class WebhookAttempt:
    """An attempt at a webhook: `state` is `sending`, `delivered`, `failed` or `captured`, `reason` why not delivered.

    `number` counts all attempts, `tally` those at its address. `seconds` are real. None follows an `extra` one.
    """

    number: int
    tally: int
    url: str
    at: datetime
    state: str
    status: int | None
    reason: str | None
    seconds: float | None
    answer: str | None
    extra: bool = False


@dataclass(frozen=True)
class WebhookRow:
    """A webhook with its attempts; `body` is what is sent, without what each attempt adds.

    `status` is `pending`, `held`, `delivered`, `failed`, `captured` or `dropped`; `fault` is `{id, kind}` of the fault
    that struck it.
    """

    id: str
    number: int
    provider: str
    event: str
    resource: str
    at: datetime
    urls: tuple[str, ...]
    status: str
    fault: dict[str, str] | None
    body: Json
    attempts: tuple[WebhookAttempt, ...]

    @property
    def reason(self) -> str | None:
        """Return why the latest attempt was not delivered, None when it was or there is none."""
        return self.attempts[-1].reason if self.attempts else None


@dataclass(frozen=True)
class FaultState:
    """A fault: what it does (`fault` with its `kind`) to what matches; `struck` of `times` (None: until removed)."""

    id: str
    match: Mapping[str, Any]
    fault: Mapping[str, Any]
    times: int | None
    probability: float
    struck: int

    @property
    def kind(self) -> str:
        """Return the kind of fault."""
        return str(self.fault["kind"])


@dataclass(frozen=True)
class SinkRow:
    """Something that a sink received: `signature` is `valid`, `invalid` or `none`, `received_at` real time."""

    number: int
    at: datetime
    received_at: datetime
    headers: tuple[tuple[str, str], ...]
    body: Json
    signature: str


@dataclass(frozen=True)
class RuleState:
    """A rule: its value, where that comes from, and what it may be (None: a number from 0 to `maximum`)."""

    name: str
    summary: str
    value: str | float
    default: str | float
    values: tuple[str | float, ...] | None
    origin: str
    source: str
    confidence: str
    note: str
    maximum: float | None = None


@dataclass(frozen=True)
class ContractOperation:
    """An operation of a document: `modelled` when it has behaviour, `seen` counts answers by status."""

    operation: str
    method: str
    path: str
    modelled: bool
    documented: tuple[str, ...]
    seen: dict[str, int]


@dataclass(frozen=True)
class ContractState:
    """A document in force, where its operations are, and the environment variable from which SDKs read that."""

    provider: str
    title: str
    version: str
    base_url: str
    variable: str | None
    document: str
    operations: tuple[ContractOperation, ...]
