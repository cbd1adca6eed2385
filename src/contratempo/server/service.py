"""The service: everything a running server has, wired once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from contratempo.contract.source import DocumentError
from contratempo.plaintext import plain_text
from contratempo.provider import Provider, magic_targets
from contratempo.server.catalog import Catalog, read_profiles
from contratempo.server.courier import Courier, Resolver
from contratempo.server.demo import seed_demo
from contratempo.server.fingerprint import Fingerprints
from contratempo.server.lookup import Lookup
from contratempo.server.policy import DeliveryPolicy
from contratempo.server.pump import Pump
from contratempo.server.readers import Readers
from contratempo.server.realtime import RealTime
from contratempo.server.redaction import Redactor
from contratempo.server.saving import Savings
from contratempo.server.sender import Sender
from contratempo.server.settings import Settings, answers_loopback
from contratempo.server.signing import Signer
from contratempo.server.statefile import StateFile
from contratempo.server.worlds import Worlds
from contratempo.sim.clock import Clock
from contratempo.sim.instants import parse_start
from contratempo.sim.outcomes import MagicTarget
from contratempo.sim.simulation import Origin, Simulation

SECONDS_OF_WARNINGS: Final = 1.0
"""Real seconds that a start waits for what is looked for to be warned of."""


@dataclass
class Service:
    """Settings, providers (the control plane among them), catalog, worlds, pump and sender of one server.

    `base_url` and `port` are where it can be reached; `ready` is set once documents and
    fixtures are loaded, `closing` once it takes no more requests.
    """

    settings: Settings
    providers: Mapping[str, Provider]
    catalog: Catalog
    magic: Mapping[str, MagicTarget]
    real: RealTime
    signer: Signer
    base_url: str = ""
    port: int = 0
    resolver: Resolver = field(default_factory=Lookup)
    sender: Sender = field(init=False)
    pump: Pump = field(init=False)
    readers: Readers = field(init=False)
    savings: Savings = field(init=False)
    worlds: Worlds = field(init=False)
    state_file: StateFile | None = None
    ready: bool = False
    closing: bool = False

    def __post_init__(self) -> None:
        settings = self.settings
        policy = DeliveryPolicy(settings.webhook_allow, lambda: self.port if answers_loopback(settings.host) else 0)
        courier = Courier(policy, self.resolver, clean=Redactor(settings.secrets))
        token = None if settings.insecure_control else settings.control_token
        self.sender = Sender(policy, self.signer, self.providers, self.catalog, self.real, courier, token=token)
        self.pump = Pump(self.real, self.sender, settings.webhook_budget)
        self.sender.on_change, self.sender.catch_up = self.pump.changed, self.pump.catch_up
        self.savings = Savings(Fingerprints(self.catalog, self.vendors), self._origin)
        self.readers = Readers(f"{self.real.instant():x}")
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

    def warnings(self) -> Iterator[str]:
        """Yield what a user of bare documents should know: which operations no answer can be made for.

        It is looked for as long as a start may wait for it: `contratempo specs check` takes more time.
        """
        end = self.realtime() + SECONDS_OF_WARNINGS
        for provider in (each for each in self.vendors.values() if each.bare):
            contract = self.catalog.contract(provider.name, self.settings.profile)
            for operation, said in contract.unanswerable(lambda: self.realtime() > end):
                yield plain_text(f"{provider.name}: {operation} {said}")

    def realtime(self) -> float:
        """Return seconds of the steady clock that worlds are anchored to."""
        return self.real.seconds()

    def close(self) -> None:
        """Let everything that waits end: streams, long polls, and advances over receivers that do not answer."""
        self.ready, self.closing = False, True
        self.sender.stop()
        self.readers.close()
        for world in self.worlds:
            world.changed.notify()

    def _clock(self) -> Clock:
        if self.settings.clock is not None:
            return Clock(parse_start(self.settings.clock))
        return Clock(self.real.instant(), "running", 1.0, self.real.seconds())

    def _simulation(self, identifier: str, seed: str, profile: str, clock: Clock) -> Simulation:
        return Simulation(self._origin(identifier, seed, profile), clock)

    def _origin(self, identifier: str, seed: str, profile: str) -> Origin:
        rules = self.catalog.fresh_rules(profile)
        return Origin(identifier, seed, profile, rules, self.providers, self.magic)


def make_service(settings: Settings, real: RealTime | None = None, *, base_url: str = "", port: int = 0) -> Service:
    """Load every document in force, profile and provider and return the service that is to be reached at `base_url`.

    DocumentError names what is bad.
    """
    from contratempo.server.bare import chosen_providers  # they import this module for its types
    from contratempo.server.control import control

    providers = {**chosen_providers(settings.spec, settings.provider), control.name: control}
    catalog = Catalog(providers, read_profiles(), settings.rules, validation=settings.validation)
    catalog.check(settings.profile)
    if settings.profile not in catalog.profiles:
        hint = f"known are {', '.join(catalog.profiles)}"
        raise DocumentError(f"there is no profile {settings.profile!r}", hint=hint)
    real = real or RealTime()
    service = Service(settings, providers, catalog, magic_targets(), real, _signer(settings), base_url, port)
    if settings.demo and not {"telnyx_assistants", "telnyx_messages", "temphone"} <= providers.keys():
        raise DocumentError("--demo is of the built-in providers", hint="add --provider all, or leave out --demo")
    if not _kept(service) and settings.demo:
        seed_demo(service.worlds.default.simulation, base_url)
    return service


def _kept(service: Service) -> bool:
    """Load the default world from the state file, if there is one, and say whether it was."""
    settings = service.settings
    if settings.state is None:
        return False
    service.state_file = StateFile(Path(settings.state), service.savings, service.real)
    return service.state_file.load(service.worlds.default, anyway=settings.state_anyway)


def _signer(settings: Settings) -> Signer:
    return Signer.derived(settings.seed) if settings.webhook_key is None else Signer.read(settings.webhook_key)
