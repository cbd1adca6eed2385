"""FLOOR 2: the control plane of a running server, as a typed client that knows no world from the inside."""

from collections.abc import Callable
from datetime import datetime
from threading import Event
from types import TracebackType
from typing import Final, Self

import httpx2

from contratempo.client.answers import (
    Advance,
    ClockState,
    ContractOperation,
    ContractState,
    FaultState,
    MagicTarget,
    MintedWorld,
    RequestRow,
    Resource,
    RuleState,
    Script,
    SinkRow,
    Transition,
    WebhookAttempt,
    WebhookRow,
    WorldState,
    read,
    read_transitions,
)
from contratempo.client.parts import Clock, Contracts, Outcomes, Requests, Resources, Rules, Span, Worlds, text_of
from contratempo.client.transport import ControlError, ControlUnreachable, Transport, connect
from contratempo.client.wire import Faults, Sink, Webhooks

__all__ = [
    "Advance", "Clock", "ClockState", "ContractOperation", "ContractState", "Contracts", "Control", "ControlError",
    "ControlUnreachable", "FaultState", "Faults", "MagicTarget", "MintedWorld", "Outcomes", "RequestRow", "Requests",
    "Resource", "Resources", "RuleState", "Rules", "Script", "Sink", "SinkRow", "Span", "Transition", "WebhookAttempt",
    "WebhookRow", "Webhooks", "WorldState", "Worlds",
]  # fmt: skip

_PROBE_SECONDS: Final = 0.05


class Control:
    """The control plane of the server at `base_url`, for one world.

    `world` None is the server's default world. `token` is needed where the server listens off loopback. Every call
    raises ControlError when it is refused, ControlUnreachable when nobody answers.
    """

    def __init__(
        self,
        base_url: str,
        *,
        world: str | None = None,
        token: str | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._bind(Transport(connect(base_url, token, transport), world))

    def _bind(self, transport: Transport) -> None:
        self._transport = transport
        self.clock = Clock(transport)
        self.outcomes = Outcomes(transport)
        self.faults = Faults(transport)
        self.webhooks = Webhooks(transport)
        self.resources = Resources(transport)
        self.requests = Requests(transport)
        self.rules = Rules(transport)
        self.worlds = Worlds(transport)
        self.contracts = Contracts(transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def world(self) -> str | None:
        """Return the id of the world that is meant, None for the default one."""
        return self._transport.world

    def for_world(self, world: str | None) -> "Control":
        """Return a control of another world over the same connections; closing either closes both."""
        control = Control.__new__(Control)
        control._bind(self._transport.for_world(world))
        return control

    def timeline(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        resource: str | None = None,
        limit: int = 1_000,
    ) -> tuple[Transition, ...]:
        """Return what happened, oldest first; when there is more than `limit`, the latest. Both ends are included."""
        query = {
            "from": None if since is None else text_of(since),
            "to": None if until is None else text_of(until),
            "resource": resource,
            "limit": limit,
        }
        return read_transitions(self._transport.call("GET", "/timeline", query=query)["transitions"])

    def sink(self, name: str) -> Sink:
        """Return the built-in receiver of this name; any name of lower-case letters and digits is one."""
        return Sink(self._transport, name)

    def reset(self) -> ClockState:
        """Take the world back to how it started."""
        return read(ClockState, self._transport.call("POST", "/reset"))

    def ready(self, wait: float = 0.0, pause: Callable[[float], object] | None = None) -> bool:
        """Say whether the server is ready, asking again for about `wait` real seconds.

        `pause(seconds)` is how to wait between two probes.
        """
        pause = pause or Event().wait
        for _ in range(round(wait / _PROBE_SECONDS)):
            if self._probe():
                return True
            pause(_PROBE_SECONDS)
        return self._probe()

    def _probe(self) -> bool:
        try:
            self._transport.for_world(None).call("GET", "/readyz")
        except ControlError:
            return False
        return True

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()
