"""Webhooks by TLS: verified against the name, whatever address it leads to."""

import asyncio
import ssl

import pytest
import trustme
from raw_receiver import BODY, answering, deliver, receiving, to_this_machine

from contratempo.server.courier import Courier
from contratempo.server.policy import DeliveryPolicy
from contratempo.sim.webhooks import Receipt

SHORT = 0.4
"""Seconds an attempt has where it is to run out of them."""


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def tls_of(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def trusting(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def deliver_by_tls(authority, name, trust, url="https://receiver.test:{}/"):
    names, server = [], tls_of(authority.issue_cert(name))
    server.sni_callback = lambda connection, sent, context: names.append(sent)
    receipt = deliver(answering(b"HTTP/1.1 200 OK\r\n\r\n"), url=url, tls=trust, ssl=server)
    return receipt, names


def test_tls_is_verified_against_the_name_not_the_address(authority):
    receipt, names = deliver_by_tls(authority, "receiver.test", trusting(authority))
    assert (receipt, names) == (Receipt("delivered", 200), ["receiver.test"])


def test_tls_to_an_address_is_verified_against_it(authority):
    receipt, _ = deliver_by_tls(authority, "127.0.0.1", trusting(authority), "https://127.1:{}/")
    assert receipt.state == "delivered"


@pytest.mark.parametrize("name", ["other.test", "127.0.0.1"])
def test_a_certificate_for_another_name_is_refused(authority, name):
    receipt, _ = deliver_by_tls(authority, name, trusting(authority))
    assert receipt.state == "failed"
    assert receipt.reason.startswith("TLS: Hostname mismatch")


def test_a_certificate_of_nobody_known_is_refused(authority):
    receipt, _ = deliver_by_tls(authority, "receiver.test", None)
    assert receipt.state == "failed"
    assert receipt.reason.startswith("TLS: unable to get local issuer certificate")


def test_a_receiver_without_tls_is_told_from_one_with_it():
    async def behave(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(60)

    receipt = deliver(behave, url="https://localhost:{}/")
    assert receipt == Receipt("failed", reason="TLS: wrong version number")


def test_a_tls_handshake_that_hangs_costs_its_time_and_leaves_no_connection():
    ended = asyncio.Event()

    async def behave(reader, writer):
        while await reader.read(1_000):
            pass
        ended.set()

    async def story():
        policy = DeliveryPolicy((), lambda: 0)
        async with receiving(behave) as port:
            destination = policy.judge(f"https://127.0.0.1:{port}/")
            receipt = await Courier(policy, to_this_machine).carry(destination, {}, BODY, SHORT)
            await asyncio.wait_for(ended.wait(), 5)
            return receipt

    receipt = asyncio.run(story())
    assert (receipt.state, receipt.status) == ("failed", None)
    assert receipt.reason in ("timed out after 0.4 s", "no connection in time")
