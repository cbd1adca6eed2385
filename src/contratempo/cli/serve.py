"""`contratempo serve`: the main job."""

import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from contratempo.cli.errors import CANNOT_LISTEN, Failure
from contratempo.cli.stopping import never_lost
from contratempo.server.banner import Place, banner
from contratempo.server.configuration import flag_of, load_settings, stray_variables, variable_of
from contratempo.server.settings import Settings, secured

if TYPE_CHECKING:
    from contratempo.server.run import BoundServer

F = TypeVar("F", bound=Callable[..., Any])


def _setting_options(function: F) -> F:
    """Add one option for each setting; what is not given is left to environment, file and default."""
    for setting in reversed(fields(Settings)):
        default = setting.default if setting.default is not MISSING else {}
        function = click.option(flag_of(setting.name), setting.name, **_kind(setting.name, default))(function)
        option: click.Option = function.__click_params__[-1]  # type: ignore[attr-defined]
        option.help = f"{setting.metadata['help']} {_note(setting.name, default)}"
    return function


def _kind(name: str, default: Any) -> dict[str, Any]:
    if isinstance(default, bool):
        return {"is_flag": True, "default": None}
    if isinstance(default, tuple | dict):
        return {"multiple": True, "metavar": "NAME=VALUE" if name == "rules" else "TEXT"}
    return {"metavar": "NUMBER" if isinstance(default, int) else "TEXT"}


def _note(name: str, default: Any) -> str:
    shown = f"; default {default}" if default not in (None, (), {}) and not isinstance(default, bool) else ""
    return f"[{variable_of(name)}{'; repeatable' if isinstance(default, tuple | dict) else ''}{shown}]"


@click.command()
@_setting_options
@click.option("--config", type=click.Path(path_type=Path), help="File of settings, instead of contratempo.toml.")
def serve(config: Path | None, **flags: Any) -> None:
    """Start the mock server.

    It listens until it is interrupted. With an SDK that takes its base URL from the environment nothing else is needed:
    the lines printed at the start can be pasted.

    With --spec FILE only the given documents are served (and the control plane): what they leave to behaviour is
    answered from their examples and schemas, and `Prefer: code=404`, `Prefer: example=NAME` and `Prefer: dynamic=true`
    choose another answer. Add --provider NAME, or --provider all, to serve built-in providers beside them.
    """
    given = {name: value for name, value in flags.items() if value not in (None, ())}
    settings = secured(load_settings(given, os.environ, Path.cwd(), config), lambda: secrets.token_urlsafe(24))
    for warning in stray_variables(os.environ):
        click.echo(f"contratempo: {warning}", err=True)
    with _ending_quietly():
        code = _run(settings)
    sys.exit(code)


@contextmanager
def _ending_quietly() -> Iterator[None]:
    """Let a signal that comes before the server handles them itself end with 0, as one that comes later does."""
    handlers = {number: signal.signal(number, lambda *_: sys.exit(0)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with never_lost(SystemExit):
            yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _run(settings: Settings) -> int:
    _import_server()
    from contratempo.cli.library import check_profile
    from contratempo.server import run
    from contratempo.server.catalog import read_profiles

    check_profile(settings.profile, read_profiles())
    _log(settings)
    try:
        return run.serve(settings, _announce)
    except run.CannotBind as error:
        hint = "Stop what uses it, or choose another by --port (0 takes a free one) or --host"
        raise Failure(f"{error.strerror}. {hint}", CANNOT_LISTEN) from error


def _import_server() -> None:
    """Import the server: its libraries take a second, for which `serve --help` and a mistyped flag do not wait."""
    from contratempo.server.deferral import UNUSED, collecting_later, deferring

    with deferring(*UNUSED), collecting_later():
        import contratempo.cli.library
        import contratempo.server.run  # noqa: F401


def _log(settings: Settings) -> None:
    """Log to stderr what the server itself says; what its libraries say of their work may hold what others sent."""
    from contratempo.server.redaction import Lines

    handler, level = logging.StreamHandler(sys.stderr), logging.getLevelName(settings.log_level.upper())
    handler.setFormatter(Lines(settings.secrets))
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING))
    logging.getLogger("contratempo").setLevel(level)
    if level == logging.DEBUG:
        logging.getLogger("uvicorn").setLevel(logging.INFO)


def _announce(bound: "BoundServer") -> None:
    service = bound.service
    settings = service.settings
    places = [
        Place(
            provider.environment,
            service.catalog.contract(name, settings.profile).base,
            provider.title,
            provider.webhooks is not None and provider.webhooks.signed,
        )
        for name, provider in service.vendors.items()
    ]
    for warning in service.warnings():
        click.echo(f"contratempo: {warning}", err=True)
    world = service.worlds.default
    simulation = world.simulation
    faults = sum(not fault.is_spent for fault in simulation.faults)
    key, profile = service.signer.public_key, simulation.origin.profile
    said = banner(settings, bound.url, places, simulation.clock, key, faults, profile=profile, captures=world.captures)
    click.echo(said)
