"""The page and time beyond its passing: what is planned, the scrubber, checkpoints, forks, and worlds as tests."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from chromium import Page, opened, show, vendor
from selenium.webdriver import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.keys import Keys

START = "2026-03-15T09:00:00Z"
CALL = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_agent_target": "+12125550100",
    "telnyx_end_user_target": "+12125550101",
    "scheduled_at_fixed_datetime": "2026-03-15T10:00:00Z",
}
MESSAGE = {"from": "+12125550100", "to": "+12125550102", "text": "Hi", "send_at": "2026-03-15T12:00:00Z"}
WATCHED = """
window.__replanned = 0;
const seen = () => (window.__replanned += document.querySelectorAll('.row-back.replanned').length);
new MutationObserver(seen).observe(document.querySelector('.art'), {childList: true, subtree: true});
"""
BESIDE = """
const [icon, said] = ['.icon', '.summary'].map(part => document.querySelector(`.compare-said ${part}`));
return [said.getBoundingClientRect().top, icon.getBoundingClientRect().bottom];
"""
CUT_OFF = """
const rows = [...document.querySelectorAll('.path li')];
return rows.filter(row => row.scrollWidth > row.clientWidth).map(row => row.textContent);
"""
SHORTENED = """
const told = [...document.querySelectorAll('.what')].filter(part => part.offsetParent);
const right = part => part.getBoundingClientRect().right;
return told.filter(part => right(part.querySelector('b')) > right(part) + 1).map(part => part.textContent);
"""
COPIED = "navigator.clipboard.writeText = text => { window.__copied = text; return Promise.resolve(); }"


@pytest.fixture
def called(world: Any) -> str:
    """The id of a call that is scheduled in an hour."""
    with vendor(world, "telnyx_assistants") as client:
        return str(client.post("/ai/assistants/a/scheduled_events", json=CALL).json()["scheduled_event_id"])


@pytest.fixture
def page(browser: Any, world: Any, called: str) -> Iterator[Page]:
    shown = show(browser, world)
    planned(shown, "completed")
    yield shown
    shown.unharmed()


def planned(page: Page, *outcomes: str) -> None:
    """Wait until these are the outcomes that are planned."""
    page.until(lambda: sorted(page.texts(".art text.outcome.ghost")) == sorted(outcomes))


def thumb(page: Page, *keys: str) -> str:
    """Press keys on the scrubber and return what it says."""
    page.all(".thumb")[0].send_keys(*keys)
    return str(page.run("return document.querySelector('.thumb').getAttribute('aria-valuetext')"))


def now(page: Page) -> str:
    return str(page.run("return document.querySelector('.now').dateTime"))


def previewed(page: Page, words: str) -> None:
    page.until(lambda: words in page.texts(".preview")[0])


def test_what_is_planned_is_a_ghost_until_it_happens_and_a_script_replans_it(page, world):
    page.run(WATCHED)
    world.outcomes.script("busy")
    planned(page, "busy")
    page.until(lambda: page.run("return window.__replanned"))  # for a moment it is shown which lane it was
    world.clock.advance("2h")
    page.until(lambda: page.texts(".art text.outcome:not(.ghost)") == ["busy"])
    planned(page)


def test_a_rule_replans_what_is_being_previewed(page, world):
    thumb(page, Keys.END)
    page.until(lambda: "10:01:08" in page.texts(".foreseen li")[-1])
    world.rules.set({"telnyx_assistants.talk_seconds": 600})
    page.until(lambda: "10:10:08" in page.texts(".foreseen li")[-1])


def test_the_plan_ends_where_the_horizon_does(page):
    page.until(lambda: thumb(page, Keys.END).startswith("2026-03-22 09:00:00 UTC"))
    previewed(page, "Advance to 2026-03-22 09:00:00 UTC")
    page.run("const field = arguments[0]; field.value = '24h'; field.dispatchEvent(new Event('change'))", horizon(page))
    page.until(lambda: thumb(page, Keys.ESCAPE, Keys.END).startswith("2026-03-16 09:00:00 UTC"))
    page.run("const field = arguments[0]; field.value = ''; field.dispatchEvent(new Event('change'))", horizon(page))
    planned(page)


def horizon(page: Page) -> Any:
    return page.all("[data-key=horizon]")[0]


def test_scrubbing_right_foretells_and_enter_advances_to_there(page, world):
    said = thumb(page, Keys.ARROW_RIGHT)
    assert said.startswith("2026-03-15 10:00:00 UTC, in 1h, ")
    thumb(page, Keys.END)
    coming = page.until(lambda: page.texts(".foreseen li"))
    previewed(page, f"{len(coming)} transitions of 1 record will happen.")
    assert now(page) == START  # nothing was done yet
    thumb(page, Keys.ESCAPE)
    page.until(lambda: page.run("return document.querySelector('.preview').hidden"))
    thumb(page, Keys.ARROW_RIGHT, Keys.ENTER)
    page.until(lambda: now(page) == "2026-03-15T10:00:00Z")
    assert world.resources.list()[0].status == "in_progress"


def test_a_drag_to_the_left_says_what_is_undone_and_only_rewinds_when_that_is_confirmed(page, world, called):
    sink = world.sink("page").url
    with vendor(world, "telnyx_messages") as client:
        client.post("/messages/schedule", json=MESSAGE | {"webhook_url": sink})
    world.clock.advance("4h")
    page.until(lambda: page.texts(".name .state") == ["completed", "delivered"])
    left = page.run("return document.querySelector('.thumb').offsetLeft - 12")
    ActionChains(page.browser).drag_and_drop_by_offset(page.all(".thumb")[0], -left, 0).perform()
    previewed(page, "2 attempts at webhooks cannot be unsent.")
    assert len(page.texts(".foreseen.back li")) >= 9
    assert world.clock.get().now.hour == 13
    page.click("[data-key=preview-confirm]")
    page.until(lambda: now(page) == START)
    page.until(lambda: page.texts(".name .state") == ["pending", "scheduled"])
    planned(page, "completed", "delivered")


def test_what_is_undone_is_told_anew_when_the_world_goes_on(page, world):
    world.clock.advance("90m")
    page.until(lambda: page.texts(".name .state") == ["completed"])
    thumb(page, Keys.HOME)
    previewed(page, "6 transitions and 1 command are taken back.")
    world.clock.advance("1h")
    previewed(page, "6 transitions and 2 commands are taken back.")


def test_what_was_ahead_can_be_rewound_to_once_it_is_behind(page, world):
    thumb(page, Keys.ARROW_RIGHT)
    previewed(page, "Advance to 2026-03-15 10:00:00 UTC")
    world.clock.advance("2h")
    previewed(page, "Rewind to 2026-03-15 10:00:00 UTC")
    page.click("[data-key=preview-confirm]")
    page.until(lambda: now(page) == "2026-03-15T10:00:00Z")


def test_keys_scrub_past_the_present_of_a_running_clock(page, world):
    world.clock.run(rate=60)
    page.until(lambda: page.run("return document.querySelector('.now').dateTime > arguments[0]", START))
    assert thumb(page, Keys.ARROW_RIGHT).startswith("2026-03-15 10:00:00 UTC, in ")
    thumb(page, Keys.ESCAPE)
    assert thumb(page, Keys.ARROW_LEFT).startswith("2026-03-15 09:00:00 UTC, ")


def test_a_finger_scrubs_and_cancel_leaves_all_as_it_was(page, world):
    finger = PointerInput("touch", "finger")
    touch = ActionBuilder(page.browser, mouse=finger)
    touch.pointer_action.move_to(page.all(".thumb")[0]).pointer_down()
    touch.pointer_action.move_by(120, 0).pointer_up()
    touch.perform()
    previewed(page, "Advance to")
    page.click("[data-key=preview-cancel]")
    page.until(lambda: page.run("return document.activeElement.className.startsWith('thumb')"))
    assert page.run("return document.querySelector('.preview').hidden")
    assert now(page) == START


def test_the_scrubber_is_a_slider_to_assistive_technology(page):
    page.all(".thumb")[0].send_keys(Keys.PAGE_UP)
    names = ("role", "aria-label", "aria-valuemin", "aria-valuenow", "aria-valuemax", "tabindex")
    read = "const thumb = document.querySelector('.thumb'); return arguments[0].map(name => thumb.getAttribute(name))"
    role, label, least, value, most, tab = page.run(read, names)
    assert (role, label, tab) == ("slider", "Scrub through time", "0")
    assert int(least) < int(value) == int(least) + 3_600_000 < int(most)
    assert page.run("return getComputedStyle(document.querySelector('.thumb')).outlineStyle") == "solid"


def test_a_checkpoint_is_made_gone_back_to_and_forgotten(page, world):
    page.click("[data-key=checkpoint]")
    page.until(lambda: page.all("dialog input"))[0].send_keys("before-the-call")
    page.click("dialog button[type=submit]")
    page.until(lambda: page.all(".checkpoint"))
    world.clock.advance("2h")
    page.until(lambda: page.texts(".name .state") == ["completed"])
    page.click(".checkpoint")
    previewed(page, "checkpoint before-the-call, 2026-03-15 09:00:00 UTC")
    page.click("[data-key=preview-confirm]")
    page.until(lambda: page.texts(".name .state") == ["pending"])
    page.click(".checkpoint")
    page.click("[data-key=forget]")
    page.until(lambda: not page.all(".checkpoint"))


def test_checkpoints_of_one_instant_can_each_be_pressed(page, world):
    world.checkpoint("one")
    world.checkpoint("two")
    page.until(lambda: len(page.all(".checkpoint")) == 2)
    for name in ("one", "two"):
        page.click(f"[data-key=checkpoint-{name}]")
        previewed(page, f"checkpoint {name}, 2026-03-15 09:00:00 UTC")


def test_a_fork_of_a_moment_is_held_beside_its_world_and_then_entered(page, world):
    world.clock.advance("2h")
    page.until(lambda: page.texts(".name .state") == ["completed"])
    thumb(page, Keys.HOME)
    page.click("[data-key=preview-fork]")
    page.until(lambda: page.texts(".compare-said .summary")[0].startswith("Nothing differs between"))
    fork = page.texts(".compare-head.B b:not(.letter)")[0]
    assert page.texts(".compare-head.B .chip") == [f"fork of {world.id}", "captures webhooks"]
    page.click("[data-key=switch]")
    page.until(lambda: f"{fork} is a fork of {world.id}. It captures webhooks" in page.texts(".banner")[0])
    assert page.texts(".compare-head.A b:not(.letter)") == [fork]
    page.click("[data-key=compare-close]")
    page.until(lambda: page.texts(".name .state") == ["pending"])
    page.click("[data-key=banner-delete]")
    page.click("dialog button[type=submit]")
    page.until(lambda: page.texts(".name .state") == ["completed"])  # back in the world that it came from
    assert fork not in [other.id for other in world.server.control.worlds.list()]


def test_a_fork_of_what_is_to_come_stands_there(page, world):
    thumb(page, Keys.END)
    page.click("[data-key=preview-fork]")
    fork = page.until(lambda: page.texts(".compare-head.B b:not(.letter)"))[0]
    page.until(lambda: "2026-03-22 09:00:00" in page.all(".compare-head.B")[0].get_attribute("title"))
    assert now(page) == START
    world.server.control.worlds.delete(fork)
    page.until(lambda: any("no world" in said for said in page.texts("#said .note")))  # and the comparison ends
    page.until(lambda: page.texts(".name .state") == ["pending"])


def test_a_world_that_goes_while_it_is_scrubbed_says_so(browser, server):
    short_lived = server.world(clock=START)
    with vendor(short_lived, "telnyx_assistants") as client:
        client.post("/ai/assistants/a/scheduled_events", json=CALL)
    page = show(browser, short_lived)
    planned(page, "completed")
    thumb(page, Keys.END)
    short_lived.delete()
    page.click("[data-key=preview-confirm]")
    page.until(lambda: any("no world" in said for said in page.texts("#said .note")))
    page.unharmed()


def test_a_world_is_saved_as_a_file_and_loaded_into_another(page, world, tmp_path):
    page.browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    page.click("[data-key=save]")
    file = page.until(lambda: next(tmp_path.glob("*.json")))
    world.reset()
    page.until(lambda: page.texts(".nothing"))
    page.all("input[type=file]")[0].send_keys(str(file))
    page.click("dialog button[type=submit]")
    page.until(lambda: page.texts(".name .state") == ["pending"])
    planned(page, "completed")


def test_scrub_back_pick_another_outcome_fork_compare_and_export_a_test_that_passes(
    page: Page, world: Any, called: str, tmp_path: Path, clean_environment: Callable[..., dict[str, str]]
):
    world.clock.advance("2h")
    page.until(lambda: page.texts(".name .state") == ["completed"])
    thumb(page, Keys.HOME)
    previewed(page, "Rewind to 2026-03-15 09:00:00 UTC")
    page.until(lambda: page.all("[data-key=preview-confirm]")[0].is_enabled())
    thumb(page, Keys.ENTER)
    page.until(lambda: now(page) == START)
    page.click("[data-key=fork]")
    page.until(lambda: page.texts(".compare-said .summary")[0].startswith("Nothing differs"))
    page.click(".pair-name")
    page.click("[data-key='add-failed']")
    page.click("[data-key=script]")
    page.until(lambda: page.texts(".compare-said .summary")[0].startswith("1 resource differs: +12125550101 comes to"))
    page.click("[data-key='by-1d']")
    page.until(lambda: world.resources.get(called).status == "failed")
    fork = page.texts(".compare-head.B b:not(.letter)")[0]
    page.until(lambda: f"failed in {world.id}, completed in {fork}" in page.texts(".compare-said .summary")[0])
    assert page.texts(".pair.differs .chip") == ["differs"]
    done = told_again(page, world, tmp_path, clean_environment())
    assert done.returncode == 0, done.stdout
    world.server.control.worlds.delete(fork)
    page.until(lambda: not page.all(".compare"))


def test_a_long_story_is_told_again_with_every_turn_in_its_place(
    page: Page, world: Any, called: str, tmp_path: Path, clean_environment: Callable[..., dict[str, str]]
):
    world.outcomes.script({"status": "completed", "talk": 30}, resource=called)
    world.clock.advance("62m")
    hook = {"text": 'Grüße "🎉" {x} \\', "webhook_url": world.sink("page").url}
    with vendor(world, "telnyx_messages") as client:
        client.post("/messages/schedule", json=MESSAGE | hook)
        client.post("/messages/schedule", json=MESSAGE | {"send_at": "2026-03-15T10:30:00Z"})
    world.clock.advance("30m")
    world.outcomes.script("delivery_failed", to="+12125550102")  # after the second message was delivered
    with vendor(world, "telnyx_assistants") as client:
        gone = client.post(
            "/ai/assistants/a/scheduled_events", json=CALL | {"scheduled_at_fixed_datetime": "2026-03-16T10:00:00Z"}
        )
        client.delete(f"/ai/assistants/a/scheduled_events/{gone.json()['scheduled_event_id']}")
    world.clock.advance("4h")
    page.until(lambda: sorted(page.texts(".name .state")) == ["completed", "delivered", "delivery failed", "gone"])
    done = told_again(page, world, tmp_path, clean_environment())
    assert done.returncode == 0, done.stdout
    told = (tmp_path / "test_story.py").read_text()
    assert all(f'.status == "{status}"' in told for status in ("completed", "delivered", "delivery_failed"))
    assert 'contratempo.sink("page").url' in told
    assert "[-1].to is None" in told


def told_again(
    page: Page, world: Any, folder: Path, environment: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Copy the world as a test and run it on the same server."""
    page.run(COPIED)
    page.click("[data-key=pytest]")
    (folder / "test_story.py").write_text(page.until(lambda: page.run("return window.__copied")))
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_story.py"]
    given = {**environment, "CONTRATEMPO_URL": world.server.origin}
    return subprocess.run(run, cwd=folder, env=given, capture_output=True, text=True, timeout=120)


@pytest.fixture
def width(page: Page, request: pytest.FixtureRequest) -> Iterator[int]:
    """The page, so many pixels wide."""
    size = {"width": request.param, "height": 844, "deviceScaleFactor": 1, "mobile": False}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield request.param
    page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


SIZES = pytest.mark.parametrize("width", [1280, 390, 340], indirect=True)


@SIZES
def test_the_clock_stays_where_it_is_when_nothing_is_left_to_do(page: Page, world: Any, width: int):
    bar = "return document.querySelector('#bar').offsetHeight"
    before = page.run(bar)
    page.click("[data-key='by-1d']")
    page.until(lambda: "nothing due" in page.texts(".moves")[0])
    assert page.run(bar) == before or width < 640  # nothing jumps from under the pointer
    assert page.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 390], indirect=True)
def test_what_things_come_to_is_legible_in_what_is_foretold_and_told(page: Page, world: Any, width: int):
    thumb(page, Keys.END)
    page.until(lambda: len(page.texts(".foreseen li .what b")) > 4)
    assert page.run(SHORTENED) == []
    thumb(page, Keys.ESCAPE)
    world.clock.advance("2h")
    page.until(lambda: page.run(SHORTENED) == [] and "completed" in page.texts(".event .what b"))


@SIZES
def test_a_path_and_what_is_said_of_two_worlds_fit_in(page: Page, world: Any, width: int):
    again = {"telnyx_end_user_target": "+12125550121", "max_retries_client_errors": 1, "retry_interval_secs": 4_000}
    with vendor(world, "telnyx_assistants") as client:
        assert client.post("/ai/assistants/a/scheduled_events", json=CALL | again).status_code < 300
    page.click(".name[role=option]", "+12125550121")
    page.until(lambda: len(page.texts(".path li")) > 5)
    assert page.run(CUT_OFF) == []
    page.click(".close")
    page.click("[data-key=fork]")
    page.until(lambda: page.texts(".compare-said .summary")[0].startswith("Nothing differs"))
    top, bottom = page.run(BESIDE)
    assert top < bottom  # they stand on one line


def test_a_world_that_captures_since_it_was_loaded_says_so_until_it_is_reset(page: Page, world: Any):
    forked = world.fork()
    world.load(forked.state())
    forked.delete()
    page.until(lambda: page.texts(".banner")[0].startswith(f"{world.id} captures its webhooks, as the world did that"))
    assert not page.all("[data-key=banner-delete]")  # it is nobody's fork
    page.click("[data-key=reset]")
    page.click("dialog button[type=submit]")
    page.until(lambda: page.run("return document.querySelector('.banner').hidden"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (400, 800)])
def test_nothing_overflows_where_two_worlds_are_compared_or_time_is_scrubbed(browser, demo, scheme, size):
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False},
    )
    page = opened(browser, f"{demo.url}/_mock/")
    page.until(lambda: page.texts(".art text.outcome.ghost"))
    width = "return document.documentElement.scrollWidth"
    thumb(page, Keys.END)
    previewed(page, "Advance to")
    assert page.run(width) <= size[0]
    page.click("[data-key=preview-fork]")
    page.until(lambda: page.texts(".pair"))
    assert page.run(width) <= size[0]
    assert page.run("return document.querySelector('.compare').classList.contains('narrow')") == (size[0] == 400)
    page.unharmed()
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
