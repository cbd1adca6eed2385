"""The page in a real browser: from a form to a webhook that is sent again, and every other thing it is for."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from chromium import Page, opened, show, vendor
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys

START = "2026-03-15T09:00:00Z"
MESSAGE = {"to": "+12125550101", "from": "+12125550100", "text": "Hi", "send_at": "2026-03-15T10:00:00Z"}


@pytest.fixture
def page(browser: Chrome, world: Any) -> Iterator[Page]:
    """The page of a world of its own; nothing it does may break its policy."""
    shown = show(browser, world)
    yield shown
    shown.unharmed()


def test_an_empty_world_shows_the_three_lines_that_make_its_first_event(page, world):
    lines = page.texts(".nothing pre")[0].split("\n\n")
    assert [line.split()[0] for line in lines] == ["curl"] * 3
    assert all(f"x-mock-world: {world.id}" in line for line in lines)


def test_what_a_form_schedules_is_watched_to_its_webhook_and_sent_again(page, world):
    page.click("#tabs button", "Schedule")
    page.click(".segments.wide button", "Message")
    page.click(".fields button[type=submit]")
    page.until(lambda: page.texts(".name .state") == ["scheduled"])
    page.click("[data-key='advance-to']")
    page.until(lambda: world.resources.list()[0].status == "queued")
    for _ in range(3):
        before = page.texts(".now")
        page.click("[data-key=step]")
        page.until(lambda before=before: page.texts(".now") != before)
    page.until(lambda: page.texts(".name .state") == ["delivered"])
    page.click("#tabs button", "Webhooks")
    page.until(lambda: [row.count("delivered") for row in page.texts(".listing tbody tr")] == [1, 1])
    page.click("#tabs button", "Sink")
    page.until(lambda: ["valid" in row for row in page.texts(".listing tbody tr")] == [True, True])
    page.click("#tabs button", "Webhooks")
    page.click(".listing tbody tr button", "Resend")
    page.until(lambda: [len(webhook.attempts) for webhook in world.webhooks.list()] == [1, 2])
    page.click("#tabs button", "Sink")
    page.until(lambda: len(page.texts(".listing tbody tr")) == 3)


def test_a_script_of_busy_then_completed_is_met_attempt_by_attempt(page, world):
    page.click("#tabs button", "Schedule")
    page.click(".fields button[type=submit]")
    page.click("[data-key='add-busy']")
    page.click("[data-key='add-completed']")
    page.click("[data-key=script]")
    page.until(lambda: [script.used for script in world.outcomes.list()] == [0])
    page.click("[data-key='by-1d']")
    page.until(lambda: page.texts(".name .state") == ["completed"])
    attempts = page.until(lambda: page.texts("#panel table[aria-label=Attempts] tbody tr"))
    assert [("busy" in row, "completed" in row) for row in attempts] == [(True, False), (False, True)]
    assert set(page.texts(".art text.outcome")) == {"busy", "completed"}
    page.until(lambda: any("busy" in row for row in page.texts(".event.fresh")))


def test_what_others_do_appears_by_itself(page, world):
    with vendor(world, "telnyx_messages") as client:
        client.post(
            "/messages/schedule",
            json={"to": "+12125550101", "from": "+12125550100", "text": "Hi", "send_at": "2026-03-15T10:00:00Z"},
        )
        page.until(lambda: page.texts(".name .state") == ["scheduled"])
        world.clock.advance("2h")
        page.until(lambda: page.texts(".name .state") == ["delivered"])
        assert client.post("/messages/schedule", json={"to": 5}).status_code >= 400
    page.click("#tabs button", "Requests")
    page.until(lambda: len(page.texts(".listing tbody tr")) == 2)
    page.click(".listing tbody tr")
    page.until(lambda: page.texts("#panel .violation"))
    assert ".yaml:" in page.texts("#panel .violation")[0]


def test_time_is_frozen_run_and_moved_to_a_date(page, world):
    page.click("[data-key=x3600]")
    page.until(lambda: world.clock.get().rate == 3600)
    page.until(lambda: page.run("return document.querySelector('.now').dateTime") > "2026-03-15T10:00:00Z")
    page.click("[data-key=freeze]")
    page.until(lambda: world.clock.get().mode == "frozen")
    page.click("[data-key=to]")
    page.run("document.querySelector('dialog input').value = '2026-04-01T12:00:00'")
    page.click("dialog button[type=submit]")
    page.until(lambda: page.run("return document.querySelector('.now').dateTime") == "2026-04-01T12:00:00Z")
    page.click("[data-key=reset]")
    page.click("dialog button[type=submit]")
    page.until(lambda: page.run("return document.querySelector('.now').dateTime") == START)


def test_a_fault_is_added_and_removed(page, world):
    page.click("#tabs button", "Faults")
    page.click(".inline-form button[type=submit]")
    page.until(lambda: [fault.fault["kind"] for fault in world.faults.list()] == ["status"])
    page.until(lambda: "status" in page.texts(".listing tbody tr")[0])
    page.click(".listing tbody button", "Remove")
    page.until(lambda: world.faults.list() == ())


def test_keys_go_from_lane_to_lane_and_from_mark_to_mark(page, world):
    with vendor(world, "telnyx_messages") as client:
        for text in ("one", "two"):
            client.post(
                "/messages/schedule",
                json={"to": "+12125550101", "from": "+12125550100", "text": text, "send_at": "2026-03-15T10:00:00Z"},
            )
    page.until(lambda: len(page.texts(".name .state")) == 2)
    lanes = page.all(".lanes")[0]
    lanes.send_keys(Keys.ARROW_DOWN)
    page.until(lambda: page.texts("#panel .quote") == ["one"])
    lanes.send_keys("j")
    page.until(lambda: page.texts("#panel .quote") == ["two"])
    lanes.send_keys(Keys.ARROW_RIGHT)
    page.until(lambda: "2026-03-15 09:00:00 UTC" in page.texts(".tip")[0])
    lanes.send_keys(Keys.ESCAPE)
    page.until(lambda: page.run("return document.querySelector('#panel').hidden"))


def test_off_loopback_the_page_takes_the_token_from_its_address(browser, serve_for_all):
    served = serve_for_all("--host", "0.0.0.0", "--control-token", "open-sesame", "--clock", START)
    local = "http://127.0.0.1:" + served.url.rsplit(":", 1)[1]
    page = opened(browser, f"{local}/_mock/")
    page.until(lambda: page.run("return document.querySelector('dialog input[type=password]')"))
    page = opened(browser, f"{local}/_mock/#token=open-sesame")
    page.until(lambda: page.run("return document.querySelector('.now')"))
    assert "sesame" not in browser.current_url
    browser.refresh()
    page.until(lambda: page.run("return document.querySelector('.now')"))
    page.unharmed()


def test_where_keys_are_known_the_form_asks_for_one(browser, serve_for_all):
    served = serve_for_all("--known-key", "sk_known", "--clock", START)
    page = opened(browser, f"{served.url}/_mock/")
    page.until(lambda: page.texts(".nothing"))
    page.click("#tabs button", "Schedule")
    page.click(".fields button[type=submit]")
    page.until(lambda: page.all(".problem input"))[0].send_keys("sk_known")
    page.click(".problem button")
    page.click(".fields button[type=submit]")
    page.until(lambda: page.texts(".name .state") == ["pending"])
    assert "sk_known" not in page.run("return document.body.textContent + document.URL")
    page.unharmed()


def test_without_the_stream_the_page_asks_again_and_again(browser, world):
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/_mock/stream*"]})
    try:
        page = show(browser, world)
        page.until(lambda: page.texts(".wire") == ["polling"])
        with vendor(world, "telnyx_messages") as client:
            client.post("/messages/schedule", json=MESSAGE)
        page.until(lambda: page.texts(".name .state") == ["scheduled"])
        world.clock.advance("2h")
        page.until(lambda: page.texts(".name .state") == ["delivered"])
        world.reset()
        page.until(lambda: page.texts(".nothing"))
    finally:
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    page.until(lambda: page.texts(".wire") == ["live"], 30)
    page.unharmed()


def test_another_world_is_a_choice_away(page, world, server):
    other = server.world(clock="2030-01-01T00:00:00Z")
    browser_worlds = "return [...document.querySelectorAll('#bar select option')].map(one => one.value)"
    page.until(lambda: other.id in page.run(browser_worlds), 20)
    choose = "const box = document.querySelector('#bar select'); box.value = arguments[0];"
    page.run(f"{choose} box.dispatchEvent(new Event('change'))", other.id)
    page.until(lambda: page.run("return document.querySelector('.now').dateTime") == "2030-01-01T00:00:00Z")
    other.delete()


def test_a_world_that_is_deleted_says_so_and_breaks_nothing(browser, server):
    short_lived = server.world(clock=START)
    with vendor(short_lived, "telnyx_messages") as client:
        client.post("/messages/schedule", json=MESSAGE)
    page = show(browser, short_lived)
    page.click("#tabs button", "Outcomes")
    short_lived.delete()
    page.until(lambda: page.texts(".wire") == ["deleted"])
    page.click("#tabs button", "Timeline")
    page.click("#tabs button", "Outcomes")
    page.until(lambda: page.texts("#said .note"))
    page.unharmed()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (900, 700)])
def test_the_demonstration_fits_and_nothing_overflows(browser, demo, scheme, size):
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False},
    )
    page = opened(browser, f"{demo.url}/_mock/")
    page.until(lambda: len(page.texts(".name .state")) >= 10)
    assert page.run("return document.documentElement.scrollWidth") <= size[0]
    assert len(base64.b64decode(browser.get_screenshot_as_base64())) > 20_000
    page.unharmed()
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
