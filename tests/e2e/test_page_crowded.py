"""The page of a world with two thousand scheduled calls: how soon it is drawn, and drawn again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from chromium import Page, show, vendor
from selenium.webdriver import Chrome

START = "2026-03-15T09:00:00Z"


@pytest.fixture
def crowded(server: Any) -> Iterator[Any]:
    """A world of 2,000 scheduled calls over five days."""
    world = server.world(clock=START, seed="crowded")
    places = [(day, minute) for day in range(16, 21) for minute in range(400)]

    def schedule(given: list[tuple[int, int]]) -> None:
        with vendor(world, "telnyx_assistants") as client:
            for day, minute in given:
                due = f"2026-03-{day}T{minute // 60 + 8:02d}:{minute % 60:02d}:00Z"
                body = {
                    "telnyx_conversation_channel": "phone_call",
                    "telnyx_end_user_target": "+12125550101",
                    "telnyx_agent_target": "+12125550100",
                    "scheduled_at_fixed_datetime": due,
                }
                assert client.post("/ai/assistants/a/scheduled_events", json=body).status_code < 300

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(schedule, [places[part::4] for part in range(4)]))
    yield world
    world.delete()


def test_two_thousand_lanes_are_drawn_at_once_and_again_after_an_advance(browser, crowded):
    page = show(browser, crowded)
    page.until(lambda: page.texts(".corner")[0] == "2000 scheduled")
    assert len(page.all(".name[role=option]")) < 60  # only those in sight
    assert min(drawing(browser, crowded) for _ in range(3)) < 1000
    assert min(redrawing(Page(browser)) for _ in range(3)) < 200
    page.until(lambda: "completed" in page.texts(".name .state"))
    page.unharmed()


def drawing(browser: Chrome, world: Any) -> float:
    """Return how long after the last of what it reads the page is drawn, in milliseconds."""
    page = show(browser, world)
    page.until(lambda: page.texts(".corner")[0] == "2000 scheduled")
    read = "return Math.max(...performance.getEntriesByType('resource').map(one => one.responseEnd))"
    return page.drawn() - page.run(read)


def redrawing(page: Page) -> float:
    """Return how long after an advance has been answered the page is drawn, in milliseconds."""
    page.run("window.__marks.length = 0")
    page.click("[data-key='by-1d']")
    answered = page.until(lambda: page.run("return window.__marks.find(([name]) => name === 'answered')?.[1]"), 60)
    return page.drawn(answered) - answered
