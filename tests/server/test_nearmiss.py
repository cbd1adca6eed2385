import time

import pytest

from contratempo.server.nearmiss import NearMiss, near_miss

EVENTS = "/v2/ai/assistants/{assistant_id}/scheduled_events"


def operations_of(*documents):
    return [(document.name, operation) for document in documents for operation in document.operations.values()]


@pytest.fixture(scope="module")
def shipped(loaded):
    """Every operation that is served, the control plane's too."""
    return operations_of(*(loaded.catalog.contract(name, "spec").document for name in loaded.providers))


@pytest.fixture
def near(document):
    """Return a maker: what is near to a method and path among the paths of one document."""
    return lambda paths, method, path, base="/t1": near_miss(operations_of(document("one", paths, base)), method, path)


@pytest.mark.parametrize(
    ("method", "path", "operation", "differs"),
    [
        ("POST", "/messages/schedule", "ScheduleMessage", "the path lacks the base path /v2"),
        ("POST", "/v1/messages/schedule", "ScheduleMessage", "the base path should be /v2"),
        ("POST", "/V2/messages", "SendMessage", "the base path is /v2: case counts"),
        ("POST", "/v2/v2/messages", "SendMessage", "the base path /v2 is there twice"),
        ("POST", "/api/v2/messages", "SendMessage", "something stands before the base path /v2"),
        ("POST", "/v2/messages/schedul", "ScheduleMessage", "'schedul' should be 'schedule'"),
        ("POST", "/v2/Messages", "SendMessage", "'Messages' should be 'messages': case counts"),
        (
            "GET",
            "/v2/ai/assistants/a/scheduled_event",
            "get_scheduled_events",
            "'scheduled_event' should be 'scheduled_events'",
        ),
        (
            "POST",
            "/v2/ai/assistants/a/scheduledEvents",
            "create_scheduled_event",
            "'scheduledEvents' should be 'scheduled_events'",
        ),
        (
            "PUT",
            "/v2/ai/assistants/a/scheduled_events",
            "create_scheduled_event",
            "the method is PUT; it has GET and POST",
        ),
        ("HEAD", "/v2/messages/schedule", "ScheduleMessage", "the method is HEAD; it has POST"),
        ("post", "/v2/messages", "SendMessage", "the method is post; it has POST"),
        ("GET", "/v2/ai/assistants/a/scheduled_events/", "get_scheduled_events", "a slash at the end"),
        ("POST", "/v2//messages", "SendMessage", "a slash too many"),
        ("GET", "/v2/messages/", "RetrieveMessage", "{id} is empty"),
        ("DELETE", "/v2/messages", "CancelMessage", "the path lacks {id} after /v2/messages"),
        (
            "GET",
            "/v2/ai/assistants/a",
            "get_scheduled_events",
            f"the path lacks 'scheduled_events' after {EVENTS[:-17]}",
        ),
        (
            "GET",
            "/v2/ai/assistants/scheduled_events",
            "get_scheduled_events",
            "the path lacks {assistant_id} after /v2/ai/assistants",
        ),
        ("GET", "/v2/messages/a/b", "RetrieveMessage", "one segment too many after /v2/messages/{id}"),
        ("POST", "/v1/calls", "scheduleCall", "the path lacks 'scheduled' after /v1/calls"),
        ("GET", "/clock", "getClock", "the path lacks the base path /_mock"),
        (
            "PUT",
            "/messages",
            "SendMessage",
            "the path lacks the base path /v2, and the method is PUT; it has POST",
        ),
        (
            "POST",
            "/v1/call/schedule",
            "scheduleCall",
            "'call' should be 'calls', and 'schedule' should be 'scheduled'",
        ),
    ],
)
def test_what_was_probably_meant_and_what_differs(shipped, method, path, operation, differs):
    found = near_miss(shipped, method, path)
    assert (found.operation, found.differs) == (operation, differs)


def test_a_near_miss_as_json(shipped):
    assert near_miss(shipped, "POST", "/messages").describe() == {
        "provider": "telnyx_messages",
        "operation": "SendMessage",
        "method": "POST",
        "path": "/v2/messages",
        "differs": "the path lacks the base path /v2",
    }


@pytest.mark.parametrize(
    "path",
    ["", "*", "/", "/v2", "/v2/", "/favicon.ico", "/wp-admin/x.php", "/v2/sms/schedule", "/v2/a/b/c/d", "/v2/ai/%00"],
)
def test_what_has_little_in_common_with_every_operation_is_near_none(shipped, path):
    assert near_miss(shipped, "POST", path) is None


def test_a_method_that_reads_is_near_one_that_reads(near):
    paths = {"/things": ["delete", "get"], "/things/{id}": ["get", "patch"]}
    assert near(paths, "OPTIONS", "/t1/things").method == "GET"
    assert near(paths, "POST", "/t1/things").method == "DELETE"
    assert near(paths, "PUT", "/t1/things/5").method == "PATCH"


def test_head_is_a_get(near):
    found = near({"/things": ["post", "get"]}, "HEAD", "/t1/thing")
    assert (found.method, found.differs) == ("GET", "'thing' should be 'things'")


def test_a_template_that_ends_in_a_slash_wants_it(near):
    assert near({"/things/": ["get"]}, "GET", "/t1/things").differs == "the slash at the end is missing"
    assert near({"/things/": ["get"]}, "PUT", "/t1/things/").differs == "the method is PUT; it has GET"
    assert near({"/things/": ["get"]}, "GET", "/t1/things//").differs == "a slash too many"


def test_the_root_is_a_path_as_others(near):
    assert near({"/": ["get"]}, "PUT", "/", base="").differs == "the method is PUT; it has GET"
    assert near({"/": ["get"]}, "GET", "//", base="").differs == "a slash at the end"


def test_without_a_base_path_a_segment_may_be_missing_at_the_start(near):
    found = near({"/api/things": ["get", "put", "post"]}, "GET", "/things", base="")
    assert found.differs == "the path lacks 'api' at the start"
    assert near({"/api/things": ["get", "put", "post"]}, "PATCH", "/api/things", base="").differs.endswith(
        "it has GET, POST and PUT"
    )


def test_a_template_without_words_is_near_by_its_shape_alone(near):
    assert near({"/{id}": ["get"]}, "PUT", "/t1/a").differs == "the method is PUT; it has GET"
    assert near({"/{id}": ["get"]}, "GET", "/a") is None
    assert near({"/{id}": ["get"]}, "GET", "/t1/a/b") is None


def test_operations_of_two_documents_share_a_path(document):
    two = operations_of(document("one", {"/things": ["get"]}), document("two", {"/things": ["post"]}))
    found = near_miss(two, "PUT", "/t1/things")
    assert (found.provider, found.differs) == ("two", "the method is PUT; it has GET and POST")


def test_of_what_was_sent_only_near_words_are_repeated(near):
    secret = "sk_live_51H8xSECRET"
    paths = {"/things": ["get"], "/things/{id}/parts": ["post"]}
    for path in (
        f"/{secret}/things",
        f"/t1/things/{secret}/part",
        f"/t1/things/{secret}",
        f"/t1/things/a/parts/{secret}",
    ):
        found = near(paths, "POST", path)
        assert isinstance(found, NearMiss)
        assert secret not in found.differs


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/" + "a/" * 10_000),
        ("GET", "/v2" + "/messages" * 10_000),
        ("GET", "/" * 65_536),
        ("GET", "/" + "a" * 65_536),
        ("GET", "/v2/messages/" + "a" * 65_536 + "/b"),
        ("GET", "/v2/" + "messages" * 8_192),
        ("GET", "/v2/" + "m/" * 60),
        ("GET", "/_mock/" + "requests/" * 60),
        ("GET", "/_mock/" + "/".join(["requsets"] * 60)),
        ("B" * 65_536, "/v2/messages"),
    ],
)
def test_a_hostile_path_costs_next_to_nothing(shipped, method, path):
    def seconds() -> float:
        start = time.process_time()
        found = near_miss(shipped, method, path)
        taken = time.process_time() - start
        assert found is None or len(found.differs) < 200
        return taken

    assert min(seconds() for _ in range(5)) < 0.05
