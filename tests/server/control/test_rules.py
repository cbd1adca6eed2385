import pytest


def values(response):
    return {rule["name"]: (rule["value"], rule["origin"]) for rule in response.body["rules"]}


def test_rules_are_listed_with_where_they_come_from(plane):
    rules = plane("listRules").body["rules"]
    assert [rule["name"] for rule in rules] == ["toy.past", "toy.seconds"]
    assert rules[0] == {
        "name": "toy.past",
        "summary": "What becomes of the past",
        "value": "reject",
        "default": "reject",
        "values": ["reject", "run_now"],
        "maximum": None,
        "origin": "default",
        "source": "docs",
        "confidence": "high",
        "note": "",
    }
    assert rules[1]["values"] is None


def test_a_rule_is_overridden_for_one_world(plane):
    plane("createWorld", {"id": "other"})
    changed = plane("setRules", {"toy.past": "run_now", "toy.seconds": 2.5})
    assert values(changed) == {"toy.past": ("run_now", "world"), "toy.seconds": (2.5, "world")}
    assert values(plane("listRules", world="other")) == {
        "toy.past": ("reject", "default"),
        "toy.seconds": (5, "default"),
    }


def test_null_takes_an_override_back(plane):
    plane("setRules", {"toy.seconds": 9})
    assert values(plane("setRules", {"toy.seconds": None}))["toy.seconds"] == (5, "default")


@pytest.mark.parametrize("name", ["toy.pasd", "toy.unheard"])
def test_an_unknown_rule_changes_nothing(plane, name):
    response = plane("setRules", {"toy.seconds": 9, name: 1})
    assert response.status == 404
    assert name in response.body["detail"]
    assert values(plane("listRules"))["toy.seconds"] == (5, "default")


def test_a_mistyped_rule_is_told_the_nearest(plane):
    assert plane("setRules", {"toy.pasd": 1}).body["hint"] == "did you mean toy.past?"
    assert "GET /_mock/rules" in plane("setRules", {"x.y": 1}).body["hint"]


@pytest.mark.parametrize(("name", "value"), [("toy.past", "maybe"), ("toy.past", 1), ("toy.seconds", "many")])
def test_a_value_that_a_rule_cannot_take_changes_nothing(plane, name, value):
    response = plane("setRules", {"toy.seconds": 9, name: value})
    assert response.status == 422
    assert response.body["violations"][0]["pointer"] == f"/{name}"
    assert values(plane("listRules"))["toy.seconds"] == (5, "default")


def test_rules_that_are_no_values_are_refused(plane):
    for body in ({"toy.seconds": -1}, {"toy.seconds": True}, {"toy": 1}, {"toy.seconds": []}):
        assert plane("setRules", body).status == 422
