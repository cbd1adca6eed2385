import re
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from contratempo.contract.document import make_document
from contratempo.contract.routing import renamed, routing_view, template_of
from contratempo.contract.source import DocumentError


def document(tools, name, *paths, base="/v1"):
    operation = {"responses": {"200": {"description": "fine"}}}
    described = {
        path: {
            "get": {
                **operation,
                "parameters": [
                    tools.parameter(name, {}, "path", required=True) for name in re.findall(r"\{(.+?)\}", path)
                ],
            }
        }
        for path in paths
    }
    tree = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": base}], "paths": described}
    return make_document(name, tree, Path("x.yaml"))


def test_the_view_is_a_document_a_router_of_3_0_takes(vendored):
    view = routing_view(list(vendored.values()), "/v2")
    assert not list(OpenAPIV30SpecValidator(view).iter_errors())
    found = {
        (path, method): node["operationId"] for path, item in view["paths"].items() for method, node in item.items()
    }
    assert found == {
        ("/ai/assistants/{assistant_id}/scheduled_events", "get"): "telnyx_assistants.get_scheduled_events",
        ("/ai/assistants/{assistant_id}/scheduled_events", "post"): "telnyx_assistants.create_scheduled_event",
        ("/messages/schedule", "post"): "telnyx_messages.ScheduleMessage",
    }


def test_path_parameters_are_strings_and_no_schema_is_told(vendored):
    view = routing_view([vendored["telnyx_assistants"]], "/v2")
    node = view["paths"]["/ai/assistants/{assistant_id}/scheduled_events"]["get"]
    assert node["parameters"] == [
        {"name": "assistant_id", "in": "path", "required": True, "schema": {"type": "string"}}
    ]
    assert "components" not in view


def test_concrete_paths_stand_before_templated_ones(tools):
    view = routing_view([document(tools, "a", "/{id}/x", "/a/{id}"), document(tools, "b", "/a/b", "/b/x")], "/v1")
    assert list(view["paths"]) == ["/a/b", "/b/x", "/a/{id}", "/{id}/x"]


def test_equal_ids_in_two_documents_do_not_collide(tools):
    view = routing_view([document(tools, "a", "/x"), document(tools, "b", "/X")], "/v1")
    assert [item["get"]["operationId"] for item in view["paths"].values()] == ["a.get_x", "b.get_X"]


def test_one_operation_in_two_documents_is_refused(tools):
    with pytest.raises(DocumentError, match="GET /x is in both 'a' and 'b'") as caught:
        routing_view([document(tools, "a", "/x"), document(tools, "b", "/x")], "/v1")
    assert caught.value.pointer == "/paths/~1x/get"


def test_templates_that_match_the_same_paths_are_refused(tools):
    first, second = document(tools, "a", "/x/{id}"), document(tools, "b", "/x/{id}")
    second = make_document(
        "b",
        {
            **second.tree,
            "paths": {
                "/x/{other}": {
                    "get": {
                        "parameters": [tools.parameter("other", {}, "path", required=True)],
                        "responses": {"200": {"description": "fine"}},
                    }
                }
            },
        },
        Path("x.yaml"),
    )
    with pytest.raises(DocumentError, match="is in both"):
        routing_view([first, second], "/v1")


def test_a_view_is_of_the_operations_of_one_base(tools):
    documents = [document(tools, "a", "/x"), document(tools, "b", "/y", base="/v2")]
    assert list(routing_view(documents, "/v2")["paths"]) == ["/y"]


def test_bases_below_another_are_in_its_view(tools):
    documents = [document(tools, "a", "/x", base=""), document(tools, "b", "/y", base="/v2")]
    assert list(routing_view(documents, "")["paths"]) == ["/x", "/v2/y"]


def test_templates_of_one_document_that_match_the_same_paths_are_refused(tools):
    one = document(tools, "a", "/x/{id}", "/x/{other}")
    with pytest.raises(DocumentError, match=r"GET /x/{other} and /x/{id} are the same to a request"):
        routing_view([one], "/v1")


@pytest.mark.parametrize(
    ("path", "template", "names"),
    [
        ("/calls/{id}:cancel", "/calls/{id}%3Acancel", {}),
        ("/a b/{x}.{y}", "/a%20b/{x}.{y}", {}),
        ("/{user-id}/{id}", "/{parameter__0}/{id}", {"parameter__0": "user-id"}),
    ],
)
def test_a_template_is_encoded_as_a_request_and_its_names_are_plain(path, template, names):
    assert (template_of(path), renamed(path)) == (template, names)
