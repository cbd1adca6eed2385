"""FLOOR 2: the control plane of a running server, as a typed client that knows no world from the inside."""

import threading
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self, Unpack

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
)
from contratempo.client.history import (
    Checkpoint,
    Checkpoints,
    Position,
    Rewound,
    Timeline,
    Wanted,
    position_of,
    query_of,
    read_rewound,
    read_timeline,
)
from contratempo.client.parts import Clock, Contracts, Outcomes, Requests, Resources, Rules, Span, Worlds
from contratempo.client.stream import Event, read_events
from contratempo.client.transport import ControlError, ControlUnreachable, Transport, connect, given
from contratempo.client.wire import Faults, Sink, Webhooks

__all__ = [
    "Advance", "Checkpoint", "Checkpoints", "Clock", "ClockState", "ContractOperation", "ContractState",
    "Contracts", "Control", "ControlError", "ControlUnreachable", "Event", "FaultState", "Faults", "MagicTarget",
    "MintedWorld", "Outcomes", "Position", "RequestRow", "Requests", "Resource", "Resources", "Rewound",
    "RuleState", "Rules", "Script", "Sink", "SinkRow", "Span", "Timeline", "Transition", "Wanted", "WebhookAttempt",
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
        self.checkpoints = Checkpoints(transport)
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

    def timeline(self, **wanted: Unpack[Wanted]) -> tuple[Transition, ...]:
        """Return what happened, oldest first, and with a `horizon` such as `24h` what is planned from now on.

        When more than `limit` happened, it is the latest; of what is planned, the first. Both ends are included.
        """
        return self.outlook(**wanted).transitions

    def outlook(self, **wanted: Unpack[Wanted]) -> Timeline:
        """Return the timeline with the instant it is of, and up to where its plan is complete."""
        return read_timeline(self._transport.call("GET", "/timeline", query=query_of(wanted)))

    def rewind(self, to: Position, *, dry_run: bool = False, wait_turn: bool = False) -> Rewound:
        """Go back in history; with `dry_run` only say what that would take back.

        ControlError 404 when there is no such position, 409 for an instant that is not in history, or during an advance
        (unless it is to `wait_turn`).
        """
        wish = {**position_of(to), **given({"dry_run": dry_run or None, "wait_turn": wait_turn or None})}
        return read_rewound(self._transport.call("POST", "/rewind", body=wish))

    def fork(self, at: Position | None = None, *, id: str | None = None, deliver: bool = False) -> MintedWorld:
        """Make a world that goes on by itself from here, or from a position.

        It captures its webhooks unless it is to `deliver` them. ControlError 404, 409 or 429.
        """
        wish = {**position_of(at), **given({"id": id, "deliver": deliver or None})}
        return read(MintedWorld, self._transport.call("POST", "/fork", body=wish))

    def state(self, at: Position | None = None) -> dict[str, Any]:
        """Return the world as a document to keep, as it is or as it was at a position."""
        state: dict[str, Any] = self._transport.call("GET", "/state", query=position_of(at))
        return state

    def load(self, state: Mapping[str, Any], *, anyway: bool = False, deliver: bool = False) -> ClockState:
        """Take over a saved world with its seed and profile; history begins anew there.

        What was saved from a world that captures its webhooks, as forks do, does so unless it is to `deliver`.
        ControlError 409 when documents or rules are others than it was saved under, unless it is to be done `anyway`.
        """
        query = {name: "true" for name, asked in (("anyway", anyway), ("deliver", deliver)) if asked}
        return read(ClockState, self._transport.call("PUT", "/state", query=query, body=dict(state)))

    def follow(self, since: str | None = None) -> Iterator[Event]:
        """Yield what happens from now on, or since the event of that id, until the server or the world ends."""
        headers = {"Accept": "text/event-stream", **given({"Last-Event-ID": since})}
        return read_events(self._transport.lines("/stream", headers))

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
        pause = pause or threading.Event().wait
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
