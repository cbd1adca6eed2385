"""Receivers as they may be: slow, broken, hostile; over real sockets of this machine."""

import asyncio
import socket
import struct
import time

import pytest
from raw_receiver import BODY, answering, deliver, request_of, to_this_machine

from contratempo.server.courier import Courier
from contratempo.server.policy import DeliveryPolicy
from contratempo.sim.webhooks import Receipt

SHORT = 0.4
"""Seconds an attempt has where it is to run out of them."""


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_receiver_that_answers_2xx_has_it(status):
    assert deliver(answering(b"HTTP/1.1 %d OK\r\ncontent-length: 0\r\n\r\n" % status)) == Receipt("delivered", status)


def test_a_receiver_sees_one_plain_request():
    seen = []

    async def behave(reader, writer):
        seen.append(await request_of(reader))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await writer.drain()

    deliver(behave, url="http://localhost:{}/a/../b?c=%2f#d")
    head, _, body = seen[0].partition(b"\r\n\r\n")
    line, *headers = head.decode().lower().splitlines()
    assert (line, body) == ("post /a/../b?c=%2f http/1.1", BODY)
    assert sorted(header.partition(":")[0] for header in headers) == [
        "connection", "content-length", "content-type", "host",
    ]  # fmt: skip


def test_a_receiver_that_fails_has_its_answer_noted():
    receipt = deliver(answering(b"HTTP/1.1 500 Oh\r\ncontent-length: 4\r\n\r\nsad\n"))
    assert receipt == Receipt("failed", 500, "status 500", answer="sad\\n")


def test_a_receiver_that_hangs_costs_its_time_and_no_more():
    started = time.monotonic()
    assert deliver(answering(pause=0), seconds=2.0).state == "failed"

    async def hang(reader, writer):
        await asyncio.sleep(60)

    assert deliver(hang, seconds=2.0) == Receipt("failed", reason="timed out after 2 s")
    assert time.monotonic() - started < 4


def test_headers_that_drip_are_too_late():
    behave = answering(*[b"%c" % byte for byte in b"HTTP/1.1 200 OK\r\nx: y\r\n\r\n"], pause=0.05)
    assert deliver(behave, seconds=SHORT) == Receipt("failed", reason="timed out after 0.4 s")


def test_a_2xx_whose_body_drips_is_delivered_within_the_time():
    started = time.monotonic()
    behave = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n", *[b"x"] * 999, pause=0.02)
    receipt = deliver(behave, seconds=SHORT)
    assert (receipt.state, receipt.status, set(receipt.answer)) == ("delivered", 200, {"x"})
    assert time.monotonic() - started < SHORT + 1


def test_answers_before_the_answer_do_not_prolong_it():
    behave = answering(*[b"HTTP/1.1 103 Early\r\n\r\n"] * 999, pause=0.01)
    assert deliver(behave, seconds=SHORT) == Receipt("failed", reason="timed out after 0.4 s")


@pytest.mark.parametrize("status", [200, 500])
def test_a_flood_is_cut_off(status):
    poured = 0

    async def behave(reader, writer):
        nonlocal poured
        await request_of(reader)
        writer.write(b"HTTP/1.1 %d OK\r\ncontent-length: 1000000000\r\n\r\n" % status)
        while poured < 1_000_000_000:
            writer.write(b"x" * 65_536)
            await writer.drain()
            poured += 65_536

    started = time.monotonic()
    receipt = deliver(behave)
    assert (receipt.status, receipt.answer) == (status, "x" * 2_000)
    assert poured < 32_000_000  # what buffers of both sides take
    assert time.monotonic() - started < 1.5


def test_headers_without_end_are_cut_off():
    async def behave(reader, writer):
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"x: %s\r\n" % (b"y" * 1_000))
            await writer.drain()

    receipt = deliver(behave)
    assert (receipt.state, receipt.status) == ("failed", None)
    assert receipt.reason != "timed out after 2 s"


def test_a_redirect_is_not_followed():
    asked = []

    async def behave(reader, writer):
        asked.append(await request_of(reader))
        port = writer.get_extra_info("sockname")[1]
        writer.write(b"HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:%d/other\r\ncontent-length: 0\r\n\r\n" % port)
        await writer.drain()

    receipt = deliver(behave)
    assert (receipt.state, receipt.status, len(asked)) == ("failed", 307, 1)
    assert receipt.reason.startswith("redirect to http://127.0.0.1:")


def resetting(before):
    """Return a receiver that sends something and then resets the connection."""

    async def behave(reader, writer):
        await request_of(reader)
        writer.write(before)
        await writer.drain()
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    return behave


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200"])
def test_a_connection_that_is_reset_is_a_failure(before):
    assert deliver(resetting(before)) == Receipt("failed", reason="connection reset")


def test_a_reset_after_a_2xx_changes_nothing():
    behave = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx")
    assert deliver(behave) == Receipt("delivered", 200, answer="x")


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\nx-half: "])
def test_a_connection_that_is_closed_too_early_is_a_failure(before):
    receipt = deliver(answering(before))
    assert (receipt.state, receipt.status) == ("failed", None)
    assert "disconnected" in receipt.reason


def test_what_is_not_http_is_a_failure():
    receipt = deliver(answering(b"SSH-2.0-OpenSSH_9.6\x1b[2J\r\n"))
    assert (receipt.state, receipt.status, receipt.reason.isprintable()) == ("failed", None, True)


def test_nobody_listening_is_a_failure():
    async def story():
        policy = DeliveryPolicy((), lambda: 0)
        with socket.socket() as bound:  # bound but not listening: nobody else has the port, and it refuses
            bound.bind(("127.0.0.1", 0))
            destination = policy.judge(f"http://127.0.0.1:{bound.getsockname()[1]}/")
            return await Courier(policy, to_this_machine).carry(destination, {}, BODY, 2.0)

    assert asyncio.run(story()) == Receipt("failed", reason="connection refused")


def test_localhost_is_reached_where_only_one_of_its_addresses_listens():
    assert deliver(answering(b"HTTP/1.1 200 OK\r\n\r\n"), url="http://localhost:{}/").state == "delivered"


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"])
def test_proxies_of_the_environment_are_not_asked(monkeypatch, variable):
    monkeypatch.setenv(variable, "http://127.0.0.1:9/")
    assert deliver(answering(b"HTTP/1.1 200 OK\r\n\r\n")).state == "delivered"
