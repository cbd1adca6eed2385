"""Bare providers: documents served with nothing else known of them."""

import base64
import itertools
from pathlib import Path
from types import SimpleNamespace

import pytest

from contratempo.contract.source import DocumentError
from contratempo.server.app import App
from contratempo.server.bare import bare_providers, chosen_providers
from contratempo.server.service import make_service
from contratempo.server.settings import Settings

CORPUS = Path(__file__).parents[1] / "contract" / "corpus"


@pytest.fixture(scope="module")
def served(client):
    def serve(*names, **settings):
        specs = tuple(str(CORPUS / f"{name}.yaml") for name in names)
        return client(App(make_service(Settings(spec=specs, validation="both", **settings))), {})

    return serve


@pytest.fixture(scope="module")
def pets(served):
    return served("pets")


@pytest.fixture(scope="module")
def security(served):
    return served("security", known_key=("a-known-key",))


BASIC = base64.b64encode(b"someone:a-known-key").decode()


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/s/bearer", {"authorization": "Bearer a-known-key"}),
        ("/s/basic", {"authorization": f"Basic {BASIC}"}),
        ("/s/header", {"x-key": "a-known-key"}),
        ("/s/query?api_key=a-known-key", {}),
        ("/s/cookie", {"cookie": "session=a-known-key"}),
        ("/s/oauth", {"authorization": "Bearer a-known-key"}),
        ("/s/oidc", {"authorization": "Bearer a-known-key"}),
        ("/s/both", {"authorization": "Bearer a-known-key", "x-key": "a-known-key"}),
        ("/s/either", {"x-key": "a-known-key"}),
    ],
)
def test_each_scheme_is_asked_for_and_known(security, target, headers):
    assert security("GET", target, headers=headers).status == 200
    wrong = {name: value.replace("a-known-key", "another-key") for name, value in headers.items()}
    wrong = {"authorization": "Basic bm86bm8="} if "basic" in target else wrong
    refused = security("GET", target.replace("a-known-key", "another-key"), headers=wrong)
    assert refused.status == 401
    assert refused.headers["www-authenticate"]
    assert security("GET", "/s/both").body["hint"] == "send the credentials that WWW-Authenticate asks for"
    assert security("GET", target.partition("?")[0]).status == 401


def test_optional_and_absent_security_lets_in(security):
    assert [security("GET", f"/s/{name}").status for name in ("optional", "open")] == [200, 200]


def test_prefer_chooses_status_example_and_chance(pets):
    ask = lambda prefer: pets("GET", "/api/v1/pets/5", headers={"prefer": prefer})  # noqa: E731
    assert ask("code=404").status == 404
    assert ask("example=kit").body["name"] == "Kit"
    assert ask("example=nobody").status == 400
    assert ask("code=299").status == 400
    assert ask("code=x").status == 400
    assert ask("dynamic=true").body != ask("dynamic=true").body


def test_dynamic_answers_follow_from_the_seed(served):
    first, second = (served("pets")("GET", "/api/v1/pets", headers={"prefer": "dynamic=true"}).body for _ in range(2))
    assert first == second


def test_a_refusal_is_in_the_documents_own_style_or_a_problem(pets, served):
    refused = pets("POST", "/api/v1/pets", {"petType": "Cat"})
    assert (refused.status, sorted(refused.body)) == (400, ["code", "message"])
    assert "body" in refused.body["message"]
    problem = served("forms")("PUT", "/note", headers={"content-type": "text/plain"})
    assert (problem.status, problem.headers["content-type"]) == (400, "application/problem+json")


def test_the_default_of_a_document_describes_every_refusal(pets):
    for prefer, target, status in (("", "?weight=-1", 422), ("code=404", "", 404), ("code=503", "", 503)):
        answer = pets("GET", f"/api/v1/pets{target}", headers={"prefer": prefer})
        assert (answer.status, sorted(answer.body)) == (status, ["code", "message"])
    assert "weight" in pets("GET", "/api/v1/pets?weight=-1").body["message"]


def test_a_default_without_a_success_is_one_and_describes_no_refusal(served):
    ask = served("binary")
    assert (ask("GET", "/text").status, ask("GET", "/text").raw) == (200, b"yes.")
    refused = ask("GET", "/text", headers={"prefer": "code=x"})
    assert (refused.status, refused.headers["content-type"]) == (400, "application/problem+json")


def test_headers_that_say_how_an_answer_is_sent_are_the_servers(client, tmp_path):
    file = tmp_path / "own.yaml"
    headers = "{Content-Length: {required: true, schema: {type: integer}}, X-A: {schema: {type: string, example: a}}}"
    answer = f"{{description: d, headers: {headers}, content: {{application/json: {{schema: {{const: hello}}}}}}}}"
    file.write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a: {get: {responses: {'200': " + answer + "}}}\n"
    )
    told = client(App(make_service(Settings(spec=(str(file),), validation="both"))))("GET", "/a")
    assert (told.status, told.body, told.headers["content-length"], told.headers["x-a"]) == (200, "hello", "7", "a")


def test_accept_chooses_the_media_type(served):
    binary = served("binary")
    assert binary("GET", "/choice", headers={"accept": "text/html, */*;q=0.1"}).raw == b"<p>hello</p>"
    assert binary("GET", "/choice").headers["content-type"] == "application/json"
    assert binary("GET", "/choice", headers={"accept": "image/gif"}).status == 406
    assert binary("GET", "/null").raw == b"null"


def test_paths_and_operations_are_at_their_own_servers(served):
    servers = served("servers")
    assert servers("GET", "/storage/files").status == 200
    assert servers("GET", "/v1/users").status == 200
    assert servers("GET", "/v1/files").status == 404
    paths = servers("GET", "/_mock/contracts/servers/openapi.json").body["paths"]
    assert paths["/files"]["get"]["servers"][0]["url"].endswith("/storage")


def test_a_head_of_its_own_is_not_that_of_get(served):
    assert served("cookies")("HEAD", "/session").headers["x-rate-limit"] == "0"


def test_documents_stand_alone_unless_providers_are_asked_for(tmp_path):
    spec = str(CORPUS / "pets.yaml")
    assert list(chosen_providers([spec], [])) == ["pets"]
    assert list(chosen_providers([spec], ["temphone"])) == ["temphone", "pets"]
    assert len(chosen_providers([spec], ["all"])) == 4
    assert list(chosen_providers([], ["temphone"])) == ["temphone"]
    with pytest.raises(DocumentError, match="did you mean 'temphone'"):
        chosen_providers([], ["temphon"])


def test_a_document_is_called_after_its_file_or_title(tmp_path):
    files = []
    for name in ("openapi.yaml", "2fa.yaml", "a/2fa.yaml"):
        files.append(tmp_path / name)
        files[-1].parent.mkdir(exist_ok=True)
        files[-1].write_text("info: {title: My API}")
    assert [each.name for each in bare_providers(files)] == ["my_api", "api_2fa", "api_2fa_2"]


def test_a_demo_needs_the_built_in_providers():
    with pytest.raises(DocumentError, match="built-in"):
        make_service(Settings(spec=(str(CORPUS / "pets.yaml"),), demo=True, validation="both"))


def test_a_thousand_paths_are_loaded_routed_and_answered(client, tmp_path):
    """Half of them with a parameter of their own name, all with an answer of their own."""
    item = "get: {responses: {'200': {description: d, content: {application/json: {schema: {const: %d}}}}}}"
    named = "parameters: [{name: p%d, in: path, required: true, schema: {type: integer}}]"
    lines = ["openapi: 3.1.0", "info: {title: t, version: '1'}", "paths:"]
    for number in range(500):
        lines += [f"  /a{number}/b:", f"    {item % number}"]
        lines += [f"  /a{number}/{{p{number}}}:", f"    {named % number}", f"    {item % (500 + number)}"]
    file = tmp_path / "thousand.yaml"
    file.write_text("\n".join(lines))
    ask = client(App(make_service(Settings(spec=(str(file),), validation="both"))))
    for number in (0, 7, 250, 499):
        asked = [ask("GET", f"/a{number}/{end}") for end in ("b", "5", "x", "b/c")]
        assert [answer.status for answer in asked] == [200, 200, 422, 404]
        assert [answer.body for answer in asked[:2]] == [number, 500 + number]


def test_a_title_is_printed_plain_and_short(tmp_path):
    (tmp_path / "a.yaml").write_text(
        'openapi: 3.1.0\ninfo: {title: "\\e[31m' + "t" * 500 + '", version: "1"}\npaths: {}\n'
    )
    (made,) = bare_providers([tmp_path / "a.yaml"])
    assert made.title.startswith("\\x1b[31mttt")
    assert len(made.title) < 210


def test_a_start_does_not_wait_for_long_to_find_what_cannot_be_answered(tmp_path):
    """Real time goes on by six tenths of a second each time it is asked for."""
    seconds = itertools.count(step=0.6)
    real = SimpleNamespace(seconds=lambda: next(seconds), instant=lambda: 0)
    item = "{get: {responses: {'200': {description: d, content: {application/json: {schema: false}}}}}}"
    paths = "".join(f"  /{name}: {item}\n" for name in "abc")
    file = tmp_path / "own.yaml"
    file.write_text("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n" + paths)
    service = make_service(Settings(spec=(str(file),), clock="2026-03-15T09:00:00Z", validation="both"), real)
    told = list(service.warnings())
    assert [line.partition(" with 501")[0] for line in told] == [
        "own: get_a will be answered", "own: get_b and what comes after it may be answered",
    ]  # fmt: skip


@pytest.mark.parametrize("servers", ["[{url: /}]", "[{url: /v1}]"])
def test_paths_may_end_with_a_slash(client, tmp_path, servers):
    item = "get: {responses: {'200': {description: d, content: {application/json: {schema: {const: %d}}}}}}"
    named = "parameters: [{name: id, in: path, required: true, schema: {type: integer}}]"
    file, base = tmp_path / "own.yaml", "/v1" if "v1" in servers else ""
    file.write_text(
        f"openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\nservers: {servers}\npaths:\n"
        f"  /: {{{item % 1}}}\n  /a/: {{{item % 2}}}\n  /b: {{{item % 3}}}\n  /c/{{id}}/: {{{named}, {item % 4}}}\n"
    )
    ask = client(App(make_service(Settings(spec=(str(file),), validation="both"))))
    told = {path: ask("GET", base + path) for path in ("/", "/a/", "/b", "/c/5/", "/a", "/b/", "/c/5", "/c//", "/c/")}
    assert [answer.status for answer in told.values()] == [200] * 4 + [404] * 5
    assert [answer.body for answer in told.values()][:4] == [1, 2, 3, 4]
    assert ask("POST", f"{base}/a/").status == 405
