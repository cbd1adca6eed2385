"""What the commands that look at a deployment share: whose contract, whether the host may be spoken to, the verdict."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click

from contratempo.cli.output import strong

if TYPE_CHECKING:
    from contratempo.conformance import Target, Verdict

PROVIDERS: Final = ("telnyx_assistants", "telnyx_messages", "temphone")
LEVELS: Final = ("read", "reject", "full")


def is_at_home(url: str, real: str | None) -> bool:
    """Say whether a deployment is on this machine and no real one; UsageError for one that is not named twice."""
    from contratempo.conformance.target import is_loopback

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise click.UsageError(f"{url!r} is not an http or https address. Give one such as http://127.0.0.1:4010/v2")
    if is_loopback(parts.hostname) and real is None:
        return True
    if real != parts.hostname:
        raise click.UsageError(
            f"{parts.hostname} is not what --real names: name it again by --real {parts.hostname} if you may test it"
        )
    return False


def level_at(url: str, level: str | None, real: str | None) -> str:
    """Return the level to work at; UsageError where it may not be."""
    at_home = is_at_home(url, real)
    return level or ("full" if at_home else "read")


def target_of(url: str, control: str | None = None) -> "Target":
    """Return the deployment at a base URL, and how to get in as the environment has it."""
    from contratempo.conformance import Target
    from contratempo.conformance.target import is_loopback

    return Target(
        url,
        token=os.environ.get("CONTRATEMPO_TOKEN", ""),
        control=control,
        control_token=os.environ.get("CONTRATEMPO_CONTROL_TOKEN"),
        real=not is_loopback(urlsplit(url).hostname or ""),
        assistant=os.environ.get("CONTRATEMPO_ASSISTANT", "assistant_id"),
    )


def tell(verdict: "Verdict", report: Path | None, *, brief: bool = False) -> None:
    """Print a verdict and write its reports; end with its exit code."""
    from contratempo.conformance.reports.files import markdown, write_reports
    from contratempo.conformance.reports.terminal import summary

    click.echo(summary(verdict, strong, brief=brief))
    if report is not None:
        for file in write_reports(verdict, report):
            click.echo(f"wrote {file}")
    if step := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(step).open("a", encoding="utf-8") as out:
            out.write(markdown(verdict))
    if verdict.exit_code:
        raise SystemExit(verdict.exit_code)
