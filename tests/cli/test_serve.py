"""`serve`: what it hands to the server, what it prints, how it ends."""

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result

from contratempo.server.settings import Settings
from contratempo.sim.clock import Clock

Run = Callable[..., Result]


class CannotBind(OSError):
    """Stands for the server's own."""


class FakeServer:
    """Stands for `contratempo.server.run`: notes the settings, is ready at once, and ends."""

    CannotBind = CannotBind

    def __init__(self) -> None:
        self.settings = Settings()
        self.error: Exception | None = None

    def serve(self, settings: Settings, on_ready: Callable[[Any], None]) -> int:
        self.settings = settings
        if self.error:
            raise self.error
        vendors = {"phone": SimpleNamespace(environment="PHONE_URL", title="A phone", webhooks=None)}
        catalog = SimpleNamespace(contract=lambda name, profile: SimpleNamespace(base="/v1"))
        faults, origin = [SimpleNamespace(is_spent=False)], SimpleNamespace(profile="spec")
        simulation = SimpleNamespace(clock=Clock(0), faults=faults, origin=origin)
        worlds = SimpleNamespace(default=SimpleNamespace(simulation=simulation, captures=False))
        signer = SimpleNamespace(public_key="a key")
        service = SimpleNamespace(settings=settings, vendors=vendors, catalog=catalog, worlds=worlds, signer=signer)
        service.warnings = lambda: iter(["shop: op will be answered with 501: why"])
        on_ready(SimpleNamespace(url="http://127.0.0.1:4010", service=service))
        return 0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    """Serve by a fake."""
    fake = FakeServer()
    monkeypatch.setitem(sys.modules, "contratempo.server.run", fake)  # type: ignore[arg-type]
    monkeypatch.setattr(sys.modules["contratempo.server"], "run", fake, raising=False)
    return fake


def test_the_banner_is_printed_when_it_is_ready(run: Run, server: FakeServer) -> None:
    result = run("serve")
    assert result.exit_code == 0
    assert "PHONE_URL=http://127.0.0.1:4010/v1   A phone" in result.output
    assert "faults   1 left on" in result.output


def test_flags_become_settings(run: Run, server: FakeServer) -> None:
    run("serve", "--port", "0", "--known-key", "a", "--known-key", "b,c", "--world-per-token", "--rule", "x.y=5")
    assert server.settings == Settings(port=0, known_key=("a", "b,c"), world_per_token=True, rules={"x.y": 5})


def test_every_setting_has_a_flag_that_names_its_variable(run: Run) -> None:
    output = run("serve", "--help", terminal_width=200).output
    assert "--known-key TEXT" in output
    assert "[CONTRATEMPO_KNOWN_KEY; repeatable]" in output
    assert "[CONTRATEMPO_PORT; default 4010]" in output


def test_off_loopback_a_control_token_is_made_and_printed(run: Run, server: FakeServer) -> None:
    result = run("serve", "--host", "0.0.0.0")
    assert server.settings.control_token
    assert server.settings.control_token in result.output


def test_the_demo_starts_in_its_own_time(run: Run, server: FakeServer) -> None:
    run("serve", "--demo")
    assert (server.settings.profile, server.settings.clock) == ("lenient", "2025-04-14T09:00:00Z")


def test_a_bad_flag_is_wrong_usage(run: Run, server: FakeServer) -> None:
    result = run("serve", "--port", "99999")
    assert result.exit_code == 2
    assert "--port: 99999 is out of range" in result.output


def test_a_bad_variable_is_bad_configuration(run: Run, server: FakeServer) -> None:
    result = run("serve", env={"CONTRATEMPO_PORT": "many"})
    assert result.exit_code == 3
    assert "CONTRATEMPO_PORT: 'many' is not a whole number" in result.output


def test_an_unknown_profile_is_told_before_anything_is_loaded(run: Run, server: FakeServer) -> None:
    result = run("serve", "--profile", "leniant")
    assert result.exit_code == 2
    assert "There is no profile 'leniant'. Did you mean 'lenient'?" in result.output


def test_a_misspelt_variable_is_warned_of(run: Run, server: FakeServer) -> None:
    result = run("serve", env={"CONTRATEMPO_PROT": "1"})
    assert result.exit_code == 0
    assert "did you mean CONTRATEMPO_PORT?" in result.stderr


def test_a_port_in_use_ends_with_4_and_says_what_to_do(run: Run, server: FakeServer) -> None:
    server.error = CannotBind(98, "cannot listen on 127.0.0.1:4010: Address already in use")
    result = run("serve")
    assert result.exit_code == 4
    assert (
        "cannot listen on 127.0.0.1:4010: Address already in use. Stop what uses it, or choose another by --port"
        in (result.stderr)
    )
