"""What `serve` prints once it listens: everything a user needs to point an application at it, on one screen."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from contratempo import __version__
from contratempo.server.settings import Settings, is_loopback, local_url
from contratempo.sim.clock import Clock
from contratempo.sim.instants import format_instant

_DEFAULT_URL: Final = local_url(Settings.host, Settings.port)


class Place(NamedTuple):
    """Where a provider is: the user's variable for its base URL ("" for none), its base path, its title.

    `signed` says that its webhooks are.
    """

    variable: str
    base: str
    title: str
    signed: bool = False


def banner(
    settings: Settings,
    url: str,
    places: Sequence[Place],
    clock: Clock,
    public_key: str,
    faults: int = 0,
    *,
    profile: str | None = None,
    captures: bool = False,
) -> str:
    """Return the banner of a server that this machine reaches at `url`.

    `clock` is the default world's, which has so many `faults` that may strike yet, and a `profile`, and perhaps
    `captures` its webhooks: one that was kept may bring these along. `public_key` verifies the webhooks' signatures.
    """
    return "\n".join(
        [
            "",
            f"Contratempo {__version__} is ready at {url}",
            "",
            *_bases(url, places),
            *_keys_of(places, public_key),
            "",
            *_facts(settings, url, clock, faults, _otherwise(settings, profile, captures)),
            "",
        ]
    )


def _bases(url: str, places: Sequence[Place]) -> Iterator[str]:
    titles: dict[str, list[str]] = {}
    for place in places:
        line = f"{place.variable}={url}{place.base}" if place.variable else f"{url}{place.base}"
        titles.setdefault(line, []).append(place.title)
    width = max(map(len, titles), default=0)
    for line, named in titles.items():
        yield f"  {line.ljust(width)}   {', '.join(named)}"


def _keys_of(places: Sequence[Place], public_key: str) -> Iterator[str]:
    variables = {place.variable.removesuffix("_BASE_URL") for place in places if place.signed and place.variable}
    for variable in sorted(variables):
        yield f"  {variable}_PUBLIC_KEY={public_key}"


def _otherwise(settings: Settings, profile: str | None, captures: bool) -> str:
    """Return what a world that was kept is, whatever else this server is started with."""
    of_profile = [] if profile in (None, settings.profile) else [f"is of profile {profile}"]
    told = [*of_profile, *(["captures its webhooks until a reset"] if captures else [])]
    return f": it {', and '.join(told)}" if told else ""


def _facts(settings: Settings, url: str, clock: Clock, faults: int, otherwise: str) -> Iterator[str]:
    yield _fact("page", f"{url}/_mock/ (documents: {url}/_mock/docs)")
    mode = "frozen" if clock.mode == "frozen" else f"running at {clock.rate:g}x"
    told = "" if url == _DEFAULT_URL else f" --url {url}"
    yield _fact("clock", f"{format_instant(clock.now)}, {mode}; move it: contratempo clock advance 24h{told}")
    yield _fact("seed", settings.seed)
    yield _fact("profile", f"{settings.profile}; see contratempo rules, contratempo explain OPERATION")
    yield _fact("keys", _keys(settings))
    yield _fact("webhooks", _webhooks(settings))
    if not is_loopback(settings.host):
        yield _fact("listens", f"on {settings.host}: other machines may reach it")
        yield _fact("control", _control(settings))
    if settings.state is not None:
        yield _fact("state", f"the default world is kept in {settings.state}{otherwise}")
    if faults:
        yield _fact("faults", f"{faults} left on, which may strike: {url}/_mock/ shows and removes them")
    if settings.demo:
        yield _fact("demo", f"a timeline is under way: open {url}/_mock/")
    yield _fact("stop", "Ctrl-C")


def _fact(name: str, text: str) -> str:
    return f"  {name.ljust(8)} {text}"


def _keys(settings: Settings) -> str:
    if settings.known_key:
        return f"{len(settings.known_key)} known, other tokens are refused"
    if settings.world_per_token:
        return "any bearer token is accepted and has a world of its own"
    return "any bearer token is accepted; restrict them by --known-key KEY"


def _webhooks(settings: Settings) -> str:
    also = "".join(f", {entry}" for entry in settings.webhook_allow)
    return f"delivered to loopback{also}; others are captured (--webhook-allow HOST)"


def _control(settings: Settings) -> str:
    if settings.control_token:
        return f"/_mock asks for X-Mock-Token: {settings.control_token}"
    return "/_mock asks for no token (--insecure-control): whoever reaches it may change everything"
