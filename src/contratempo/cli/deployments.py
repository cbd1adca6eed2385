"""What the commands that look at a deployment share: whose contract, whether the host may be spoken to, the verdict."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click

from contratempo.cli.errors import COULD_NOT, Failure
from contratempo.cli.output import strong
from contratempo.cli.stopping import never_lost

if TYPE_CHECKING:
    from contratempo.conformance import Target, Verdict

PROVIDERS: Final = ("telnyx_assistants", "telnyx_messages", "temphone")
LEVELS: Final = ("read", "reject", "full")


def is_at_home(url: str, real: str | None) -> bool:
    """Say whether a deployment is on this machine and no real one; UsageError for one that is not named twice."""
    host = host_of(url)
    from contratempo.conformance.target import is_loopback

    if is_loopback(host) and real is None:
        return True
    if real != host:
        raise click.UsageError(f"{host} is not what --real names: name it again by --real {host} if you may test it")
    return False


def host_of(url: str) -> str:
    """Return the host of a base URL; UsageError for what is none."""
    if not re.fullmatch(r"[!-~]*", url):
        raise click.UsageError(f"{url!r} has spaces, or letters beyond ASCII. Write them as a URL has them (%20, xn--)")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise click.UsageError(f"{url!r} is not an http or https address. Give one such as http://127.0.0.1:4010/v2")
    if "@" in parts.netloc:
        raise click.UsageError(
            "The URL holds credentials. Leave them out: a token is sent as a header (CONTRATEMPO_TOKEN)"
        )
    if parts.query or parts.fragment:
        raise click.UsageError(f"{url!r} is no base URL: leave out what follows its path")
    return host


def level_at(url: str, level: str | None, real: str | None) -> str:
    """Return the level to work at; UsageError where it may not be."""
    at_home = is_at_home(url, real)
    return level or ("full" if at_home else "read")


def target_of(url: str, control: str | None = None) -> "Target":
    """Return the deployment at a base URL, and how to get in as the environment has it."""
    from contratempo.conformance import Target
    from contratempo.conformance.target import is_loopback

    if control is not None:
        host_of(control)
    return Target(
        url,
        token=token_in("CONTRATEMPO_TOKEN"),
        control=control,
        control_token=token_in("CONTRATEMPO_CONTROL_TOKEN") or None,
        real=not is_loopback(urlsplit(url).hostname or ""),
        assistant=os.environ.get("CONTRATEMPO_ASSISTANT", "assistant_id"),
    )


def token_in(variable: str, otherwise: str = "") -> str:
    """Return the token that a variable holds; UsageError where no header can carry it. It is not shown."""
    token = os.environ.get(variable, otherwise)
    if not re.fullmatch(r"[!-~]*", token):
        raise click.UsageError(f"{variable} holds spaces, a line end or letters beyond ASCII: no token has them")
    return token


def make_folder(report: Path) -> None:
    """Make the folder of the reports before anything is sent: a run without its record would be worth little."""
    try:
        report.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=report):
            pass
    except OSError as error:
        raise Failure(
            f"nothing can be written to --report {report}: {error.strerror}; nothing was sent", COULD_NOT
        ) from error


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """End in order when asked to, or when the terminal goes: what was made is removed."""
    heeded = [signal.SIGTERM, *([signal.SIGHUP] if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN else [])]
    before = {number: signal.signal(number, signal.default_int_handler) for number in heeded}
    try:
        with never_lost(KeyboardInterrupt):
            yield
    except KeyboardInterrupt:
        raise Failure("stopped before it had finished, so there is no verdict", COULD_NOT) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tell(verdict: "Verdict", report: Path | None, *, brief: bool = False) -> None:
    """Print a verdict and write its reports; end with its exit code."""
    from contratempo.conformance.reports.files import markdown, write_reports
    from contratempo.conformance.reports.terminal import summary

    click.echo(summary(verdict, strong, brief=brief))
    if report is not None:
        for file in write_reports(verdict, report):
            click.echo(f"wrote {file}")
    if step := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(step).open("a", encoding="utf-8") as out:
                out.write(markdown(verdict))
        except OSError as error:
            click.echo(f"note: no step summary was written to {step}: {error.strerror}", err=True)
    if verdict.exit_code:
        raise SystemExit(verdict.exit_code)
