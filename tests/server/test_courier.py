"""One attempt on the wire, which here is memory: where it goes, what it says, and what each answer amounts to."""

import asyncio
import socket
import ssl
from dataclasses import dataclass, field

import httpx2
import pytest

from contratempo.server.courier import Courier, visible
from contratempo.server.policy import DeliveryPolicy
from contratempo.server.redaction import Redactor
from contratempo.sim.webhooks import Receipt

FOREVER = 1_000_000


@dataclass
class Stream(httpx2.AsyncByteStream):
    """A body in pieces; a number among them is seconds until the next."""

    pieces: list
    given: int = 0
    closed: bool = False

    async def __aiter__(self):
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, bytes):
                self.given += len(piece)
                yield piece
            else:
                await asyncio.sleep(piece)

    async def aclose(self):
        self.closed = True


@dataclass
class Wire(httpx2.AsyncBaseTransport):
    """Answers each address as told: an exception, seconds of silence, or `(status, headers, stream)`."""

    answers: dict
    requests: list = field(default_factory=list)
    contexts: list = field(default_factory=list)
    closed: int = 0

    def __call__(self, context):
        self.contexts.append(context)
        return self

    async def handle_async_request(self, request):
        self.requests.append(request)
        answer = self.answers.get(request.url.host, (200, {}, Stream([])))
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            await asyncio.sleep(answer)
        status, headers, stream = answer
        return httpx2.Response(status, headers=headers, stream=stream)

    async def aclose(self):
        self.closed += 1


def names(*lookups):
    """Return a resolver that answers one lookup after the other."""
    left = list(lookups)

    async def resolve(host, port):
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    return resolve


@pytest.fixture
def carry(run_skipping):
    """Carry one webhook to a URL over a wire and return the receipt."""

    def send(wire, url="http://127.0.0.1:8080/hooks", resolve=None, allow=("receiver.test",), **more):
        policy = DeliveryPolicy(allow, lambda: 4010)
        courier = Courier(policy, resolve or names(), transport=wire, **more)
        return run_skipping(courier.carry(policy.judge(url), {"content-type": "application/json"}, b"{}", 2.0))

    return send


def answering(status=200, headers=None, *pieces):
    return Wire({"127.0.0.1": (status, headers or {}, Stream(list(pieces)))})


# what goes out


def test_a_request_goes_to_the_address_in_the_name_of_the_host(carry):
    wire = Wire({})
    assert carry(wire, "https://receiver.test:8443/a?b=%2f#c", names(["10.0.0.1"])).state == "delivered"
    (request,) = wire.requests
    assert (request.method, str(request.url)) == ("POST", "https://10.0.0.1:8443/")
    assert request.extensions["target"] == b"/a?b=%2f"
    assert request.extensions["sni_hostname"] == "receiver.test"
    assert request.headers["host"] == "receiver.test:8443"


def test_a_request_has_our_headers_and_no_others(carry):
    wire = Wire({})
    carry(wire)
    assert {name.decode().lower(): value.decode() for name, value in wire.requests[0].headers.raw} == {
        "content-type": "application/json",
        "host": "127.0.0.1:8080",
        "connection": "close",
        "content-length": "2",
    }


def test_every_attempt_has_a_connection_of_its_own_and_closes_it(carry):
    wire = Wire({"127.0.0.1": httpx2.ConnectError("no")})
    carry(wire, "http://localhost:8080/")
    assert ([request.url.host for request in wire.requests], wire.closed) == (["127.0.0.1", "::1"], 2)


def test_tls_has_the_context_given_and_plain_http_one_that_trusts_nobody(carry):
    wire, tls = Wire({}), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    carry(wire, "https://localhost/", tls=tls)
    carry(wire, "http://localhost/", tls=tls)
    assert wire.contexts[0] is tls
    assert wire.contexts[1].cert_store_stats()["x509"] == 0


def test_tls_is_verified_unless_another_context_is_given(carry):
    wire = Wire({})
    carry(wire, "https://localhost/")
    (context,) = wire.contexts
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


# addresses


def test_a_name_is_looked_up_once_however_its_answers_change(carry):
    wire, resolve = Wire({}), names(["10.0.0.1"], ["169.254.169.254"])
    assert carry(wire, "http://receiver.test/", resolve).state == "delivered"
    assert [request.url.host for request in wire.requests] == ["10.0.0.1"]


def test_a_name_that_leads_where_nothing_is_sent_is_captured(carry):
    wire = Wire({})
    receipt = carry(wire, "http://receiver.test/", names(["10.0.0.1", "169.254.169.254"]))
    reason = "169.254.169.254 is link-local, which only a --webhook-allow of link-local addresses allows"
    assert receipt == Receipt("captured", reason=f"receiver.test was looked up: {reason}")
    assert wire.requests == []


def test_a_name_that_does_not_exist_fails(carry):
    error = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    receipt = carry(Wire({}), "http://receiver.test/", names(error))
    assert receipt == Receipt("failed", reason="receiver.test was not found: Name or service not known")


def test_a_lookup_counts_against_the_time(carry):
    async def resolve(host, port):
        await asyncio.sleep(FOREVER)

    assert carry(Wire({}), "http://receiver.test/", resolve) == Receipt("failed", reason="timed out after 2 s")


@pytest.mark.parametrize("error", [httpx2.ConnectError("no"), httpx2.ConnectTimeout("late")])
def test_where_nobody_listens_the_next_address_is_tried(carry, error):
    wire = Wire({"10.0.0.1": error})
    assert carry(wire, "http://receiver.test/", names(["10.0.0.1", "10.0.0.2", "10.0.0.3"])).state == "delivered"
    assert [request.url.host for request in wire.requests] == ["10.0.0.1", "10.0.0.2"]


def test_the_addresses_share_the_time_to_connect(carry):
    wire = Wire({"10.0.0.1": httpx2.ConnectTimeout("late")})
    carry(wire, "http://receiver.test/", names(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]))
    assert wire.requests[0].extensions["timeout"]["connect"] == 0.5


def test_what_was_sent_is_not_sent_again_to_the_next_address(carry):
    wire = Wire({"10.0.0.1": httpx2.ReadError("gone")})
    assert carry(wire, "http://receiver.test/", names(["10.0.0.1", "10.0.0.2"])).state == "failed"
    assert len(wire.requests) == 1


# what comes back


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_delivered(carry, status):
    assert carry(answering(status, None, b"thank ", b"you")) == Receipt("delivered", status, answer="thank you")


@pytest.mark.parametrize("status", [101, 300, 304, 400, 404, 410, 500, 503, 600])
def test_any_other_status_is_a_failure(carry, status):
    receipt = carry(answering(status, None, b"no"))
    assert receipt == Receipt("failed", status, f"status {status}", answer="no")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_not_followed(carry, status):
    wire = answering(status, {"location": "http://169.254.169.254/"})
    reason = "redirect to http://169.254.169.254/ is not followed"
    assert carry(wire) == Receipt("failed", status, reason)
    assert len(wire.requests) == 1


def test_a_receiver_that_hangs_fails_in_time(carry):
    assert carry(Wire({"127.0.0.1": FOREVER})) == Receipt("failed", reason="timed out after 2 s")


def test_a_2xx_counts_even_when_its_body_drips(carry):
    receipt = carry(answering(200, None, *[b"x", 0.5] * FOREVER))
    assert receipt == Receipt("delivered", 200, answer="xxxx")


def test_a_2xx_counts_even_when_its_body_breaks_off(carry):
    assert carry(answering(200, None, b"x", httpx2.ReadError("gone"))).state == "delivered"


def test_a_failure_stays_one_when_its_body_drips(carry):
    assert carry(answering(500, None, b"x", 60)) == Receipt("failed", 500, "status 500", answer="x")


def test_a_flood_is_read_up_to_64_kib(carry):
    wire = answering(200, None, *[b"x" * 1_000] * 1_000)
    receipt = carry(wire)
    assert (receipt.answer, receipt.state) == ("x" * 2_000, "delivered")
    stream = wire.answers["127.0.0.1"][2]
    assert stream.given <= 65_536 + 1_000
    assert stream.closed


def test_what_does_not_print_is_escaped(carry):
    receipt = carry(
        answering(302, {b"location": b"/\x85" + b"a" * 500}, b"a\r\n\x1b[2J\xff\xe2\x80\xae\x00" + b"\n" * 3_000)
    )
    assert receipt.answer.startswith("a\\r\\n\\x1b[2J\ufffd\\u202e\\x00\\n")
    assert (len(receipt.answer), receipt.answer.isprintable()) == (2_000, True)
    assert receipt.reason.isprintable()
    assert len(receipt.reason) < 250


def test_secrets_in_an_answer_are_not_kept(carry):
    wire = answering(500, {}, b"x-token: verysecret")
    assert "verysecret" not in carry(wire, clean=Redactor(["verysecret"])).answer


# what goes wrong


def because(error, cause):
    """Return an error with what lies beneath it."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (because(httpx2.ConnectError("All attempts failed"), ConnectionRefusedError(111, "x")), "connection refused"),
        (because(httpx2.ReadError(""), ConnectionResetError(104, "x")), "connection reset"),
        (because(httpx2.WriteError(""), BrokenPipeError(32, "x")), "connection reset"),
        (httpx2.ReadError(""), "connection reset"),
        (httpx2.ConnectTimeout(""), "no connection in time"),
        (because(httpx2.ConnectError("x"), OSError(101, "Network is unreachable")), "network is unreachable"),
        (because(httpx2.ConnectError("x"), ssl.SSLError(1, "WRONG")), "TLS: failed"),
        (httpx2.RemoteProtocolError("illegal status line: b'\x00\n'"), "illegal status line: b'\\x00\\n'"),
        (httpx2.RemoteProtocolError(""), "RemoteProtocolError"),
        (OSError("odd"), "odd"),
    ],
)
def test_every_error_has_a_short_reason(carry, error, reason):
    assert carry(Wire({"127.0.0.1": error})) == Receipt("failed", reason=reason)


def test_an_error_of_our_own_is_not_taken_for_the_receiver_s(carry):
    with pytest.raises(ZeroDivisionError):
        carry(Wire({"127.0.0.1": ZeroDivisionError()}))


def test_visible_text_is_no_longer_than_asked_for():
    assert (visible("\x00" * 10, 6), visible("plain", 3), visible("", 3)) == ("\\x00\\x", "pla", "")
