"""The form of a saved world: what its parts are, so that one that is something else is refused by the place."""

from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from contratempo.sim.faults import FAULTS_KEPT
from contratempo.sim.instants import LATEST, SECOND, Duration
from contratempo.sim.outcomes import SCRIPTS_KEPT

_AFTER: Final[Duration] = 10 * 366 * 86_400 * SECOND
"""How far past the end of the calendar something may be due, which never happens: more than any rule lets wait."""
Number: TypeAlias = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Small: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Moment: TypeAlias = Annotated[int, Meta(ge=-LATEST, le=LATEST + _AFTER)]
Seconds: TypeAlias = Annotated[float, Meta(ge=0, le=1e9)]
Text: TypeAlias = Annotated[str, Meta(max_length=100_000)]
Members: TypeAlias = dict[str, Any]


class _Strict(Struct, frozen=True, forbid_unknown_fields=True):
    """An object with just these members."""


class Clock(_Strict, frozen=True):
    now: str
    mode: Literal["frozen", "running"]
    rate: Annotated[float, Meta(ge=0.001, le=1_000_000)]


class Timer(_Strict, frozen=True):
    due: Moment
    number: Annotated[int, Meta(ge=1, lt=2**40)]
    provider: str
    kind: str
    subject: str
    data: Members | None


class Timers(_Strict, frozen=True):
    last: Annotated[int, Meta(ge=0, lt=2**40 - 2**32)]
    timers: list[Timer]


class Outcome(_Strict, frozen=True):
    status: str
    ring: Seconds | None = None
    talk: Seconds | None = None
    text: str | None = None


class Script(_Strict, frozen=True):
    id: str
    match: dict[str, str]
    outcomes: list[Outcome]
    then: Literal["repeat", "default"]
    used: Small


class Fault(_Strict, frozen=True):
    id: str
    match: dict[str, str | bool]
    fault: Members
    times: Small | None
    probability: Annotated[float, Meta(ge=0, le=1)]
    struck: Small
    stream: str = ""


class Policy(_Strict, frozen=True):
    attempts: Annotated[int, Meta(ge=1, le=1_000)]
    backoff: Seconds
    timeout: Seconds


class Attempt(_Strict, frozen=True):
    number: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    tally: Annotated[int, Meta(ge=1, le=1_000)]
    url: Text
    at: Moment
    state: Literal["sending", "delivered", "failed", "captured"]
    status: Small | None
    reason: Text | None
    seconds: Seconds | None
    answer: Text | None
    extra: bool
    order: Number


class Struck(_Strict, frozen=True):
    id: str
    kind: Literal["duplicate", "reorder", "delay", "drop", "bad_signature"]


class Webhook(_Strict, frozen=True):
    id: str
    number: Number
    provider: str
    event: str
    resource: str
    at: Moment
    urls: Annotated[list[Text], Meta(min_length=1, max_length=10)]
    body: str
    policy: Policy
    status: Literal["pending", "held", "delivered", "failed", "captured", "dropped"]
    attempts: list[Attempt]
    fault: Struck | None


class Outbox(_Strict, frozen=True):
    total: Number
    opened: Number
    webhooks: list[Webhook]
    held: dict[str, list[str]]


class Answer(_Strict, frozen=True):
    status: Annotated[int, Meta(ge=100, le=599)]
    body: Any
    resource: str | None


class Kept(_Strict, frozen=True):
    at: Moment
    fingerprint: str
    answer: Answer


class Transition(_Strict, frozen=True):
    at: str
    provider: str
    resource: str
    was: str | None = msgspec.field(name="from")
    to: str | None = msgspec.field()
    cause: str = msgspec.field()
    kind: Literal["status", "call"] = msgspec.field()
    state: Literal["fired"] = msgspec.field()
    attempt: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None


class Transitions(_Strict, frozen=True):
    total: Number
    rows: list[Transition]


class World(_Strict, frozen=True):
    schema: Number
    id: str
    seed: Annotated[str, Meta(max_length=1_000)]
    profile: str
    branch: Number
    line: Annotated[str, Meta(max_length=64)]
    head: Number
    clock: Clock
    start: Clock
    rules: dict[str, str | int | float]
    ordinals: dict[str, Number]
    records: dict[str, list[Members]]
    timers: Timers
    outcomes: Annotated[list[Script], Meta(max_length=SCRIPTS_KEPT)]
    faults: Annotated[list[Fault], Meta(max_length=FAULTS_KEPT)]
    outbox: Outbox
    idempotency: dict[str, Kept]
    transitions: Transitions


class Kind(Struct, frozen=True):
    """What kind of file it is; later versions may say more of it."""

    kind: str
    schema: Any
    version: Any = ""
    captures: bool = False


class Digests(_Strict, frozen=True):
    documents: dict[str, str]
    rules: dict[str, str]


class Saved(_Strict, frozen=True):
    contratempo: Kind
    fingerprint: Digests
    world: World


FORM: Final = Saved
