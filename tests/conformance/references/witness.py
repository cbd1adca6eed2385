"""Scripts which show a client all that mutants and variants may change, each in a world of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from . import witness_assistants, witness_messages, witness_temphone
from .driver import Different, Driver, Exchange, Seen
from .service import Service

Make = Callable[[], Service]
Script = Callable[[Driver], None]

# Those that need no clock come first.
SCRIPTS: dict[str, tuple[Script, ...]] = {
    "telnyx_assistants": witness_assistants.SCRIPTS,
    "telnyx_messages": witness_messages.SCRIPTS,
    "temphone": witness_temphone.SCRIPTS,
}


@dataclass(frozen=True)
class Sight:
    """What clients saw, script by script."""

    clients: tuple[Driver, ...]

    @property
    def seen(self) -> tuple[list[Seen], ...]:
        return tuple(client.seen for client in self.clients)

    @property
    def exchanges(self) -> list[Exchange]:
        return [exchange for client in self.clients for exchange in client.exchanges]

    def webhooks(self) -> list[Seen]:
        return [webhook for client in self.clients for webhook in client.webhooks()]


def look(make: Make) -> Sight:
    """Return all there is to see of new servers."""
    clients = []
    for script in SCRIPTS[make().provider]:
        client = Driver(make())
        script(client)
        clients.append(client)
    return Sight(tuple(clients))


def difference(make: Make, expected: Sight, *, clock_first: bool = False) -> str | None:
    """Return the first thing that is seen and not expected; None when everything is as expected."""
    scripts = list(zip(SCRIPTS[make().provider], expected.seen, strict=True))
    for script, seen in reversed(scripts) if clock_first else scripts:
        client = Driver(make(), seen)
        try:
            script(client)
        except Different as different:
            return str(different)
        if len(client.seen) < len(seen):
            return "less is seen than expected"
    return None
