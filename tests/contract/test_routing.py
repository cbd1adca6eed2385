from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from contratempo.contract.document import make_document
from contratempo.contract.routing import routing_view
from contratempo.contract.source import DocumentError


def document(tools, name, *paths, base="/v1"):
    operation = {"responses": {"200": {"description": "fine"}}}
    described = {
        path: {
            "get": {
                **operation,
                "parameters": [tools.parameter("id", {}, "path", required=True)] if "{id}" in path else [],
            }
        }
        for path in paths
    }
    tree = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": base}], "paths": described}
    return make_document(name, tree, Path("x.yaml"))


def test_the_view_is_a_document_a_router_of_3_0_takes(vendored):
    view = routing_view(list(vendored.values()))
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
    view = routing_view([vendored["telnyx_assistants"]])
    node = view["paths"]["/ai/assistants/{assistant_id}/scheduled_events"]["get"]
    assert node["parameters"] == [
        {"name": "assistant_id", "in": "path", "required": True, "schema": {"type": "string"}}
    ]
    assert "components" not in view


def test_concrete_paths_stand_before_templated_ones(tools):
    view = routing_view([document(tools, "a", "/{id}/x", "/a/{id}"), document(tools, "b", "/a/b", "/b/x")])
    assert list(view["paths"]) == ["/a/b", "/b/x", "/a/{id}", "/{id}/x"]


def test_equal_ids_in_two_documents_do_not_collide(tools):
    view = routing_view([document(tools, "a", "/x"), document(tools, "b", "/X")])
    assert [item["get"]["operationId"] for item in view["paths"].values()] == ["a.get_x", "b.get_X"]


def test_one_operation_in_two_documents_is_refused(tools):
    with pytest.raises(DocumentError, match="GET /x is in both 'a' and 'b'") as caught:
        routing_view([document(tools, "a", "/x"), document(tools, "b", "/x")])
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
        routing_view([first, second])


def test_documents_of_several_bases_need_a_view_each(tools):
    with pytest.raises(DocumentError, match="several base paths"):
        routing_view([document(tools, "a", "/x"), document(tools, "b", "/y", base="/v2")])
