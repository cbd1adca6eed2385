"""The stories of the fixtures are what happens."""

import json

import pytest

from contratempo.contract.source import load
from contratempo.data import data_root
from contratempo.providers.telnyx_messages import provider
from contratempo.providers.telnyx_messages.profiles import PROFILES, profile_of

FOLDER = data_root("fixtures") / "telnyx_messages"
STORIES = sorted(path.name for path in FOLDER.glob("*.json") if not path.name.endswith(".webhook.json"))


@pytest.mark.parametrize("name", STORIES)
def test_a_story_of_the_fixtures_happens_to_the_letter(desk, name):
    story = json.loads((FOLDER / name).read_text("utf-8"))
    for exchange in story["exchanges"]:
        if "advance_seconds" in exchange:
            desk.advance(exchange["advance_seconds"])
            continue
        *_, last = exchange["path"].split("/")
        identifier = last if exchange["operation"] in ("RetrieveMessage", "CancelMessage") else None
        response = desk.ask(exchange["operation"], exchange.get("request"), id=identifier)
        assert (response.status, response.body) == (exchange["status"], exchange["response"])
        assert list(response.trace) == exchange["trace"]


def test_the_webhook_of_the_fixtures_is_sent_at_the_end_of_a_story(desk):
    test_a_story_of_the_fixtures_happens_to_the_letter(desk, "schedule-and-deliver.json")
    *_, finalized = desk.simulation.deliveries()
    assert provider.webhooks.body(finalized) == json.loads((FOLDER / "message-finalized.webhook.json").read_text())


def test_there_are_stories():
    assert len(STORIES) == 4


def test_every_profile_of_the_fixtures_is_known_and_every_other_can_send_anything():
    assert list(PROFILES) == [fixture["id"] for fixture in load(FOLDER / "profiles.yaml")]
    assert profile_of("another").pick("+1") == "+18445550001"
    assert profile_of(None).enabled
