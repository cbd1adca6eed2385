"""What is delivered to: loopback however it is spelled, and of the server itself its sink."""

import socket
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.server.addresses import parse_ipv4
from contratempo.server.policy import DeliveryPolicy, Destination

OWN_PORT = 4010


def policy(*allow: str) -> DeliveryPolicy:
    return DeliveryPolicy(allow, lambda: OWN_PORT)


INSIDE = Path(__file__).with_name("inside_addresses.txt").read_text().split()
LOOPBACK = [
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0X7F.1", "0x7f.0x0.0x0.0x1",
    "0177.0.0.1", "017700000001", "0000177.0.0.01", "127.0.0.1.", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]",
    "[::ffff:127.0.0.1]", "[::FFFF:7F00:1]", "localhost", "LOCALHOST", "localhost.", "receiver.localhost",
    "a.b.localhost",
]  # fmt: skip


def test_the_tables_are_long_enough():
    assert len(set(INSIDE)) >= 60


@pytest.mark.parametrize("port", ["", ":80", ":8080"])
@pytest.mark.parametrize("host", INSIDE)
def test_an_inside_address_is_captured_with_its_reason(host, port):
    for scheme in ("http", "https"):
        reason = policy().judge(f"{scheme}://{host}{port}/hooks")
        assert isinstance(reason, str)
        assert "neither loopback" in reason or "nothing can be delivered" in reason or "link-local" in reason


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_is_delivered_to_however_it_is_spelled(host):
    destination = policy().judge(f"http://{host}:8080/hooks")
    assert isinstance(destination, Destination)
    assert all(ip_address(address).is_loopback for address in destination.addresses)


@pytest.mark.parametrize("host", [host for host in [*INSIDE, *LOOPBACK] if host[0].isdigit()])
def test_an_ipv4_spelling_is_read_as_the_machine_reads_it(host):
    meant = socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))
    assert str(parse_ipv4(host.rstrip("."))) == meant


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("ftp://localhost/", "neither http"),
        ("file:///etc/passwd", "neither http"),
        ("gopher://localhost:70/_x", "neither http"),
        ("//localhost/", "neither http"),
        ("localhost:8080", "neither http"),
        ("http:localhost", "neither http"),
        ("http:/localhost/", "neither http"),
        ("httpſ://localhost/", "neither http"),
        ("", "neither http"),
        ("http://", "no host"),
        ("http:///x", "no host"),
        ("http://?x", "no host"),
        ("http://#@localhost/", "no host"),
        ("http://user@localhost/", "user information"),
        ("http://user:pass@localhost/", "user information"),
        ("http://localhost@10.0.0.1/", "user information"),
        ("http://10.0.0.1@localhost/", "user information"),
        ("http://localhost\\@10.0.0.1/", "backslashes"),
        ("http:\\\\localhost/", "backslashes"),
        ("http://localhost\\.evil.test/", "backslashes"),
        (" http://localhost/", "spaces"),
        ("http://localhost/ ", "spaces"),
        ("http://local host/", "spaces"),
        ("http://localhost/\r\nX-Evil: 1", "control"),
        ("http://localhost\r\nX-Evil: 1/", "control"),
        ("http://localhost/\t", "control"),
        ("ht\ntp://localhost/", "control"),
        ("http://localhost/\x00", "control"),
        ("http://localhost/\x7f", "control"),
        ("http://①②⑦.⓪.⓪.①/", "not ASCII"),
        ("http://１２７.0.0.1/", "not ASCII"),
        ("http://127。0。0。1/", "not ASCII"),
        ("http://localhoſt/", "not ASCII"),
        ("http://\u212a.localhost/", "not ASCII"),
        ("http://localhost\u200b/", "not ASCII"),
        ("http://%6cocalhost/", "characters"),
        ("http://127.0.0.1%00.evil.test/", "characters"),
        ("http://localhost%2f@10.0.0.1/", "user information"),
        ("http://localhost..", "characters"),
        ("http://.localhost/", "characters"),
        ("http://a..localhost/", "characters"),
        ("http://*.localhost/", "characters"),
        (f"http://{'a' * 64}.localhost/", "characters"),
        (f"http://{'a.' * 127}localhost/", "characters"),
        ("http://localhost:0/", "port 0"),
        ("http://localhost:65536/", "65535"),
        ("http://localhost:99999/", "65535"),
        ("http://localhost:/", "port"),
        ("http://localhost:8o/", "port"),
        ("http://localhost:-1/", "port"),
        ("http://localhost:80:80/", "port"),
        ("http://localhost:٨٠/", "not ASCII"),
        ("http://[fe80::1%25eth0]/", "zone"),
        ("http://[::1%25lo]/", "zone"),
        ("http://[::1%lo]/", "zone"),
        ("http://[::1/", "host"),
        ("http://::1/", "host"),
        ("http://[[::1]]/", "host"),
        ("http://[::1]x/", "host"),
        ("http://[127.0.0.1]/", "not an IPv6 address"),
        ("http://[localhost]/", "not an IPv6 address"),
        ("http://[]/", "not an IPv6 address"),
        ("http://[::ffff:127.1]/", "not an IPv6 address"),
        ("http://127.0.0.256/", "not an IPv4 address"),
        ("http://127.0.0.1.1/", "not an IPv4 address"),
        ("http://127.0.0.1.0/", "not an IPv4 address"),
        ("http://127.0.256.1/", "not an IPv4 address"),
        ("http://383.1/", "not an IPv4 address"),
        ("http://127.0.0.08/", "not an IPv4 address"),
        ("http://0x/", "not an IPv4 address"),
        ("http://256/0.1", "unspecified"),
        ("http://4294967296/", "not an IPv4 address"),
        ("http://evil.127/", "not an IPv4 address"),
        ("http://localhost/" + "x" * 1_984, "2,000"),
        ("http://localhost/\ud800", "not valid text"),
    ],
)
def test_what_two_readers_could_read_differently_is_captured(url, word):
    reason = policy().judge(url)
    assert isinstance(reason, str)
    assert word in reason


def test_a_url_of_two_thousand_characters_is_delivered_to():
    assert isinstance(policy().judge("http://localhost/" + "x" * 1_983), Destination)


@pytest.mark.parametrize(
    "host",
    ["evil.test", "localhost.evil.test", "a.localhost.evil.test", "notlocalhost", "xn--lcalhost-n2a", "metadata"],
)
def test_a_name_that_nobody_allowed_is_captured_without_a_lookup(host):
    reason = policy("10.0.0.1", "other.test", f"{host}:81").judge(f"http://{host}/")
    assert reason == f"{host} was not looked up: it is no loopback and --webhook-allow does not name it"


def test_a_request_is_made_of_the_parts_alone():
    assert policy().judge("HTTPS://A.Localhost.:08443?q=%41#top") == Destination(
        "https", "a.localhost", 8443, "/?q=%41", "a.localhost:8443", ("127.0.0.1", "::1")
    )


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://localhost", "localhost"),
        ("http://localhost:80", "localhost"),
        ("https://localhost:80", "localhost:80"),
        ("https://[::1]:443", "[::1]"),
        ("http://[0::1]:9", "[::1]:9"),
        ("http://0x7f.1:9", "127.0.0.1:9"),
    ],
)
def test_the_host_header_says_the_host_as_it_was_understood(url, authority):
    assert policy().judge(url).authority == authority


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ("", "/"),
        ("/", "/"),
        ("?a=b", "/?a=b"),
        ("/a/../b//c?d=/?e#f?g", "/a/../b//c?d=/?e"),
        ("/%2e%0d%0a", "/%2e%0d%0a"),
        ("/ü?ü", "/%C3%BC?%C3%BC"),
        ("/\u2028", "/%E2%80%A8"),
        ("/@10.0.0.1:80", "/@10.0.0.1:80"),
        ("/http://evil.test", "/http://evil.test"),
    ],
)
def test_path_and_query_go_out_as_sent(sent, target):
    assert policy().judge(f"http://localhost{sent}").target == target


# the server itself


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_the_server_s_own_sink_is_delivered_to(host):
    destination = policy().judge(f"http://{host}:{OWN_PORT}/_mock/sink/a.b-c_9#x")
    assert (destination.own, destination.target) == (True, "/_mock/sink/a.b-c_9")


@pytest.mark.parametrize(
    "target",
    [
        "", "/", "/_mock/reset", "/_mock/sink", "/_mock/sink/", "/_mock/sink/A", "/_mock/sink/-a", "/_mock/sink/..",
        "/_mock/sink/a/", "/_mock/sink/a/../../reset", "/_mock/sink/a%2f..", "/_mock/sink/a?x=1", "/_mock/sink/a?",
        "/_mock//sink/a", "//_mock/sink/a", "/_mock/sink/a%0a", "/_mock/sink/" + "a" * 65, "/v2/messages",
    ],
)  # fmt: skip
@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "[::1]"])
def test_the_server_sends_nothing_else_to_itself(host, target):
    reason = policy("127.0.0.0/8", "::1").judge(f"http://{host}:{OWN_PORT}{target}")
    assert reason == "the mock's own port takes webhooks at http:// and /_mock/sink/NAME only"


def test_the_server_sends_itself_nothing_by_tls():
    assert "own port" in policy().judge(f"https://localhost:{OWN_PORT}/_mock/sink/a")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_a_name_does_not_lead_to_the_server_itself(address):
    allowing = policy("receiver.test", f"receiver.test:{OWN_PORT}")
    destination = allowing.judge(f"http://receiver.test:{OWN_PORT}/_mock/sink/a")
    assert destination.own is False
    assert "own port" in allowing.resolved(destination, [address])


def test_the_own_port_elsewhere_is_somebody_else_s():
    destination = policy("10.0.0.1").judge(f"http://10.0.0.1:{OWN_PORT}/")
    assert (destination.own, destination.port) == (False, OWN_PORT)


# whatever comes

_HOSTS = st.one_of(
    st.sampled_from([*INSIDE, *LOOPBACK, "evil.test"]),
    st.ip_addresses(v=4).map(str),
    st.integers(0, 2**32).map(str),
    st.integers(0, 2**32).map(hex),
    st.integers(0, 2**32).map(lambda number: f"0{number:o}"),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
    st.integers(0, 2**32 - 1).map(lambda number: f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]"),
    st.text(max_size=20),
)
_URLS = st.one_of(
    st.text(max_size=60),
    st.builds(
        lambda scheme, before, host, after: f"{scheme}://{before}{host}{after}",
        st.sampled_from(["http", "https", "HTTP", "ftp"]),
        st.sampled_from(["", "", "", "user@", "10.0.0.1@", "\\", " "]),
        _HOSTS,
        st.sampled_from(["", "/", ":80/", ":4010/", ":0", "@10.0.0.1/", "\\@10.0.0.1", "#@10.0.0.1", "?@10.0.0.1", ":"])
        | st.text(max_size=20),
    ),
)


@given(_URLS)
def test_whatever_the_url_says_only_loopback_is_connected_to(url):
    destination = policy().judge(url)
    if isinstance(destination, Destination):
        assert all(ip_address(address).is_loopback for address in destination.addresses)
        assert f"{destination.authority}{destination.target}".isascii()
        assert f"{destination.authority}{destination.target}".isprintable()
        assert " " not in destination.authority + destination.target
    else:
        assert destination.isprintable()
