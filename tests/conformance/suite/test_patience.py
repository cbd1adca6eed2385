"""The cord that cuts a connection: whatever it is that took all the patience."""

import socket
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from contratempo.conformance.patience import Cord


class Made:
    """A stream of a client, as far as its trace tells."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line

    def get_extra_info(self, _: str) -> socket.socket:
        return self.line


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(30)
        yield ours, theirs


def test_a_connection_that_was_made_too_late_is_cut_at_once(pair: Any) -> None:
    """Looking up a name and trying one address after another may take longer than each time limit."""
    ours, theirs = pair
    asked, late = iter([0.0, 9.0]), Event()

    def clock() -> float:
        moment = next(asked)
        if moment:
            late.set()
        return moment

    cord = Cord(0.01, clock)
    with cord.patience():
        assert late.wait(30)
        with cord._changed:
            assert cord.cut
        cord.hold("connection.connect_tcp.complete", {"return_value": Made(ours)})
        assert theirs.recv(1) == b"", "nobody waits for it"
    cord.close()


def test_what_is_closed_while_its_watch_begins_is_not_watched() -> None:
    cord = Cord(60, lambda: 0.0)
    with cord._changed:  # the watch waits for this
        with cord.patience():
            watcher = cord._watcher
        cord.close()
    assert watcher
    watcher.join(5)
    assert not watcher.is_alive()
