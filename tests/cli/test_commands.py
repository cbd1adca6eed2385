"""The group: help that imports nothing, near names, and failures told in sentences."""

import subprocess
import sys
from collections.abc import Callable
from importlib import import_module

import click
import pytest
from click.testing import Result

from contratempo import __version__
from contratempo.cli import commands
from contratempo.contract.source import DocumentError

Run = Callable[..., Result]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Put a command `serve` that raises in the place of ours."""

    def arrange(error: Exception) -> None:
        @click.command()
        def serve() -> None:
            raise error

        monkeypatch.setattr(commands.Commands, "get_command", lambda *_: serve)

    return arrange


def test_help_lists_every_command(run: Run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert all(name in result.output and summary in result.output for name, (_, summary) in commands.COMMANDS.items())


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_the_summary_in_the_table_is_the_command_s_own(name: str, run: Run) -> None:
    command = getattr(import_module(commands.COMMANDS[name][0]), name.replace("-", "_"))
    assert command.get_short_help_str(200) == commands.COMMANDS[name][1]
    assert run(name, "--help").exit_code == 0


def test_help_imports_no_library_but_click() -> None:
    code = (
        "import sys; from contratempo.cli import main; main(['--help'], standalone_mode=False); print([*sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = (
        "connexion",
        "openapi_core",
        "openapi_spec_validator",
        "yaml",
        "starlette",
        "uvicorn",
        "httpx2",
        "jsonpath",
    )
    assert not [name for name in heavy if f"'{name}'" in done.stdout]


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").output == f"contratempo {__version__}\n"


def test_an_unknown_command_names_a_near_one(run: Run) -> None:
    result = run("outcome")
    assert result.exit_code == 2
    assert "There is no command 'outcome'. Did you mean 'outcomes'?" in result.output


def test_a_command_like_none_lists_them(run: Run) -> None:
    assert "Commands are serve, ready" in run("zzz").output


def test_a_bad_document_ends_with_3_and_its_place(run: Run, failing: Callable[[Exception], None]) -> None:
    failing(DocumentError("no paths", file="a.yaml", line=3, hint="add some"))
    result = run("serve")
    assert (result.exit_code, result.output) == (3, "contratempo: a.yaml:3: no paths. add some\n")


def test_a_fault_of_ours_is_told_without_a_traceback(run: Run, failing: Callable[[Exception], None]) -> None:
    failing(ZeroDivisionError("by zero"))
    result = run("serve")
    assert result.exit_code == 70
    assert "ZeroDivisionError: by zero. This is a fault of contratempo" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("asked", [{"args": ("--debug",)}, {"env": {"CONTRATEMPO_DEBUG": "1"}}])
def test_a_traceback_is_there_for_who_asks(
    asked: dict[str, object], run: Run, failing: Callable[[Exception], None]
) -> None:
    failing(ZeroDivisionError("by zero"))
    assert "Traceback" in run(*asked.get("args", ()), "serve", env=asked.get("env")).output  # type: ignore[misc]


def test_a_missing_file_is_no_fault_of_ours(run: Run, failing: Callable[[Exception], None]) -> None:
    failing(FileNotFoundError(2, "No such file or directory", "x.yaml"))
    result = run("serve")
    assert result.exit_code == 5
    assert "x.yaml" in result.output


def test_who_reads_no_further_is_no_failure_to_tell(run: Run, failing: Callable[[Exception], None]) -> None:
    failing(BrokenPipeError(32, "Broken pipe"))
    assert run("serve").output == ""


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completion_prints_a_script(shell: str, run: Run) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert f"_CONTRATEMPO_COMPLETE={shell}_complete" in result.output


def test_completion_of_an_unknown_shell_is_refused(run: Run) -> None:
    assert run("completion", "tcl").exit_code == 2


def test_names_are_completed_without_importing_them(run: Run) -> None:
    result = run(env={"_CONTRATEMPO_COMPLETE": "zsh_complete", "COMP_WORDS": "contratempo ou", "COMP_CWORD": "1"})
    assert result.output == "plain\noutcomes\nScript what the far end does.\n"
