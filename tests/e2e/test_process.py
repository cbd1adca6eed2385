import re
import signal
import socket
import subprocess
import sys

import httpx2
import pytest

from contratempo.testing import MockServer


@pytest.fixture
def command(tmp_path, clean_environment):
    """Run a command line that ends by itself, in an empty directory."""

    def run(*words, env=None):
        program = f"{sys.prefix}/bin/contratempo"
        return subprocess.run(
            [program, *words], cwd=tmp_path, env=clean_environment(env), capture_output=True, text=True, timeout=60
        )

    return run


def assert_told(done, code, *parts):
    """A failure is told in a sentence or two on stderr, and never by a traceback."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_well_when_it_is_asked_to(serve, number):
    """With a connection open, as an SDK keeps one."""
    served = serve("--clock", "2026-03-15T09:00:00Z")
    with httpx2.Client(base_url=served.url) as client:
        assert client.get("/_mock/readyz").json() == {"status": "ready"}
        assert served.end(number) == 0
    assert "Traceback" not in served.log.read_text()


def test_a_request_under_way_is_answered_before_the_end(serve):
    served, body = serve("--clock", "2026-03-15T09:00:00Z"), b'{"by": 60}'
    head = "POST /_mock/clock/advance HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2])), 30) as client:
        client.sendall(f"{head}Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode())
        assert client.recv(1_000).startswith(b"HTTP/1.1 100")  # so it is being answered
        served.process.send_signal(signal.SIGTERM)
        client.sendall(body)
        answer = client.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"2026-03-15T09:01:00Z" in answer
    assert served.process.wait(20) == 0


def test_the_banner_tells_all_that_is_needed(frozen):
    served = frozen
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", served.url)
    for part in (
        f"TELNYX_BASE_URL={served.url}/v2 ",
        f"TEMPHONE_BASE_URL={served.url}/v1 ",
        f"{served.url}/_mock/docs",
        "2026-03-15T09:00:00Z",
        "frozen",
        "mine",
        "spec",
        "any bearer token",
    ):
        assert part in served.banner
    assert "control" not in served.banner
    assert httpx2.get(f"{served.url}/_mock/docs").status_code == 200


def test_settings_come_from_the_environment_and_the_file_too(serve, tmp_path):
    (tmp_path / "contratempo.toml").write_text(
        'seed = "filed"\nknown-key = ["K"]\n[rules]\n"telnyx_messages.send_at_min_seconds" = 7\n'
    )
    served = serve(env={"CONTRATEMPO_SEED": "environs", "CONTRATEMPO_PROFILE": "lenient"})
    assert "environs" in served.banner
    assert "lenient" in served.banner
    with httpx2.Client(base_url=served.url) as client:
        rules = {row["name"]: row["value"] for row in client.get("/_mock/rules").json()["rules"]}
        assert rules["telnyx_messages.send_at_min_seconds"] == 7
        codes = [client.get("/v2/messages/x", headers={"authorization": f"Bearer {key}"}).status_code for key in "KL"]
    assert (codes[0] != 401, codes[1]) == (True, 401)


def test_off_loopback_a_token_is_made_and_asked_for(serve):
    served = serve("--host", "0.0.0.0")
    token = re.search(r"X-Mock-Token: (\S+)", served.banner)[1]
    assert httpx2.get(f"{served.url}/_mock/clock").status_code == 401
    assert httpx2.get(f"{served.url}/_mock/clock", headers={"x-mock-token": token}).status_code == 200
    assert httpx2.get(f"{served.url}/_mock/readyz").status_code == 200


def test_a_taken_port_is_code_4(command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert_told(command("serve", "--port", port), 4, f"127.0.0.1:{port}", "--port")


@pytest.mark.parametrize(
    ("flags", "code", "named"),
    [
        (["--rule", "telnyx_messages.nothing=1"], 3, "telnyx_messages.nothing"),
        (["--rule", "telnyx_messages.send_at_window=maybe"], 3, "telnyx_messages.send_at_window"),
        (["--profile", "nothing"], 2, "nothing"),
        (["--config", "absent.toml"], 3, "absent.toml"),
        (["--clock", "tomorrow"], 2, "--clock"),
        (["--port", "99999"], 2, "--port"),
        (["--nothing"], 2, "--nothing"),
    ],
)
def test_what_cannot_be_served_is_told_with_its_code(command, flags, code, named):
    assert_told(command("serve", "--port", "0", *flags), code, named)


@pytest.mark.parametrize(
    ("file", "named"),
    [("port = 'many'", "port"), ("prot = 4010", "port"), ("port = ", "TOML"), ("[rules]\nx = 1", "x")],
)
def test_a_bad_file_is_code_3(command, tmp_path, file, named):
    (tmp_path / "contratempo.toml").write_text(file)
    assert_told(command("serve"), 3, named)


def test_ready_says_whether_it_is(command, frozen):
    assert command("ready", "--url", frozen.url).returncode == 0
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        assert command("ready", "--url", url).returncode == 1


def test_the_clock_is_moved_from_the_command_line(command, frozen):
    world = httpx2.post(f"{frozen.url}/_mock/worlds", json={}).json()["id"]
    moved = command("clock", "advance", "24h", "--url", frozen.url, "--world", world)
    assert (moved.returncode, "2026-03-16T09:00:00Z" in moved.stdout) == (0, True), moved.stderr


def test_a_server_in_a_thread_frees_its_port_when_it_is_stopped():
    with MockServer() as server:
        port = int(server.origin.rpartition(":")[2])
        assert server.control.ready()
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
    with MockServer(port=port) as again:
        assert again.origin.endswith(f":{port}")
