"""The options that say what a real deployment may be sent, and where else they may be said: environment and file."""

import re
import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from contratempo.conformance import Protection

F = TypeVar("F", bound=Callable[..., Any])

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LEAST: Final = timedelta(minutes=10)


class _Listed(click.Option):
    """An option that may be given several times; its variable separates by commas."""

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """Return what the variable lists."""
        said = self.resolve_envvar_value(ctx)
        return None if said is None else tuple(filter(None, map(str.strip, said.split(","))))


class _Span(click.ParamType[timedelta]):
    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read 36h, 90m, 2d."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([0-9]{1,6})([smhd])", str(value))
        if not found:
            self.fail(f"{value!r} is no span. Write one such as 24h, 90m or 2d", param, ctx)
        span = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
        if not _LEAST <= span <= timedelta(days=365):
            self.fail(f"{value!r} leaves no time to clean up, or too much. Write 10m to 365d", param, ctx)
        return span


def _listed(flag: str, text: str) -> Callable[[F], F]:
    variable = "CONTRATEMPO_" + flag[2:].replace("-", "_").upper()
    return click.option(flag, multiple=True, cls=_Listed, envvar=variable, metavar="ID", help=text)


_OPTIONS: Final = (
    _listed("--allow-target", "Number or contact that may be reached; may be given again."),
    _listed("--allow-sender", "Number or profile that may be the sender; may be given again."),
    _listed("--allow-assistant", "Assistant or campaign that may be used; may be given again."),
    click.option(
        "--lead",
        type=_Span(),
        default="24h",
        show_default=True,
        envvar="CONTRATEMPO_LEAD",
        help="How far ahead what is scheduled has to lie.",
    ),
    click.option(
        "--max-requests",
        type=click.IntRange(1),
        default=500,
        show_default=True,
        envvar="CONTRATEMPO_MAX_REQUESTS",
        help="Requests at most.",
    ),
    click.option(
        "--max-creates",
        type=click.IntRange(0),
        default=50,
        show_default=True,
        envvar="CONTRATEMPO_MAX_CREATES",
        help="Records created at most.",
    ),
    click.option(
        "--rate",
        type=click.FloatRange(0.01, 1_000),
        default=2.0,
        show_default=True,
        envvar="CONTRATEMPO_RATE",
        help="Requests a second at most.",
    ),
)


def guarded_options(function: F) -> F:
    """Give a command the options of the guard."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


class FromFile(click.Command):
    """A command whose options may stand in `[conform]` of contratempo.toml, below flag and variable."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the file first."""
        return super().make_context(*args, default_map=_in_file(Path.cwd()), **extra)


def _in_file(directory: Path) -> dict[str, Any]:
    own, project = directory / "contratempo.toml", directory / "pyproject.toml"
    for file, way in ((own, ("conform",)), (project, ("tool", "contratempo", "conform"))):
        if file.is_file():
            table = _table(file, way)
            known = {option.name for option in click.command()(guarded_options(lambda **_: None)).params}
            entries = {name.replace("-", "_"): value for name, value in table.items()}
            if strange := sorted(set(entries) - known):
                raise click.UsageError(f"{file}: [conform] knows no {strange[0]!r}, only {', '.join(sorted(known))}")
            return entries
    return {}


def _table(file: Path, way: tuple[str, ...]) -> dict[str, Any]:
    try:
        table: Any = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{file}: it cannot be read as TOML: {error}. Mend it") from error
    for name in way:
        table = table.get(name, {}) if isinstance(table, dict) else {}
    return table if isinstance(table, dict) else {}


def protection_of(wish: dict[str, Any], report: Path | None) -> "Protection":
    """Return what may be done to a real deployment; UsageError where too little is allowed for the level."""
    from contratempo.conformance import Permit, Protection
    from contratempo.conformance.guard.permit import REACHES
    from contratempo.conformance.guard.record import NAME

    permit = Permit(
        wish["level"],
        targets=tuple(wish["allow_target"]),
        senders=tuple(wish["allow_sender"]),
        assistants=tuple(wish["allow_assistant"]),
        lead=wish["lead"],
        max_requests=wish["max_requests"],
        max_creates=wish["max_creates"],
        rate=wish["rate"],
    )
    if wish["level"] == "full":
        if not wish["allow_writes"]:
            raise click.UsageError("--level full creates things on a real deployment: --allow-writes lets it")
        missing = [f"--allow-{kind[:-1]}" for kind in REACHES[wish["provider"]].needed if not permit.lists(kind)]
        if missing:
            raise click.UsageError(f"--level full needs to know whom it may reach: give {' and '.join(missing)}")
    return Protection(permit, (report or Path()) / NAME)


def told_limits(wish: dict[str, Any]) -> str:
    """Return the limits as text."""
    lists = [f"{name[6:]}s {', '.join(wish[name]) or 'none'}" for name in _LISTS]
    return (
        f"guarded: {'; '.join(lists)}; what is scheduled lies {wish['lead']} ahead;"
        f" at most {wish['max_requests']} requests, {wish['max_creates']} creates, {wish['rate']:g} a second"
    )


_LISTS: Final = ("allow_target", "allow_sender", "allow_assistant")
