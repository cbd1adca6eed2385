import asyncio
import resource
import sys

import pytest

from contratempo.server.edge.connection import Connection
from contratempo.server.edge.limits import LIMITS
from contratempo.server.run import BoundServer, _allow_descriptors, _config, _reachable


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
    """Without them nothing is limited, an address can be forged, and one client can hold the end up."""
    config = _config(toy_app(), LIMITS)
    assert (config.http.func, config.http.keywords["edge"].limits) == (Connection, LIMITS)
    assert (config.ws, config.proxy_headers, config.server_header) == ("none", False, False)
    assert config.timeout_graceful_shutdown == 4
    assert config.access_log is False


def test_where_there_is_no_uvloop_the_loop_is_asyncio_s(toy_app, monkeypatch):
    """There is none for Windows."""
    monkeypatch.setitem(sys.modules, "uvloop", None)
    loop = _config(toy_app(), LIMITS).get_loop_factory()()
    assert isinstance(loop, asyncio.BaseEventLoop)
    loop.close()


def test_a_bound_server_is_where_its_service_says(toy_app):
    service = toy_app().service
    assert BoundServer("127.0.0.1", 1, service, None, None).url == "http://127.0.0.1:4010"


@pytest.mark.parametrize(("before", "after"), [(512, 4_096), (5_000, 5_000)])
def test_as_many_files_may_be_open_as_there_may_be_connections(before, after):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, hard))
        _allow_descriptors()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (after, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
