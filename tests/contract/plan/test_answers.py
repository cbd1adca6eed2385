"""Answers: kinds are compiled when they come up, no more of them than a document can have."""

from contratempo.contract.plan import answers


def test_an_answer_that_no_json_text_stands_for_is_left(tools):
    contract = tools.contract_of(tools.answer_of({"type": "string", "minLength": 1}))
    assert not contract._plans.answer("op").accepts(200, "application/json", "\udcff", ())
    assert tools.told(contract.check_response("op", 200, "application/json", "\udcff")) == [("body", "", "json")]


def test_kinds_beyond_the_most_are_judged_and_not_kept(tools, monkeypatch):
    monkeypatch.setattr(answers, "_MOST_KINDS", 1)
    plan = tools.contract_of(tools.answer_of({"type": "string"}))._plans.answer("op")
    assert plan.accepts(200, "application/json", "a", ())
    assert plan.accepts(200, "application/json; charset=utf-8", "a", ())
    assert not plan.accepts(204, None, None, ())
    assert list(plan._kinds) == [(200, "application/json")]
