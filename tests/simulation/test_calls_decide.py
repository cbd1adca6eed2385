"""With a frozen clock the same calls make the same world, however quick the receivers are and in whichever order."""

import asyncio
from random import Random
from typing import Any

import pytest

from contratempo.server.service import Service
from contratempo.sim import saved

SCRIPTS, SCHEDULES = range(8), range(3)
CONDUCTS = ("fine", "slow", "failing twice", "failing", "dead", "resetting", "redirecting")


def calls(script: int, schedule: int, loaded: Service) -> dict[str, Any]:
    """Make the calls of a script one after the other, an advance after each, and return the world."""
    from stage.actors import Cast
    from stage.client import CLOCK, Manners
    from stage.loop import SeededLoop, play
    from stage.theatre import Theatre

    async def main() -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SeededLoop)
        loop.laggard = 0.0
        theatre = Theatre(f"{script}/{schedule}", loaded, loop, webhook_budget=100, max_records=1_000)
        theatre.service.ready = True
        cast = Cast(theatre.client, Random(f"script/{script}"), theatre.service)
        cast.manners = Manners  # type: ignore[method-assign]
        cast.names = cast.names[:-1]
        theatre.network.conduct = dict(zip(theatre.network.conduct, cast.chance.sample(CONDUCTS, 3), strict=True))
        deeds = [
            cast.create,
            cast.create,
            cast.create,
            cast.redeliver,
            cast.webhook_fault,
            cast.script,
            cast.cancel,
            cast.read,
        ]
        for _ in range(14):
            await cast.chance.choice(deeds)()
            wish = cast.chance.choice([{"by": 1}, {"by": 301}, {"to": "next"}, {"to": "next"}, {"to": "idle"}])
            await theatre.client.call("POST", f"{CLOCK}/advance", wish)
        assert not theatre.witness.book.findings, theatre.witness.book.report()
        return saved.dump(theatre.service.worlds.default.simulation)

    return play(f"{script}/{schedule}", main)


def canonical(world: dict[str, Any]) -> dict[str, Any]:
    """Return a world without what real time decides: how long attempts took, and which of one instant came first."""
    webhooks = [
        {**webhook, "attempts": [{**attempt, "seconds": None, "order": None} for attempt in webhook["attempts"]]}
        for webhook in world["outbox"]["webhooks"]
    ]
    retries = [timer for timer in world["timers"]["timers"] if timer["provider"] == "webhooks"]
    others = [timer for timer in world["timers"]["timers"] if timer not in retries]
    planned = sorted((timer["due"], timer["subject"]) for timer in retries)
    return {**world, "outbox": {**world["outbox"], "webhooks": webhooks}, "timers": [others, planned]}


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_same_calls_make_the_same_world(loaded: Service, script: int):
    worlds = [canonical(calls(script, schedule, loaded)) for schedule in SCHEDULES]
    assert worlds[0]["outbox"]["total"] > 0
    assert worlds[1:] == [worlds[0]] * (len(SCHEDULES) - 1)
