"""Worlds: which simulation a request lives in."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Refusal
from contratempo.server.signal import Signal
from contratempo.sim import ids
from contratempo.sim.clock import Clock
from contratempo.sim.instants import parse_start
from contratempo.sim.simulation import Simulation

DEFAULT = "default"
RETIRED_KEPT: Final = 65_536
"""Keys of deleted worlds that are told from others; then the oldest is as unknown as any."""
_MAKE_ANOTHER = "POST /_mock/worlds makes another"


@dataclass
class World:
    """A simulation with the key that leads to it.

    `turn` is held while a clock command is at work, `changed` tells readers of every change, `gone` is set once the
    world is deleted, `serial` tells it from others that had its id. `fork_of` is the id of the world it was forked
    from, and with `captures` its webhooks are captured instead of sent: `made_capturing` from the first, as forks are,
    or since one was loaded that was saved from such a world.
    """

    simulation: Simulation
    api_key: str = field(repr=False)
    fork_of: str | None = None
    captures: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    changed: Signal = field(default_factory=Signal)
    gone: bool = False
    serial: int = 0
    made_capturing: bool = field(init=False)

    def __post_init__(self) -> None:
        self.made_capturing = self.captures

    def begin_capturing(self, saved: bool = False, *, deliver: bool = False) -> None:
        """Capture webhooks as it did at first, or as the world that was `saved` did; with `deliver` it sends them."""
        self.captures = (self.made_capturing or saved) and not deliver

    @property
    def advancing(self) -> bool:
        """Say whether a clock command is at work."""
        return self.turn.locked()

    @property
    def id(self) -> str:
        """Return the world's id."""
        return self.simulation.origin.id


@dataclass
class Worlds:
    """Every world of a server, and the keys and ids that lead to them.

    `make(id, seed, profile, clock)` builds a simulation; `clock()` is how a world's clock starts unless told otherwise.
    """

    make: Callable[[str, str, str, Clock], Simulation]
    clock: Callable[[], Clock]
    seed: str
    profile: str
    profiles: tuple[str, ...]
    known_keys: frozenset[str] = field(default=frozenset(), repr=False)
    per_token: bool = False
    limit: int = 4_096
    _worlds: dict[str, World] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict, repr=False)
    _retired: dict[str, None] = field(default_factory=dict, repr=False)
    _made: int = 0
    _born: int = 0

    def __post_init__(self) -> None:
        self.create(id=DEFAULT)

    def __iter__(self) -> Iterator[World]:
        return iter(list(self._worlds.values()))

    def __len__(self) -> int:
        return len(self._worlds)

    @property
    def default(self) -> World:
        """Return the world that is there without being made."""
        return self._worlds[DEFAULT]

    def get(self, identifier: str) -> World | None:
        """Return the world with this id, or None."""
        return self._worlds.get(identifier)

    def create(
        self, *, id: str | None = None, clock: str | None = None, seed: str | None = None, profile: str | None = None
    ) -> World:
        """Make a world; Refusal when the id is taken, the profile unknown, the clock unreadable or the limit reached.

        `clock` is the ISO 8601 instant at which it stands frozen. Without `seed` the world's is a digest of the
        server's seed and its id.
        """
        identifier = self.free(id)
        self._check_profile(profile)
        started = self.clock() if clock is None else Clock(_instant(clock))
        own_seed = ids.digest(self.seed, "world", identifier).hex() if seed is None else seed
        return self.add(identifier, self.make(identifier, own_seed, profile or self.profile, started))

    def add(
        self, identifier: str, simulation: Simulation, *, fork_of: str | None = None, captures: bool = False
    ) -> World:
        """Take in a simulation of an id, which is free, as a world."""
        self._born += 1
        world = World(simulation, self._key(identifier), fork_of, captures, serial=self._born)
        self._worlds[identifier], self._keys[world.api_key] = world, identifier
        self._retired.pop(world.api_key, None)
        return world

    def free(self, identifier: str | None) -> str:
        """Return an id for another world, the one given or else one made; Refusal when there can be none."""
        identifier = self._free_id() if identifier is None else identifier
        if identifier in self._worlds:
            raise Refusal(
                Problem("conflict", f"There is a world {identifier!r} already.", hint="delete it, or choose another id")
            )
        if len(self._worlds) >= self.limit:
            hint = "delete worlds that are done with, or raise --max-worlds"
            raise Refusal(Problem("rate-limited", f"There are {self.limit} worlds, as many as may be.", hint=hint))
        return identifier

    def delete(self, identifier: str) -> None:
        """Forget a world; Refusal for an unknown one and for the default one."""
        if identifier == DEFAULT:
            raise Refusal(
                Problem("forbidden", "The default world cannot be deleted.", hint="POST /_mock/reset empties it")
            )
        if identifier not in self._worlds:
            raise Refusal(unknown_world(identifier))
        world = self._worlds.pop(identifier)
        world.gone = True
        world.changed.notify()
        self._retired[world.api_key] = None
        if len(self._retired) > RETIRED_KEPT:
            del self._retired[next(iter(self._retired))]
        self._keys = {key: led_to for key, led_to in self._keys.items() if led_to != identifier}

    def of(self, token: str | None, chosen: str | None) -> World:
        """Return the world of a request by its bearer token and its `X-Mock-World`; Refusal 401 or 404."""
        if token is None:
            raise Refusal(Problem("unauthorized", "No bearer token was sent.", hint="send Authorization: Bearer KEY"))
        if token in self._retired:
            raise Refusal(Problem("unauthorized", "The key is that of a world that was deleted.", hint=_MAKE_ANOTHER))
        known = token in self._keys or token in self.known_keys
        if self.known_keys and not known:
            hint = "this server takes only its --known-key tokens and the keys of its worlds"
            raise Refusal(Problem("unauthorized", "No key found matching the ID with the provided secret.", hint=hint))
        if chosen is not None:
            return self.named(chosen)
        if self.per_token and not known:
            return self._of_token(token)
        return self._worlds[self._keys.get(token, DEFAULT)]

    def controlled(self, token: str | None, chosen: str | None) -> World:
        """Return the world of a control call: `X-Mock-World`, else the token's, else the default; Refusal as `of`."""
        if chosen is not None:
            return self.named(chosen)
        if token in self._retired:
            raise Refusal(Problem("unauthorized", "The key is that of a world that was deleted.", hint=_MAKE_ANOTHER))
        if self.per_token and token is not None and token not in self._keys:
            return self._of_token(token)
        return self._worlds[self._keys.get(token or "", DEFAULT)]

    def leads(self, token: str) -> bool:
        """Say whether a token is one that this server knows: a world's key, or one of its known keys."""
        return token in self._keys or token in self.known_keys

    def named(self, identifier: str) -> World:
        """Return the world with this id; Refusal 404 when there is none."""
        world = self._worlds.get(identifier)
        if world is None:
            raise Refusal(unknown_world(identifier))
        return world

    def _of_token(self, token: str) -> World:
        identifier = f"token-{ids.digest('token', token, size=6).hex()}"
        return self._worlds.get(identifier) or self._adopt(identifier, token)

    def _adopt(self, identifier: str, token: str) -> World:
        world = self.create(id=identifier)
        self._keys[token] = identifier
        return world

    def _check_profile(self, profile: str | None) -> None:
        if profile is not None and profile not in self.profiles:
            raise _invalid("profile", profile, f"is not a profile; known are {', '.join(self.profiles)}")

    def _free_id(self) -> str:
        while True:
            self._made += 1
            identifier = f"world-{self._made}"
            if identifier not in self._worlds:
                return identifier

    def _key(self, identifier: str) -> str:
        raw = ids.digest(self.seed, "key", identifier, size=24).hex()
        return f"KEY{raw[:32].upper()}_{raw[32:]}"


def unknown_world(identifier: str) -> Problem:
    """Return the refusal of a world that does not exist."""
    return Problem(
        "not-found", f"There is no world {identifier!r}.", hint="POST /_mock/worlds makes one, GET lists them"
    )


def _instant(clock: str) -> int:
    try:
        return parse_start(clock)
    except ValueError as error:
        raise _invalid("clock", clock, str(error)) from None


def _invalid(name: str, value: str, message: str) -> Refusal:
    violation = Violation("body", (name,), "value", f"{value!r} {message}", value)
    return Refusal(Problem("invalid", violation.message, (violation,)))
