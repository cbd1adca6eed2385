"""Lanes: what waits to be sent, in order for each resource, few at a time for each host."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final, Generic, TypeAlias, TypeVar

Job = TypeVar("Job")
Address: TypeAlias = tuple[str, int]

IN_FLIGHT: Final = 16
"""Attempts under way at once, over all."""
PER_HOST: Final = 4
"""Attempts under way at once to one host and port."""
TO_SLOW: Final = 12
"""Attempts under way at once to hosts that were slow last time: the rest is kept for others."""
_REMEMBERED: Final = 1_024


@dataclass(eq=False)
class _Lane(Generic[Job]):
    """The jobs of one resource, of which one at most is in flight; `dropped` once nobody wants them any more."""

    key: tuple[str, str]
    jobs: "deque[tuple[Address, Job]]" = field(default_factory=deque)
    dropped: bool = False


@dataclass(eq=False)
class _Host(Generic[Job]):
    """The lanes whose next job goes to one host; `listed` while it stands in a queue of hosts that may be served."""

    address: Address
    waiting: "deque[_Lane[Job]]" = field(default_factory=deque)
    in_flight: int = 0
    listed: bool = False


@dataclass(eq=False)
class Slot(Generic[Job]):
    """A job in flight, for `done` to give back; `dropped` when nobody waits for what comes of it."""

    job: Job
    host: "_Host[Job]"
    lane: "_Lane[Job]"
    to_slow: bool

    @property
    def dropped(self) -> bool:
        """Say whether its world was dropped since."""
        return self.lane.dropped


class Lanes(Generic[Job]):
    """A queue with a lane for each resource of each world. Every step takes the same time however much waits.

    Hosts take turns, so that one with a long queue holds up nobody else.
    """

    def __init__(self) -> None:
        self._lanes: dict[str, dict[str, _Lane[Job]]] = {}
        self._hosts: dict[Address, _Host[Job]] = {}
        self._quick: deque[_Host[Job]] = deque()
        self._slow: deque[_Host[Job]] = deque()
        self._known_slow: dict[Address, None] = {}
        self._flying: dict[str, dict[Slot[Job], None]] = {}
        self._outstanding: dict[str, int] = {}
        self._in_flight = self._in_flight_to_slow = 0

    def outstanding(self, world: str) -> int:
        """Return how many jobs of a world wait or are in flight."""
        return self._outstanding.get(world, 0)

    @property
    def queued(self) -> bool:
        """Say whether a job waits whose host takes one."""
        return bool(self._quick or self._slow)

    def put(self, world: str, resource: str, address: Address, job: Job) -> None:
        """Add a job behind those of the same resource."""
        lanes = self._lanes.setdefault(world, {})
        self._outstanding[world] = self.outstanding(world) + 1
        if resource in lanes:
            lanes[resource].jobs.append((address, job))
            return
        lane = lanes[resource] = _Lane((world, resource), deque([(address, job)]))
        self._line_up(lane)

    def next(self) -> Slot[Job] | None:
        """Return a job that may fly now, or None."""
        while self._in_flight < IN_FLIGHT:
            queue = self._quick or (self._slow if self._in_flight_to_slow < TO_SLOW else None)
            if not queue:
                return None
            host = queue.popleft()
            host.listed = False
            lane = host.waiting.popleft()
            if not lane.dropped:
                return self._fly(host, lane)
            self._list(host)
            self._forget(host)
        return None

    def done(self, slot: Slot[Job], *, slow: bool = False) -> None:
        """Take back a job that has landed; `slow` says that its host kept it long."""
        host, lane = slot.host, slot.lane
        self._in_flight -= 1
        self._in_flight_to_slow -= slot.to_slow
        host.in_flight -= 1
        if not lane.dropped:
            self._remember(host.address, slow)
            self._land(slot)
        self._list(host)
        self._forget(host)

    def drop(self, world: str) -> list[Slot[Job]]:
        """Forget all jobs of a world and return those in flight, which count against the limits until `done`."""
        for lane in self._lanes.pop(world, {}).values():
            lane.dropped = True
            lane.jobs.clear()
        self._outstanding.pop(world, None)
        return list(self._flying.pop(world, {}))

    def _fly(self, host: _Host[Job], lane: _Lane[Job]) -> Slot[Job]:
        _, job = lane.jobs.popleft()
        slot = Slot(job, host, lane, host.address in self._known_slow)
        self._flying.setdefault(lane.key[0], {})[slot] = None
        self._in_flight += 1
        self._in_flight_to_slow += slot.to_slow
        host.in_flight += 1
        self._list(host)
        return slot

    def _land(self, slot: Slot[Job]) -> None:
        world, resource = slot.lane.key
        del self._flying[world][slot]
        self._outstanding[world] -= 1
        if slot.lane.jobs:
            self._line_up(slot.lane)
            return
        del self._lanes[world][resource]
        if not self._outstanding[world]:
            del self._lanes[world], self._outstanding[world], self._flying[world]

    def _line_up(self, lane: _Lane[Job]) -> None:
        address = lane.jobs[0][0]
        host = self._hosts.setdefault(address, _Host(address))
        host.waiting.append(lane)
        self._list(host)

    def _list(self, host: _Host[Job]) -> None:
        if host.waiting and not host.listed and host.in_flight < PER_HOST:
            host.listed = True
            (self._slow if host.address in self._known_slow else self._quick).append(host)

    def _remember(self, address: Address, slow: bool) -> None:
        self._known_slow.pop(address, None)
        if slow:
            self._known_slow[address] = None
            if len(self._known_slow) > _REMEMBERED:
                del self._known_slow[next(iter(self._known_slow))]

    def _forget(self, host: _Host[Job]) -> None:
        if not host.waiting and not host.in_flight:
            self._hosts.pop(host.address, None)
