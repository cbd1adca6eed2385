"""Commands that talk to a server: which one, and which of its worlds."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from contratempo.cli.errors import COULD_NOT, Failure
from contratempo.client import Control, ControlUnreachable
from contratempo.server.configuration import load_settings
from contratempo.server.settings import local_url

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Connection:
    """Where a server is; `named` when the user said so, rather than it being where one is by default."""

    url: str
    named: bool
    world: str | None
    token: str | None

    def open(self) -> Control:
        """Return the control of that server's world."""
        return Control(self.url, world=self.world, token=self.token)


def connected(function: F) -> F:
    """Give a command the options that say which server and world, and what they come to as `connection`."""

    @click.option(
        "--url", envvar="CONTRATEMPO_URL", help="Server to talk to. [CONTRATEMPO_URL; default http://127.0.0.1:4010]"
    )
    @click.option(
        "--world", envvar="CONTRATEMPO_WORLD", help="World to act on. [CONTRATEMPO_WORLD; default the default one]"
    )
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @wraps(function)
    def command(*, url: str | None, world: str | None, **more: Any) -> Any:
        settings = load_settings({}, os.environ, Path.cwd())
        if url and not _is_address(url):
            raise click.UsageError(f"--url: {url!r} is no address of a server. Write one such as http://127.0.0.1:4010")
        there = url or local_url(settings.host, settings.port)
        connection = Connection(there, url is not None, world, settings.control_token)
        try:
            return function(connection=connection, **more)
        except ControlUnreachable as error:
            hint = "Start one with `contratempo serve`, or name another by --url"
            raise Failure(f"no server answers at {there}: {error.detail}. {hint}", COULD_NOT) from error

    return command  # type: ignore[return-value]


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
