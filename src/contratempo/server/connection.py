"""What a request finds below it: its connection, which a fault or a stream may end."""

from typing import Final, Protocol

WIRE: Final = "contratempo.wire"
"""The ASGI extension under which a request finds its connection."""


class Wire(Protocol):
    """A connection that a fault may end, whatever has been sent by then."""

    def close(self) -> None:
        """End it in good order, after what was sent."""

    def reset(self) -> None:
        """End it with a reset, dropping what was not sent yet."""
