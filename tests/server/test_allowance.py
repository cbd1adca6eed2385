"""What the operator allows: entries, the addresses they cover, and the names they let be looked up."""

import re
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.server.policy import DeliveryPolicy, Destination


def policy(*allow: str) -> DeliveryPolicy:
    return DeliveryPolicy(allow, lambda: 4010)


@pytest.mark.parametrize(
    ("allow", "allowed", "captured"),
    [
        ("10.1.2.3", "http://10.1.2.3:8080/", "http://10.1.2.4/"),
        ("10.1.2.3:8080", "http://10.1.2.3:8080/", "http://10.1.2.3:8081/"),
        ("10.1.2.3", "http://0xa010203/", "http://10.1.2.2/"),
        ("10.1.2.3", "http://[::ffff:10.1.2.3]/", "http://[::ffff:10.1.2.4]/"),
        ("10.1.2.3", "http://167838211/", "http://[::10.1.2.3]/"),
        ("10.0.0.0/8", "http://10.255.255.255/", "http://11.0.0.0/"),
        ("fd00::1", "http://[fd00::1]:9/", "http://[fd00::2]/"),
        ("[fd00::1]:9", "http://[fd00::1]:9/", "http://[fd00::1]:8/"),
        ("fd00::/8", "http://[fd00::9]/", "http://[fe80::9]/"),
        ("0.0.0.0/0", "http://8.8.8.8/", "http://169.254.169.254/"),
        ("0.0.0.0/0", "http://10.0.0.1/", "http://0.0.0.0/"),
        ("0.0.0.0/0", "http://240.0.0.1/", "http://255.255.255.255/"),
        ("0.0.0.0/0", "http://223.0.0.1/", "http://224.0.0.1/"),
        ("::/0", "http://[2606::1]/", "http://[fe80::1]/"),
        ("::/0", "http://[fec0::1]/", "http://[ff02::1]/"),
        ("::/0", "http://[fd00::1]/", "http://[::]/"),
        ("169.254.169.0/24", "http://169.254.169.254/", "http://169.254.170.1/"),
        ("169.254.169.254", "http://169.254.169.254/", "http://169.254.169.253/"),
    ],
)
def test_an_allowed_address_is_delivered_to_and_its_neighbour_is_not(allow, allowed, captured):
    assert isinstance(policy(allow).judge(allowed), Destination)
    assert isinstance(policy(allow).judge(captured), str)


@pytest.mark.parametrize(
    "inside",
    [
        "::a00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:a00:1::1", "::ffff:0:a00:1",
        "2001:0:a00:1::f7f7:f7f7", "2001:0:808:808::f5ff:fffe", "fd00::5efe:a00:1", "fd00::200:5efe:a00:1",
        "64:ff9b:1:a00:0:100::", "64:ff9b:1:ff0a:0:1::", "64:ff9b:1:ffff:a:0:100:0", "2002:a9fe:a9fe::",
    ],
)  # fmt: skip
def test_an_address_inside_an_allowed_one_must_be_allowed_too(inside):
    reason = policy("::/0", "8.0.0.0/8").judge(f"http://[{inside}]/")
    assert isinstance(reason, str)
    assert "within it" in reason


def test_an_address_inside_an_allowed_one_may_be_allowed():
    assert isinstance(policy("::/0", "10.0.0.0/8").judge("http://[64:ff9b::a00:1]/"), Destination)


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        ("http://receiver.test", "leave out the scheme"),
        ("*.test", "wildcard"),
        ("10.0.0.5/8", "within 10.0.0.0/8"),
        ("10.0.0.0/8:80", "without a port"),
        ("10.0.0.0/33", "not a network"),
        ("::ffff:10.0.0.0/104", "IPv4"),
        ("127.1", "not an address"),
        ("0x7f000001", "not an address"),
        ("fe80::1%eth0", "zone"),
        ("[::1", "not [IPv6]:port"),
        ("[receiver.test]:80", "not [IPv6]:port"),
        ("[::1]80", "not [IPv6]:port"),
        ("receiver.test:", "port"),
        ("receiver.test:0", "port"),
        ("receiver.test:65536", "port"),
        ("receiver.test:http", "port"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("255.255.255.255", "broadcast"),
        ("224.0.0.1", "multicast"),
        ("ff00::/8", "multicast"),
        ("", "names no host"),
        ("a b", "names no host"),
        ("münchen.test", "xn--"),
    ],
)
def test_a_bad_entry_is_refused_with_what_would_be_right(entry, word):
    with pytest.raises(ValueError, match=re.escape(word)) as raised:
        policy(entry)
    assert str(raised.value).startswith(repr(entry))


def test_a_network_may_be_wider_than_what_is_nowhere():
    assert isinstance(policy("224.0.0.0/3").judge("http://240.0.0.1/"), Destination)


# names


@pytest.mark.parametrize("allow", ["receiver.test", "receiver.test:80", "Receiver.Test.", "10.0.0.0/8"])
def test_a_name_that_is_allowed_is_to_be_looked_up(allow):
    destination = policy(allow).judge("http://RECEIVER.test./")
    assert destination == Destination("http", "receiver.test", 80, "/", "receiver.test", None)


@pytest.mark.parametrize(
    ("allow", "addresses"),
    [
        (["receiver.test"], ["10.0.0.1"]),
        (["receiver.test"], ["8.8.8.8", "fd00::1", "127.0.0.1", "fec0::1"]),
        (["receiver.test:80"], ["192.168.0.1"]),
        (["10.0.0.0/8"], ["10.0.0.1", "10.0.0.2", "::1"]),
        (["10.0.0.0/8", "11.0.0.1:80"], ["10.0.0.1", "11.0.0.1"]),
        (["receiver.test", "169.254.1.0/24"], ["169.254.1.1"]),
    ],
)
def test_the_addresses_of_one_lookup_are_used_in_order(allow, addresses):
    allowing = policy(*allow)
    assert allowing.resolved(allowing.judge("http://receiver.test/"), addresses) == tuple(addresses)


@pytest.mark.parametrize(
    ("allow", "bad"),
    [
        (allow, bad)
        for allow in ("receiver.test", "10.0.0.0/8")
        for bad in (
            "169.254.169.254", "fe80::1", "fe80::1%eth0", "224.0.0.1", "ff02::1", "0.0.0.0", "::", "255.255.255.255",
            "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::a9fe:a9fe", "127.1", "evil", "",
        )
    ]
    + [("10.0.0.0/8", bad) for bad in ("8.8.8.8", "192.168.0.1", "fd00::1", "64:ff9b::a00:1")],
)  # fmt: skip
def test_one_bad_address_captures_the_whole_lookup(allow, bad):
    allowing = policy(allow)
    destination = allowing.judge("http://receiver.test/")
    for addresses in ([bad], ["10.0.0.7", bad], [bad, "10.0.0.7"]):
        reason = allowing.resolved(destination, addresses)
        assert isinstance(reason, str)
        assert reason.startswith("receiver.test ")


def test_a_mapped_address_is_connected_to_as_the_ipv4_one_it_is():
    allowing = policy("receiver.test")
    found = ["::ffff:10.0.0.1", "10.0.0.1"]
    assert allowing.resolved(allowing.judge("http://receiver.test/"), found) == ("10.0.0.1",)


def test_a_name_without_addresses_is_captured():
    allowing = policy("receiver.test")
    assert allowing.resolved(allowing.judge("http://receiver.test/"), []) == "receiver.test has no address"


@given(st.lists(st.ip_addresses().map(str), min_size=1, max_size=3))
def test_whatever_a_name_leads_to_only_allowed_addresses_are_connected_to(addresses):
    destination = Destination("http", "receiver.test", 80, "/", "receiver.test", None)
    checked = policy("10.0.0.0/8", "fd00::/8").resolved(destination, addresses)
    if not isinstance(checked, str):
        for address in map(ip_address, checked):
            assert address.is_loopback or address.is_private
