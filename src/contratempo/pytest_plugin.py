"""FLOOR 5, a door: the pytest plugin. A server for the session, and for every test a fresh frozen world of its own.

pytest imports this module wherever the package is installed, so nothing heavy is imported before it is used.
"""

import os
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from contratempo.client import RequestRow, Transition, WebhookRow
    from contratempo.testing import RunningServer, World

_OPTIONS: Final = ("clock", "seed", "profile", "rules", "fixtures")
_MARKER: Final = (
    "contratempo(clock=None, seed=None, profile=None, rules=None, fixtures=None): how the world of the `contratempo` "
    "fixture starts: frozen at an instant instead of the real present, with a seed instead of the test's node id, "
    "under a profile, with rule values by full name, or as a saved world (retry-storm, daylight-saving, campaign) with "
    "its clock, seed and profile"
)
_SEED_LENGTH: Final = 1_000
_SHOWN: Final = 20
_WORLD: Final = pytest.StashKey["World"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the address of a server that runs already."""
    text = "use the mock server at this address instead of starting one (or set CONTRATEMPO_URL)"
    parser.getgroup("contratempo").addoption("--contratempo-url", metavar="URL", default=None, help=text)
    parser.addini("contratempo_url", text, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture(scope="session")
def contratempo_server(pytestconfig: pytest.Config) -> "Iterator[RunningServer]":
    """The mock server of this test process, on a free port; every xdist worker has its own.

    With `--contratempo-url`, CONTRATEMPO_URL or the ini value `contratempo_url` it is the one that runs there. A
    project that wants other settings defines a fixture of this name, yielding `MockServer(...)` started.
    """
    from contratempo.testing import MockServer, RunningServer

    url = (
        pytestconfig.getoption("contratempo_url")
        or os.environ.get("CONTRATEMPO_URL")
        or pytestconfig.getini("contratempo_url")
    )
    token = os.environ.get("CONTRATEMPO_CONTROL_TOKEN")
    server = RunningServer(url, token=token) if url else MockServer().start()
    yield server
    server.stop()


@pytest.fixture
def contratempo(request: pytest.FixtureRequest, contratempo_server: "RunningServer") -> "Iterator[World]":
    """A world that this test has for itself: `api_key`, `url(provider)`, `clock`, `outcomes`, `faults`, `requests`,
    `webhooks`, `resources`, `rules`, `sink(name)`, `timeline()`, `checkpoint()`, `rewind(to)`, `fork()` and
    `compare(other)`.

    Its clock stands frozen at the real present, cut to the second, so that "tomorrow" by the application's own clock is
    tomorrow here too; ids and chance follow from the test's node id. The marker `contratempo(clock=..., seed=...)` sets
    either: with both fixed, every run is the same to the byte. Its forks go with it.
    """
    world = contratempo_server.world(**_start(request.node))
    request.node.stash[_WORLD] = world
    yield world
    world.delete()


def _start(node: pytest.Item) -> dict[str, Any]:
    marked: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("contratempo"))):
        unknown = [*map(repr, marker.args), *(name for name in marker.kwargs if name not in _OPTIONS)]
        if unknown:
            raise pytest.UsageError(
                f"{node.nodeid}: the marker contratempo takes {', '.join(_OPTIONS)}; not {', '.join(unknown)}"
            )
        marked |= {name: value for name, value in marker.kwargs.items() if value is not None}
    if "fixtures" in marked:  # a saved world brings its clock and seed
        return marked
    return {"clock": datetime.now(UTC).replace(microsecond=0), "seed": node.nodeid[-_SEED_LENGTH:]} | marked


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what happened in the world to the report of a test that failed, before the world goes."""
    report = yield
    world = item.stash.get(_WORLD, None)
    if world is not None and report.when == "call" and report.failed:
        report.sections.append((f"contratempo: {world.id}", _story(world)))
    return report


def _story(world: "World") -> str:
    try:
        clock, happened = world.clock.get(), world.timeline(limit=_SHOWN)
        lines = [f"clock {clock.now.isoformat()}, {clock.mode}; next due {clock.next_due or 'never'}"]
        lines += [
            "timeline:",
            *map(_transition, happened),
            "requests:",
            *map(_request, world.requests.list(limit=_SHOWN)),
            "webhooks:",
            *map(_webhook, world.webhooks.list(limit=_SHOWN)),
        ]
    except Exception as error:  # whatever it is, it must not hide why the test failed
        return f"cannot be read: {error}"
    return "\n".join(lines)


def _transition(transition: "Transition") -> str:
    attempt = f" attempt {transition.attempt}" if transition.attempt else ""
    kind = "" if transition.kind == "status" else f" {transition.kind}"
    moved = f"{transition.was or 'new'} -> {transition.to or 'gone'}"
    return f"  {transition.at.isoformat()} {transition.resource}{kind}{attempt}: {moved} ({transition.cause})"


def _request(row: "RequestRow") -> str:
    traced = f" [{'; '.join(row.trace)}]" if row.trace else ""
    came = f"  {row.at.isoformat()} {row.method} {row.path} -> {row.status or 'no answer'}{traced}"
    why = [f"{found['location']}{found['pointer']} {found['message']}" for found in row.violations]
    if (near := row.near_miss) is not None:
        why.append(f"did you mean {near['method']} {near['path']}? {near['differs']}")
    return "\n    ".join([came, *why])


def _webhook(row: "WebhookRow") -> str:
    why = f" ({row.reason})" if row.reason else ""
    return f"  {row.at.isoformat()} {row.event} {row.resource} -> {row.status}, {len(row.attempts)} attempts{why}"
