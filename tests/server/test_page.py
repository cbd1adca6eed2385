import re

import pytest

from contratempo.server.page import SITE
from contratempo.server.settings import Settings

FILES = sorted(file.name for file in SITE.iterdir())
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


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


def test_the_page_to_explore_on_needs_only_its_own_files(ask):
    answer = ask("GET", "/_mock/")
    places = re.findall(r'(?:src|href)="([^"#]+)"', answer.raw.decode())
    assert len(places) == 3
    assert all(place.removeprefix("/_mock/page/") in FILES for place in places)


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_page_is_served_under_the_strict_policy(ask, name):
    answer = ask("GET", f"/_mock/page/{name}")
    kind = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}[
        name.split(".")[-1]
    ]
    assert (answer.status, answer.headers["content-type"].split(";")[0]) == (200, kind)
    assert answer.raw == (SITE / name).read_bytes()
    assert answer.headers["content-security-policy"] == STRICT
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/_mock/", "/_mock", "/_mock/page/none.js"])
def test_answers_that_are_no_file_are_under_the_strict_policy_too(ask, path):
    headers = ask("GET", path).headers
    assert (headers["content-security-policy"], headers["cache-control"]) == (STRICT, "no-store")


@pytest.mark.parametrize("name", ["../page.py", "%2e%2e/page.py", "..%2fpage.py", "%2e%2e%2fpage.py", "none.js", ""])
def test_only_the_pages_files_are_served(ask, name):
    assert ask("GET", f"/_mock/page/{name}").status == 404


@pytest.mark.parametrize("path", ["/_mock/", "/_mock/page/main.js", "/_mock/docs"])
@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:4010", 200), ("localhost", 200), ("[::1]:4010", 200), ("evil.example", 403), ("", 403), ("a@b", 403)],
)
def test_pages_answer_to_the_hosts_that_the_control_plane_answers_to(ask, path, host, status):
    assert ask("GET", path, headers={"host": host}).status == status


def test_an_allowed_host_has_the_page(toy_app, client):
    app = toy_app(settings=Settings(allowed_host=("Mock.Internal",)))
    assert client(app, {})("GET", "/_mock/", headers={"host": "mock.internal:4010"}).status == 200


# What would make text into markup, or markup into code; comments are no exception.
FORBIDDEN = (
    r"innerHTML|outerHTML|insertAdjacentHTML|setHTML|document\.write|createContextualFragment|DOMParser|srcdoc=",
    r"\beval\b|new Function|javascript:|import\(|set(Timeout|Interval)\(\s*['\"`]",
    r"\bstyle=|cssText|setAttribute\(\s*['\"](style|on)|\son[a-z]+\s*=\s*['\"]",
    r"https?://(?!www\.w3\.org/2000/svg)",
    r"localStorage|document\.cookie|target=",
)


@pytest.mark.parametrize("name", FILES)
def test_no_file_of_the_page_can_turn_text_into_markup_or_code(name):
    text = (SITE / name).read_text("utf-8")
    assert [found.group() for rule in FORBIDDEN for found in re.finditer(rule, text)] == []


def test_modules_import_only_one_another():
    for file in SITE.glob("*.js"):
        wanted = re.findall(r"from '([^']+)'", file.read_text("utf-8"))
        assert all(name.removeprefix("./") in FILES for name in wanted), file.name


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_modules_are_short_and_say_what_they_are(name):
    lines = (SITE / name).read_text("utf-8").splitlines()
    assert lines[0].startswith("// ")
    assert len(lines) <= 300
