import pytest

from contratempo.contract.overlay import apply_overlay, overlay_actions
from contratempo.contract.source import DocumentError

DOCUMENT = {
    "info": {"title": "t", "tags": ["a"]},
    "paths": {"/a": {"get": {"x": 1, "list": [1, 2, 3]}}, "/b": {"post": {"x": 2}}},
}


def overlay(*actions):
    return {"overlay": "1.0.0", "info": {"title": "o", "version": "1"}, "actions": list(actions)}


def apply(*actions):
    return apply_overlay(DOCUMENT, overlay(*actions), file="o.yaml")


def refused(document) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        apply_overlay(DOCUMENT, document, file="o.yaml")
    return caught.value


def test_an_update_merges_objects_concatenates_arrays_and_replaces_values():
    result = apply({"target": "$.info", "update": {"title": "new", "tags": ["b"], "more": {"x": 1}}})
    assert result["info"] == {"title": "new", "tags": ["a", "b"], "more": {"x": 1}}


def test_an_update_merges_deeply():
    result = apply({"target": "$.paths", "update": {"/a": {"get": {"y": 2}}}})
    assert result["paths"]["/a"]["get"] == {"x": 1, "list": [1, 2, 3], "y": 2}


def test_a_target_that_is_an_array_takes_the_update_as_an_entry():
    assert apply({"target": "$.info.tags", "update": {"name": "b"}})["info"]["tags"] == ["a", {"name": "b"}]


def test_every_match_is_updated_and_none_shares_with_another():
    result = apply({"target": "$.paths.*.*", "update": {"security": []}})
    first, second = result["paths"]["/a"]["get"], result["paths"]["/b"]["post"]
    assert first["security"] == second["security"] == []
    assert first["security"] is not second["security"]


def test_a_filter_chooses_targets():
    result = apply({"target": "$.paths[?@.post]", "update": {"summary": "posts"}})
    assert "summary" not in result["paths"]["/a"]
    assert result["paths"]["/b"]["summary"] == "posts"


def test_remove_removes_nested_and_repeated_matches():
    assert apply({"target": "$.paths['/a'].get.list[0, 1, 0]", "remove": True})["paths"]["/a"]["get"]["list"] == [3]
    assert apply({"target": "$.paths..*", "remove": True})["paths"] == {}


def test_remove_wins_over_update():
    assert "info" not in apply({"target": "$.info", "remove": True, "update": {"title": "x"}})


def test_actions_apply_in_order_each_on_the_result_of_the_one_before():
    result = apply({"target": "$.info", "update": {"new": {}}}, {"target": "$.info.new", "update": {"x": 1}})
    assert result["info"]["new"] == {"x": 1}


def test_the_document_and_the_overlay_given_are_left_as_they_are():
    update = {"tags": ["b"], "deep": {"list": []}}
    document = {"info": {"tags": ["a"]}}
    result = apply_overlay(document, overlay({"target": "$.info", "update": update}))
    result["info"]["deep"]["list"].append(1)
    assert document == {"info": {"tags": ["a"]}}
    assert update == {"tags": ["b"], "deep": {"list": []}}


def test_a_target_that_matches_nothing_is_an_error_that_names_it():
    error = refused(overlay({"target": "$.info", "update": {}}, {"target": "$.paths['/c']", "update": {}}))
    assert "matches nothing" in error.what
    assert "$.paths['/c']" in error.what
    assert (error.file, error.pointer) == ("o.yaml", "/actions/1")


@pytest.mark.parametrize(
    ("action", "what"),
    [
        ({"target": "paths", "update": {}}, "not a JSONPath"),
        ({"target": "$[", "update": {}}, "not a JSONPath"),
        ({"target": "$.info.title", "update": {}}, "cannot take"),
        ({"target": "$.info", "update": "text"}, "cannot take"),
        ({"target": "$.info", "update": {"title": {}}}, "cannot take"),
        ({"target": "$.info", "update": {"tags": "b"}}, "/info/tags cannot take"),
        ({"target": "$", "remove": True}, "whole document"),
        ({"target": "$.info"}, "needs an update"),
        ({"target": "$.info", "remove": False}, "needs an update"),
        ({"target": "$.info", "updates": {}, "update": {}}, "no field updates"),
        ({"update": {}}, "needs a target"),
        ("text", "needs a target"),
    ],
)
def test_an_action_that_cannot_be_applied_is_an_error(action, what):
    error = refused(overlay(action))
    assert what in error.what
    assert error.pointer == "/actions/0"


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ([], ""),
        ({}, "/overlay"),
        ({"overlay": "2.0.0"}, "/overlay"),
        ({"overlay": "1.0.0", "info": {"title": "x"}}, "/info"),
        ({"overlay": "1.0.0", "info": {"title": "x", "version": "1"}}, "/actions"),
        ({"overlay": "1.0.0", "info": {"title": "x", "version": "1"}, "actions": []}, "/actions"),
    ],
)
def test_what_is_no_overlay_is_refused(document, pointer):
    assert refused(document).pointer == pointer


def test_actions_are_listed_with_their_sources():
    actions = [
        {"target": "$.info", "description": "why", "update": {}, "x-source": "docs"},
        {"target": "$.paths", "remove": True, "x-assumed": True},
    ]
    assert overlay_actions(overlay(*actions)) == [
        {"target": "$.info", "description": "why", "source": "docs", "assumed": False},
        {"target": "$.paths", "description": None, "source": None, "assumed": True},
    ]
