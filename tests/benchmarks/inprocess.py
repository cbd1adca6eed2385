"""What a request costs in process: an application called as its server calls it, on this thread's processor time."""

import asyncio
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

import msgspec
from exchanges import EXCHANGES, NOW, SEED, SEEDED, Exchange

from contratempo.contract.contract import Checked, Contract
from contratempo.server.app import App
from contratempo.server.run import _spare_collections
from contratempo.server.service import make_service
from contratempo.server.settings import Settings


@dataclass(frozen=True)
class Figure:
    """One figure beside its goal, which it is at most, and beside what takes the same, by who does it."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    beside: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        goal = "" if self.goal is None else f"goal {self.goal:g} {self.unit}"
        ratios = "".join(f", {self.value / other:.2f} times {who}" for who, other in self.beside.items())
        return f"{self.name:<58}{self.value:>12,.2f} {self.unit:<4}{goal}{ratios}"


@dataclass(frozen=True)
class Wired:
    """An application and how it is called, with no socket between."""

    app: App

    async def send(
        self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> tuple[int, bytes]:
        """Make one exchange; return the status and the answer's body."""
        path, _, query = target.partition("?")
        scope = {
            "type": "http", "http_version": "1.1", "scheme": "http", "method": method, "root_path": "",
            "raw_path": path.encode(), "path": unquote(path), "query_string": query.encode(), "headers": headers,
            "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 4010),
        }  # fmt: skip
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        return sent[0]["status"], sent[1]["body"]

    async def exchange(self, exchange: Exchange) -> None:
        """Make one of the measured exchanges; AssertionError when it is answered otherwise."""
        head, _, body = exchange.wire("/v2", 4010).partition(b"\r\n\r\n")
        line, *fields = head.split(b"\r\n")
        headers = [(name.lower(), value.strip()) for name, _, value in (field.partition(b":") for field in fields)]
        status, _ = await self.send(exchange.method, line.split()[1].decode(), headers, body)
        assert status == exchange.status, status

    async def json(self, method: str, target: str, body: Any = None) -> Any:
        """Make a call and return what it answers."""
        raw = b"" if body is None else msgspec.json.encode(body)
        headers = [(b"host", b"127.0.0.1:4010"), (b"authorization", b"Bearer KEY_bench")]
        if raw:
            headers += [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
        status, answer = await self.send(method, target, headers, raw)
        assert status < 300, (status, answer)
        return msgspec.json.decode(answer) if answer else None


def wired(**settings: Any) -> Wired:
    """Return an application as `serve` has it once it is ready, the collector as it is there."""
    service = make_service(Settings(**{"clock": NOW, **settings}))
    service.ready = True
    _spare_collections()
    return Wired(App(service))


@contextmanager
def unjudged() -> Iterator[None]:
    """Leave openapi-core out: each request is read as it was the first time, and every answer is taken."""
    judge, known = Contract.check_request, dict[Any, Checked]()

    def read(self: Contract, operation: str, **sent: Any) -> Checked:
        key = operation, sent["query"], sent["body"]
        if key not in known:
            known[key] = judge(self, operation, **sent)
        found = known[key]
        body = msgspec.json.decode(sent["body"]) if sent["body"] and not found.violations else None
        return Checked(found.violations, sent["path"], dict(found.query), dict(found.headers), body)

    with patch.object(Contract, "check_request", read), patch.object(Contract, "check_response", lambda *_, **__: ()):
        yield


GOALS = {"create": 80.0, "list 20": 80.0, "refused": 80.0}


async def _microseconds(target: Wired, exchange: Exchange, *, windows: int = 10, times: int = 200) -> float:
    for _ in range(times):
        await target.exchange(exchange)
    taken = []
    for _ in range(windows):
        began = time.process_time()
        for _ in range(times):
            await target.exchange(exchange)
        taken.append((time.process_time() - began) / times * 1e6)
    return statistics.median(taken)


async def _figures(kind: str, goals: dict[str, float]) -> list[Figure]:
    target = wired()
    for _ in range(SEEDED):
        await target.exchange(SEED)
    return [
        Figure(f"{each.name}, {kind}", await _microseconds(target, each), "us", goals.get(each.name))
        for each in EXCHANGES
    ]


def requests() -> list[Figure]:
    """Return what each exchange costs in process, as it is and without its judge."""
    with unjudged():
        bare = asyncio.run(_figures("in process without the judge", GOALS))
    return bare + asyncio.run(_figures("in process", {}))


if __name__ == "__main__":
    for figure in requests():
        print(figure, flush=True)
