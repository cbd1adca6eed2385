"""What the tests of the proxy share: deployments that say what they are told to, and a proxy before one."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from contratempo.conformance import Verdict
from contratempo.conformance.door import Door
from contratempo.conformance.proxy import Between, Proxy, Recording
from contratempo.server.redaction import Redactor

BASES = {"telnyx_assistants": "/v2", "telnyx_messages": "/v2", "temphone": "/v1"}


@contextmanager
def scripted(*says: bytes, silent: bool = False, held: bool = False) -> Iterator[tuple[str, list[bytes]]]:
    """Listen, take down each head that comes, and answer it with the next bytes; then close, or say nothing more.

    When `held` a second request is read on each connection before it is closed.
    """
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for said in says:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                line.settimeout(30)
                heard.append(line.recv(65_536))
                line.sendall(said)
                lines.append(line)
                if held and (second := line.recv(65_536)):
                    heard.append(second)
                if not silent:
                    line.close()

        lines: list[socket.socket] = []
        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for line in lines:
            line.close()


@dataclass
class Standing:
    """A proxy that stands before a deployment: where the application goes, and what was said."""

    url: str
    proxy: Proxy
    said: list[str] = field(default_factory=list)

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 0)

    def verdict(self) -> Verdict:
        return self.proxy.verdict()

    def broken(self) -> set[str]:
        return {name for name, each in self.verdict().rules.items() if each.state == "fail"}

    def talk(self, content: bytes) -> bytes:
        """Say bytes and return all that comes back."""
        with socket.create_connection(self.address, timeout=30) as line:
            line.sendall(content)
            line.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: line.recv(65_536), b""))


@contextmanager
def standing(origin: str, provider: str, har: Path | None = None, **wish: Any) -> Iterator[Standing]:
    said: list[str] = []
    recording = Recording(har) if har else None
    proxy = Proxy(Between(origin + BASES[provider], provider, **wish), Redactor, said.append, recording)
    door = Door(("127.0.0.1", 0), proxy.answer, proxy.refuse, strict=False)
    try:
        yield Standing(door.origin + BASES[provider], proxy, said)
    finally:
        door.close()
        proxy.close()
        if recording:
            recording.close()


@pytest.fixture(scope="session")
def speaking() -> Callable[..., AbstractContextManager[tuple[str, list[bytes]]]]:
    """Return `scripted`."""
    return scripted


@pytest.fixture(scope="session")
def stand() -> Callable[..., AbstractContextManager[Standing]]:
    """Return `standing`."""
    return standing
