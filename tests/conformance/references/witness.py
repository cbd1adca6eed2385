"""One script a provider, which shows a client all that mutants and variants may change."""

from collections.abc import Callable

from . import witness_assistants, witness_messages, witness_temphone
from .driver import Different, Driver, Seen
from .service import Service

WITNESSES: dict[str, Callable[[Driver], None]] = {
    "telnyx_assistants": witness_assistants.witness,
    "telnyx_messages": witness_messages.witness,
    "temphone": witness_temphone.witness,
}


def look(app: Service) -> Driver:
    """Return a client that has seen all there is to see."""
    client = Driver(app)
    WITNESSES[app.provider](client)
    return client


def difference(app: Service, expected: list[Seen]) -> str | None:
    """Return the first thing that is seen and not expected; None when everything is as expected."""
    client = Driver(app, expected)
    try:
        WITNESSES[app.provider](client)
    except Different as different:
        return str(different)
    return None if len(client.seen) == len(expected) else "less is seen than expected"
