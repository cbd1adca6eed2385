import re

import pytest

from contratempo.server.settings import Settings


@pytest.fixture
def ask(toy_app, client):
    return client(toy_app(), {})


def test_the_page_needs_nothing_from_elsewhere(ask):
    answer = ask("GET", "/_mock/docs")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = answer.raw.decode()
    places = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(places) == 5
    assert all(place.startswith("/_mock/docs/") for place in places)
    assert "http" not in page


def test_everything_the_page_asks_for_is_there(ask):
    places = re.findall(r'(?:src|href)="([^"]+)"', ask("GET", "/_mock/docs").raw.decode())
    assert [ask("GET", place).status for place in places] == [200] * 5


def test_the_page_lists_every_document_the_vendors_first(ask):
    script = ask("GET", "/_mock/docs/start.js").raw.decode()
    urls = re.findall(r"/_mock/contracts/(\w+)/openapi.json", script)
    assert urls == ["toy", "control"]
    assert all(ask("GET", f"/_mock/contracts/{name}/openapi.json").status == 200 for name in urls)
    assert "validatorUrl: null" in script


@pytest.mark.parametrize(
    "path", ["/_mock/docs", "/_mock/docs/start.js", "/_mock/docs/assets/swagger-ui.css", "/_mock/docs/assets/none"]
)
def test_pages_may_load_and_be_framed_by_nothing_foreign(ask, path):
    headers = ask("GET", path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in re.sub(r"style-src[^;]*", "", policy)
    assert (headers["x-content-type-options"], headers["cross-origin-resource-policy"]) == ("nosniff", "same-origin")


def test_the_control_planes_root_leads_to_the_page(ask):
    answer = ask("GET", "/_mock")
    assert (answer.status, answer.headers["location"]) == (307, "/_mock/")
    assert ask("GET", "/_mock/").status == 200


@pytest.mark.parametrize(
    "path",
    ["/_mock/docs/assets/../../../../etc/hostname", "/_mock/docs/assets/%2e%2e/%2e%2e/page.py", "/_mock/docs/nothing"],
)
def test_nothing_else_is_served(ask, path):
    assert ask("GET", path).status == 404


def test_the_page_is_not_changed_by_posting_to_it(ask):
    assert ask("POST", "/_mock/docs").status == 405


def test_the_page_reads_documents_through_the_guard(toy_app, client):
    app = toy_app(settings=Settings(host="0.0.0.0", control_token="secret"))
    assert client(app, {})("GET", "/_mock/contracts/toy/openapi.json").status == 401


def test_the_page_renders_documents_of_openapi_3_1(ask):
    assert b"isOAS31" in ask("GET", "/_mock/docs/assets/swagger-ui-bundle.js").raw
