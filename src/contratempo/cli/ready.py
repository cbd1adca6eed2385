"""`contratempo ready`: for health checks, and for scripts that wait for a server."""

import click

from contratempo.cli.connection import Connection, connected
from contratempo.cli.errors import NOT_SO, Failure
from contratempo.cli.output import print_json


@click.command()
@connected
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    is_flag=False,
    flag_value=60,
    default=0,
    metavar="[SECONDS]",
    help="Wait until it is, for as long at most; 60 if no number is given.",
)
def ready(connection: Connection, as_json: bool, wait: float) -> None:
    """Say whether a server is ready.

    The exit code is 0 when it is, 1 when it is not. It asks where CONTRATEMPO_HOST and CONTRATEMPO_PORT say that a
    server listens, unless --url names another.
    """
    with connection.open() as control:
        is_ready = control.ready(wait)
    if as_json:
        print_json({"url": connection.url, "ready": is_ready})
    if not is_ready:
        waited = f" after {wait:g} s" if wait else ""
        raise Failure(f"no server is ready at {connection.url}{waited}. Start one with `contratempo serve`", NOT_SO)
    if not as_json:
        click.echo(f"ready: {connection.url}")
