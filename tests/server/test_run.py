import pytest

from contratempo.server.connection import Connection
from contratempo.server.run import BoundServer, _config, _reachable


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("mock.local", "mock.local"),
    ],
)
def test_the_address_a_client_on_this_machine_uses(host, url):
    assert _reachable(host) == url


def test_the_http_settings_are_the_safe_ones(toy_app):
    """Without them headers have no cap, an address can be forged, and one client can hold the end up."""
    config = _config(toy_app())
    assert (config.http, config.ws, config.proxy_headers, config.server_header) == (Connection, "none", False, False)
    assert (config.timeout_graceful_shutdown, config.limit_concurrency) == (4, 1_000)
    assert config.h11_max_incomplete_event_size == 65_536
    assert config.access_log is False


def test_a_bound_server_is_where_its_service_says(toy_app):
    service = toy_app().service
    assert BoundServer("127.0.0.1", 1, service, None, None).url == "http://127.0.0.1:4010"
