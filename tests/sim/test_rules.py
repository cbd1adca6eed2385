"""Rules: what they may be, which value is in force, and messages that help."""

from typing import Any

import pytest

from contratempo.sim.rules import Rule, RuleError, Rules

SOON = Rule("bell.soon", "until the next ring", 10, None, "choice", "low", maximum=60)
GAP = Rule("bell.gap", "between two rings", 10, None, "choice", "low")
TONE = Rule("bell.tone", "how it sounds", "ding", ("ding", "dong", 1), "seed", "high")
DEFINITIONS = {rule.name: rule for rule in (GAP, TONE)}


def test_the_world_goes_before_the_profile_before_the_default():
    rules = Rules(DEFINITIONS, {"bell.tone": "dong"})
    rules.set({"bell.gap": 0.5})
    assert [(rules[name], rules.origin(name)) for name in DEFINITIONS] == [(0.5, "world"), ("dong", "profile")]
    assert (Rules(DEFINITIONS)["bell.gap"], Rules(DEFINITIONS).origin("bell.gap")) == (10, "default")


def test_none_takes_an_override_back():
    rules = Rules(DEFINITIONS)
    rules.set({"bell.gap": 1, "bell.tone": 1})
    rules.set({"bell.gap": None})
    assert rules.overrides == {"bell.tone": 1}


@pytest.mark.parametrize("value", ["deng", True, None, 2])
def test_a_value_is_one_of_those_listed(value: Any):
    with pytest.raises(RuleError, match=f"rule bell.tone is one of ding, dong, 1; not {value!r}"):
        TONE.check(value)


@pytest.mark.parametrize("value", [60.5, 10**9, -1])
def test_a_number_stays_below_what_the_rule_may_be(value: Any):
    with pytest.raises(RuleError, match=rf"rule bell\.soon is a number from 0 to 60; not {value}"):
        SOON.check(value)
    SOON.check(60)
    assert Rules({"bell.soon": SOON}).describe("bell.soon")["maximum"] == 60


@pytest.mark.parametrize("value", ["10", True, -1, 10**9 + 1, float("nan"), [1]])
def test_without_a_list_a_value_is_a_number(value: Any):
    with pytest.raises(RuleError, match=r"rule bell\.gap is a number from 0"):
        GAP.check(value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"bell.gap": 1, "bell.tone": "deng"}, "one of ding"),
        ({"bell.gap": 1, "bell.gab": 1}, "there is no rule 'bell.gab'; did you mean bell.gap"),
        ({"bell.gap": 1, "volume": 1}, "there is no rule 'volume'; `contratempo rules` lists them"),
        ({"bell.gap": 1, "bell.volume": None}, "there is no rule 'bell.volume'"),
    ],
)
def test_one_bad_value_and_nothing_is_set(values: dict[str, Any], message: str):
    rules = Rules(DEFINITIONS)
    with pytest.raises(RuleError, match=message):
        rules.set(values)
    assert rules.overrides == {}


def test_a_profile_is_checked_too():
    with pytest.raises(RuleError, match="there is no rule"):
        Rules(DEFINITIONS, {"bell.volume": 11})


@pytest.mark.parametrize("value", [1.0, True, "1"])
def test_a_value_is_of_the_type_that_is_listed(value: Any):
    with pytest.raises(RuleError, match="is one of"):
        Rules(DEFINITIONS).set({"bell.tone": value})


def test_a_rule_is_described_with_the_value_in_force():
    shown = Rules(DEFINITIONS, {"bell.tone": "dong"}).describe("bell.tone")
    assert (shown["name"], shown["value"], shown["origin"], shown["default"]) == (
        "bell.tone",
        "dong",
        "profile",
        "ding",
    )
    assert (shown["values"], Rules(DEFINITIONS).describe("bell.gap")["values"]) == (["ding", "dong", 1], None)


def test_a_value_that_the_worlds_document_does_not_allow_is_refused_with_the_profile_that_does():
    rules = Rules(DEFINITIONS, barred={"bell.tone": {"dong": "loud"}})
    with pytest.raises(RuleError, match=r"rule bell\.tone = dong would break the document .* with profile loud"):
        rules.set({"bell.gap": 1, "bell.tone": "dong"})
    rules.set({"bell.tone": "ding"})
    assert rules.overrides == {"bell.tone": "ding"}
