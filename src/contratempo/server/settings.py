"""What a server is started with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any, TypeVar

T = TypeVar("T")

LOG_LEVELS = ("debug", "info", "warning", "error")
VALIDATIONS = ("plan", "core", "both")


def _setting(default: T, help: str, **more: Any) -> T:
    """Declare a field that is a setting: `least` and `most` bound a number, `choices` a text.

    A `secret` is not in the repr of the settings.
    """
    declared: T = field(default=default, repr=not more.pop("secret", False), metadata={"help": help, **more})
    return declared


@dataclass(frozen=True)
class Settings:
    """Everything `serve` can be told; each field is a flag, an environment variable and a key of the file.

    `clock` is an ISO 8601 instant at which the default world starts frozen; without it that world starts at real now,
    running at 1x. `rules` are values for every world, by full name.
    """

    host: str = _setting("127.0.0.1", "Address to listen on; any but loopback makes a control token.")
    port: int = _setting(4010, "Port to listen on; 0 takes a free one.", least=0, most=65_535)
    spec: tuple[str, ...] = _setting(
        (), "Serve this OpenAPI 3.0 or 3.1 document (YAML or JSON) instead of the built-in providers."
    )
    provider: tuple[str, ...] = _setting(
        (), "Serve this provider (beside what --spec names), or all; else all or none."
    )
    profile: str = _setting("spec", "Profile of new worlds: a list of overlays and rule values.")
    clock: str | None = _setting(
        None, "Start frozen at this instant, such as 2026-03-15T15:00:00Z; else running from now."
    )
    seed: str = _setting("contratempo", "What every id and all chance come from.")
    demo: bool = _setting(False, "Start lenient, frozen before the vendors' samples, with a timeline under way.")
    known_key: tuple[str, ...] = _setting((), "Accept this bearer token and refuse others.", secret=True)
    world_per_token: bool = _setting(False, "Give every unknown bearer token a world of its own.")
    max_records: int = _setting(1_000_000, "Records a world may hold.", least=1)
    max_worlds: int = _setting(4_096, "Worlds there may be.", least=1)
    max_body_bytes: int = _setting(1_048_576, "Largest request body, in bytes.", least=1)
    max_state_bytes: int = _setting(268_435_456, "Largest saved world that is loaded by a request, in bytes.", least=1)
    state: str | None = _setting(None, "Keep the default world in this file: loaded at the start, saved as it changes.")
    state_anyway: bool = _setting(False, "Load that file although it was saved under other documents or rules.")
    control_token: str | None = _setting(None, "Token the control plane asks for (X-Mock-Token).", secret=True)
    insecure_control: bool = _setting(False, "Off loopback, let the control plane ask for no token.")
    webhook_allow: tuple[str, ...] = _setting(
        (), "Deliver webhooks there, too: HOST, HOST:PORT or a network such as 10.0.0.0/8; else loopback only."
    )
    webhook_key: str | None = _setting(
        None, "File with the Ed25519 key that signs webhooks (PEM, or a seed of 32 bytes); else one from the seed."
    )
    webhook_budget: int = _setting(10, "Real seconds for which an advance waits for receivers.", least=0)
    allowed_host: tuple[str, ...] = _setting((), "Host name the control plane answers to besides loopback.")
    rules: Mapping[str, Any] = field(
        default_factory=dict, metadata={"help": "Value of a rule for every world.", "flag": "rule"}
    )
    validation: str = _setting(
        "plan",
        "Who judges: openapi-core, a compiled plan that asks it when in doubt, or both at once.",
        choices=VALIDATIONS,
    )
    log_level: str = _setting("info", "Least severe line to log.", choices=LOG_LEVELS)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what no output may show."""
        return (*self.known_key, *filter(None, [self.control_token]))


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address to listen on."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def answers_loopback(host: str) -> bool:
    """Say whether a server that listens on `host` is reached at loopback addresses, too."""
    return is_loopback(host) or host.strip("[]") in ("0.0.0.0", "::", "")


def secured(settings: Settings, mint: Callable[[], str]) -> Settings:
    """Return the settings with a control token by `mint` where one is needed and none is set."""
    if is_loopback(settings.host) or settings.insecure_control or settings.control_token:
        return settings
    return replace(settings, control_token=mint())


def local_url(host: str, port: int) -> str:
    """Return the URL at which this machine reaches a server that listens on `host`; any address means loopback."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host.strip("[]"), host.strip("[]"))
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
