"""The timelines that ship are what their script makes of them, and are worth starting from."""

import json
import runpy
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "fixtures/timelines"


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return runpy.run_path(str(ROOT / "scripts/timelines"))["timelines"]()


def world(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_bytes())["world"]


def statuses(name: str, kind: str) -> Counter[str]:
    return Counter(record["status"] for record in world(name)["records"][kind])


def test_they_are_what_the_script_makes(made: dict[str, bytes]) -> None:
    shipped = {file.stem: file.read_bytes() for file in FOLDER.glob("*.json")}
    changed = [name for name in made.keys() | shipped.keys() if made.get(name) != shipped.get(name)]
    assert changed == [], "documents, rules or behaviour have changed: run scripts/timelines and commit what it writes"


def test_the_storm_is_in_full_swing() -> None:
    attempts = Counter(
        attempt["state"] for webhook in world("retry-storm")["outbox"]["webhooks"] for attempt in webhook["attempts"]
    )
    assert statuses("retry-storm", "scheduled_event").keys() == {"pending", "failed", "completed"}
    assert min(attempts["failed"], attempts["captured"]) > 0
    assert len(world("retry-storm")["timers"]["timers"]) > 10


def test_the_week_has_hours_that_are_skipped_and_hours_that_come_twice() -> None:
    calls = {
        (call["asked"]["timezone"], call["asked"]["metadata"]["sent"]): call["asked"]["scheduled_at"]
        for call in world("daylight-saving")["records"]["scheduled_call"]
    }
    assert calls["Europe/Berlin", "2026-03-29T02:30:00"] == "2026-03-29T01:30:00Z"  # skipped: moved on by an hour
    assert calls["Asia/Beirut", "2026-03-29T00:30:00"] == "2026-03-28T22:30:00Z"
    assert calls["Australia/Sydney", "2026-04-05T02:30:00"] == "2026-04-04T15:30:00Z"  # twice: the first is meant
    assert calls["Australia/Lord_Howe", "2026-04-05T01:45:00"] == "2026-04-04T14:45:00Z"  # half an hour of it
    assert statuses("daylight-saving", "scheduled_call").keys() == {"scheduled", "completed", "failed"}


def test_the_campaign_is_under_way() -> None:
    of = statuses("campaign", "scheduled_call")
    assert of.total() == 500
    assert of["scheduled"] > of["completed"] > of["in_progress"] > 0


def test_no_file_is_large() -> None:
    assert max(file.stat().st_size for file in FOLDER.glob("*.json")) < 500_000
