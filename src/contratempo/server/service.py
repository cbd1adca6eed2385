"""The service: everything a running server has, wired once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contratempo.contract.source import DocumentError
from contratempo.provider import Provider, installed_providers, magic_targets
from contratempo.server.catalog import Catalog, read_profiles
from contratempo.server.demo import seed_demo
from contratempo.server.pump import Pump
from contratempo.server.realtime import RealTime
from contratempo.server.settings import Settings
from contratempo.server.worlds import Worlds
from contratempo.sim.clock import Clock
from contratempo.sim.instants import parse_start
from contratempo.sim.outcomes import MagicTarget
from contratempo.sim.simulation import Origin, Simulation


@dataclass
class Service:
    """Settings, providers (the control plane among them), catalog, worlds and pump of one server.

    `base_url` is where it can be reached, known once it is bound; `ready` once documents and fixtures are loaded.
    """

    settings: Settings
    providers: Mapping[str, Provider]
    catalog: Catalog
    magic: Mapping[str, MagicTarget]
    real: RealTime
    pump: Pump
    worlds: Worlds = field(init=False)
    base_url: str = ""
    ready: bool = False

    def __post_init__(self) -> None:
        settings = self.settings
        self.worlds = Worlds(
            self._simulation,
            self._clock,
            settings.seed,
            settings.profile,
            tuple(self.catalog.profiles),
            frozenset(settings.known_key),
            settings.world_per_token,
            settings.max_worlds,
        )

    @property
    def vendors(self) -> dict[str, Provider]:
        """Return the providers of vendors: all but the control plane."""
        return {name: provider for name, provider in self.providers.items() if name != "control"}

    def realtime(self) -> float:
        """Return seconds of the steady clock that worlds are anchored to."""
        return self.real.seconds()

    def _clock(self) -> Clock:
        if self.settings.clock is not None:
            return Clock(parse_start(self.settings.clock))
        return Clock(self.real.instant(), "running", 1.0, self.real.seconds())

    def _simulation(self, identifier: str, seed: str, profile: str, clock: Clock) -> Simulation:
        rules = self.catalog.fresh_rules(profile)
        return Simulation(Origin(identifier, seed, profile, rules, self.providers, self.magic), clock)


def make_service(settings: Settings, real: RealTime | None = None) -> Service:
    """Load every document, profile and provider and return the service; DocumentError names what is bad."""
    from contratempo.server.control import control  # it imports this module for its types

    providers = {**installed_providers(), control.name: control}
    catalog = Catalog(providers, read_profiles(), settings.rules)
    catalog.check()
    if settings.profile not in catalog.profiles:
        hint = f"known are {', '.join(catalog.profiles)}"
        raise DocumentError(f"there is no profile {settings.profile!r}", hint=hint)
    real = real or RealTime()
    service = Service(settings, providers, catalog, magic_targets(), real, Pump(real))
    if settings.demo:
        seed_demo(service.worlds.default.simulation)
    return service
