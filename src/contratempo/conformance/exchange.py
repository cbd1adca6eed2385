"""What went over the wire, once: a request and its answer. Rules see this and nothing of the tool that sent it."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

from contratempo.contract.violation import Violation

Json: TypeAlias = Any
Auth: TypeAlias = Literal["good", "none", "unknown", "malformed", "other"]


class _Absent(Enum):
    ABSENT = "absent"
    BROKEN = "broken"


ABSENT: Final = _Absent.ABSENT
"""There is no body."""
BROKEN: Final = _Absent.BROKEN
"""There is one, and it is no JSON."""

_CONDITIONS: Final[Mapping[int, tuple[str, ...]]] = {
    304: ("if-none-match", "if-modified-since"),
    412: ("if-match", "if-unmodified-since", "if-none-match"),
    206: ("range",),
    416: ("range",),
}
"""Answers that RFC 9110 gives to requests with such headers, whatever the document lists."""
REDACTED: Final = "$CONTRATEMPO_TOKEN"
SWAPPED: Final = "{TOKEN}"
"""Stands for the token with its small letters large and the other way round."""
_IN_A_SHELL: Final = {
    f"\\{REDACTED}": "${CONTRATEMPO_TOKEN}",
    SWAPPED: '$(printf %s "$CONTRATEMPO_TOKEN" | tr a-zA-Z A-Za-z)',
}


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; `path` is below the provider's base path and as it was sent, percent signs and all.

    `auth` is what kind of token went along, never the token; `other` is another customer's. `sent` and `json` are
    bodies as JSON, else ABSENT or BROKEN. `now` is the target's instant where it is known (its clock stands), None
    elsewhere; `wall` is the real one.
    `operation` and `params` are what the document calls it, `breaches` what in the request breaks it, `strict` the same
    when a date-time without an offset is a breach, too. `exclusive` says that nobody else writes where this reads.
    """

    provider: str
    method: str
    path: str
    query: str = ""
    auth: Auth = "good"
    headers: Mapping[str, str] = field(default_factory=dict)
    sent_bytes: bytes = b""
    sent: Json = ABSENT
    status: int = 0
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    json: Json = ABSENT
    elapsed: float = 0.0
    now: datetime | None = None
    operation: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    known_methods: tuple[str, ...] = ()
    breaches: tuple[Violation, ...] = ()
    strict: tuple[Violation, ...] = ()
    exclusive: bool = False
    url: str = ""
    wall: datetime | None = None

    @property
    def at(self) -> datetime | None:
        """Return the target's instant, else the wall clock's."""
        return self.now or self.wall

    @property
    def ok(self) -> bool:
        """Say whether the answer is a success."""
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Say whether the answer puts the blame on the request."""
        return 400 <= self.status < 500

    @cached_property
    def under_condition(self) -> bool:
        """Say whether HTTP itself has answered: of a condition that was set, or of a part that was asked for."""
        if self.status in (304, 206, 416) and self.method not in ("GET", "HEAD"):
            return False
        return any(name in self.headers for name in _CONDITIONS.get(self.status, ()))

    @property
    def media_type(self) -> str:
        """Return the answer's media type without parameters, in lower case."""
        return self.answer_headers.get("content-type", "").partition(";")[0].strip().lower()

    def curl(self) -> str:
        """Return the request as a command; the token is a variable."""
        parts = ["curl", "-i"]
        if self.method != "GET":
            parts += ["-X", self.method]
        words = [shlex.quote(part) for part in parts]
        if "authorization" in self.headers:
            pass  # it says so itself
        elif self.auth == "good":
            words.append(f'-H "Authorization: Bearer {REDACTED}"')
        elif self.auth == "unknown":
            words.append("-H 'Authorization: Bearer not-a-key-of-this-deployment'")
        words += [f"-H {_worded(f'{name}: {value}')}" for name, value in self.headers.items()]
        if self.sent_bytes:
            words.append(f"--data-binary {_quoted(self.sent_bytes)}")
        query = f"?{self.query}" if self.query else ""
        return " ".join([*words, shlex.quote(f"{self.url}{self.path}{query}")])

    def describe(self) -> dict[str, Json]:
        """Return the exchange as JSON, without secrets, for files."""
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "auth": self.auth,
            "headers": dict(self.headers),
            "body": self.sent_bytes.decode("latin-1") if self.sent is BROKEN else None,
            "json": None if self.sent in (ABSENT, BROKEN) else self.sent,
            "status": self.status,
            "answer": None if self.json in (ABSENT, BROKEN) else self.json,
            "now": None if self.now is None else self.now.isoformat(),
        }


@dataclass(frozen=True)
class Tick:
    """The target's clock was moved from `was` to `now`; what was due in between has happened."""

    was: datetime
    now: datetime


@dataclass(frozen=True)
class Receipt:
    """A webhook that the suite's receiver got at `place` and answered with `status`, by when the clock showed `now`."""

    place: str
    headers: Mapping[str, str]
    content: bytes
    json: Json
    status: int
    number: int
    received: float
    now: datetime | None = None

    @property
    def taken(self) -> bool:
        """Say whether the receiver took it: any 2xx says so."""
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Script:
    """The target was told what the far end of a record will do."""

    identifier: str
    outcomes: tuple[str, ...]


Observation: TypeAlias = Exchange | Tick | Receipt | Script


def read_json(content: bytes) -> Json:
    """Return bytes as strict JSON (UTF-8, no NaN, no name twice), else BROKEN; ABSENT for none."""
    if not content:
        return ABSENT
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_distinct)
    except (ValueError, RecursionError):
        return BROKEN


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


def _distinct(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name comes twice")
    return members


def _worded(header: str) -> str:
    """Return a header as a word of a shell, which puts in the token where it stands."""
    if REDACTED not in header and SWAPPED not in header:
        return shlex.quote(header)
    inside = "".join(f"\\{letter}" if letter in '\\"`$' else letter for letter in header)
    for told, meant in _IN_A_SHELL.items():
        inside = inside.replace(told, meant)
    return f'"{inside}"'


def _quoted(content: bytes) -> str:
    try:
        return shlex.quote(content.decode("utf-8"))
    except UnicodeDecodeError:
        escaped = "".join(
            chr(byte) if 32 <= byte < 127 and byte not in (39, 92) else f"\\x{byte:02x}" for byte in content
        )
        return f"$'{escaped}'"
