"""Where settings come from, which source goes first, and how a bad one is told."""

import re
from pathlib import Path

import click
import pytest

from contratempo.cli.guarding import guarded_options
from contratempo.server.configuration import SettingsError, load_settings, settings_of, stray_variables
from contratempo.server.settings import Settings


def test_nothing_said_is_the_defaults(tmp_path: Path) -> None:
    assert load_settings({}, {}, tmp_path) == Settings()


def test_a_flag_goes_before_the_environment_that_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "contratempo.toml").write_text('port = 1\nseed = "file"\nhost = "::1"\n')
    environ = {"CONTRATEMPO_PORT": "2", "CONTRATEMPO_SEED": "environment"}
    settings = load_settings({"port": "3"}, environ, tmp_path)
    assert (settings.port, settings.seed, settings.host) == (3, "environment", "::1")


def test_lists_in_the_environment_are_separated_by_commas(tmp_path: Path) -> None:
    assert load_settings({}, {"CONTRATEMPO_KNOWN_KEY": "one, two"}, tmp_path).known_key == ("one", "two")


def test_a_known_key_given_as_a_flag_may_hold_a_comma(tmp_path: Path) -> None:
    assert load_settings({"known_key": ("a,b",)}, {}, tmp_path).known_key == ("a,b",)


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    assert load_settings({}, {"CONTRATEMPO_CLOCK": "", "CONTRATEMPO_CONFIG": ""}, tmp_path) == Settings()


@pytest.mark.parametrize(("text", "truth"), [("1", True), ("yes", True), ("TRUE", True), ("off", False), ("0", False)])
def test_truth_in_the_environment(text: str, truth: bool, tmp_path: Path) -> None:
    assert load_settings({}, {"CONTRATEMPO_WORLD_PER_TOKEN": text}, tmp_path).world_per_token is truth


def test_the_table_of_pyproject_is_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.contratempo]\nmax-worlds = 7\nclock = 2026-03-15T15:00:00Z\n")
    settings = load_settings({}, {}, tmp_path)
    assert (settings.max_worlds, settings.clock) == (7, "2026-03-15T15:00:00+00:00")


def test_contratempo_toml_goes_before_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.contratempo]\nport = 1\n")
    (tmp_path / "contratempo.toml").write_text("port = 2\n")
    assert load_settings({}, {}, tmp_path).port == 2


@pytest.mark.parametrize("by_flag", [True, False])
def test_a_file_named_goes_before_the_one_that_lies_there(tmp_path: Path, by_flag: bool) -> None:
    (tmp_path / "contratempo.toml").write_text("port = 1\n")
    (named := tmp_path / "other.toml").write_text("port = 2\n")
    environ = {} if by_flag else {"CONTRATEMPO_CONFIG": str(named)}
    assert load_settings({}, environ, tmp_path, named if by_flag else None).port == 2


def test_rules_come_as_a_table_with_dots(tmp_path: Path) -> None:
    (tmp_path / "contratempo.toml").write_text('[rules]\ntemphone.past_datetime = "run_now"\n"a.b" = 5\n')
    assert load_settings({}, {}, tmp_path).rules == {"temphone.past_datetime": "run_now", "a.b": 5}


def test_rules_come_as_pairs(tmp_path: Path) -> None:
    settings = load_settings({"rules": ("a.b=5", "a.c = run_now", "a.d=0.5")}, {}, tmp_path)
    assert settings.rules == {"a.b": 5, "a.c": "run_now", "a.d": 0.5}


def test_the_demo_is_lenient_and_frozen(tmp_path: Path) -> None:
    settings = load_settings({"demo": True}, {}, tmp_path)
    assert (settings.demo, settings.profile, settings.clock) == (True, "lenient", "2025-04-14T09:00:00Z")


def test_the_demo_keeps_a_profile_that_is_chosen(tmp_path: Path) -> None:
    assert load_settings({"demo": True, "profile": "spec"}, {}, tmp_path).profile == "spec"


def test_an_unknown_key_names_the_file_and_a_near_one(tmp_path: Path) -> None:
    (tmp_path / "contratempo.toml").write_text("known_keys = []\n")
    with pytest.raises(
        SettingsError, match=r"contratempo\.toml: there is no setting 'known_keys'\. Did you mean 'known_key'"
    ):
        load_settings({}, {}, tmp_path)


@pytest.mark.parametrize(
    ("flags", "environ", "told"),
    [
        ({"port": "70000"}, {}, r"--port: 70000 is out of range\. Write a number from 0 to 65535"),
        ({"port": "many"}, {}, r"--port: 'many' is not a whole number"),
        (
            {},
            {"CONTRATEMPO_MAX_RECORDS": "0"},
            r"CONTRATEMPO_MAX_RECORDS: 0 is out of range\. Write a number from 1 up",
        ),
        ({}, {"CONTRATEMPO_DEMO": "perhaps"}, r"CONTRATEMPO_DEMO: 'perhaps' is neither true nor false"),
        ({"log_level": "loud"}, {}, r"--log-level: 'loud' is not known\. Choose one of debug, info"),
        ({"clock": "tomorrow"}, {}, r"--clock: 'tomorrow' is not a date-time"),
        ({"rules": ("past",)}, {}, r"--rule: 'past' sets no rule\. Write NAME=VALUE"),
        ({"demo": True, "clock": "2026-03-15T15:00:00Z"}, {}, r"--clock: demo has a clock of its own"),
        (
            {"allowed_host": ("mock.test:4010",)},
            {},
            r"--allowed-host: 'mock\.test:4010' is no host name\. Write it alone",
        ),
        (
            {},
            {"CONTRATEMPO_ALLOWED_HOST": "mock,http://mock"},
            r"CONTRATEMPO_ALLOWED_HOST: 'http://mock' is no host name",
        ),
        ({"allowed_host": ("a:1",)}, {}, r"--allowed-host: 'a:1' is no host name"),
        ({"allowed_host": ("[::1]",)}, {}, r"--allowed-host: '\[::1\]' is no host name"),
    ],
)
def test_a_bad_value_is_told_with_its_place(
    flags: dict[str, object], environ: dict[str, str], told: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=told):
        load_settings(flags, environ, tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("port = true", "true|True is not a whole number"),
        ("known_key = [1]", "is not a list of texts"),
        ("seed = true", "is not a text"),
        ("port = ", "not valid TOML"),
    ],
)
def test_a_bad_file_is_told(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "contratempo.toml").write_text(text)
    with pytest.raises(SettingsError, match=told):
        load_settings({}, {}, tmp_path)


def test_a_named_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.toml: cannot be read: No such file"):
        load_settings({}, {}, tmp_path, tmp_path / "absent.toml")


def test_what_a_program_gives_is_read_as_what_is_typed(tmp_path: Path) -> None:
    given = {"known_key": "one, two", "webhook_allow": ["10.0.0.0/8"], "spec": tmp_path, "seed": 5, "clock": None}
    settings = settings_of({**given, "rules": {"a.b": 1}})
    assert (settings.known_key, settings.webhook_allow) == (("one", "two"), ("10.0.0.0/8",))
    assert (settings.spec, settings.seed, settings.rules) == ((str(tmp_path),), "5", {"a.b": 1})
    assert settings_of({"demo": True, "profile": None}) == load_settings({"demo": True}, {}, tmp_path)
    assert settings_of({"spec": [tmp_path]}).spec == (str(tmp_path),)


@pytest.mark.parametrize(
    ("given", "kind", "told"),
    [
        ({"prot": 1}, TypeError, "there is no setting 'prot'. Did you mean 'port'"),
        ({"colour": "red"}, TypeError, "there is no setting 'colour'. Known are host, port"),
        ({"port": 70_000}, ValueError, "port: 70000 is out of range. Write a number from 0 to 65535"),
        ({"validation": "none"}, ValueError, "validation: 'none' is not known. Choose one of plan, core, both"),
    ],
)
def test_what_a_program_cannot_give_is_told(given: dict[str, object], kind: type[Exception], told: str) -> None:
    with pytest.raises(kind, match=re.escape(told)):
        settings_of(given)


def test_names_and_addresses_are_allowed_hosts(tmp_path: Path) -> None:
    names = ("mock.test", "MOCK", "10.0.0.1", "fd00::1")
    assert load_settings({"allowed_host": names}, {}, tmp_path).allowed_host == names


def test_variables_of_other_commands_are_no_misspelt_settings() -> None:
    options = click.command()(guarded_options(lambda **_: None)).params
    variables = {str(option.envvar): "1" for option in options} | {"CONTRATEMPO_ASSISTANT": "mine"}
    assert "CONTRATEMPO_RATE" in variables
    assert list(stray_variables(variables)) == []


def test_a_misspelt_variable_is_noticed() -> None:
    environ = {"CONTRATEMPO_KNOWN_KEYS": "k", "CONTRATEMPO_URL": "http://x", "CONTRATEMPO_ZZZ": "1", "PORT": "1"}
    assert list(stray_variables(environ)) == [
        "CONTRATEMPO_KNOWN_KEYS is not a setting and changes nothing; did you mean CONTRATEMPO_KNOWN_KEY?"
    ]


def test_documents_come_from_the_environment_or_a_file_and_a_flag_replaces_them(tmp_path: Path) -> None:
    (tmp_path / "contratempo.toml").write_text('spec = ["pets.yaml", "shop.yaml"]\nprovider = ["temphone"]\n')
    assert load_settings({}, {}, tmp_path).spec == ("pets.yaml", "shop.yaml")
    environ = {"CONTRATEMPO_SPEC": "a.yaml, b.yaml"}
    settings = load_settings({}, environ, tmp_path)
    assert (settings.spec, settings.provider) == (("a.yaml", "b.yaml"), ("temphone",))
    assert load_settings({"spec": ("c.yaml",)}, environ, tmp_path).spec == ("c.yaml",)


def test_documents_that_are_no_list_are_told(tmp_path: Path) -> None:
    (tmp_path / "contratempo.toml").write_text("spec = 5\n")
    with pytest.raises(SettingsError, match="spec"):
        load_settings({}, {}, tmp_path)
