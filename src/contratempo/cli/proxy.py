"""`contratempo proxy`: stand between an application and a deployment, and judge what goes by."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from contratempo.cli.deployments import PROVIDERS, is_at_home, make_folder, tell
from contratempo.cli.errors import CANNOT_LISTEN, USAGE, Failure
from contratempo.server.guard import is_host

if TYPE_CHECKING:
    from contratempo.conformance.door import Door
    from contratempo.conformance.proxy import Proxy, Recording


def _host_names(context: click.Context, option: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not is_host(name):
            raise click.BadParameter(f"{name!r} is no host name. Write it alone, without scheme, port and path")
    return names


@click.command(
    epilog="""\b
contratempo proxy http://127.0.0.1:4010/v2 --provider telnyx_messages
contratempo proxy https://api.telnyx.com/v2 --real api.telnyx.com --provider telnyx_messages --report out
"""
)
@click.argument("upstream")
@click.option("--provider", required=True, type=click.Choice(PROVIDERS), help="Whose contract it is to keep.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=4020, show_default=True, help="Port; 0 takes a free one."
)
@click.option("--contract", type=click.Choice(("vendored", "effective")), default="effective", show_default=True,
              help="The vendor's document alone, or with guides and SDKs.")  # fmt: skip
@click.option("--profile", metavar="NAME",
              help="Whose effective document: spec, observed, ...; by default the control plane tells.")  # fmt: skip
@click.option("--real", metavar="HOST", help="Name the host of UPSTREAM again: it is a real deployment.")
@click.option("--allowed-host", multiple=True, metavar="NAME", callback=_host_names,
              help="Host name to answer to besides loopback.")  # fmt: skip
@click.option("--patience", type=click.FloatRange(0.1, 3_600), default=30.0, show_default=True, metavar="SECONDS",
              help="How long an answer may take.")  # fmt: skip
@click.option("--report", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Write JUnit, JSON and failures there at the end.")  # fmt: skip
@click.option("--har", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write what goes by there, without secrets.")  # fmt: skip
def proxy(upstream: str, host: str, port: int, har: Path | None, report: Path | None, **wish: Any) -> None:
    """Judge what an application and a deployment say to each other.

    UPSTREAM is the provider's base URL at the deployment, such as http://127.0.0.1:4010/v2. The application takes the
    proxy's address in its place. Requests and answers are passed on as they are, the application's token too, to
    UPSTREAM and nowhere else; an answer that breaks a rule gets a header x-contract-violations with the rules' names.
    Ctrl-C ends it and tells the verdict. The exit code is 1 when a rule is broken, 5 when nothing could be tested.
    """
    at_home = is_at_home(upstream, wish.pop("real"))
    if report is not None:
        make_folder(report)
    with ExitStack() as stack, _stopping() as stop:
        recording = _recording(har, stack)
        standing = _standing(upstream, host, recording, real=not at_home, **wish)
        stack.callback(standing.close)
        door = _opened(standing, host, port)
        stack.callback(door.close)
        _announce(upstream, door.origin, wish["provider"], wish["contract"])
        stop.wait()
    click.echo()
    tell(standing.verdict(), report, brief=True)


def _recording(har: Path | None, stack: ExitStack) -> "Recording | None":
    from contratempo.conformance.proxy import Recording

    if har is None:
        return None
    try:
        recording = Recording(har)
    except OSError as error:
        raise Failure(f"{har}: cannot be written: {error.strerror}. Name another file by --har", USAGE) from error
    stack.callback(recording.close)
    return recording


def _standing(
    upstream: str, host: str, recording: "Recording | None", *, allowed_host: tuple[str, ...], **wish: Any
) -> "Proxy":
    from contratempo.conformance.book import UnknownProfile
    from contratempo.conformance.proxy import Between, Proxy
    from contratempo.server.redaction import Redactor

    hosts = tuple(name.lower() for name in (host, *allowed_host))
    try:
        return Proxy(Between(upstream, hosts=hosts, **wish), Redactor, click.echo, recording)
    except UnknownProfile as error:
        raise click.UsageError(str(error)) from error


def _opened(standing: "Proxy", host: str, port: int) -> "Door":
    from contratempo.conformance.door import Door

    try:
        return Door((host, port), standing.answer, standing.refuse, strict=False)
    except OSError as error:
        told = f"{host}:{port}: {error.strerror or error}"
        hint = "Stop what uses it, or choose another by --port (0 takes a free one) or --host"
        raise Failure(f"{told}. {hint}", CANNOT_LISTEN) from error


def _announce(upstream: str, origin: str, provider: str, contract: str) -> None:
    from contratempo.provider import installed_providers

    here = origin + urlsplit(upstream).path.rstrip("/")
    click.echo(f"contratempo proxy is ready at {here}")
    click.echo(f"passing on to {upstream}, judged as {provider}, {contract} contract; Ctrl-C ends it")
    if variable := installed_providers()[provider].environment:
        click.echo(f"export {variable}={here}")


@contextmanager
def _stopping() -> Iterator[Event]:
    """Give an event that the first signal sets; the second one ends the process as it would have."""
    stop = Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def end(*_: Any) -> None:
        stop.set()
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, end)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
