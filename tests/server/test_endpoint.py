import ast
import asyncio
import inspect
import json
import logging

import pytest

from contratempo.provider import Problem, Refusal, Response
from contratempo.server.endpoint import Endpoint
from contratempo.server.settings import Settings
from contratempo.server.showing import shown

THING = {"name": "bell"}


def state_of(app):
    """Everything of the default world that a command could change."""
    simulation = app.service.worlds.default.simulation
    return (
        simulation.head,
        simulation.now,
        simulation.records.dump(),
        simulation.timers.dump(),
        dict(simulation.ordinals),
        len(simulation.journal.transitions),
        simulation.outcomes.dump(),
        dict(simulation.rules.overrides),
    )


def rows_of(app, world="default"):
    return [shown(row) for row in app.service.worlds.get(world).simulation.journal.requests]


# the way through


def test_a_request_changes_the_world_and_is_noted(toy_app, client):
    app = toy_app()
    answer = client(app)("POST", "/t1/things", THING)
    assert (answer.status, answer.body["name"], answer.headers["x-mock-trace"]) == (201, "bell", "toy")
    assert client(app)("GET", f"/t1/things/{answer.body['id']}").body == answer.body
    row = rows_of(app)[0]
    assert row | {"at": "2026-03-15T09:00:00Z", "number": 1, "operation": "createThing", "verdict": "accepted"} == row
    assert (row["request"], row["response"], row["resource"]) == (THING, answer.body, answer.body["id"])


def test_reads_are_no_commands(toy_app, client):
    app = toy_app()
    before = state_of(app)
    assert client(app)("GET", "/t1/things").body == []
    assert client(app)("HEAD", "/t1/things").raw == b""
    assert state_of(app) == before


def test_an_answer_without_content(toy_app, client):
    app = toy_app()
    ask = client(app)
    made = ask("POST", "/t1/things", THING).body["id"]
    answer = ask("DELETE", f"/t1/things/{made}")
    assert (answer.status, answer.raw, "content-type" in answer.headers) == (204, b"", False)
    assert ask("DELETE", f"/t1/things/{made}").status == 404


def test_head_has_the_headers_of_get(toy_app, client):
    ask = client(toy_app())
    head, get = ask("HEAD", "/t1/things"), ask("GET", "/t1/things")
    assert (head.status, dict(head.headers)) == (get.status, dict(get.headers))
    assert ask("HEAD", "/t1/things/none").status == 404


def test_an_operation_without_a_function_answers_its_documents_example(toy_app, client):
    answer = client(toy_app())("GET", "/t1/things/x/picture")
    assert (answer.status, answer.headers["x-mock-trace"]) == (200, "example")
    assert answer.body["name"]


def test_path_parameters_arrive_decoded(toy_app, client):
    asked = []
    app = toy_app(
        operations={"getThing": lambda simulation, request: asked.append(request.path["id"]) or Response(200, THING)}
    )
    client(app)("GET", "/t1/things/a%2Fb%25%E2%82%AC")
    assert asked == ["a/b%€"]


def test_the_caller_is_a_digest_and_not_the_token(toy_app, client):
    asked = []
    app = toy_app(
        operations={"createThing": lambda simulation, request: asked.append(request.caller) or Response(201, THING)}
    )
    for token in ("secret-1", "secret-1", "secret-2"):
        client(app, {"authorization": f"Bearer {token}"})("POST", "/t1/things", THING)
    assert asked[0] == asked[1] != asked[2]
    assert "secret" not in "".join(asked)


def test_nothing_is_awaited_between_reading_and_writing_a_world():
    """One writer a world: what judges, does and judges again is not interrupted."""
    for name in ("_judge", "_valid", "_applied", "_judged", "_refuse", "_whose"):
        assert not inspect.iscoroutinefunction(getattr(Endpoint, name)), name
    source = ast.parse(inspect.getsource(inspect.getmodule(Endpoint)))
    answer, done = (node for node in ast.walk(source) if getattr(node, "name", "") in ("answer", "_done"))
    assert [ast.unparse(node.value) for node in ast.walk(answer) if isinstance(node, ast.Await)] == [
        "self._service.pump.catch_up_in_slices(world)",  # before anything is read
        "self._done(incoming, world, judged)",
    ]
    awaited = [ast.unparse(node.value) for node in ast.walk(done) if isinstance(node, ast.Await)]
    assert awaited == ["SERVICE_OPERATIONS[request.operation](self._service, world, request)"]


# what is refused


@pytest.mark.parametrize(
    ("method", "target", "status", "allow"),
    [
        ("GET", "/t1/nothing", 404, None),
        ("GET", "/nothing", 404, None),
        ("GET", "/t1", 404, None),
        ("GET", "/t1/things/", 404, None),
        ("GET", "//t1/things", 404, None),
        ("PUT", "/t1/things", 405, "GET, HEAD, POST"),
        ("OPTIONS", "/t1/things", 405, "GET, HEAD, POST"),
        ("TRACE", "/t1/things/x", 405, "DELETE, GET, HEAD"),
        ("PATCH", "/_mock/clock", 405, "GET, HEAD, PUT"),
        ("HEAD", "/_mock/clock/advance", 405, "POST"),
    ],
)
def test_paths_and_methods_that_are_not_there(toy_app, client, method, target, status, allow):
    answer = client(toy_app())(method, target)
    assert (answer.status, answer.headers.get("allow")) == (status, allow)
    assert "location" not in answer.headers
    if method != "HEAD":
        named = "detail" if target.startswith("/_mock") or not target.startswith("/t1") else "why"
        assert answer.body[named]


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer  key", "Basic a2V5", "key", "Digest x", "Bearer\tkey"]
)
def test_without_proper_credentials_nothing_is_done(toy_app, client, authorization):
    app = toy_app()
    before = state_of(app)
    answer = client(app, {})("POST", "/t1/things", THING, headers={"authorization": authorization})
    assert (answer.status, state_of(app)) == (401, before)


def test_credentials_sent_twice_are_none(toy_app, client):
    answer = client(toy_app())("GET", "/t1/things", more_headers=[("authorization", "Bearer other")])
    assert answer.status == 401


def test_without_credentials_a_chosen_world_does_not_help(toy_app, client):
    assert client(toy_app(), {})("GET", "/t1/things", headers={"x-mock-world": "default"}).status == 401


def test_a_world_nobody_made_is_not_found_and_the_cure_is_told(toy_app, client):
    answer = client(toy_app())("GET", "/t1/things", headers={"x-mock-world": "nowhere"})
    assert answer.status == 404
    assert "POST /_mock/worlds" in answer.headers["x-mock-trace"]


def test_an_invalid_request_is_refused_with_all_that_is_wrong(toy_app, client):
    app = toy_app()
    before = state_of(app)
    assert client(app)("POST", "/t1/things", {"name": "", "after": "x"}).status == 422
    assert state_of(app) == before
    row = rows_of(app)[0]
    assert (row["verdict"], row["request"]) == ("refused", {"name": "", "after": "x"})
    assert {each["pointer"] for each in row["violations"]} == {"/name", "/after"}


@pytest.mark.parametrize(
    "target", ["/t1/things/%ff", "/t1/things/%C3", "/t1/things/%ED%A0%80", "/t1/things/a%0Ab", "/t1/things/%00"]
)
def test_a_path_that_is_not_text_is_refused(toy_app, client, target):
    app = toy_app()
    assert client(app)("GET", target).status == 422
    assert rows_of(app)[0]["violations"][0]["location"] == "path"


def test_a_refusal_leaves_the_world_as_it_was(toy_app, client):
    def half_done(simulation, request):
        simulation.records.put("thing", {"id": simulation.short_id("thing"), "name": "x", "at": "2026-03-15T09:00:00Z"})
        raise Refusal(Problem("conflict", "no"))

    app = toy_app(operations={"createThing": half_done})
    before = state_of(app)
    assert client(app)("POST", "/t1/things", THING).status == 409
    assert state_of(app) == before


# what is too much


@pytest.mark.parametrize("chunks", [[b"x" * 101], [b"x" * 50] * 3])
@pytest.mark.parametrize("length", [None, "101", "5"])
def test_a_body_beyond_the_limit_is_413_however_it_comes(toy_app, client, chunks, length):
    app = toy_app(settings=Settings(clock="2026-03-15T09:00:00Z", max_body_bytes=100))
    headers = {"content-type": "application/json", "content-length": length}
    answer = client(app)("POST", "/t1/things", chunks=chunks, headers=headers)
    assert (answer.status, answer.headers["connection"]) == (413, "close")


def test_a_chunked_body_is_as_good_as_any(toy_app, client):
    whole = json.dumps(THING).encode()
    chunks = [whole[:3], b"", whole[3:]]
    assert (
        client(toy_app())("POST", "/t1/things", chunks=chunks, headers={"content-type": "application/json"}).status
        == 201
    )


def test_a_full_world_takes_no_more_but_can_be_emptied(toy_app, client):
    app = toy_app(settings=Settings(clock="2026-03-15T09:00:00Z", max_records=2))
    ask = client(app)
    made = [ask("POST", "/t1/things", THING) for _ in range(3)]
    assert [answer.status for answer in made] == [201, 201, 429]
    assert "--max-records" in made[2].headers["x-mock-trace"]
    assert ask("GET", "/t1/things").status == 200
    assert ask("DELETE", f"/t1/things/{made[0].body['id']}").status == 204
    assert ask("POST", "/t1/things", THING).status == 201
    assert ask("POST", "/_mock/reset").status == 200


def test_a_client_that_goes_away_leaves_no_trace(toy_app):
    app = toy_app()
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/t1/things",
        "raw_path": b"/t1/things",
        "query_string": b"",
        "headers": [(b"authorization", b"Bearer k")],
    }
    asyncio.run(app(scope, receive, send))
    assert (sent, rows_of(app)) == ([], [])


# what is our own fault


@pytest.mark.parametrize(
    "wrong",
    [
        Response(201, {"name": 7}),
        Response(201, None),
        Response(202, {"name": "x"}),
        Response(201, {"name": "x"}, media_type="text/plain"),
        Response(204),
        Response(201, {"name": ""}),
    ],
)
def test_an_answer_that_breaks_the_document_is_not_sent_and_undone(toy_app, client, caplog, wrong):
    def careless(simulation, request):
        simulation.records.put("thing", {"id": simulation.short_id("thing"), "name": "x", "at": "2026-03-15T09:00:00Z"})
        simulation.schedule(5, "toy", "ring", "x")
        return wrong

    app = toy_app(operations={"createThing": careless})
    before = state_of(app)
    answer = client(app)("POST", "/t1/things", THING)
    assert (answer.status, answer.body) == (500, {"why": "The mock failed."})
    assert "self-check" in answer.headers["x-mock-trace"]
    assert state_of(app) == before
    assert "self-check" in caplog.text


def test_a_refusal_without_a_trace_is_logged_to_its_status(toy_app, client, caplog):
    caplog.set_level(logging.INFO)
    client(toy_app())("PUT", "/_mock/clock")
    assert [record.getMessage() for record in caplog.records] == ["default: PUT /_mock/clock 400"]


def test_reads_are_self_checked_too(toy_app, client):
    app = toy_app(operations={"listThings": lambda simulation, request: Response(200, [{"name": 7}])})
    answer = client(app)("GET", "/t1/things")
    assert (answer.status, "self-check" in answer.headers["x-mock-trace"]) == (500, True)


def test_refusals_are_self_checked_too(toy_app, client):
    app = toy_app(refuse=lambda problem: Response(418 if problem.kind == "not-found" else 500, {"why": "x"}))
    answer = client(app)("GET", "/t1/things/none")
    assert (answer.status, "self-check" in answer.headers["x-mock-trace"]) == (500, True)


def test_refusals_outside_any_operation_are_held_to_the_error_schema(toy_app, client):
    app = toy_app(
        refuse=lambda problem: Response(problem.status or 404, {"why": "x"} if problem.status else {"because": "x"})
    )
    answer = client(app)("GET", "/t1/nothing")
    assert (answer.status, "self-check" in answer.headers["x-mock-trace"]) == (500, True)


def test_a_handler_that_fails_is_500_and_undone_and_logged(toy_app, client, caplog):
    def broken(simulation, request):
        simulation.records.put("thing", {"id": simulation.short_id("thing"), "name": "x", "at": "2026-03-15T09:00:00Z"})
        raise ZeroDivisionError("of ours")

    app = toy_app(operations={"createThing": broken, "listThings": lambda simulation, request: 1 / 0})
    before = state_of(app)
    for method, body in (("POST", THING), ("GET", None)):
        answer = client(app)(method, "/t1/things", body)
        assert (answer.status, answer.body) == (500, {"why": "The mock failed."})
        assert "ours" not in str(answer.headers)
    assert state_of(app) == before
    assert "of ours" in caplog.text


def test_the_server_goes_on_after_a_failure(toy_app, client, caplog):
    caplog.set_level(logging.CRITICAL)
    app = toy_app(operations={"listThings": lambda simulation, request: 1 / 0})
    ask = client(app)
    assert [ask("GET", "/t1/things").status, ask("POST", "/t1/things", THING).status] == [500, 201]


# whose, and what is written down


def test_two_worlds_do_not_see_each_other(toy_app, client):
    app = toy_app()
    keys = [client(app)("POST", "/_mock/worlds", {}).body["api_key"] for _ in range(2)]
    one, two = (client(app, {"authorization": f"Bearer {key}"}) for key in keys)
    made = one("POST", "/t1/things", THING).body
    assert (len(one("GET", "/t1/things").body), two("GET", "/t1/things").body) == (1, [])
    assert two("GET", f"/t1/things/{made['id']}").status == 404
    one("POST", "/_mock/clock/advance", {"by": "1h"})
    assert [ask("GET", "/_mock/clock").body["now"][11:13] for ask in (one, two)] == ["10", "09"]
    assert len(rows_of(app)) == 0


def test_a_profile_is_a_worlds_own(toy_app, client):
    app = toy_app()
    key = client(app)("POST", "/_mock/worlds", {"profile": "loud"}).body["api_key"]
    world = app.service.worlds.of(key, None)
    assert (world.simulation.rules["toy.volume"], app.service.worlds.default.simulation.rules["toy.volume"]) == (9, 5)


def test_no_secret_is_written_down(toy_app, client):
    app = toy_app(operations={"createThing": lambda simulation, request: Response(201, THING)})
    headers = {
        "authorization": "Bearer CANARY1",
        "cookie": "CANARY2",
        "x-mock-token": "CANARY3",
        "proxy-authorization": "CANARY4",
    }
    ask = client(app, headers)
    for body in (THING, {"name": ""}):
        ask("POST", "/t1/things", body)
    ask("GET", "/t1/nothing")
    assert len(rows_of(app)) == 3
    assert "CANARY" not in json.dumps(rows_of(app))
    assert "CANARY" not in ask("GET", "/_mock/requests").raw.decode()


def test_an_unreadable_body_is_noted_as_far_as_it_goes(toy_app, client):
    app = toy_app()
    headers = {"content-type": "application/json"}
    client(app)("POST", "/t1/things", chunks=[b"\xff" + b"x" * 5_000], headers=headers)
    assert rows_of(app)[0]["request"] == "�" + "x" * 1_999


def test_calls_of_the_control_plane_are_no_part_of_the_story(toy_app, client):
    app = toy_app()
    client(app)("GET", "/_mock/clock")
    assert rows_of(app) == []


def test_control_answers_carry_the_head_and_are_not_kept(toy_app, client):
    app = toy_app()
    ask = client(app)
    ask("POST", "/t1/things", THING)
    answer = ask("GET", "/_mock/clock")
    assert (answer.headers["x-mock-head"], answer.headers["cache-control"]) == ("1", "no-store")
    assert "x-mock-head" not in ask("GET", "/t1/things").headers


def test_a_control_post_without_a_body_needs_no_content_type(toy_app, client):
    assert client(toy_app())("POST", "/_mock/reset").status == 200
    assert client(toy_app())("POST", "/_mock/worlds").status == 201


def test_a_body_that_nobody_asked_for_does_not_spoil_the_journal(toy_app, client):
    app = toy_app()
    client(app)("GET", "/t1/things/none", chunks=[b"junk"])
    assert rows_of(app)[0]["request"] == "junk"
    assert client(app)("GET", "/_mock/requests").status == 200


def test_long_bodies_are_not_kept(toy_app, client):
    app = toy_app()
    client(app)("POST", "/t1/things", {"name": "x" * 70_000})
    row = rows_of(app)[0]
    assert (row["status"], row["request"]) == (201, "70012 bytes, too long to keep")


def test_a_body_beyond_the_limit_is_noted_and_needs_a_token_too(toy_app, client):
    app = toy_app(settings=Settings(clock="2026-03-15T09:00:00Z", max_body_bytes=10))
    assert client(app)("POST", "/t1/things", THING).status == 413
    assert rows_of(app)[0]["status"] == 413
    unknown = client(app)("POST", "/t1/things", THING, headers={"authorization": None})
    assert (unknown.status, unknown.headers["connection"]) == (401, "close")


def test_the_callers_token_is_noted_nowhere(toy_app, client):
    app, token = toy_app(), "sk_live_0123456789"
    ask = client(app, {"authorization": f"Bearer {token}", "content-type": "application/json"})
    ask("POST", f"/t1/things?key={token}", {"name": token})
    ask("GET", f"/t1/things/{token}", chunks=[token.encode()])
    assert len(rows_of(app)) == 2
    assert token not in json.dumps(rows_of(app))


def test_the_key_of_a_deleted_world_leads_nowhere_on_either_plane(toy_app, client):
    app = toy_app()
    made = client(app)("POST", "/_mock/worlds", {}).body
    gone = {"authorization": f"Bearer {made['api_key']}"}
    assert client(app)("DELETE", f"/_mock/worlds/{made['id']}").status == 204
    client(app)("POST", "/t1/things", {"name": "a"})
    assert client(app)("GET", "/t1/things", headers=gone).status == 401
    assert client(app)("POST", "/_mock/reset", headers=gone).status == 401
    assert len(app.service.worlds.default.simulation.records) == 1


def test_the_control_plane_shows_no_key_of_the_server(toy_app, client):
    app = toy_app(settings=Settings(known_key=("planted-secret",), control_token="planted-token"))
    known = {"authorization": "Bearer planted-secret", "x-mock-token": "planted-token"}
    client(app)("POST", "/t1/things", {"name": "planted-secret planted-token"}, headers=known)
    shown = client(app)("GET", "/_mock/resources", headers=known)
    assert (shown.status, shown.raw.count(b"[REDACTED]"), shown.raw.count(b"planted")) == (200, 2, 0)
    assert int(shown.headers["content-length"]) == len(shown.raw)
    assert b"planted-secret" not in client(app)("GET", "/t1/planted-secret", headers=known).raw


def test_an_unknown_path_is_told_what_is_near(toy_app, client):
    assert "'thing' should be 'things'" in client(toy_app())("GET", "/t1/thing").headers["x-mock-trace"]
