"""Which hosts are loopback, where a control token is made, and at which URL a server is reached."""

import pytest

from contratempo.server.settings import Settings, is_loopback, local_url, secured


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_loopback_is_recognised(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "mock.example.com", ""])
def test_what_others_can_reach_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)


def test_a_control_token_is_made_off_loopback() -> None:
    assert secured(Settings(host="0.0.0.0"), lambda: "minted").control_token == "minted"


@pytest.mark.parametrize("settings", [Settings(), Settings(host="0.0.0.0", insecure_control=True)])
def test_no_control_token_is_made_where_none_is_asked_for(settings: Settings) -> None:
    assert secured(settings, lambda: "minted").control_token is None


def test_a_control_token_that_is_set_is_kept() -> None:
    assert secured(Settings(host="0.0.0.0", control_token="mine"), lambda: "minted").control_token == "mine"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:4010"),
        ("0.0.0.0", "http://127.0.0.1:4010"),
        ("::", "http://[::1]:4010"),
        ("mock.test", "http://mock.test:4010"),
    ],
)
def test_a_server_is_reached_where_it_listens(host: str, url: str) -> None:
    assert local_url(host, 4010) == url
