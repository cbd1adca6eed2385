"""Travels: what actors do with history, each world's own: mark it, go back, fork, save, load, and look ahead."""

from random import Random
from typing import Any, Final, Protocol

from stage.book import Observed
from stage.client import Exchange

from contratempo.server.service import Service
from contratempo.sim.instants import format_instant

NAMES: Final = ("x", "y")


class Traveller(Protocol):
    """What travelling asks of whoever does it."""

    chance: Random
    service: Service
    keys: dict[str, str]
    saved: dict[str, Any]

    async def send(self, method: str, target: str, body: Any = None, **more: Any) -> Exchange: ...


async def mark(who: Traveller) -> None:
    """Set a checkpoint, or remove one."""
    name = who.chance.choice(NAMES)
    if who.chance.random() < 0.1:
        await who.send("DELETE", f"/_mock/checkpoints/{name}")
        return
    wish: dict[str, Any] = who.chance.choice([{}, {"name": name}, {"name": name, "replace": True}])
    await who.send("POST", "/_mock/checkpoints", dict(wish))


async def go_back(who: Traveller) -> None:
    """Take a world back, or ask what that would take back."""
    identifier = who.chance.choice(sorted(who.keys))
    wish = {**place(who, identifier), **who.chance.choice([{}, {}, {"dry_run": True}, {"wait_turn": True}])}
    await who.send("POST", "/_mock/rewind", wish, key=who.keys[identifier])


async def fork(who: Traveller) -> None:
    """Make a world that goes on from a place of another."""
    identifier, name = who.chance.choice(sorted(who.keys)), who.chance.choice(["a", "b"])
    wish = {"id": name, **who.chance.choice([{}, place(who, identifier)])}
    made = await who.send("POST", "/_mock/fork", wish, key="key", x_mock_world=identifier)
    if made.ended == "answered" and made.status == 201:
        who.keys[name] = made.json["api_key"]


async def save(who: Traveller) -> None:
    """Save a world as it is, or as it was."""
    identifier = who.chance.choice(sorted(who.keys))
    where = who.chance.choice(["", "", "?head=0", "?checkpoint=x"])
    got = await who.send("GET", f"/_mock/state{where}", key="key", x_mock_world=identifier)
    if got.ended == "answered" and got.status == 200:
        who.saved[identifier] = got.json


async def load(who: Traveller) -> None:
    """Put a saved world in place of what has become of it."""
    if who.saved:
        identifier = who.chance.choice(sorted(who.saved))
        turn = who.chance.choice(["", "", "?wait_turn=true"])
        await who.send("PUT", f"/_mock/state{turn}", who.saved[identifier], key="key", x_mock_world=identifier)


async def foresee(who: Traveller) -> None:
    """Ask what is going to happen."""
    horizon = who.chance.choice(["60s", "10m", "24h"])
    await who.send("GET", f"/_mock/timeline?horizon={horizon}{who.chance.choice(['', '&state=planned'])}")


def place(who: Traveller, identifier: str) -> dict[str, Any]:
    """Return a place of a world's history, or one just beside it."""
    world = who.service.worlds.get(identifier)
    if world is None or not isinstance(world.simulation, Observed):
        return {"head": 0}
    simulation, history = world.simulation, world.simulation.history
    since = history.began + round((simulation.now - history.began) * who.chance.random())
    recent = max(history.first, history.head - who.chance.randrange(6))
    return who.chance.choice([
        {"checkpoint": who.chance.choice(NAMES)}, {"head": recent}, {"head": recent},
        {"head": who.chance.randrange(history.head + 2)}, {"to": format_instant(since)},
        {"to": format_instant(history.instant(recent))},
    ])  # fmt: skip
