"""Faults: what the wire does to requests and to webhooks, a number of times or by seeded chance."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from contratempo.sim.undo import UndoLog

REQUEST_KINDS: Final = (
    "status", "latency", "reset", "empty", "truncated", "malformed", "breaks_contract", "drop_after_commit",
)  # fmt: skip
WEBHOOK_KINDS: Final = ("duplicate", "reorder", "delay", "drop", "bad_signature")
FAULTS_KEPT: Final = 256
"""Faults that a world may have: each is looked at for every request that it may strike."""
UNDONE: Final = ("status", "reset", "empty")
"""Kinds that keep the operation from being done; with the others it is done, and the answer suffers."""
_NEEDED: Final = {"status": "status", "latency": "seconds", "delay": "seconds"}
_OPTIONAL: Final = {"status": ("retry_after", "seconds")}
_REQUEST_MATCH: Final = ("provider", "operation", "resource", "invalid")
_WEBHOOK_MATCH: Final = ("provider", "event", "resource")


class FaultError(ValueError):
    """A fault that could never strike, or not in that way; `place` is the member at fault."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class Victim:
    """What a fault may strike: a request (`operation` set) or a webhook (`event` set), and the records it is about.

    An `invalid` request is one that the document refuses; only faults that ask for such strike it. After a `last`
    webhook nothing comes that could overtake it.
    """

    provider: str
    operation: str | None = None
    event: str | None = None
    resources: tuple[str, ...] = ()
    invalid: bool = False
    last: bool = False


@dataclass
class Fault:
    """What to do (`fault` with its `kind`), to what matches, how often (`times` None: until removed) and how likely.

    `stream` names where its chance comes from: not its id, which is another one in another branch.
    """

    id: str
    match: Mapping[str, Any]
    fault: Mapping[str, Any]
    times: int | None = 1
    probability: float = 1.0
    struck: int = 0
    stream: str = ""

    @property
    def purpose(self) -> str:
        """Return what its chance is drawn for."""
        return self.stream or f"fault/{self.id}"

    @property
    def kind(self) -> str:
        """Return the kind of fault."""
        return str(self.fault["kind"])

    @property
    def is_spent(self) -> bool:
        """Say whether it has struck as often as it was to."""
        return self.times is not None and self.struck >= self.times

    def fits(self, victim: Victim) -> bool:
        """Say whether it may strike, chance aside."""
        if self.is_spent:
            return False
        if (self.kind in WEBHOOK_KINDS) != (victim.event is not None):
            return False
        if (victim.invalid and not self.match.get("invalid", False)) or (victim.last and self.kind == "reorder"):
            return False
        return all(_holds(name, wanted, victim) for name, wanted in self.match.items())

    def describe(self) -> dict[str, Any]:
        """Return the fault as the control plane shows it."""
        return {name: value for name, value in self.dump().items() if name != "stream"}

    def dump(self) -> dict[str, Any]:
        """Return the fault as JSON."""
        return {**asdict(self), "match": dict(self.match), "fault": dict(self.fault)}


def _holds(name: str, wanted: Any, victim: Victim) -> bool:
    if name == "invalid":
        return wanted is False or victim.invalid
    if name == "resource":
        return wanted in victim.resources
    return bool(getattr(victim, name) == wanted)


class Faults:
    """The faults of a world, oldest first; the newest that fits strikes."""

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self._faults: dict[str, Fault] = {}

    def __len__(self) -> int:
        return len(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults.values())

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._faults

    def __getitem__(self, identifier: str) -> Fault:
        return self._faults[identifier]

    def add(self, fault: Fault) -> None:
        """Add a fault; FaultError when it could never strike."""
        _check(fault)
        self._faults[fault.id] = fault
        self._undo.note((self._take_back, fault.id))

    def remove(self, identifier: str) -> None:
        """Remove a fault; KeyError when there is none."""
        before = dict(self._faults)
        del self._faults[identifier]
        self._undo.note((self._restore, before))

    def clear(self) -> None:
        """Remove every fault."""
        before, self._faults = self._faults, {}
        self._undo.note((self._restore, before))

    def threatens(self, victim: Victim) -> bool:
        """Say whether any fault may strike, chance aside."""
        return any(fault.fits(victim) for fault in self)

    def choose(self, victim: Victim, chance: Callable[[str], float]) -> Fault | None:
        """Return the fault that strikes, used once more by that; each draws its `chance(purpose)` in turn."""
        for fault in reversed(list(self)):
            if fault.fits(victim) and (fault.probability >= 1 or chance(fault.purpose) < fault.probability):
                fault.struck += 1
                self._undo.note((self._spare, fault))
                return fault
        return None

    @staticmethod
    def _spare(fault: Fault) -> None:
        fault.struck -= 1

    def dump(self) -> list[dict[str, Any]]:
        """Return the faults as JSON, oldest first."""
        return [fault.dump() for fault in self]

    def load(self, saved: list[dict[str, Any]]) -> None:
        """Take over saved faults."""
        self._faults = {entry["id"]: Fault(**entry) for entry in saved}

    def _take_back(self, identifier: str) -> None:
        del self._faults[identifier]

    def _restore(self, before: dict[str, Fault]) -> None:
        self._faults = before


def _check(fault: Fault) -> None:
    kind, members = str(fault.fault.get("kind")), set(fault.fault) - {"kind"}
    if kind not in REQUEST_KINDS + WEBHOOK_KINDS:
        known_kinds = ", ".join(REQUEST_KINDS + WEBHOOK_KINDS)
        raise FaultError("fault/kind", f"{kind} is not a kind of fault; known are {known_kinds}")
    _check_chance(fault)
    needed = {_NEEDED[kind]} if kind in _NEEDED else set()
    allowed = needed | set(_OPTIONAL.get(kind, ("seconds",) if kind in REQUEST_KINDS else ()))
    for name in sorted(needed - members):
        raise FaultError(f"fault/{name}", f"a fault of kind {kind} needs {name}")
    for name in sorted(members - allowed):
        raise FaultError(f"fault/{name}", f"{name} means nothing to a fault of kind {kind}")
    known = _WEBHOOK_MATCH if kind in WEBHOOK_KINDS else _REQUEST_MATCH
    for name in fault.match:
        if name not in known:
            struck = "webhooks" if kind in WEBHOOK_KINDS else "requests"
            raise FaultError(f"match/{name}", f"{kind} strikes {struck}, which match by {', '.join(known)}")


def _check_chance(fault: Fault) -> None:
    if fault.times is not None and fault.times < 1:
        raise FaultError("times", f"{fault.times} times is never; it is 1 or more, or null for as long as it is there")
    if not 0 < fault.probability <= 1:
        raise FaultError("probability", f"{fault.probability} is not above 0 and at most 1")
