"""The control plane and pages of other sites: every request that a browser can be made to send, to every route.

The routes are those of the control plane's document, so that one which is added is in the matrix from its first day.
"""

import asyncio
import itertools
import json
import os
import socket
from collections.abc import Iterator
from typing import TypeAlias

import pytest
from unplugged import HOST, PORT, Mock, Route, at

from contratempo.server.page import SITE

FULL = os.environ.get("CONTRATEMPO_TEST_TIER") == "full"
HOSTS = {
    HOST: True,
    f"localhost:{PORT}": True,
    f"[::1]:{PORT}": True,
    "127.0.0.1:3000": True,  # a port that is forwarded to ours
    "LocalHost": True,
    "evil.test": False,
    f"evil.test:{PORT}": False,
    f"127.0.0.1.evil.test:{PORT}": False,
    f"127.0.0.1@evil.test:{PORT}": False,
    "": False,
    None: False,
}
ORIGINS = {
    None: True,
    "http://{host}": True,
    "HTTP://{HOST}": True,
    "https://{host}": False,
    "http://{host}.evil.test": False,
    "http://evil.test": False,
    "http://localhost:3000": False,
    "null": False,
    "": False,
}
SITES = {
    None: True,
    "same-origin": True,
    "none": True,
    "same-site": False,
    "cross-site": False,
    "Same-Origin": False,
    "": False,
}
TYPES = {
    "application/json": True,
    "Application/JSON;charset=utf-8": True,
    "text/plain": False,
    "application/x-www-form-urlencoded": False,
    "multipart/form-data; boundary=x": False,
    None: False,
}
Combination: TypeAlias = tuple[str | None, str | None, str | None, str | None]
TOOL: Combination = (HOST, None, None, "application/json")
PAGE: Combination = (HOST, "http://{host}", "same-origin", "application/json")
REFUSAL = {"type", "title", "status", "detail", "hint"}


def _headers(host: str | None, origin: str | None, site: str | None, kind: str | None) -> dict[str, str | None]:
    sent = None if origin is None else origin.format(host=host, HOST=(host or "").upper())
    return {"host": host, "origin": sent, "sec_fetch_site": site, "content_type": kind, "authorization": "Bearer key"}


def _allowed(route: Route, host: str | None, origin: str | None, site: str | None, kind: str | None) -> bool:
    """The rule, said once more: a host of ours, a page of ours if any, and such a page writes nothing but JSON."""
    return HOSTS[host] and ORIGINS[origin] and SITES[site] and (origin is None or not route.writes or TYPES[kind])


@pytest.fixture(scope="module")
def loaded():
    return Mock()


@pytest.fixture
def mock(loaded):
    loaded.empty()
    loaded.fill()
    return loaded


def cases(routes: list[Route], host: str | None) -> Iterator[tuple[Route, Combination]]:
    """Every combination with every route; at the moderate tier with one in turn, and what is simple with all."""
    combinations = [(host, *others) for others in itertools.product(ORIGINS, SITES, TYPES)]
    if FULL:
        yield from itertools.product(routes, combinations)
    else:
        yield from zip(itertools.cycle(routes), combinations, strict=False)
        yield from itertools.product(routes, simple(host))


def simple(host: str | None) -> Iterator[Combination]:
    """What a tool sends and what a page of ours sends, and for one of our hosts each with one thing changed."""
    for ours in (TOOL, PAGE):
        yield (host, *ours[1:])
        if host == HOST:
            yield from ((host, origin, *ours[2:]) for origin in ORIGINS)
            yield from ((*ours[:2], site, ours[3]) for site in SITES)
            yield from ((*ours[:3], kind) for kind in TYPES)


async def judged(mock, route, combination):
    """Ask for something real, but of a world that does not exist where the guard lets it through."""
    allowed, headers = _allowed(route, *combination), _headers(*combination)
    answer = await mock.exchange(
        route.method, at(route.path, "known"), route.body,
        {**headers, "x_mock_world": "nowhere"} if allowed else headers,
    )  # fmt: skip
    problem = json.loads(answer.body)
    assert answer.status == (404 if allowed else 403), (route, combination, problem)
    assert answer.headers["content-type"] == "application/problem+json"
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert allowed or problem.keys() <= REFUSAL


@pytest.mark.parametrize("host", HOSTS)
def test_who_is_refused_reads_and_changes_nothing(mock, host):
    """And who is not gets past the guard."""

    async def walk():
        for route, combination in cases(mock.routes(), host):
            await judged(mock, route, combination)

    before = mock.state()
    asyncio.run(walk())
    assert mock.state() == before


def test_a_program_that_sends_the_same_is_answered(mock):
    """Else the matrix would show nothing: each request of it is done when no page sends it, and many change a world."""
    refused, changed = [], 0
    for route in mock.routes():
        mock.empty()
        mock.fill()
        before = mock.state()
        asked = (mock.ask(route.method, at(route.path, each), route.body, **_headers(*TOOL)) for each in mock.known())
        answer = next((answer for answer in asked if answer.status not in (403, 404)), None)
        if answer is None or answer.status >= 300:
            refused.append((route.operation, answer))
        changed += mock.state() != before
    assert refused == []
    assert changed > 10


def test_a_program_needs_neither_a_page_s_headers_nor_a_content_type_of_its_own_to_read(mock):
    for route in mock.routes():
        if not route.writes:
            asked = [mock.ask(route.method, at(route.path, each), host=f"localhost:{PORT}") for each in mock.known()]
            assert 200 in [answer.status for answer in asked], route


@pytest.mark.parametrize("kind", [None, "text/event-stream"])
@pytest.mark.parametrize(
    "foreign", [{"origin": "http://evil.test"}, {"sec_fetch_site": "same-site"}, {"host": "evil.test"}]
)
def test_the_stream_is_not_opened_to_other_sites(mock, foreign, kind):
    answer = mock.ask("GET", "/_mock/stream", **{"host": HOST, "accept": kind, "last_event_id": "0", **foreign})
    assert (answer.status, json.loads(answer.body)["type"]) == (403, "urn:contratempo:problem:forbidden")
    assert len(mock.app.service.readers) == 0


@pytest.mark.parametrize("asks", ["POST", "DELETE", "PUT"])
def test_a_browser_that_asks_first_is_told_nothing_of_other_sites(mock, asks):
    for route in mock.routes():
        headers = {"host": HOST, "origin": "http://evil.test", "access_control_request_method": asks}
        answer = mock.ask("OPTIONS", at(route.path, "known"), **headers)
        assert (answer.status, [name for name in answer.headers if name.startswith("access-control")]) == (403, [])


def test_no_other_page_may_embed_an_answer(mock):
    """Not as a script or an image either, for which no browser asks first."""
    for route in mock.routes():
        headers = mock.ask(route.method, at(route.path, "nobody"), route.body, host=HOST).headers
        assert (headers["cross-origin-resource-policy"], headers["x-content-type-options"]) == (
            "same-origin",
            "nosniff",
        )


def pages():
    docs = ("", "/start.js", "/assets/swagger-ui.css", "/assets/swagger-ui-bundle.js", "/assets/nothing.js")
    yield from ("/_mock", "/_mock/", "/_mock/page/nothing.js")
    yield from (f"/_mock/page/{file.name}" for file in sorted(SITE.iterdir()))
    yield from (f"/_mock/docs{path}" for path in docs)


@pytest.mark.parametrize("path", [*pages()])
def test_the_pages_are_for_nobody_else_s_frame_or_script(mock, path):
    """They may be linked to, so they are sent whoever asks; what they hold is the same for everybody."""
    answer = mock.ask("GET", path, host=HOST, origin="http://evil.test", sec_fetch_site="cross-site")
    assert answer.status in (200, 307, 404)
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert mock.ask("GET", path, host="evil.test").status == 403


@pytest.mark.parametrize("path", ["/_mock/docs", "/_mock/", "/_mock/reset"])
@pytest.mark.parametrize(
    "head",
    [
        "Host: evil.test",
        "Host: evil.test:{port}",
        "Accept: */*",
        "Host: 127.0.0.1\r\nHost: evil.test",
        "Host: evil.test\r\nHost: 127.0.0.1",
        "Host: 127.0.0.1:{port}, evil.test",
        "Host: evil.test\r\nX-Forwarded-Host: 127.0.0.1",
        "Host: evil.test\r\nForwarded: host=127.0.0.1",
    ],
)
def test_a_name_of_somebody_else_s_is_refused_on_a_real_connection(server, head, path):
    """A name that was made to lead here; HTTP itself refuses none and two of them."""
    port = int(server.origin.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 30) as client, client.makefile("rb") as answer:
        method = "POST" if path == "/_mock/reset" else "GET"
        client.sendall(f"{method} {path} HTTP/1.1\r\n{head.format(port=port)}\r\nConnection: close\r\n\r\n".encode())
        assert answer.readline().split()[1] in (b"400", b"403")
