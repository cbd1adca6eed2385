"""What a deployment is held to follows the profile that is in force there."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from contratempo.conformance import Target, conform
from contratempo.conformance.book import UnknownProfile, open_book
from contratempo.conformance.har import judge_har

SCHEDULED = {"data": {"record_type": "message", "to": [{"phone_number": "+12125550100", "status": "scheduled"}]}}


def failing(origin: str, **more: Any) -> set[str]:
    verdict = conform(Target(f"{origin}/v2", "K"), provider="telnyx_messages", quick=True, **more)
    return {verdict.error} if verdict.error else {name for name, each in verdict.rules.items() if each.state == "fail"}


def test_a_world_and_what_it_is_held_to_have_one_profile(
    tmp_path: Path, serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(tmp_path, "--profile", "observed") as origin:
        assert failing(origin, profile="spec") == set()
        monkeypatch.setattr("contratempo.conformance.plane.Plane.profile", lambda _self: None)
        assert "answers.schema" in failing(origin)


def test_a_profile_that_nobody_knows_could_not_be_tested() -> None:
    (error,) = failing("http://127.0.0.1:1", profile="strict")
    assert error == "there is no profile 'strict' here: known are spec, observed, lenient"


def test_a_control_plane_without_profiles_is_held_to_the_default(references: ModuleType) -> None:
    verdict = conform(
        Target(app=references.reference("temphone"), token=references.KEY), provider="temphone", quick=True
    )
    assert (verdict.error, verdict.exit_code) == ("", 0)


def test_recorded_traffic_is_held_to_the_profile_named(tmp_path: Path) -> None:
    answer = {"status": 200, "headers": [{"name": "Content-Type", "value": "application/json"}]}
    request = {"method": "POST", "url": "https://api.telnyx.com/v2/messages/schedule", "headers": []}
    entry = {"startedDateTime": "2026-03-15T14:00:00Z", "time": 1, "request": request}
    entry["response"] = answer | {"content": {"text": json.dumps(SCHEDULED)}}
    (tmp_path / "traffic.har").write_text(json.dumps({"log": {"entries": [entry]}}), "utf-8")

    def broken(profile: str) -> bool:
        verdict = judge_har(tmp_path / "traffic.har", provider="telnyx_messages", profile=profile)
        return verdict.rules["answers.schema"].state == "fail"

    assert (broken("spec"), broken("observed")) == (True, False)


def test_the_vendored_document_is_the_same_under_every_profile() -> None:
    books = [open_book("telnyx_messages", "vendored", profile) for profile in ("spec", "observed")]
    trees = [json.dumps(book.contract.document.tree, sort_keys=True, default=str) for book in books]
    assert trees[0] == trees[1]


def test_an_unknown_profile_is_named() -> None:
    with pytest.raises(UnknownProfile, match=r"'strict'.*spec, observed"):
        open_book("temphone", "effective", "strict")
