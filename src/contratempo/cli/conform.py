"""`contratempo conform`: hold a deployment to its contract."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contratempo.cli.deployments import LEVELS, PROVIDERS, level_at, make_folder, stopped_by_signals, target_of, tell
from contratempo.cli.errors import COULD_NOT, Failure
from contratempo.cli.guarding import FromFile, guarded_options, protection_of, told_limits

if TYPE_CHECKING:
    from contratempo.conformance import Protection, Target, Verdict


@click.command(cls=FromFile)
@click.argument("url", required=False)
@click.option("--provider", required=True, type=click.Choice(PROVIDERS), help="Whose contract it is to keep.")
@click.option("--contract", type=click.Choice(("vendored", "effective")), default="effective", show_default=True,
              help="The vendor's document alone, or with guides and SDKs.")  # fmt: skip
@click.option("--profile", metavar="NAME",
              help="Whose effective document: spec, observed, ...; by default the control plane tells.")  # fmt: skip
@click.option("--quick", is_flag=True, help="Only the fixed plan: seconds.")
@click.option("--level", type=click.Choice(LEVELS), help="What may be done: read; send what is refused; everything.")
@click.option("--allow-writes", is_flag=True, help="Write on a deployment of this machine that has no control plane.")
@click.option("--control", metavar="URL", help="Control plane; by default it is looked for at URL.")
@click.option("--real", metavar="HOST", help="Name the host again: it is a real deployment, and guarded.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The same seed, the same cases.")
@click.option(
    "--fuzz",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Let schemathesis make N cases of each operation.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write JUnit, JSON and failures there.",
)
@click.option(
    "--har",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Judge recorded traffic; nothing is sent.",
)
@guarded_options
@click.option("--dry-run", is_flag=True, help="Print what would be sent, and send nothing.")
def conform(url: str | None, report: Path | None, dry_run: bool, har: Path | None, **wish: Any) -> None:
    """Hold a deployment to its contract.

    URL is the provider's base URL, such as http://127.0.0.1:4010/v2; CONTRATEMPO_TOKEN is the token. With a control
    plane, as our mock has one, all happens in a world of its own, its clock is moved and its webhooks are received.
    What is not this machine, or is named again by --real, is guarded: only what the allow-lists, the lead time and the
    budgets let through is sent, --level read and reject without permission, full with --allow-writes.
    The exit code is 1 when a rule is broken, 5 when nothing could be tested.
    """
    if har is None and url is None:
        raise click.UsageError("Give the base URL of a deployment, such as http://127.0.0.1:4010/v2, or --har FILE")
    if har is None and url is not None:
        wish["level"] = level_at(url, wish["level"], wish["real"])
    _check_profile(wish)
    protection = protection_of(wish, report) if har is None and wish["real"] is not None else None
    if dry_run:
        _show_plan(wish)
        return
    if report is not None:
        make_folder(report)
    with stopped_by_signals():
        verdict = _verdict(url or "", har, wish, protection)
    tell(verdict, report)


def _check_profile(wish: dict[str, Any]) -> None:
    from contratempo.conformance.book import DEFAULT_PROFILE, UnknownProfile, open_book

    try:
        open_book(wish["provider"], wish["contract"], wish["profile"] or DEFAULT_PROFILE)
    except UnknownProfile as error:
        raise click.UsageError(str(error)) from error


def _verdict(url: str, har: Path | None, wish: dict[str, Any], protection: "Protection | None") -> "Verdict":
    return _judge_file(har, wish) if har is not None else _judge(target_of(url, wish["control"]), wish, protection)


def _judge(target: "Target", wish: dict[str, Any], protection: "Protection | None") -> "Verdict":
    from contratempo.conformance import conform as run
    from contratempo.conformance import conform_real
    from contratempo.conformance.run import NeedsPermission

    names = ("provider", "contract", "quick", "level", "seed", "fuzz", "allow_writes", "profile")
    if protection is not None:
        return conform_real(target, protection, **{name: wish[name] for name in names})
    try:
        return run(target, **{name: wish[name] for name in names})
    except NeedsPermission as error:
        raise click.UsageError(str(error)) from error


def _judge_file(har: Path, wish: dict[str, Any]) -> "Verdict":
    from contratempo.conformance.book import DEFAULT_PROFILE
    from contratempo.conformance.har import HarError, judge_har

    try:
        wanted = wish["profile"] or DEFAULT_PROFILE
        return judge_har(har, provider=wish["provider"], contract=wish["contract"], profile=wanted)
    except HarError as error:
        raise Failure(f"{har}: {error}", COULD_NOT) from error


def _show_plan(wish: dict[str, Any]) -> None:
    from contratempo.conformance.run import plan

    probes = list(plan(wish["provider"], wish["contract"], wish["level"] or "full", wish["real"] is None))
    for probe in probes:
        click.echo(
            f"{probe.level:6}  {probe.name}" + (f"  (with a control plane: {probe.needs})" if probe.needs else "")
        )
    if wish["real"] is not None:
        click.echo(told_limits(wish))
    click.echo(f"{len(probes)} probes; nothing was sent")
