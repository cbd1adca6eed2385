"""What servers do with connections and answers, and HTTP lets them: none of it is taken for a fault of theirs."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from threading import enumerate as enumerate_threads

import pytest

from contratempo.conformance.surroundings import stopwatch
from contratempo.conformance.wire import HttpWire, Unreachable

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def listening(answer: Callable[[socket.socket, int], None]) -> Iterator[str]:
    """Listen, and let `answer` have each connection, with its number; give the origin."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def loop() -> None:
            for number in range(100):
                try:
                    visitor, _ = door.accept()
                except OSError:
                    return
                with visitor:
                    answer(visitor, number)

        Thread(target=loop, daemon=True).start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        door.shutdown(socket.SHUT_RDWR)


def request_of(visitor: socket.socket) -> bytes:
    return visitor.recv(65_536)


@contextmanager
def wired(answer: Callable[[socket.socket, int], None], *, again: bool = True) -> Iterator[HttpWire]:
    with listening(answer) as origin:
        wire = HttpWire(origin, stopwatch, near=True, again=again)
        yield wire
        wire.close()


def closes_under_the_second(visitor: socket.socket, number: int) -> None:
    """Answer one request, and close when the next one has begun to come."""
    request_of(visitor)
    visitor.sendall(OK)
    if number == 0:
        request_of(visitor)


@pytest.mark.parametrize(("again", "status"), [(True, 200), (False, 0)])
def test_a_connection_that_is_closed_while_it_is_used_again_is_no_fault(again: bool, status: int) -> None:
    with wired(closes_under_the_second, again=again) as wire:
        assert wire.send("GET", "/a", {}, b"").status == 200
        assert wire.send("GET", "/b", {}, b"").status == status


def test_a_new_connection_that_is_closed_is_not_tried_again() -> None:
    seen: list[int] = []
    with wired(lambda visitor, number: (request_of(visitor), seen.append(number))[1]) as wire:
        assert wire.send("POST", "/a", {}, b"{}").status == 0
    assert seen == [0]


def test_an_answer_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contratempo.conformance.wire._LARGEST", 1_000)

    def endless(visitor: socket.socket, _number: int) -> None:
        request_of(visitor)
        visitor.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 2_000)

    with wired(endless) as wire:
        answer = wire.send("GET", "/a", {}, b"")
    assert (answer.status, b"longer than 1000 bytes" in answer.content) == (0, True)


def drips(visitor: socket.socket, what: bytes) -> None:
    """Send a byte now and then, always the same, until nobody listens."""
    request_of(visitor)
    visitor.sendall(what)
    visitor.settimeout(0.01)
    with suppress(OSError):
        while True:
            visitor.sendall(b"x")
            with suppress(TimeoutError):
                if not visitor.recv(1):
                    return


def test_many_requests_have_one_watch_which_ends_with_them() -> None:
    others, started = enumerate_threads(), list[Thread]()

    def many(visitor: socket.socket, _number: int) -> None:
        while request_of(visitor):
            visitor.sendall(OK)
            news = (each for each in enumerate_threads() if each not in others and each not in started)
            started.extend(each for each in news if "_watch" in each.name)

    with wired(many) as wire:
        assert {wire.send("GET", "/a", {}, b"").status for _ in range(20)} == {200}
    assert len(started) == 1
    started[0].join(5)
    assert not started[0].is_alive()


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nx-long: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    ],
)
def test_one_who_is_never_done_is_cut_off(first: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contratempo.conformance.wire.PATIENT", 0.1)
    with wired(lambda visitor, _number: drips(visitor, first)) as wire:
        answer = wire.send("GET", "/a", {}, b"")
    assert (answer.status, answer.late) == (0, True)
    assert answer.content == b"there was no whole answer within 0.1 s"


def test_one_who_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contratempo.conformance.wire.PATIENT", 0.05)
    seen: list[int] = []

    def mute(visitor: socket.socket, number: int) -> None:
        visitor.settimeout(5)
        seen.append(number)
        request_of(visitor)
        request_of(visitor)

    with wired(mute) as wire:
        assert [wire.send("GET", "/a", {}, b"").late for _ in range(2)] == [True, True]
        for _ in range(2):
            with pytest.raises(Unreachable, match="hangs: 3 requests"):
                wire.send("GET", "/a", {}, b"")
    assert seen == [0, 1, 2]


def test_one_who_is_slow_every_time_is_given_up() -> None:
    hours = iter(range(0, 10_000, 11))

    def slow(visitor: socket.socket, _number: int) -> None:
        while request_of(visitor):
            visitor.sendall(OK)

    with listening(slow) as origin:
        wire = HttpWire(origin, lambda: float(next(hours)), near=True)
        assert {wire.send("GET", "/a", {}, b"").status for _ in range(6)} == {200}
        with pytest.raises(Unreachable, match=r"too slow to be tested: 7 answers .* on average 11 s"):
            wire.send("GET", "/a", {}, b"")
        wire.close()


def test_the_time_that_a_guard_takes_is_not_the_deployments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contratempo.conformance.wire.PATIENT", 1e-9)
    hours = iter(range(0, 10_000, 11))

    def slow(visitor: socket.socket, _number: int) -> None:
        while request_of(visitor):
            visitor.sendall(OK)

    with listening(slow) as origin:
        wire = HttpWire("http://deployment.test", lambda: float(next(hours)), near=False, through=origin)
        assert {wire.send("GET", "/a", {}, b"").status for _ in range(20)} == {200}
        wire.close()


def test_what_is_set_with_one_answer_lets_nobody_else_in() -> None:
    heard: list[bytes] = []

    def baker(visitor: socket.socket, _number: int) -> None:
        heard.append(request_of(visitor))
        visitor.sendall(OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: session=s; Path=/\r\nConnection: close\r\n\r\n"))

    with wired(baker) as wire:
        for _ in range(2):
            assert wire.send("GET", "/a", {}, b"").status == 200
    assert not [each for each in heard if b"session" in each]


def test_garbage_is_no_answer() -> None:
    with wired(lambda visitor, _number: (request_of(visitor), visitor.sendall(b"SSH-2.0-x\r\n" * 3))[1]) as wire:
        assert wire.send("GET", "/a", {}, b"").status == 0
