"""The page and texts that want to be more than text: every one in every field, in a real browser."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from chromium import show, vendor

START = "2026-03-15T09:00:00Z"
# A browser runs each of these where it is taken for markup, a URL, a style or code.
TEXTS = [
    text.replace("RUN", "window.__xss=1")
    for text in json.loads(Path(__file__).with_name("hostile_texts.json").read_text("utf-8"))
]
PREVIEWED = TEXTS[:40]  # a preview lists the first 200 transitions
DUE = "2026-03-15T10:00:00Z"
LATER = "2026-03-15T12:00:00Z"
MESSAGE = {"send_at": DUE, "from": "+12125550100"}
EVENT = {
    "telnyx_conversation_channel": "phone_call",
    "telnyx_agent_target": "+12125550100",
    "scheduled_at_fixed_datetime": DUE,
}
NOWHERE = "http://127.0.0.1:9/"


def messages(text: str) -> Iterator[tuple[str, str, Any]]:
    every = {"to": text, "text": text, "subject": text, "webhook_url": NOWHERE + text}
    yield "POST", "/messages/schedule", MESSAGE | every
    yield "POST", "/messages/schedule", MESSAGE | {"to": "+12125550101", "text": text, "webhook_url": text}
    yield "GET", f"/messages/{quote(text, safe='')}?q={quote(text, safe='')}", None


def events(text: str) -> Iterator[tuple[str, str, Any]]:
    every = {"telnyx_end_user_target": text, "conversation_metadata": {text: text}, "dynamic_variables": {"a": text}}
    yield "POST", f"/ai/assistants/{quote(text, safe='')}/scheduled_events", EVENT | every


def calls(text: str) -> Iterator[tuple[str, str, Any]]:
    every = {"contact_id": text, "initial_message": text, "metadata": {text: text}, "caller_id": text}
    due = LATER if text in PREVIEWED else DUE
    yield "POST", "/calls/scheduled", every | {"scheduled_at": due, "webhook_url": NOWHERE + text}


def control(text: str) -> Iterator[tuple[str, Any]]:
    yield "/sink/page", {"event": text, "data": {"event_type": text, text: text}}
    yield "/outcomes", {"match": {"to": text, "from": text}, "outcomes": [{"status": "completed", "text": text}]}
    yield "/faults", {"match": {"resource": text}, "fault": {"kind": "reset"}}


@pytest.fixture
def hostile(server: Any) -> Iterator[Any]:
    """A world in which every field that takes text has every hostile text in it."""
    world = server.world(clock=START, seed="hostile", profile="lenient")
    for provider, made in {"telnyx_messages": messages, "telnyx_assistants": events, "temphone": calls}.items():
        with vendor(world, provider) as client:
            for method, path, body in (call for text in TEXTS for call in made(text)):
                client.request(method, path, json=body)
    with httpx2.Client(base_url=f"{server.origin}/_mock", headers={"x-mock-world": world.id}) as client:
        for text in TEXTS:
            header = text.encode("ascii", "replace").decode().replace("\t", " ")
            for path, body in control(text):
                assert client.post(path, json=body, headers={"x-evil": header}).is_success, (path, text)
    world.clock.advance("2h")
    yield world
    world.delete()


# Every lane of the timeline opened, with its details unfolded and a mark pointed at; what was to be read is collected.
OPEN_LANES = """
const done = arguments[arguments.length - 1];
const rest = () => new Promise(requestAnimationFrame);
(async () => {
  const seen = [];
  const lanes = document.querySelector('.lanes');
  const over = {bubbles: true, clientX: 400, clientY: 300};
  const opened = new Set();
  for (let top = 0; top <= lanes.scrollHeight; top += lanes.clientHeight) {
    lanes.scrollTop = top;
    await rest();
    await rest();
    seen.push(document.body.textContent);
    for (const id of [...lanes.querySelectorAll('[role=option]')].map(part => part.dataset.lane)) {
      if (opened.has(id)) continue;
      opened.add(id);
      lanes.querySelector(`[data-lane="${CSS.escape(id)}"]`)?.click();
      document.querySelectorAll('#panel details').forEach(part => (part.open = true));
      lanes.querySelector('[data-mark]')?.dispatchEvent(new PointerEvent('pointermove', over));
      if (opened.size % 4 === 0) await rest();
      seen.push(document.querySelector('#panel').textContent);
    }
  }
  done([opened.size, seen.join('\\n')]);
})();
"""
# A view, and every fourth row of its list opened.
OPEN_ROWS = """
const done = arguments[arguments.length - 1];
const wait = time => new Promise(go => setTimeout(go, time));
(async () => {
  document.querySelector(`#tabs [data-key=${arguments[0]}]`).click();
  await wait(700);
  const seen = [document.body.textContent];
  const rows = () => document.querySelectorAll('.listing tbody tr');
  for (let row = 0; row < rows().length; row += 4) {
    if (rows()[row].tabIndex === 0) rows()[row].click();
    await wait(25);
    seen.push(document.querySelector('#panel').textContent);
  }
  done(seen.join('\\n'));
})();
"""
# All that is planned and all that would be undone, previewed; a fork beside the world; and the world told as a test.
SCRUB = """
const done = arguments[arguments.length - 1];
const wait = time => new Promise(go => setTimeout(go, time));
const until = async found => { for (let turn = 0; turn < 400 && !found(); turn += 1) await wait(50); };
const press = key => document.querySelector('.thumb').dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
const texts = part => document.querySelector(part).textContent;
(async () => {
  navigator.clipboard.writeText = text => { window.__copied = text; return Promise.resolve(); };
  const seen = [];
  document.querySelector('#tabs [data-key=Timeline]').click();
  for (const key of ['End', 'Home']) {
    press(key);
    await until(() => document.querySelector('.foreseen li'));
    seen.push(texts('.preview'));
    press('Escape');
  }
  document.querySelector('[data-key=fork]').click();
  await until(() => document.querySelector('.pair'));
  seen.push(texts('.compare'));
  document.querySelector('[data-key=pytest]').click();
  await until(() => window.__copied);
  done([seen, window.__copied]);
})();
"""


def test_hostile_texts_in_every_field_stay_text(browser, hostile):
    assert len(TEXTS) >= 60
    browser.set_script_timeout(100)
    page = show(browser, hostile)
    page.until(lambda: page.texts(".name .state"))
    opened, seen = browser.execute_async_script(OPEN_LANES)
    assert opened >= 2 * len(TEXTS)
    for view in ("Requests", "Webhooks", "Outcomes", "Faults", "Sink"):
        seen += browser.execute_async_script(OPEN_ROWS, view)
    shown = [text for text in TEXTS if text in seen or json.dumps(text)[1:-1] in seen]
    assert shown == TEXTS  # all of it was on the page, and none of it was more than text
    (planned, undone, _compared), told = browser.execute_async_script(SCRUB)
    assert all(text in planned for text in PREVIEWED)
    assert sum(text in undone for text in TEXTS) >= 20  # of what is undone the latest 200 transitions are listed
    compile(told, "told", "exec")  # all of it is within literals
    page.unharmed()
