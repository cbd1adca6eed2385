"""`contratempo drift`: does a mock still match reality?"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from contratempo.cli.deployments import (
    LEVELS,
    PROVIDERS,
    host_of,
    level_at,
    make_folder,
    stopped_by_signals,
    target_of,
    token_in,
)
from contratempo.cli.guarding import FromFile, guarded_options, protection_of
from contratempo.cli.output import counted, strong, table
from contratempo.plaintext import plain_text

if TYPE_CHECKING:
    from contratempo.conformance.drift import Comparison, Drift

_HEADS: Final = ("OPERATION", "WHAT", "MOCK", "REAL", "PROBE", "WHAT TO DO")
_CELL: Final = 60


@click.command(
    cls=FromFile,
    epilog="""\b
contratempo drift http://127.0.0.1:4010/v2 http://127.0.0.1:8080/v2 --allow-writes --provider telnyx_messages
contratempo drift http://127.0.0.1:4010/v2 https://api.telnyx.com/v2 --real api.telnyx.com --provider telnyx_messages
""",
)
@click.argument("mock")
@click.argument("real_url", metavar="REAL")
@click.option("--provider", required=True, type=click.Choice(PROVIDERS), help="Whose API both are.")
@click.option("--contract", type=click.Choice(("vendored", "effective")), default="effective", show_default=True,
              help="The vendor's document alone, or with guides and SDKs.")  # fmt: skip
@click.option("--profile", metavar="NAME", help="Whose effective document: spec, observed, ...")
@click.option("--level", type=click.Choice(LEVELS), help="What may be done: read; send what is refused; everything.")
@click.option("--allow-writes", is_flag=True, help="Write where there is no control plane.")
@click.option("--real", metavar="HOST", help="Name the host of REAL again: it is a real deployment, and guarded.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The same seed, the same plan.")
@click.option("--report", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Write drift.json there.")  # fmt: skip
@guarded_options
def drift(mock: str, real_url: str, report: Path | None, **wish: Any) -> None:
    """Say where a real deployment differs from a mock of it.

    MOCK and REAL are the provider's base URLs at both. The fixed plan of conform is sent to MOCK, then to REAL, and the
    answers are compared: status, type, shape, words of lists, error codes, headers that mean something, and the rules
    that one keeps and the other breaks; never ids, instants, texts. CONTRATEMPO_TOKEN is the token of REAL,
    CONTRATEMPO_MOCK_TOKEN that of a MOCK without a control plane. REAL is guarded as by conform.
    The exit code is 1 when they differ in what the document does not leave open, 5 when that could not be seen.
    """
    from contratempo.conformance.book import UnknownProfile
    from contratempo.conformance.drift import compare, described
    from contratempo.conformance.run import NeedsPermission
    from contratempo.conformance.target import is_loopback

    if not is_loopback(host_of(mock)):
        raise click.UsageError(f"{mock!r} is written to without a guard: MOCK has to be on this machine")
    wish["level"] = level_at(real_url, wish["level"], wish["real"])
    protection = protection_of(wish, report) if wish["real"] is not None else None
    ours = replace(target_of(mock), token=token_in("CONTRATEMPO_MOCK_TOKEN", "mock"))
    names = ("provider", "contract", "profile", "level", "seed", "allow_writes")
    if report is not None:
        make_folder(report)
    try:
        with stopped_by_signals():
            found = compare(ours, target_of(real_url), protection=protection, **{name: wish[name] for name in names})
    except (NeedsPermission, UnknownProfile) as error:
        raise click.UsageError(str(error)) from error
    for line in _lines(found):
        click.echo(line)
    if report is not None:
        (report / "drift.json").write_text(json.dumps(described(found), indent=2) + "\n", "utf-8")
        click.echo(f"wrote {report / 'drift.json'}")
    if found.exit_code:
        raise SystemExit(found.exit_code)


def _lines(found: "Comparison") -> Iterator[str]:
    real = found.real
    yield f"MOCK {found.mock.target}"
    yield f"REAL {real.target if real else 'was not asked'}"
    for drifts, title in ((found.differing, "differs"), (found.allowed, "differs, as the document allows")):
        if drifts:
            yield strong(title)
            yield table(_HEADS, [_row(each) for each in drifts])
    yield from (f"note: {plain_text(note)}" for note in (real.notes if real else ()))
    told = f"{counted(found.compared, 'answer')} compared: {counted(len(found.differing), 'difference')}"
    yield strong(f"{told}, {len(found.allowed)} allowed")
    if found.error:
        yield strong(f"could not test: {plain_text(found.error)}")


def _row(each: "Drift") -> list[str]:
    found, more = each.difference, len(each.probes) - 1
    rules = f" ({', '.join(each.rules)})" if each.rules and found.kind == "status" else ""
    what = "status" + rules if found.kind == "status" else f"{found.kind} {found.place}"
    probe = each.probes[0] + (f" (+{more})" if more else "")
    return [each.operation, *map(_cut, (what, found.mock, found.real, probe)), each.todo or "nothing"]


def _cut(text: str) -> str:
    return text if len(text) <= _CELL else f"{text[: _CELL - 4]} ..."
