"""What `serve` prints once it listens."""

from contratempo.server.banner import Place, banner
from contratempo.server.settings import Settings
from contratempo.sim.clock import Clock
from contratempo.sim.instants import parse_instant

URL = "http://127.0.0.1:4010"
PLACES = [
    Place("TELNYX_BASE_URL", "/v2", "Assistants"),
    Place("TELNYX_BASE_URL", "/v2", "Messages", signed=True),
    Place("", "/v1", "TemPhone"),
]
KEY = "cHVibGljIGtleSBvZiAzMiBieXRlcyBleGFjdGx5ISE="
FROZEN = Clock(parse_instant("2026-03-15T15:00:00Z"))


def shown(**settings: object) -> list[str]:
    return [line.strip() for line in banner(Settings(**settings), URL, PLACES, FROZEN, KEY).splitlines()]  # type: ignore[arg-type]


def test_base_urls_are_lines_to_paste_each_once() -> None:
    assert "TELNYX_BASE_URL=http://127.0.0.1:4010/v2   Assistants, Messages" in shown()


def test_the_public_key_is_a_line_to_paste_once() -> None:
    assert [line for line in shown() if "PUBLIC_KEY" in line] == [f"TELNYX_PUBLIC_KEY={KEY}"]


def test_where_webhooks_go_is_said() -> None:
    assert any(line.startswith("webhooks") and "delivered to loopback;" in line for line in shown())
    assert any("loopback, app:80, 10.0.0.0/8;" in line for line in shown(webhook_allow=("app:80", "10.0.0.0/8")))


def test_a_provider_without_a_variable_shows_its_base_url() -> None:
    assert any(line.startswith("http://127.0.0.1:4010/v1 ") and line.endswith("TemPhone") for line in shown())


def test_clock_seed_and_profile_are_shown() -> None:
    text = "\n".join(shown(seed="s1", profile="lenient"))
    assert "2026-03-15T15:00:00Z, frozen" in text
    assert "s1" in text
    assert "lenient" in text


def test_a_running_clock_shows_its_rate() -> None:
    clock = Clock(parse_instant("2026-03-15T15:00:00Z"), "running", 60.0)
    assert "running at 60x" in banner(Settings(), URL, PLACES, clock, KEY)


def test_a_server_elsewhere_is_named_in_the_commands() -> None:
    assert "clock advance 24h --url http://127.0.0.1:9" in banner(Settings(), "http://127.0.0.1:9", PLACES, FROZEN, KEY)


def test_the_policy_on_keys_is_said_and_no_key_is_shown() -> None:
    assert "any bearer token is accepted" in "\n".join(shown())
    restricted = "\n".join(shown(known_key=("KEYsecret",)))
    assert "1 known, other tokens are refused" in restricted
    assert "KEYsecret" not in restricted
    assert "a world of its own" in "\n".join(shown(world_per_token=True))


def test_off_loopback_the_control_token_is_shown() -> None:
    text = "\n".join(shown(host="0.0.0.0", control_token="t0ken"))
    assert "X-Mock-Token: t0ken" in text
    assert "on 0.0.0.0: other machines" in text


def test_an_open_control_plane_is_warned_of() -> None:
    assert "whoever reaches it may change everything" in "\n".join(shown(host="0.0.0.0", insecure_control=True))


def test_on_loopback_nothing_is_said_of_tokens_of_the_control_plane() -> None:
    assert "X-Mock-Token" not in "\n".join(shown())


def test_the_demo_points_at_its_timeline() -> None:
    assert "open http://127.0.0.1:4010/_mock/" in "\n".join(shown(demo=True))


def test_it_fits_on_one_screen() -> None:
    lines = banner(Settings(demo=True, host="0.0.0.0", control_token="t" * 32), URL, PLACES, FROZEN, KEY).splitlines()
    assert len(lines) <= 20
    assert max(map(len, lines)) <= 100


def test_what_a_kept_world_is_otherwise_is_told() -> None:
    kept = Settings(state="w.json")
    assert "state    the default world is kept in w.json\n" in banner(kept, URL, PLACES, FROZEN, KEY, profile="spec")
    told = banner(kept, URL, PLACES, FROZEN, KEY, profile="lenient", captures=True)
    assert "kept in w.json: it is of profile lenient, and captures its webhooks until a reset\n" in told
    assert "w.json: it captures its webhooks until a reset\n" in banner(kept, URL, PLACES, FROZEN, KEY, captures=True)


def test_faults_that_were_left_on_are_told() -> None:
    told = banner(Settings(), URL, PLACES, FROZEN, KEY, 2)
    assert "faults   2 left on, which may strike: http://127.0.0.1:4010/_mock/ shows and removes them" in told
    assert not any(line.startswith("faults") for line in shown())
