"""The state file: it keeps the default world, is whole at every moment, and is refused by name when it is not."""

import asyncio
import itertools
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from contratempo.server import statefile
from contratempo.server.app import App
from contratempo.server.service import make_service
from contratempo.server.settings import Settings
from contratempo.server.statefile import StateFile, StateFileError, write_whole
from contratempo.sim.saved import dump

EVENTS = "/v2/ai/assistants/a/scheduled_events"
EVENT = {
    "telnyx_conversation_channel": "phone_call", "telnyx_end_user_target": "+13125550120",
    "telnyx_agent_target": "+13125550101", "scheduled_at_fixed_datetime": "2026-03-15T10:00:00Z",
}  # fmt: skip


@pytest.fixture
def file(tmp_path):
    return tmp_path / "world.json"


@pytest.fixture
def kept(vendors, file):
    """Return a maker of servers whose default world is kept in a file, `anyway` or not."""

    def make(*, anyway=False, **settings):
        app = vendors(**settings)
        service = app.service
        service.state_file = StateFile(file, service.savings, service.real)
        service.state_file.load(service.worlds.default, anyway=anyway)
        return app

    return make


def test_a_world_is_there_again(kept, client, file):
    app = kept()
    client(app)("POST", EVENTS, EVENT)
    app.service.state_file.close(app.service.worlds.default)
    again = kept(clock="2030-01-01T00:00:00Z")
    world = again.service.worlds.default.simulation
    assert dump(world) == dump(app.service.worlds.default.simulation)
    assert client(again)("POST", "/_mock/clock/advance", {"by": "2h"}).body["fired_count"] > 0
    assert json.loads(file.read_bytes())["contratempo"]["kind"] == "world"


def test_a_file_that_is_missing_is_made_at_once(kept, file):
    kept()
    assert json.loads(file.read_bytes())["world"]["head"] == 0


def test_a_running_clock_stands_still_while_no_server_has_it(kept, client, real):
    app = kept()
    client(app)("PUT", "/_mock/clock", {"mode": "running"})
    real.now += 10
    assert client(app)("GET", "/_mock/clock").body["now"] == "2026-03-15T09:00:10Z"
    app.service.state_file.close(app.service.worlds.default)
    real.now += 1_000
    again = client(kept())
    real.now += 5
    assert again("GET", "/_mock/clock").body["now"] == "2026-03-15T09:00:15Z"


def test_what_a_fork_left_in_it_goes_on_capturing(kept, client, file):
    app = kept()
    saved = client(app)("GET", "/_mock/state").body
    client(app)("PUT", "/_mock/state", saved | {"contratempo": saved["contratempo"] | {"captures": True}})
    app.service.state_file.close(app.service.worlds.default)
    assert kept().service.worlds.default.captures


def loaded_settings(file, **more):
    return Settings(clock="2026-03-15T09:00:00Z", state=str(file), **more)


def test_the_setting_keeps_the_default_world(file, client):
    service = make_service(loaded_settings(file, demo=True, profile="lenient"))
    head = service.worlds.default.simulation.head
    service.state_file.close(service.worlds.default)
    again = make_service(loaded_settings(file, demo=True, profile="lenient"))
    assert again.worlds.default.simulation.head == head > 0  # and the demonstration is not lived through twice


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "it is empty"),
        (b'{"contratempo": {"kind": "world"', "it ends in the middle, so it is torn"),
        (b"kind: world\n", "line 1, byte 0: it is not JSON"),
        (b'{"openapi": "3.1.0"}', "it is no saved world: it has no member contratempo"),
        (b'{"contratempo": {"kind": "receipt"}}', "it is of kind 'receipt', not a world"),
        (b'{"contratempo": {"kind": "world", "schema": 7, "version": "7.0"}}', "its form is of schema 7"),
        (b'{"contratempo": {"kind": "world", "schema": 1}}', "missing required field fingerprint"),
    ],
)
def test_what_is_no_state_file_is_refused_by_name(kept, file, raw, says):
    file.write_bytes(raw)
    with pytest.raises(StateFileError) as caught:
        kept()
    assert (caught.value.file, says in caught.value.what) == (str(file), True), caught.value.what
    assert "move it away to start afresh" in caught.value.hint
    assert file.read_bytes() == raw


def test_another_fingerprint_is_told_and_taken_over_when_told_to(kept, file):
    kept()
    with pytest.raises(StateFileError, match=r"different here: the rules of temphone\.") as caught:
        kept(rules={"temphone.talk_seconds": 5})
    assert "--state-anyway" in caught.value.hint
    assert kept(anyway=True, rules={"temphone.talk_seconds": 5})


def test_what_cannot_be_read_or_written_is_told_at_the_start(kept, file, tmp_path, monkeypatch):
    file.mkdir()
    with pytest.raises(StateFileError, match="it is no regular file"):
        kept()
    file.rmdir()
    monkeypatch.setattr(statefile, "write_whole", _full)
    with pytest.raises(StateFileError, match="it cannot be written: No space left on device"):
        kept()
    monkeypatch.setattr(StateFile, "_read", _denied)
    with pytest.raises(StateFileError, match="it cannot be read: Permission denied"):
        kept()


def _full(*_):
    raise OSError(28, "No space left on device")


def _denied(*_):
    raise PermissionError(13, "Permission denied")


def test_a_pipe_is_not_waited_for(kept, file):
    os.mkfifo(file)
    with pytest.raises(StateFileError, match="it is no regular file"):
        kept()


def test_what_cannot_be_saved_later_is_logged_and_tried_again(kept, file, monkeypatch, caplog):
    app = kept()
    before = file.read_bytes()
    monkeypatch.setattr(os, "replace", _full)
    app.service.state_file.close(app.service.worlds.default)
    assert "could not be saved: No space left on device" in caplog.text
    assert [each.name for each in file.parent.iterdir()] == [file.name]  # nothing half-done is left beside it
    assert file.read_bytes() == before


def test_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "kept.json", tmp_path / "link.json"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_whole(link, b"new")
    assert (link.is_symlink(), target.read_bytes()) == (True, b"new")


def test_a_file_stays_as_private_as_it_was(tmp_path):
    file = tmp_path / "w.json"
    file.write_bytes(b"")
    file.chmod(0o600)
    write_whole(file, b"new")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o600)


def test_a_file_is_on_the_disk_before_it_is_in_place(tmp_path, monkeypatch):
    done = list[str]()
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *given, name=name, real=real: (done.append(name), real(*given))[1])
    write_whole(tmp_path / "a.json", b"x")
    assert done == ["fsync", "replace", "fsync"]  # the file, its name, and the folder that has the name


async def until(holds):
    for _ in range(20_000):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to that")


@pytest.fixture
def swift(monkeypatch):
    """Let a look be taken at once, and no disk be waited for: one that is busy takes seconds over each save."""
    monkeypatch.setattr(statefile, "SECONDS", 0.001)
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def test_it_is_saved_as_it_changes_and_only_then(kept, client, file, swift, monkeypatch):
    app, writes = kept(), list[object]()
    real = statefile.write_whole
    monkeypatch.setattr(
        statefile, "write_whole", lambda *given: (writes.append(asyncio._get_running_loop()), real(*given))
    )

    async def scene():
        keeping = asyncio.create_task(app.service.state_file.keep(app.service.worlds.default))
        await asyncio.sleep(0.05)
        assert writes == []
        await client(app).call("POST", EVENTS, EVENT)
        await until(lambda: json.loads(file.read_bytes())["world"]["head"] == 1)
        await asyncio.sleep(0.05)
        keeping.cancel()

    asyncio.run(scene())
    assert writes == [None]  # off the loop: nobody waits for the disk


def test_after_a_save_that_took_long_the_next_is_long_in_coming(kept, client, monkeypatch):
    app, slept, sleep = kept(), list[float](), asyncio.sleep
    state, world = app.service.state_file, app.service.worlds.default
    client(app)("POST", EVENTS, EVENT)
    state.real = SimpleNamespace(seconds=itertools.count(0, 3).__next__)

    async def rest(seconds):
        slept.append(seconds)
        await sleep(0)

    async def scene():
        monkeypatch.setattr(asyncio, "sleep", rest)
        keeping = asyncio.create_task(state.keep(world))
        while len(slept) < 3:
            await sleep(0.005)
        keeping.cancel()

    asyncio.run(scene())
    assert slept[:3] == [statefile.SECONDS, 3 * statefile.SHARE, statefile.SECONDS]


def test_a_save_that_was_left_waiting_does_not_come_over_a_later_one(kept, client, file):
    """As of a thread that was begun when the server ends: it is cancelled, and has its turn all the same."""
    app = kept()
    state, world = app.service.state_file, app.service.worlds.default
    early = state._take(world)
    client(app)("POST", EVENTS, EVENT)
    state.close(world)
    state._write(early)
    assert json.loads(file.read_bytes())["world"]["head"] == 1


def test_a_load_over_the_control_plane_is_a_change(kept, client, file, swift):
    app = kept()
    call = client(app)
    state = call("GET", "/_mock/state").body
    state["world"]["ordinals"] = {"scheduled_event": 7}

    async def scene():
        keeping = asyncio.create_task(app.service.state_file.keep(app.service.worlds.default))
        assert (await call.call("PUT", "/_mock/state", state)).status == 200
        await until(lambda: json.loads(file.read_bytes())["world"]["ordinals"] == {"scheduled_event": 7})
        keeping.cancel()

    asyncio.run(scene())


def test_it_is_saved_when_the_server_ends(kept, client, file):
    app = kept()

    async def live():
        ask, told = asyncio.Queue(), asyncio.Queue()
        living = asyncio.create_task(app({"type": "lifespan"}, ask.get, told.put))
        await ask.put({"type": "lifespan.startup"})
        assert (await told.get())["type"] == "lifespan.startup.complete"
        await client(app).call("POST", EVENTS, EVENT)
        await ask.put({"type": "lifespan.shutdown"})
        assert (await told.get())["type"] == "lifespan.shutdown.complete"
        await living

    asyncio.run(live())
    assert json.loads(file.read_bytes())["world"]["head"] == 1


def test_what_a_killed_server_left_half_done_is_swept_away(kept, file):
    left = file.with_name(f".{file.name}.999999999.new")
    mine = file.with_name(f".{file.name}.{os.getpid()}.new")
    others = [file.with_name(f".{file.name}.{each}.new") for each in (os.getppid(), "mine")]  # at work, or not ours
    for each in (left, mine, *others):
        each.write_bytes(b"{")
    kept()
    assert not left.exists()
    assert all(each.exists() for each in others)


def test_the_app_without_a_state_file_keeps_nothing(vendors, tmp_path):
    assert isinstance(vendors(), App)
    assert vendors().service.state_file is None


HOLDS = (
    "import fcntl, sys; f = open(sys.argv[1], 'r+b'); fcntl.lockf(f, fcntl.LOCK_EX); print('held', flush=True); input()"
)
ASKS = "import sys; from contratempo.server.statefile import is_held; print(is_held(open(sys.argv[1], 'r+b')))"


def test_what_another_server_keeps_its_world_in_is_refused(kept, file):
    kept()
    before = file.read_bytes()
    with subprocess.Popen([sys.executable, "-c", HOLDS, file], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StateFileError, match="another server keeps its world in it") as caught:
            kept()
        other.communicate("\n")
    assert ("end that server" in caught.value.hint, file.read_bytes()) == (True, before)
    assert kept()


def asked(file):
    return subprocess.run([sys.executable, "-c", ASKS, file], capture_output=True, text=True, check=True).stdout.strip()


def test_it_is_held_after_each_save_and_let_go_at_the_end(kept, file):
    app = kept()
    state_file, world = app.service.state_file, app.service.worlds.default
    held = asked(file)
    state_file.save(world)
    assert (held, asked(file)) == ("True", "True")
    state_file.close(world)
    assert (asked(file), state_file.lost) == ("False", False)
    state_file.close(world)  # twice is once more
    assert (asked(file), state_file.lost) == ("False", False)


def test_it_is_held_after_a_save_that_failed(kept, file, monkeypatch):
    app = kept()
    monkeypatch.setattr(statefile, "write_whole", _full)
    with pytest.raises(OSError, match="No space left"):
        app.service.state_file.save(app.service.worlds.default)
    assert asked(file) == "True"


def test_what_another_server_has_begun_with_meanwhile_is_not_written_over(kept, file, caplog):
    app = kept()
    (another := file.with_name("another.json")).write_bytes(b"of another server")
    another.replace(file)  # as whoever saves a world over it does, and what was held is gone
    with subprocess.Popen([sys.executable, "-c", HOLDS, file], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout.readline() == "held\n"
        app.service.state_file.close(app.service.worlds.default)
        other.communicate("\n")
    assert (file.read_bytes(), app.service.state_file.lost) == (b"of another server", True)
    assert "another server keeps its world in it" in caplog.text


def test_a_world_that_could_not_be_saved_at_the_end_is_lost(kept, file, monkeypatch):
    app = kept()
    monkeypatch.setattr(statefile, "write_whole", _full)
    app.service.state_file.close(app.service.worlds.default)
    assert app.service.state_file.lost
