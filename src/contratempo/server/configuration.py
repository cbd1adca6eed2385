"""Where settings come from: a flag goes before the environment, that before a file, that before the default."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import Field, fields
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from contratempo.server.allowance import parse_allow
from contratempo.server.demo import START
from contratempo.server.guard import is_host
from contratempo.server.settings import Settings
from contratempo.sim.instants import parse_start

PREFIX = "CONTRATEMPO_"
FILE = "contratempo.toml"
DEMO_SETTINGS = {"profile": "lenient", "clock": START}

_FIELDS: dict[str, "Field[Any]"] = {field.name: field for field in fields(Settings)}
_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
_OTHER_VARIABLES = {
    PREFIX + name
    for name in (
        "CONFIG", "DEBUG", "URL", "WORLD", "TOKEN", "MOCK_TOKEN", "TEST_TIER", "ASSISTANT", "ALLOW_TARGET",
        "ALLOW_SENDER", "ALLOW_ASSISTANT", "LEAD", "MAX_REQUESTS", "MAX_CREATES", "RATE",
    )
}  # fmt: skip
"""Of the other commands and the tests."""


class SettingsError(ValueError):
    """A setting that cannot be: `where` it was said, `what` is wrong, `hint` to mend it."""

    def __init__(self, where: str, what: str, hint: str) -> None:
        super().__init__(f"{where}: {what}. {hint}")
        self.where, self.what, self.hint = where, what, hint


class Said(NamedTuple):
    """A value as it was written, and where."""

    value: Any
    where: str


def flag_of(name: str) -> str:
    """Return the flag of a field: `--known-key` of `known_key`."""
    return "--" + str(_FIELDS[name].metadata.get("flag", name)).replace("_", "-")


def variable_of(name: str) -> str:
    """Return the environment variable of a field: `CONTRATEMPO_KNOWN_KEY` of `known_key`."""
    return PREFIX + flag_of(name)[2:].replace("-", "_").upper()


def load_settings(
    flags: Mapping[str, Any], environ: Mapping[str, str], directory: Path, config: Path | None = None
) -> Settings:
    """Return the settings that flags, environment and file make; SettingsError says what is wrong and where.

    `flags` has only those given, by field name. The file is `config`, else $CONTRATEMPO_CONFIG, else `contratempo.toml`
    or the table `[tool.contratempo]` of `pyproject.toml` in `directory`. In the environment lists are separated by
    commas, and an empty variable counts as unset.
    """
    named = config or (Path(environ[PREFIX + "CONFIG"]) if environ.get(PREFIX + "CONFIG") else None)
    said = _in_file(named, directory) | _in_environment(environ)
    return _settings(said | {name: Said(value, flag_of(name)) for name, value in flags.items()})


def settings_of(given: Mapping[str, Any]) -> Settings:
    """Return the settings that a program gives by field name, None being as good as nothing.

    TypeError for a name that no setting has, SettingsError for a value that it cannot have.
    """
    for name in given:
        if name not in _FIELDS:
            raise TypeError(f"there is no setting {name!r}. {_meant(name)}")
    return _settings({name: Said(_path_text(value), name) for name, value in given.items() if value is not None})


def _settings(said: Mapping[str, Said]) -> Settings:
    values = {name: _convert(_FIELDS[name], *entry) for name, entry in said.items()}
    if values.get("demo"):
        if "clock" in values:
            raise SettingsError(said["clock"].where, "demo has a clock of its own", "Leave out clock, or demo")
        values = DEMO_SETTINGS | values
    return Settings(**values)


def stray_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield a warning for each variable that is likely a setting misspelt, which would otherwise go unnoticed."""
    known = {variable_of(name) for name in _FIELDS} | _OTHER_VARIABLES
    for variable in sorted(environ):
        near = get_close_matches(variable, known, n=1, cutoff=0.85)
        if variable.startswith(PREFIX) and variable not in known and near:
            yield f"{variable} is not a setting and changes nothing; did you mean {near[0]}?"


def _in_environment(environ: Mapping[str, str]) -> dict[str, Said]:
    named = ((name, variable_of(name)) for name in _FIELDS)
    return {name: Said(environ[variable], variable) for name, variable in named if environ.get(variable)}


def _in_file(named: Path | None, directory: Path) -> dict[str, Said]:
    file = named or directory / FILE
    if named or file.is_file():
        return _entries(file, _toml(file), "")
    project = directory / "pyproject.toml"
    table = _toml(project).get("tool", {}).get("contratempo", {}) if project.is_file() else {}
    return _entries(project, table, "tool.contratempo.")


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(
            str(file), f"cannot be read: {error.strerror}", "Name a file that exists by --config"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(str(file), f"not valid TOML: {error}", "Mend that line") from None


def _entries(file: Path, table: Mapping[str, Any], prefix: str) -> dict[str, Said]:
    entries = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name == "conform" and isinstance(value, dict):
            continue  # those of the command of that name
        if name not in _FIELDS:
            raise SettingsError(str(file), f"there is no setting {prefix + key!r}", _meant(name))
        entries[name] = Said(value, f"{file}: {prefix}{key}")
    return entries


def _meant(name: str) -> str:
    near = get_close_matches(name, _FIELDS, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(_FIELDS)}"


def _path_text(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(map(_path_text, value))
    return str(value) if isinstance(value, Path) else value


def _convert(field: "Field[Any]", value: Any, where: str) -> Any:
    default = Settings.__dict__.get(field.name)
    if isinstance(default, bool):
        return _truth(value, where)
    if isinstance(default, int):
        return _number(value, where, field.metadata.get("least", 0), field.metadata.get("most"))
    if isinstance(default, tuple):
        return _checked_texts(field, value, where)
    if field.name == "rules":
        return _rules(value, where)
    return _text(field, value, where)


def _truth(value: Any, where: str) -> bool:
    if isinstance(value, str) and value.lower() in _YES | _NO:
        return value.lower() in _YES
    if not isinstance(value, bool):
        raise SettingsError(where, f"{value!r} is neither true nor false", "Write true or false")
    return value


def _number(value: Any, where: str, least: int, most: int | None) -> int:
    number = int(value) if isinstance(value, str) and value.strip().isdecimal() else value
    if isinstance(number, bool) or not isinstance(number, int):
        raise SettingsError(where, f"{value!r} is not a whole number", f"Write a number from {least} {_up_to(most)}")
    if number < least or (most is not None and number > most):
        raise SettingsError(where, f"{number} is out of range", f"Write a number from {least} {_up_to(most)}")
    return number


def _up_to(most: int | None) -> str:
    return "up" if most is None else f"to {most}"


def _checked_texts(field: "Field[Any]", value: Any, where: str) -> tuple[str, ...]:
    texts = tuple(_texts(value, where))
    for text in texts:
        if field.name == "webhook_allow":
            try:
                parse_allow(text)
            except ValueError as error:
                raise SettingsError(where, str(error), "Mend that entry, or leave it out") from None
        if field.name == "allowed_host" and not is_host(text):
            raise SettingsError(where, f"{text!r} is no host name", "Write it alone, without scheme, port and path")
    return texts


def _texts(value: Any, where: str) -> Sequence[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        raise SettingsError(where, f"{value!r} is not a list of texts", 'Write a list such as ["one", "two"]')
    return value


def _text(field: "Field[Any]", value: Any, where: str) -> str:
    text = value.isoformat() if isinstance(value, datetime) else value
    if isinstance(text, bool) or not isinstance(text, str | int):
        raise SettingsError(where, f"{value!r} is not a text", "Write it in quotes")
    choices = field.metadata.get("choices")
    if choices and text not in choices:
        raise SettingsError(where, f"{text!r} is not known", f"Choose one of {', '.join(choices)}")
    if field.name == "clock":
        try:
            parse_start(str(text))
        except ValueError as error:
            raise SettingsError(where, str(error), "Write date, time and offset") from None
    return str(text)


def _rules(value: Any, where: str) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(_flattened(value, ""))
    rules = {}
    for entry in _texts(value, where):
        name, equals, setting = entry.partition("=")
        if not equals or not name.strip():
            raise SettingsError(
                where, f"{entry!r} sets no rule", "Write NAME=VALUE; `contratempo rules` lists the names"
            )
        rules[name.strip()] = rule_value(setting.strip())
    return rules


def _flattened(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flattened(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def rule_value(text: str) -> str | int | float:
    """Return a rule's value as it was typed: a number where it looks like one, else the text."""
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text
