"""Who judges: a setting of the server, passed down to every contract; and the suites have both judge."""

from pathlib import Path

import pytest

from contratempo.contract.plan.agreement import Disagreement
from contratempo.server.configuration import SettingsError, load_settings

THING = {"name": "ball"}
ROOT = Path(__file__).resolve().parents[1]
SUITES = ("server", "conformance", "e2e", "simulation")
# What starts no server that judges, or checks the starting itself.
UNJUDGED = ("test_validation.py", "test_process.py", "test_catalog.py", "test_demo.py")
MAKERS = ("MockServer(", '"serve", "--port"', "make_service(Settings(", "Catalog(")


@pytest.mark.parametrize("validation", ["plan", "core", "both"])
def test_validation_is_a_flag_a_variable_and_a_key_of_the_file(tmp_path, validation):
    assert load_settings({"validation": validation}, {}, tmp_path).validation == validation
    assert load_settings({}, {"CONTRATEMPO_VALIDATION": validation}, tmp_path).validation == validation
    (tmp_path / "contratempo.toml").write_text(f'validation = "{validation}"\n')
    assert load_settings({}, {}, tmp_path).validation == validation


def test_the_plan_judges_by_default_and_nobody_else_is_known(tmp_path):
    assert load_settings({}, {}, tmp_path).validation == "plan"
    with pytest.raises(SettingsError, match=r"--validation: 'none' is not known\. Choose one of plan, core, both"):
        load_settings({"validation": "none"}, {}, tmp_path)


def test_the_suites_have_both_judge(loaded, toy_contracts):
    contracts = [*loaded.catalog._contracts.values(), *toy_contracts.values()]
    assert len(contracts) > 4
    assert {contract.validation for contract in contracts} == {"both"}


def test_no_server_of_the_suites_is_started_otherwise():
    files = [ROOT / "conftest.py", *(file for part in SUITES for file in (ROOT / part).rglob("*.py"))]
    lines = [(file.name, line) for file in files for line in file.read_text("utf-8").splitlines()]
    makers = [(name, line) for name, line in lines if any(maker in line for maker in MAKERS)]
    assert len(makers) > 8
    assert [(name, line) for name, line in makers if "both" not in line and name not in UNJUDGED] == []


def test_a_disagreement_is_a_500_and_told_in_the_log(toy_app, client, toy_contracts, monkeypatch, caplog):
    contract = toy_contracts["toy", ()]
    monkeypatch.setattr(contract._plans.request("createThing", False), "body", lambda raw, kind: (True, {"name": 1}))
    answer = client(toy_app())("POST", "/t1/things", THING)
    assert answer.status == 500
    assert any(isinstance(record.exc_info and record.exc_info[1], Disagreement) for record in caplog.records)
    assert "the plan says" in caplog.text
    assert "openapi-core says" in caplog.text
