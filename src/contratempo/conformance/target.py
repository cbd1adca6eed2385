"""What is to be held to its contract: a base URL, or an ASGI app of this process, and how to get in."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from contratempo.conformance.plane import Plane, PlaneError
from contratempo.conformance.surroundings import stopwatch
from contratempo.conformance.wire import AsgiWire, HttpWire, Wire


@dataclass(frozen=True)
class Target:
    """A deployment: `url` is the provider's base URL, such as http://127.0.0.1:4010/v2; `app` is called in its place.

    `control` is the origin of its control plane where that is not the URL without the provider's base path. `real` says
    that it is not a mock: then guesses of ours warn. `assistant` is the id of an assistant that exists there.
    `through` is the origin of the guard that is spoken to in its place.
    """

    url: str = ""
    token: str = ""
    app: Any = None
    control: str | None = None
    control_token: str | None = None
    real: bool = False
    assistant: str = "assistant_id"
    through: str = ""

    @property
    def host(self) -> str:
        """Return the host that is named."""
        return urlsplit(self.url).hostname or ""

    @property
    def near(self) -> bool:
        """Say whether the deployment is on this machine."""
        return self.app is not None or is_loopback(self.host)

    def wire(self, *, again: bool = True) -> Wire:
        """Return a way to the deployment; with `again` a request may go twice where a connection was closed."""
        if self.app is not None:
            return AsgiWire(self.app, stopwatch)
        parts = urlsplit(self.url)
        near = self.near or bool(self.through)
        return HttpWire(f"{parts.scheme}://{parts.netloc}", stopwatch, near=near, through=self.through, again=again)

    def prefix(self, base: str) -> str:
        """Return the path that the provider's paths lie below."""
        return base if self.app is not None and not self.url else urlsplit(self.url).path.rstrip("/")

    def plane(self, wire: Wire, base: str) -> Plane | None:
        """Return the deployment's control plane, None when it has none; PlaneError where one is named and is none."""
        if self.control is not None:
            parts = urlsplit(self.control)
            way = HttpWire(f"{parts.scheme}://{parts.netloc}", stopwatch, near=is_loopback(parts.hostname or ""))
            above = parts.path.rstrip("/").removesuffix("/_mock")
            plane = Plane(way, f"{above}/_mock", self.control_token)
            if not plane.alive():
                raise PlaneError(f"{self.control} does not answer as a control plane does: see what --control names")
            return plane
        prefix = self.prefix(base)
        if not prefix.endswith(base):
            return None
        plane = Plane(wire, f"{prefix.removesuffix(base)}/_mock", self.control_token)
        return plane if plane.alive() else None


_LOCAL_NAME: Final = "localhost"


def is_loopback(host: str) -> bool:
    """Say whether a host can only be this machine."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == _LOCAL_NAME
