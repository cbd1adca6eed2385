import itertools

import pytest

from contratempo.server.guard import Guard, host_name
from contratempo.server.settings import Settings
from contratempo.server.wire import Incoming

OURS = "127.0.0.1:4010"
HOSTS = {
    OURS: True,
    "localhost:4010": True,
    "LOCALHOST": True,
    "[::1]:4010": True,
    "mock.internal:4010": True,
    "evil.com": False,
    "127.0.0.1.evil.com": False,
    "localhost.evil.com": False,
    "localhost@evil.com": False,
    "localhost.": False,
    "0.0.0.0": False,
    "evil.com:4010": False,
    "[::1": False,
    "localhost/evil": False,
    "": False,
    None: False,
}
ORIGINS = {
    None: True,
    f"http://{OURS}": True,
    f"HTTP://{OURS}": True,
    f"https://{OURS}": False,
    f"http://{OURS}/": False,
    "http://localhost:4010": False,
    "http://127.0.0.1:3000": False,
    "http://evil.com": False,
    "null": False,
    "http://127.0.0.1": False,
    "": False,
}
SITES = {None: True, "same-origin": True, "none": True, "same-site": False, "cross-site": False, "": False}
TYPES = {
    "application/json": True,
    "Application/JSON; charset=utf-8": True,
    "text/plain": False,
    None: False,
    "multipart/form-data": False,
    "application/x-www-form-urlencoded": False,
    "application/jsonp": False,
}


def incoming(method="POST", operation="advanceClock", **headers):
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items() if value is not None]
    return Incoming("control", operation, method, "/_mock/clock/advance", b"", pairs, b"")


def refused(guard, request):
    return guard.problem(request) is not None


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_only_named_hosts_are_answered(host, method):
    request = incoming(method, host=host, content_type="application/json")
    assert refused(Guard(["mock.internal"], None), request) is not HOSTS[host]


@pytest.mark.parametrize(("origin", "site", "kind"), [*itertools.product(ORIGINS, SITES, TYPES)])
def test_a_foreign_page_can_write_nothing(origin, site, kind):
    """A page of our own that sends JSON may; so may everything that is no page and sends no Origin."""
    allowed = ORIGINS[origin] and SITES[site] and (origin is None or TYPES[kind])
    request = incoming(host=OURS, origin=origin, sec_fetch_site=site, content_type=kind)
    assert refused(Guard([], None), request) is not allowed


@pytest.mark.parametrize(("origin", "site"), [*itertools.product(ORIGINS, SITES)])
def test_a_foreign_page_can_read_nothing(origin, site):
    request = incoming("GET", "listResources", host=OURS, origin=origin, sec_fetch_site=site)
    assert refused(Guard([], None), request) is not (ORIGINS[origin] and SITES[site])


@pytest.mark.parametrize(
    ("host", "origin", "allowed"),
    [
        ("mock.internal", "https://mock.internal", True),
        ("mock.internal", "http://mock.internal", True),
        ("mock.internal", "https://mock.internal:8443", False),
        ("mock.internal", "ftp://mock.internal", False),
        ("localhost:4010", "https://localhost:4010", False),
        ("LOCALHOST:4010", "http://localhost:4010", True),
    ],
)
def test_a_named_host_may_stand_behind_a_proxy_that_speaks_https(host, origin, allowed):
    request = incoming(host=host, origin=origin, content_type="application/json")
    assert refused(Guard(["mock.internal"], None), request) is not allowed


@pytest.mark.parametrize("token", [None, "", "wrong", "secret ", "Secret", "sécret"])
def test_the_token_is_asked_for_where_there_is_one(token):
    problem = Guard([], "secret").problem(incoming(host=OURS, x_mock_token=token))
    assert problem.kind == "unauthorized"
    assert "secret" not in problem.detail + problem.hint
    assert not refused(Guard([], "secret"), incoming(host=OURS, x_mock_token="secret"))


@pytest.mark.parametrize("operation", ["livez", "readyz"])
def test_health_needs_no_token_but_the_right_host(operation):
    assert not refused(Guard([], "secret"), incoming("GET", operation, host=OURS))
    assert refused(Guard([], "secret"), incoming("GET", operation, host="evil.com"))


def test_every_operation_but_health_needs_the_token(toy_app, client):
    """A new operation is in the document, so it is in this walk."""
    app = toy_app(settings=Settings(host="0.0.0.0", control_token="secret"))
    ask = client(app, {"host": "127.0.0.1"})
    document = app.service.catalog.contract("control", "spec").document
    asked = {each.id: ask(each.method.upper(), f"/_mock{each.path}") for each in document.operations.values()}
    open_to_all = {name for name, answer in asked.items() if answer.status != 401}
    assert open_to_all == {"livez", "readyz"}
    assert all(answer.body["hint"] for name, answer in asked.items() if name not in open_to_all)
    assert ask("GET", "/_mock/clock", headers={"x-mock-token": "secret"}).status == 200


def test_unknown_control_paths_need_the_token_too(toy_app, client):
    app = toy_app(settings=Settings(host="0.0.0.0", control_token="secret"))
    assert client(app)("GET", "/_mock/nothing").status == 401


def test_a_path_that_is_nobodys_is_not_there_for_anybody(toy_app, client):
    """A base URL without its path is the likely mistake; a refused host would lead away from it."""
    app = toy_app(settings=Settings(host="0.0.0.0", control_token="secret"))
    answer = client(app)("GET", "/things", headers={"host": "mock.compose:4010"})
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_insecure_control_asks_for_no_token(toy_app, client):
    app = toy_app(settings=Settings(host="0.0.0.0", control_token="secret", insecure_control=True))
    assert client(app)("GET", "/_mock/clock").status == 200


def test_what_is_refused_changes_nothing(toy_app, client):
    app = toy_app()
    ask = client(app)
    before = ask("GET", "/_mock/clock").body
    foreign = [
        {"host": "evil.com"},
        {"origin": "http://evil.com"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ]
    for headers in [*foreign, {"origin": f"http://{OURS}", "content-type": "text/plain"}]:
        answer = ask("POST", "/_mock/clock/advance", {"by": "24h"}, headers=headers)
        assert (answer.status, answer.headers["content-type"]) == (403, "application/problem+json")
    assert ask("GET", "/_mock/clock").body == before


def test_no_answer_invites_other_origins(toy_app, client):
    answer = client(toy_app())("GET", "/_mock/clock", headers={"origin": f"http://{OURS}"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_the_data_plane_is_not_guarded(toy_app, client):
    """An application under test calls it by whatever name its network gives the mock."""
    answer = client(toy_app())("GET", "/t1/things", headers={"host": "mock.compose", "origin": "http://evil.com"})
    assert answer.status == 200


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("a:1", "a"),
        ("A", "a"),
        ("[::1]:80", "::1"),
        ("a@b", ""),
        ("a/b", ""),
        ("[::1", ""),
        ("", ""),
        (":80", ""),
        ("a:b", ""),
        ("a, b", ""),
    ],
)
def test_the_name_in_a_host_header(host, name):
    assert host_name(host) == name


def test_an_origin_that_is_no_address_is_foreign():
    request = incoming(host=OURS, origin="http://[x", content_type="application/json")
    assert Guard([], None).problem(request).kind == "forbidden"
