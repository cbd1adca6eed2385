"""An actor: what a world needs of a provider."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from contratempo.sim.records import Kind
from contratempo.sim.timers import Timer

if TYPE_CHECKING:
    from contratempo.sim.simulation import Simulation


class Actor(Protocol):
    """What a simulation needs of a provider."""

    @property
    def name(self) -> str:
        """The provider's name, as timers and transitions carry it."""

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """Its kinds of records, by name."""

    def call(self, simulation: "Simulation", operation: str, request: dict[str, Any]) -> Any:
        """Do an operation; an exception means that nothing happened."""

    def fire(self, simulation: "Simulation", timer: Timer) -> None:
        """Do what a timer of this provider is for."""
