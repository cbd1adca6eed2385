"""What a world wants sent: captured or sent, how it looks, and what its receipts do."""

import asyncio
import logging

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contratempo.contract.violation import Violation
from contratempo.sim.faults import Fault
from contratempo.sim.instants import SECOND
from contratempo.sim.webhooks import Receipt

BAD = Receipt("failed", 500, "status 500")


async def turn():
    """Let everybody go on until they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


def attempts(world):
    return [(attempt.state, attempt.reason) for webhook in world.simulation.outbox for attempt in webhook.attempts]


def test_what_policy_keeps_back_is_captured_at_once(stage):
    stage = stage()
    world = stage.world()
    stage.emit(world, ("http://10.0.0.1/", "a"))  # not even a loop is needed
    assert attempts(world) == [("captured", "10.0.0.1 is neither loopback nor in --webhook-allow")]
    assert (stage.sender.outstanding(world), stage.courier.sent) == (0, [])


def test_what_a_courier_finds_to_lead_elsewhere_is_captured(stage):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, (1, "a"))
        await turn()
        await it.courier.land(0, Receipt("captured", reason="leads elsewhere"))
        return world

    world = asyncio.run(story())
    assert attempts(world) == [("captured", "leads elsewhere")]
    assert next(iter(world.simulation.outbox)).attempts[0].seconds is None


def test_a_receipt_comes_back_with_the_real_time_it_took(stage, real):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, (1, "a"))
        await turn()
        real.now += 0.25
        await it.courier.land(0)
        return it, world

    it, world = asyncio.run(story())
    (attempt,) = next(iter(world.simulation.outbox)).attempts
    assert (attempt.state, attempt.status, attempt.seconds) == ("delivered", 200, 0.25)
    assert (it.changes, it.sender.outstanding(world)) == ([world], 0)


def test_a_failure_is_tried_again_when_the_world_says_so(stage):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, (1, "a"))
        await turn()
        await it.courier.land(0, BAD)
        waited = it.sender.outstanding(world)
        world.simulation.apply({"kind": "run", "until": world.simulation.now + SECOND})
        it.sender.dispatch(world)
        await turn()
        await it.courier.land(1)
        return world, waited

    world, waited = asyncio.run(story())
    assert (attempts(world), waited) == ([("failed", "status 500"), ("delivered", None)], 0)


def test_without_a_running_loop_what_is_to_be_sent_waits_for_one(stage):
    it = stage()
    world = it.world()
    it.emit(world, (1, "a"))
    assert it.sender.outstanding(world) == 1

    async def later():
        it.sender.dispatch(world)
        await turn()
        await it.courier.land(0)

    asyncio.run(later())
    assert attempts(world) == [("delivered", None)]


# what is sent


def sent(stage, url="http://127.0.0.1:1/", world_id="w", **more):
    """Return the headers and the body of one webhook."""

    async def story():
        it = stage(**more)
        it.emit(it.world(world_id), (url, "a"))
        await turn()
        await it.sender.close()
        return it.courier.sent[0][1:]

    return asyncio.run(story())


def test_a_webhook_has_the_vendor_s_headers_signed_at_the_wall_clock_s_time(stage, real):
    headers, body = sent(stage)
    seconds = real.instant() // SECOND
    assert headers == {
        "content-type": "application/json",
        "user-agent": "post",
        "signature": Ed25519PrivateKey.from_private_bytes(bytes(32)).sign(body).hex(),
        "stamp": str(seconds),
    }
    assert body == b'{"resource":"a","attempt":1}'


def test_a_spoilt_signature_is_well_formed_and_wrong(stage):
    async def story():
        it = stage()
        world = it.world()
        world.simulation.faults.add(Fault("f", {}, {"kind": "bad_signature"}))
        it.emit(world, (1, "a"))
        await turn()
        await it.sender.close()
        return it.courier.sent[0][1:]

    headers, body = asyncio.run(story())
    signature = bytes.fromhex(headers["signature"])
    assert len(signature) == 64
    with pytest.raises(InvalidSignature):
        Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().verify(signature, body)


def test_the_server_s_own_sink_is_told_the_world_and_the_token(stage):
    headers, _ = sent(stage, "http://127.0.0.1:4010/_mock/sink/a", "mine", token="secret")
    assert (headers["x-mock-world"], headers["x-mock-token"]) == ("mine", "secret")
    headers, _ = sent(stage, "http://127.0.0.1:4010/_mock/sink/a", "mine")
    assert "x-mock-token" not in headers


def test_nobody_else_is_told_the_world_or_the_token(stage):
    headers, _ = sent(stage, token="secret")
    assert not {"x-mock-world", "x-mock-token"} & set(headers)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x", "a\r\nx-evil: 1"),
        ("x", "a\n"),
        ("x", "\x00"),
        ("x", "ü"),
        ("x", " a"),
        ("x\r\ny", "a"),
        ("", "a"),
        ("x:", "a"),
    ],
)
def test_no_header_carries_what_would_make_another(stage, name, value, caplog):
    async def story():
        it = stage(hooks={"headers": lambda sign, timestamp, body: {name: value}})
        world = it.world()
        it.emit(world, (1, "a"))
        await turn()
        return it, world

    it, world = asyncio.run(story())
    assert attempts(world) == [("failed", "the mock failed; the server's log has it")]
    assert it.courier.sent == []
    assert "characters that no header has" in caplog.text


BREACH = (Violation("body", ("data",), "required", "has no id"),)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://10.0.0.1/"])
def test_what_breaks_the_document_is_not_sent(stage, url, caplog):
    async def story():
        it = stage(violations=BREACH)
        world = it.world()
        it.emit(world, (url, "a"))
        await turn()
        return it, world

    it, world = asyncio.run(story())
    assert attempts(world) == [("failed", "self-check: body/data has no id")]
    assert it.courier.sent == []
    assert [record.levelname for record in caplog.records] == ["ERROR"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://10.0.0.1/"])
def test_a_body_that_cannot_be_made_is_a_failure_of_the_mock(stage, url, caplog):
    def fail(delivery):
        raise ZeroDivisionError

    async def story():
        it = stage(hooks={"body": fail})
        world = it.world()
        it.emit(world, (url, "a"))
        await turn()
        return world

    assert attempts(asyncio.run(story())) == [("failed", "the mock failed; the server's log has it")]
    assert "ZeroDivisionError" in caplog.text


def test_a_courier_that_breaks_ends_its_attempt_and_nothing_else(stage):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, (1, "a"), (1, "b"))
        await turn()
        await it.courier.land(0, ZeroDivisionError())
        await it.courier.land(1)
        it.emit(world, (1, "a"))
        await turn()
        await it.courier.land(2)
        return world

    states = [state for state, _ in attempts(asyncio.run(story()))]
    assert states == ["failed", "delivered", "delivered"]


# receipts and lines


def test_a_receipt_that_makes_something_fail_is_taken_all_the_same(stage, caplog):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, (1, "a"), (1, "b"))
        await turn()
        world.simulation.timers.add(world.simulation.now, "post", "unknown", "x")
        await it.courier.land(0)
        await it.courier.land(1)
        return world

    assert attempts(asyncio.run(story())) == [("delivered", None), ("delivered", None)]
    assert "a due thing failed and was dropped" in caplog.text


def test_a_receipt_after_a_reset_changes_nothing(stage):
    async def story():
        it = stage()
        world = it.world()
        it.emit(world, (1, "a"))
        await turn()
        world.simulation.apply({"kind": "reset"})
        head = world.simulation.head
        await it.courier.land(0)
        return world.simulation.head - head, attempts(world)

    assert asyncio.run(story()) == (0, [])


@pytest.mark.parametrize(
    ("receipt", "level"),
    [(Receipt("delivered", 200), "DEBUG"), (BAD, "INFO"), (Receipt("captured", reason="a\r\nERROR b\x1b[2J"), "INFO")],
)
def test_each_attempt_is_one_line_of_the_log_without_its_address(stage, receipt, level, caplog):
    async def story():
        it = stage()
        it.emit(it.world("w\nERROR x"), ("http://127.0.0.1:1/secret", "a"))
        await turn()
        await it.courier.land(0, receipt)

    with caplog.at_level(logging.DEBUG, "contratempo"):
        asyncio.run(story())
    (record,) = caplog.records
    assert (record.levelname, record.getMessage().isprintable()) == (level, True)
    assert "secret" not in record.getMessage()
    assert f"attempt 1 {receipt.state}" in record.getMessage()


def test_a_receipt_comes_at_the_running_clocks_instant(stage):
    """Else a retry would be stamped with the time of whatever happened last, and reading the clock would matter."""

    async def story():
        it = stage()
        world = it.world()
        it.sender.catch_up = lambda known: known.simulation.apply({"kind": "tick", "until": 1_090 * SECOND})
        it.emit(world, (1, "a"))
        await turn()
        await it.courier.land(0, BAD)
        return [attempt.at // SECOND for webhook in world.simulation.outbox for attempt in webhook.attempts]

    assert asyncio.run(story()) == [1_000, 1_090]
