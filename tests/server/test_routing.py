import itertools
from urllib.parse import unquote_to_bytes

import pytest
from connexion.middleware.routing import RoutingMiddleware
from starlette.routing import Mount, Route

from contratempo.server.routing import Routing, Table, decoded, normal_path

OPERATIONS = {
    ("POST", "/v2/ai/assistants/{assistant_id}/scheduled_events"): "telnyx_assistants.create_scheduled_event",
    ("GET", "/v2/ai/assistants/{assistant_id}/scheduled_events"): "telnyx_assistants.get_scheduled_events",
    ("GET", "/v2/ai/assistants/{assistant_id}/scheduled_events/{event_id}"): "telnyx_assistants.get_scheduled_event",
    ("DELETE", "/v2/ai/assistants/{assistant_id}/scheduled_events/{event_id}"): (
        "telnyx_assistants.delete_scheduled_event"
    ),
    ("POST", "/v2/messages/schedule"): "telnyx_messages.ScheduleMessage",
    ("POST", "/v2/messages"): "telnyx_messages.SendMessage",
    ("GET", "/v2/messages/{id}"): "telnyx_messages.RetrieveMessage",
    ("DELETE", "/v2/messages/{id}"): "telnyx_messages.CancelMessage",
    ("POST", "/v1/calls/scheduled"): "temphone.scheduleCall",
}
"""What the vendors' documents have, and what the overlays add to them."""


async def seen(scope, receive, send):
    """An endpoint that answers what the router made of the request."""
    extensions = scope["extensions"]
    operation = extensions["connexion_routing"]["operation_id"]
    headers = [
        (b"operation", str(operation).encode()),
        (b"allow", ",".join(extensions.get("allow", ())).encode()),
        (b"path", scope["path"].encode()),
        *((name.encode(), value.encode()) for name, value in scope.get("path_params", {}).items()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def routes_of(routing):
    """Return (method, path): operation of everything that connexion has registered."""
    _, stack = routing._middleware._build_middleware_stack()
    router = next(each for each in stack if isinstance(each, RoutingMiddleware)).router
    mounts = [mount for mount in router.routes if isinstance(mount, Mount)]
    return {
        (method, mount.path + route.path): route.endpoint.operation_id
        for mount in mounts
        for route in mount.app.routes
        if isinstance(route, Route)
        for method in route.methods - {"HEAD"}
    }


def documents_of(service):
    return [service.catalog.contract(name, "spec").document for name in service.providers]


def test_the_routes_are_exactly_the_operations_of_documents_and_overlays(loaded):
    routes = routes_of(Routing(seen, documents_of(loaded)))
    assert {key: value for key, value in routes.items() if not value.startswith("control.")} == OPERATIONS


def test_the_control_planes_routes_are_exactly_its_documents(loaded):
    routes = routes_of(Routing(seen, documents_of(loaded)))
    operations = loaded.catalog.contract("control", "spec").document.operations.values()
    expected = {(each.method.upper(), f"/_mock{each.path}"): f"control.{each.id}" for each in operations}
    assert {key: value for key, value in routes.items() if value.startswith("control.")} == expected
    assert len(expected) == 43


def test_each_operation_is_reached_by_its_method_and_path(loaded, client):
    routing = Routing(seen, documents_of(loaded))
    for (method, path), operation in OPERATIONS.items():
        assert client(routing)(method, path.replace("{", "").replace("}", "")).headers["operation"] == operation


@pytest.fixture(scope="module")
def toys(document, client):
    """Two documents of one base path that share a path, in all its shapes."""
    one = document(
        "one", {"/things": ["post"], "/things/{id}": ["get", "delete"], "/things/{id}/parts/{part}": ["get"]}
    )
    two = document("two", {"/things": ["get"], "/things/batch": ["post"]})
    return client(Routing(seen, [one, two]))


@pytest.mark.parametrize(
    ("sent", "parameter"),
    [
        ("a%2Fb", b"a/b"),
        ("a%0Ab", b"a\nb"),
        ("%ff", b"\xff"),
        ("%00", b"\0"),
        ("a%25b", b"a%b"),
        ("%2e%2e", b".."),
        ("a%3Fb", b"a?b"),
        ("a%23b", b"a#b"),
        ("%E2%82%AC", "€".encode()),
        ("a+b", b"a+b"),
        ("a;b=c", b"a;b=c"),
        ("{id}", b"{id}"),
        ("~", b"~"),
    ],
)
def test_what_is_percent_encoded_stays_in_its_segment(toys, sent, parameter):
    answer = toys("GET", f"/t1/things/{sent}")
    assert answer.headers["operation"] == "one.get_1"
    assert unquote_to_bytes(answer.headers["id"]) == parameter


def test_two_parameters_of_a_path_are_kept_apart(toys):
    answer = toys("GET", "/t1/things/a%2Fparts%2Fb/parts/c")
    assert (answer.headers["id"], answer.headers["part"]) == ("a%2Fparts%2Fb", "c")


@pytest.mark.parametrize(
    "path",
    [
        "/t1/things/",
        "/t1//things",
        "//t1/things",
        "/t1/things//",
        "/t1/things/x/",
        "/t1",
        "/t1/",
        "/",
        "/t10/things",
        "/T1/things",
        "/t1/things/a/parts/",
        "/t1/things/a/parts/b/c",
        "/x/t1/things",
        "/t1/things%2F",
    ],
)
def test_no_other_spelling_of_a_path_leads_anywhere(toys, path):
    answer = toys("GET", path)
    assert (answer.status, answer.headers["operation"], answer.headers["allow"]) == (200, "None", "")


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PATCH", "PUT", "CONNECT", "BREW"])
def test_a_method_the_path_lacks_learns_of_those_it_has_in_every_document(toys, method):
    answer = toys(method, "/t1/things")
    assert (answer.headers["operation"], answer.headers["allow"]) == ("None", "GET,HEAD,POST")


def test_head_goes_where_get_does_and_only_there(toys):
    assert toys("HEAD", "/t1/things/x").headers["operation"] == "one.get_1"
    answer = toys("HEAD", "/t1/things/batch")
    assert (answer.headers["operation"], answer.headers["allow"]) == ("None", "POST")


def test_a_templated_path_does_not_answer_for_one_written_out(toys):
    for method in ("GET", "DELETE"):
        answer = toys(method, "/t1/things/batch")
        assert (answer.headers["operation"], answer.headers["allow"]) == ("None", "POST")
    assert toys("POST", "/t1/things/batch").headers["operation"] == "two.post_1"


def test_the_order_of_documents_does_not_matter(document, client):
    """connexion alone would lose the middle one of three, and one of two that share a path."""
    three = [
        document("a", {"/shared": ["get"], "/things/{id}": ["get", "post"]}),
        document("b", {"/shared": ["post"], "/own": ["get"]}),
        document("c", {"/things/batch": ["post"], "/shared": ["delete"]}),
    ]
    asked = [("GET", "shared"), ("POST", "shared"), ("DELETE", "shared"), ("GET", "own"), ("POST", "things/batch")]
    for order in itertools.permutations(three):
        ask = client(Routing(seen, order))
        reached = [ask(method, f"/t1/{path}").headers["operation"] for method, path in asked]
        assert reached == ["a.get_0", "b.post_0", "c.delete_1", "b.get_1", "c.post_0"]


def test_equal_operation_ids_in_two_documents_are_two_operations(document, client):
    ask = client(Routing(seen, [document("a", {"/a": ["get"]}), document("b", {"/b": ["get"]})]))
    assert [ask("GET", f"/t1/{path}").headers["operation"] for path in "ab"] == ["a.get_0", "b.get_0"]


def test_base_paths_that_begin_alike_are_apart(document, client):
    documents = [document("a", {"/x": ["get"]}, "/v1"), document("b", {"/x": ["get"]}, "/v1/b")]
    ask = client(Routing(seen, documents))
    assert [ask("GET", path).headers["operation"] for path in ("/v1/x", "/v1/b/x")] == ["a.get_0", "b.get_0"]


def test_a_template_name_with_odd_characters_is_still_a_parameter(document, client):
    ask = client(Routing(seen, [document("a", {"/x/{some-id}": ["get"]})]))
    assert ask("GET", "/t1/x/1").headers["operation"] == "a.get_0"


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        (b"/a%2fb", "/a%2Fb"),
        (b"/%61", "/a"),
        (b"/a b", "/a%20b"),
        (b"/\xff", "/%FF"),
        (b"/%zz", "/%25zz"),
        (b"/a?b=c", "/a"),
        (b"", ""),
    ],
)
def test_a_path_has_one_spelling(raw, normal):
    assert normal_path(raw) == normal
    assert normal_path(normal.encode()) == normal


def test_path_parameters_are_decoded_unless_they_are_not_text():
    assert decoded({"id": "a%2Fb%20%E2%82%AC"}) == {"id": "a/b €"}
    assert decoded({"id": "%FF"}) is None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v2/ai/assistants/a/nothing", "telnyx_assistants"),
        ("/v2/messages/a/nothing", "telnyx_messages"),
        ("/v2/messages", "telnyx_messages"),
        ("/v1/calls", "temphone"),
        ("/v1", "temphone"),
        ("/_mock/nothing", "control"),
        ("/v3/messages", None),
        ("/", None),
        ("/v22/messages", None),
    ],
)
def test_who_shares_most_of_a_path_answers_for_it(loaded, path, name):
    assert Table(documents_of(loaded)).answering(path) == name
