import contextlib
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.contract.contract import Contract
from contratempo.contract.document import Operation, make_document, read_document
from contratempo.contract.source import DocumentError


def refused(document, **more) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        make_document("example", document, Path("example.yaml"), **more)
    return caught.value


def test_the_vendored_fragments_are_one_document(vendored):
    document = vendored["telnyx_assistants"]
    assert set(document.operations) == {"create_scheduled_event", "get_scheduled_events"}
    assert (document.base, document.origin) == ("/v2", "https://api.telnyx.com")
    assert len(document.tree["components"]["schemas"]) == 11


def test_an_operation_knows_its_place(vendored):
    path = "/ai/assistants/{assistant_id}/scheduled_events"
    operation = vendored["telnyx_assistants"].operations["get_scheduled_events"]
    assert operation == Operation("get_scheduled_events", "get", path, "/v2", "telnyx_assistants")
    assert operation.pointer == "/paths/~1ai~1assistants~1{assistant_id}~1scheduled_events/get"


def test_fragments_that_contradict_each_other_are_refused_with_the_pointer(write, tools):
    first, second = tools.document_of(), tools.document_of()
    second["info"]["title"] = "other"
    with pytest.raises(DocumentError, match="contradict") as caught:
        read_document("example", [write(first, "a.yaml"), write(second, "b.yaml")])
    assert caught.value.pointer == "/info/title"
    assert caught.value.file.endswith("b.yaml")


def test_one_and_true_are_not_the_same_in_two_fragments(write, tools):
    first, second = tools.document_of(), tools.document_of()
    first["paths"]["/things/{id}"]["post"]["x-a"], second["paths"]["/things/{id}"]["post"]["x-a"] = 1, True
    with pytest.raises(DocumentError, match="contradict"):
        read_document("example", [write(first, "a.yaml"), write(second, "b.yaml")])


def test_overlays_are_laid_over_in_order(write, tools):
    info = {"title": "o", "version": "1"}
    first = {"overlay": "1.0.0", "info": info, "actions": [{"target": "$.info", "update": {"description": "a"}}]}
    second = {"overlay": "1.0.0", "info": info, "actions": [{"target": "$.info", "update": {"description": "b"}}]}
    overlays = [write(first, "o1.yaml"), write(second, "o2.yaml")]
    document = read_document("example", [write(tools.document_of())], overlays)
    assert document.tree["info"]["description"] == "b"


def test_an_overlay_that_nests_without_end_is_refused(write, tools):
    deep: dict = {}
    node = deep
    for _ in range(90):
        node["x-a"] = node = {}
    info = {"title": "o", "version": "1"}
    target = "$.info" + "['x-a']" * 90
    overlays = []
    for number in range(12):
        action = {"target": "$.info" + "['x-a']" * (90 * number), "update": deepcopy(deep)}
        overlay = {"overlay": "1.0.0", "info": info, "actions": [action]}
        overlays.append(write(overlay, f"o{number}.yaml"))
    assert target
    with pytest.raises(DocumentError, match="nested too deeply"):
        read_document("example", [write(tools.document_of())], overlays)


def test_braces_in_the_vendors_text_survive(vendored):
    text = vendored["telnyx_assistants"].tree["components"]["schemas"]["ScheduledSmsEventResponse"]
    assert "{{variable_name}}" in text["properties"]["dynamic_variables"]["description"]


def test_an_operation_without_an_id_is_given_one(tools):
    document = tools.document_of()
    del document["paths"]["/things/{id}"]["post"]["operationId"]
    assert list(make_document("example", document, Path("x.yaml")).operations) == ["post_things_id"]


def test_operations_without_an_id_are_told_apart(tools):
    """What is invented is neither what was invented before nor what the document calls another one."""
    fine = {"responses": {"200": {"description": "fine"}}}
    paths = {"/jobs": {"get": fine}, "/jobs/": {"get": fine}, "/x": {"get": {**fine, "operationId": "get_jobs_2"}}}
    document = make_document("example", {**tools.document_of(), "paths": paths}, Path("example.yaml"))
    assert {each.id: each.path for each in document.operations.values()} == {
        "get_jobs": "/jobs", "get_jobs_3": "/jobs/", "get_jobs_2": "/x",
    }  # fmt: skip


def test_two_operations_of_one_id_are_refused(tools):
    document = tools.document_of()
    operation = {"responses": {"200": {"description": "fine"}}, "operationId": "get_things"}
    document["paths"]["/things"] = {"get": operation}
    document["paths"]["/Things"] = {"get": operation}
    assert "'get_things'" in refused(document).what


@pytest.mark.parametrize(
    ("servers", "base", "origin"),
    [
        ([], "", ""),
        ([{"url": "/v3/"}], "/v3", ""),
        ([{"url": "https://h.example:8443/a/b"}, {"url": "/c"}], "/a/b", "https://h.example:8443"),
        ([{"url": "https://h.example/"}], "", "https://h.example"),
    ],
)
def test_the_base_is_the_path_of_the_first_server(tools, servers, base, origin):
    document = make_document("example", tools.document_of(servers=servers), Path("x.yaml"))
    assert (document.base, document.origin) == (base, origin)
    assert document.operations["op"].base == base


def test_a_document_without_servers_has_no_base(tools):
    document = tools.document_of()
    del document["servers"]
    assert make_document("example", document, Path("x.yaml")).base == ""


@pytest.mark.parametrize("url", ["https://{host}/v1", "http://[::1"])
def test_a_server_address_that_cannot_be_used_is_refused(tools, url):
    assert refused(tools.document_of(servers=[{"url": url}])).pointer == "/servers/0/url"


@pytest.mark.parametrize("name", ["", "A", "a.b", "1a", "a-b"])
def test_names_are_plain(name):
    with pytest.raises(DocumentError, match="not a name"):
        read_document(name, [])


def test_a_document_has_a_file():
    with pytest.raises(DocumentError, match="no files"):
        read_document("example", [])


def test_a_document_is_a_mapping(write):
    with pytest.raises(DocumentError, match="is a mapping"):
        read_document("example", [write("- 1")])


def test_paths_that_are_no_mapping_are_refused_and_none_are_fine(tools):
    document = {**tools.document_of(), "paths": []}
    assert refused(document).pointer == "/paths"
    del document["paths"]
    assert make_document("example", {**document, "webhooks": {}}, Path("x.yaml")).operations == {}


@pytest.mark.parametrize("version", ["2.0", "3.2.0", "", None])
def test_other_versions_are_refused(tools, version):
    assert refused({**tools.document_of(), "openapi": version}).pointer == "/openapi"


def test_an_invalid_document_is_refused_with_the_pointer(tools):
    document = tools.document_of()
    document["paths"]["/things/{id}"]["post"]["parameters"][0]["in"] = "nowhere"
    assert refused(document).pointer.startswith("/paths/~1things~1{id}/post/parameters/0")


def test_what_the_validator_trips_over_is_refused_too(tools):
    document = tools.document_of()
    document["paths"]["/things/{id}"]["post"]["parameters"] = [{"$ref": "#/info"}]
    assert "not a valid OpenAPI document" in refused(document).what


def test_a_path_parameter_that_is_not_described_is_refused(tools):
    document = tools.document_of({"parameters": []})
    assert "not a valid OpenAPI document" in refused(document).what


def test_a_security_requirement_that_names_no_scheme_is_refused(tools):
    assert "'nobody' is not defined" in refused(tools.document_of({"security": [{"nobody": []}]})).what


def test_path_items_may_be_references_and_extensions_among_paths_are_not_paths(tools):
    document = tools.document_of(components={"pathItems": {}})
    document["components"]["pathItems"]["item"] = document["paths"].pop("/things/{id}")
    document["paths"] = {"/things/{id}": {"$ref": "#/components/pathItems/item"}, "x-note": "hello"}
    made = make_document("example", document, Path("x.yaml"))
    assert list(made.operations) == ["op"]
    assert not tools.ask(Contract(made)).violations


trees = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab/#{}", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["get", "schema", "$ref", "type", "parameters", "a", "allOf", "url"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(["paths", "servers", "components", "security", "webhooks", "info", "x-y"]), trees)
def test_a_bad_document_is_a_document_error_and_nothing_else(tools, key, value):
    with contextlib.suppress(DocumentError):
        contract = Contract(make_document("example", {**tools.document_of(), key: value}, Path("x.yaml")))
        for operation in contract.document.operations:
            contract.example_response(operation)


@given(trees)
def test_a_bad_operation_is_a_document_error_and_nothing_else(tools, value):
    operation = {"requestBody": {"content": {"application/json": {"schema": value}}}, "x-y": value}
    with contextlib.suppress(DocumentError):
        contract = Contract(make_document("example", tools.document_of(operation), Path("x.yaml")))
        tools.ask(contract, body=b'{"a": [1]}')


def test_what_is_known_to_be_valid_need_not_be_validated_again(tools):
    tree = tools.document_of({"parameters": []})
    with pytest.raises(DocumentError):
        make_document("example", tree, Path("x.yaml"))
    assert make_document("example", tree, Path("x.yaml"), validate=False).tree == tree
