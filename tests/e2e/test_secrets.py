"""Planted secrets: everything is done with them, at the chattiest log level, and then looked for wherever one could be.

What an application writes into a record is content: a message's text, the address it gives for webhooks. The vendor's
answers show it, and so does the record at `/_mock/resources`; a saved world keeps it, since it is what will be sent.
Anywhere else what is secret by its name, its form or its place is left out of content, too.
"""

import json
import re
import socket
import threading
from collections import defaultdict

import httpx2
import pytest
import yaml
from planting import ANOTHER, CONTENT, EVENTS, MESSAGE, SECRETS, SEED, START, Planting, tattler

from contratempo.data import data_root
from contratempo.server.page import SITE
from contratempo.sim.saved import dump
from contratempo.testing import MockServer

LISTS = ("requests", "webhooks", "timeline", "resources", "sink/mine")
DOCUMENT = yaml.safe_load((data_root("specs") / "control.yaml").read_text())
READS = [
    *(f"/_mock{path}" for path, item in DOCUMENT["paths"].items() if "get" in item and "{" not in path),
    *(
        f"/_mock/contracts/{name}/openapi.json"
        for name in ("telnyx_assistants", "telnyx_messages", "temphone", "control")
    ),
    *(f"/_mock/{name}?limit=1000" for name in LISTS),
]
PAGES = ["/_mock/", "/_mock/docs", "/_mock/docs/start.js", *(f"/_mock/page/{file.name}" for file in SITE.iterdir())]


def outputs(client):
    """Everything that can be read by whoever may read it, by name."""
    yield from ((f"the page {path}", client.get(path).text) for path in PAGES)
    for path in READS:
        yield path, client.get(path).text
    for path, ids in (("webhooks", "webhooks"), ("resources", "resources")):
        for row in client.get(f"/_mock/{path}", params={"limit": 1000}).json()[ids]:
            yield f"/_mock/{path}/{{id}}", client.get(f"/_mock/{path}/{row['id']}").text
    row = client.get("/_mock/webhooks").json()["webhooks"][0]
    yield "/_mock/webhooks/{id}/redeliver", client.post(f"/_mock/webhooks/{row['id']}/redeliver").text
    waited = client.post("/_mock/requests/wait", json={"timeout_seconds": 0, "count": 1}).text
    yield "/_mock/requests/wait", waited
    other = {"authorization": f"Bearer {ANOTHER}"}
    for path in ("/v2/messages/x", "/v2/mesages", "/v1/x", EVENTS + "/x"):
        yield f"an error of another caller at {path}", client.get(path, headers=other).text
    for path in ("/_mock/nothing", "/_mock/webhooks/x", "/_mock/resources/x"):
        yield f"the problem at {path}", client.get(path).text
    yield "the refusal of a wrong token", client.get("/_mock/clock", headers={"x-mock-token": "another"}).text


def in_a_world_of_its_own(client, receiver):
    """Make a world, use its key wherever one can, and return what is shown of that."""
    made = client.post("/_mock/worlds", json={"id": "other"})
    key = made.json()["api_key"]
    headers = {"authorization": f"Bearer {key}"}
    client.get(f"/v2/messages/{key}", headers=headers, params={"key": key})
    client.post("/v2/messages", json=MESSAGE | {"webhook_url": f"{receiver}/{key}"}, headers=headers)
    client.delete(f"/_mock/worlds/{key}", headers=headers)
    client.post("/_mock/clock/advance", json={"by": "1h"}, headers=headers)
    reads = [client.get(f"/_mock/{name}", headers={"x-mock-world": "other"}).text for name in ("requests", "webhooks")]
    return {"the world that was made": made.text, "another world's journal": "".join(reads)}


@pytest.fixture(scope="module")
def found(serve_for_all, tmp_path_factory):
    """What came out of a server in which secrets were planted everywhere, by name."""
    key = tmp_path_factory.mktemp("keys") / "webhooks.key"
    key.write_text(SEED.hex())
    served = serve_for_all(
        "--clock", START, "--log-level", "debug", "--known-key", SECRETS["known key"], "--known-key", ANOTHER,
        "--webhook-key", str(key), env={"CONTRATEMPO_CONTROL_TOKEN": SECRETS["control token"]},
    )  # fmt: skip
    control = {"x-mock-token": SECRETS["control token"]}
    with (
        tattler() as receiver,
        httpx2.Client(base_url=served.url) as client,
        httpx2.Client(base_url=served.url, headers=control, timeout=30) as reader,
    ):
        events = Stream(served.url, control)
        planting = Planting(client, receiver, f"{served.url}/_mock/sink/mine")
        planting.everywhere()
        assert reader.post("/_mock/clock/advance", json={"by": "25h"}).json()["undelivered"] == 0
        texts = defaultdict(str)
        for name, text in outputs(reader):
            texts[name] += text
        texts["the stream"] = events.end(reader)
        texts |= in_a_world_of_its_own(reader, receiver)
        texts["the vendor's answers"] = "".join(answer.text for answer in planting.answers)
    served.end()
    return texts | {"the log": served.log.read_text(), "the banner": served.banner}


class Stream:
    """A reader of the stream, in a thread: what it was sent is there once the server has nothing more for it."""

    def __init__(self, url, headers):
        self.text, opened = "", threading.Event()
        self.thread = threading.Thread(target=self.read, args=(url, headers, opened), daemon=True)
        self.thread.start()
        assert opened.wait(10)

    def read(self, url, headers, opened):
        accept = {"accept": "text/event-stream", **headers}
        with httpx2.stream("GET", f"{url}/_mock/stream", headers=accept, timeout=30) as answer:
            for line in answer.iter_lines():
                opened.set()
                self.text += f"{line}\n"
                if "the-end-of-the-story" in line:
                    return

    def end(self, client):
        client.get("/v2/the-end-of-the-story", headers={"authorization": f"Bearer {ANOTHER}"})
        self.thread.join(20)
        assert not self.thread.is_alive()
        return self.text


def places(found, text):
    return {name for name, output in found.items() if text in output}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_nowhere(found, name):
    assert places(found, SECRETS[name]) == set()


@pytest.mark.parametrize("name", CONTENT)
def test_what_is_written_into_a_record_is_shown_with_the_record_alone(found, name):
    record = {"/_mock/resources", "/_mock/resources?limit=1000", "/_mock/resources/{id}", "/_mock/state"}
    record |= {"the vendor's answers"}
    assert places(found, CONTENT[name]) == record


def test_the_key_of_a_world_is_told_to_who_makes_it_and_to_nobody_else(found):
    key = json.loads(found["the world that was made"])["api_key"]
    assert places(found, key) == {"the world that was made"}
    assert found["another world's journal"].count("[REDACTED]") > 3


def test_what_was_left_out_was_there(found):
    """Else nothing was looked at: the requests, what was sent and received, the stream and the log have its places."""
    for name in ("/_mock/requests?limit=1000", "/_mock/webhooks?limit=1000", "the stream"):
        assert found[name].count("[REDACTED]") > 20, name
    assert "[REDACTED]" in found["the log"]
    assert "attempt 3 failed" in found["the log"]
    assert '"answer":"{\\"key\\": \\"[REDACTED]' in found["/_mock/webhooks?limit=1000"]
    assert '"received":[{' in found["/_mock/sink/mine?limit=1000"]


def test_every_line_of_the_log_is_one_of_the_server_s_own(found):
    for line in found["the log"].splitlines():
        assert re.fullmatch(r"(DEBUG|INFO|WARNING|ERROR) \S.*", line), line
        assert line.isprintable()


@pytest.fixture(scope="module")
def inside():
    """A server in this process in which the same was done: its world as it would be saved, and how it shows itself."""
    with (
        tattler() as receiver,
        MockServer(clock=START, known_key=(SECRETS["known key"], ANOTHER), validation="both") as server,
    ):
        with httpx2.Client(base_url=server.origin) as client:
            Planting(client, receiver, f"{server.origin}/_mock/sink/mine").everywhere()
        server.control.clock.advance("25h")
        service = server._bound.service
        yield {"the state": json.dumps(dump(service.worlds.default.simulation)), "the server": repr(server._bound)}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_in_no_saved_world_and_no_repr(inside, name):
    assert places(inside, SECRETS[name]) == set()


def test_a_saved_world_has_its_records_whole(inside):
    assert [name for name, text in CONTENT.items() if "the state" not in places(inside, text)] == []


HOSTILE = {
    "a new line": b"\r\nERROR forged",
    "a line feed": b"\nERROR forged",
    "an escape sequence": b"\x1b[2J\x1b[31mERROR forged",
    "bells": b"\x07\x08\x0b\x0c\x1c\x1d\x1e",
    "new lines beyond ASCII": "\x85ERROR forged\u2028\u2029".encode(),
    "a new line in Latin-1": b"\x85ERROR forged",
    "the other direction": "\u202eforged".encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_is_sent_makes_another_line_of_the_log(frozen, name):
    """One line for each request that is refused, whatever ids, queries and headers hold."""
    raw, asked = HOSTILE[name], 0
    hidden = b"".join(b"%%%02x" % byte for byte in raw)
    in_headers = b"".join(
        b"%b: x%bx\r\n" % (each, raw) for each in (b"User-Agent", b"X-Mock-World", b"Idempotency-Key")
    )
    before = len(frozen.log.read_text().splitlines())
    for path in (b"/v2/messages/%b", EVENTS.encode() + b"/%b", b"/v1/calls?x=%b", b"/_mock/resources/%b", b"/_mock/%b"):
        for headers in (b"User-Agent: x\r\n", in_headers):
            head = b"GET %b HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer key\r\n" % (path % hidden)
            port = int(frozen.url.rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port), 20) as client, client.makefile("rb") as answer:
                client.sendall(head + headers + b"Connection: close\r\n\r\n")
                assert answer.read().startswith(b"HTTP/1.1 4")
            asked += 1
    lines = frozen.log.read_text().splitlines()[before:]
    assert len(lines) == asked
    for line in lines:
        assert re.match("INFO default: GET /|INFO a request is refused at the edge: ", line), line
        assert line.isprintable()
