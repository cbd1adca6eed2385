"""FLOOR 5, a door: the mock server inside a test process, and the worlds that tests live in."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, Unpack

from contratempo.client import (
    Checkpoint,
    ClockState,
    ContractState,
    Control,
    ControlError,
    Position,
    Rewound,
    Sink,
    Transition,
    Wanted,
)
from contratempo.client.answers import text_of

if TYPE_CHECKING:
    from contratempo.server.run import BoundServer

__all__ = ["MockServer", "RunningServer", "World"]

_ANY_PORT: Final = 0
_GONE: Final = 404
_VERIFIED: Final = ("TELNYX",)
"""Prefixes of the variables of vendors whose SDKs verify webhooks with a public key."""


class World:
    """One world of a server: what `clock`, `outcomes`, `faults`, `webhooks` and its other parts do is done to it alone.

    Requests live in it that carry `api_key` as their bearer token.
    """

    def __init__(self, server: "RunningServer", id: str, api_key: str) -> None:
        self.server = server
        self.id = id
        self.api_key = api_key
        self._forks: list[World] = []
        self._deleted = False
        self.control = server.control.for_world(id)
        self.clock = self.control.clock
        self.outcomes = self.control.outcomes
        self.faults = self.control.faults
        self.webhooks = self.control.webhooks
        self.resources = self.control.resources
        self.requests = self.control.requests
        self.rules = self.control.rules

    def __repr__(self) -> str:
        return f"<World {self.id} of {self.server.origin}>"

    def url(self, provider: str) -> str:
        """Return a provider's base URL; KeyError names the providers there are."""
        return self.server.url(provider)

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that point SDKs here: TELNYX_BASE_URL, TELNYX_API_KEY, TELNYX_PUBLIC_KEY and so on."""
        found: dict[str, str] = {}
        for contract in self.server.contracts.values():
            if contract.variable is not None:
                prefix = contract.variable.removesuffix("_BASE_URL")
                found |= {contract.variable: contract.base_url, f"{prefix}_API_KEY": self.api_key}
                if prefix in _VERIFIED:
                    found[f"{prefix}_PUBLIC_KEY"] = self.server.public_key
        return found

    def sink(self, name: str) -> Sink:
        """Return the built-in receiver of this name; give its `url` where an address for webhooks is asked for."""
        return self.control.sink(name)

    def timeline(self, **wanted: Unpack[Wanted]) -> tuple[Transition, ...]:
        """Return what happened, oldest first, and with `horizon="24h"` what is planned.

        `since`, `until`, `resource`, `state` and `limit` narrow it down.
        """
        return self.control.timeline(**wanted)

    def checkpoint(self, name: str | None = None) -> Checkpoint:
        """Mark the present, to come back to or to fork from."""
        return self.control.checkpoints.create(name)

    def rewind(self, to: Position) -> Rewound:
        """Go back to a checkpoint or its name, to a head, or to an instant that has been; say what that took back."""
        return self.control.rewind(to)

    def fork(self, at: Position | None = None, *, id: str | None = None, deliver: bool = False) -> "World":
        """Make a world that goes on by itself from here, or from a position.

        It captures its webhooks unless it is to `deliver` them. It is deleted with this one.
        """
        made = self.control.fork(at, id=id, deliver=deliver)
        fork = World(self.server, made.id, made.api_key)
        self._forks.append(fork)
        return fork

    def state(self, at: Position | None = None) -> dict[str, Any]:
        """Return the world as a document to keep, as it is or as it was at a position."""
        return self.control.state(at)

    def load(self, state: Mapping[str, Any], *, anyway: bool = False, deliver: bool = False) -> ClockState:
        """Take over a saved world, its seed and profile too; the id and the key stay.

        What was saved from a fork captures its webhooks unless it is to `deliver` them.
        """
        return self.control.load(state, anyway=anyway, deliver=deliver)

    def compare(self, other: "World") -> dict[str, Any]:
        """Return where this world (`a`) and another (`b`) differ, as `contratempo diff --json`; `same` when nowhere.

        Resources are matched by kind and the order in which they came to be, whatever their ids.
        """
        from contratempo.sim.comparison import compare
        from contratempo.sim.projection import project

        return compare(project(self.state()["world"]), project(other.state()["world"]))

    def reset(self) -> ClockState:
        """Take the world back to how it started."""
        return self.control.reset()

    def delete(self) -> None:
        """Delete the world with all that is in it, and the forks that `fork` made of it; twice is once."""
        if self._deleted:
            return
        self._deleted = True
        for fork in self._forks:
            fork._delete_if_there()
        self.server.control.worlds.delete(self.id)

    def _delete_if_there(self) -> None:
        try:
            self.delete()
        except ControlError as error:
            if error.status != _GONE:
                raise


class RunningServer:
    """A server that somebody started, at `origin` (scheme, host and port); `token` is for one off loopback."""

    def __init__(self, origin: str, *, token: str | None = None) -> None:
        self._control = Control(origin, token=token)
        self._origin = origin.rstrip("/")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def origin(self) -> str:
        """Return scheme, host and port."""
        return self._origin

    @property
    def control(self) -> Control:
        """Return the control plane, for the default world."""
        return self._control

    @cached_property
    def contracts(self) -> Mapping[str, ContractState]:
        """Return the documents in force, by provider."""
        return {contract.provider: contract for contract in self.control.contracts.list()}

    @cached_property
    def public_key(self) -> str:
        """Return the base64 of the key that the signatures of webhooks are verified with."""
        return self.control.webhooks.public_key()

    def url(self, provider: str) -> str:
        """Return a provider's base URL, to give to its SDK; KeyError names the providers there are."""
        if provider not in self.contracts:
            raise KeyError(f"there is no provider {provider!r}; there are {', '.join(self.contracts)}")
        return self.contracts[provider].base_url

    def world(
        self,
        *,
        id: str | None = None,
        clock: datetime | str | None = None,
        seed: str | None = None,
        profile: str | None = None,
        rules: Mapping[str, str | float | None] | None = None,
        fixtures: str | None = None,
    ) -> World:
        """Make a world.

        With `clock` it stands frozen there, else it starts as the server's default world did. Without `seed` its
        ids follow from the server's seed and its own id. `rules` are values by full name. With `fixtures` it
        starts as that saved world, with its clock, seed and profile: `retry-storm`, `daylight-saving` or `campaign`.
        """
        made = self.control.worlds.create(id=id, clock=clock, seed=seed, profile=profile, fixtures=fixtures)
        world = World(self, made.id, made.api_key)
        if rules:
            world.rules.set(rules)
        return world

    def stop(self) -> None:
        """Close the connections; the server itself goes on."""
        self.control.close()


class MockServer(RunningServer):
    """The mock server in a thread of this process: `with MockServer() as server: ...`.

    `port` 0 takes a free one, so that many can run at once. `clock` freezes the default world at an instant; without it
    that world runs at real time. Other `settings` are those of `contratempo serve`, with underscores, lists where they
    may be repeated, and `rules` by full name. A server can be started again after it was stopped; it starts afresh.
    """

    def __init__(
        self, *, port: int = _ANY_PORT, profile: str | None = None, clock: datetime | str | None = None, **settings: Any
    ) -> None:
        started = text_of(clock) if isinstance(clock, datetime) else clock
        self._settings = {"port": port, "profile": profile, "clock": started, **settings}
        self._bound: BoundServer | None = None

    def start(self) -> Self:
        """Start it and return once it takes requests.

        OSError when the port is taken, DocumentError for a bad document, TypeError for a setting that does not exist,
        ValueError for one that cannot be so.
        """
        # The server's libraries take a second to import: a test process that starts none does not wait for them.
        from contratempo.server.configuration import settings_of
        from contratempo.server.run import start_in_thread
        from contratempo.server.settings import secured

        if self._bound is not None:
            raise RuntimeError(f"this server runs already, at {self.origin}; stop it first, or make another")
        settings = secured(settings_of(self._settings), lambda: secrets.token_urlsafe(24))
        self._bound = start_in_thread(settings)
        super().__init__(self._bound.url, token=settings.control_token)
        return self

    def stop(self) -> None:
        """Stop it and wait until its port is free; stopping one that does not run is nothing."""
        if self._bound is None:
            return
        super().stop()
        self._bound.stop()
        self._bound = None
        for read_before in ("contracts", "public_key"):
            self.__dict__.pop(read_before, None)

    @property
    def origin(self) -> str:
        """Return scheme, host and port; RuntimeError before it is started."""
        return self._running()._origin

    @property
    def control(self) -> Control:
        """Return the control plane, for the default world; RuntimeError before the server is started."""
        return self._running()._control

    def __enter__(self) -> Self:
        return self.start()

    def _running(self) -> Self:
        if self._bound is None:
            raise RuntimeError("this server is not running: use `with MockServer() as server:`, or call start()")
        return self
