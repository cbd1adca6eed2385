"""`contratempo conform-clean`: remove what `conform` created on a real deployment, also after a crash."""

from pathlib import Path
from urllib.parse import urlsplit

import click

from contratempo.cli.deployments import token_in
from contratempo.cli.errors import COULD_NOT, Failure
from contratempo.plaintext import plain_text


@click.command("conform-clean")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    default=".",
    metavar="DIR|FILE",
    help="Where the record is: the folder given to conform, or the file; by default it is looked for here.",
)
@click.option("--real", multiple=True, metavar="HOST", help="Name the host again that is not this machine.")
@click.option("--rate", type=click.FloatRange(0.01, 1_000), default=2.0, show_default=True,
              envvar="CONTRATEMPO_RATE", help="Requests a second at most.")  # fmt: skip
def conform_clean(report: Path, real: tuple[str, ...], rate: float) -> None:
    """Remove what conform created.

    That is what its record lists and nobody has removed since. CONTRATEMPO_TOKEN is the token. It may be run again and
    again; the exit code is 5 when something is left, which is told.
    """
    from contratempo.conformance.guard.record import NAME, RecordError, read_record
    from contratempo.conformance.guard.running import clean_up
    from contratempo.conformance.target import is_loopback

    file = report / NAME if report.is_dir() else report
    try:
        hosts = {urlsplit(left.url).hostname or "" for left in read_record(file) if left.made or left.open}
        for host in sorted(hosts):
            if not is_loopback(host) and host not in real:
                raise click.UsageError(f"{file} lists what was created at {host}: name it again by --real {host}")
        done = clean_up(file, token_in("CONTRATEMPO_TOKEN"), rate=rate)
    except RecordError as error:
        raise Failure(str(error), COULD_NOT) from error
    click.echo(f"removed {len(done.removed)}, left {len(done.left)}")
    for each in done.left:
        click.echo(f"LEFT: {plain_text(each)}")
    if done.left:
        raise SystemExit(COULD_NOT)
