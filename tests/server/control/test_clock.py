import asyncio

import pytest

from contratempo.server import pump
from contratempo.sim.instants import SECOND


def test_the_clock_tells_what_is_due(plane):
    plane.job(after=90)
    clock = plane("getClock").body
    assert clock == {
        "now": "2026-03-15T09:00:00Z",
        "mode": "frozen",
        "rate": 1.0,
        "next_due": "2026-03-15T09:01:30Z",
        "head": 1,
    }


@pytest.mark.parametrize("by", ["1h30m", "PT1H30M", 5400, "5400", 5400.0])
def test_an_advance_takes_every_spelling_of_a_duration(plane, by):
    answer = plane("advanceClock", {"by": by}).body
    assert answer == {"now": "2026-03-15T10:30:00Z", "head": 1, "fired_count": 0, "fired": [], "undelivered": 0}


def test_an_advance_tells_what_happened_at_its_own_instant(plane):
    job = plane.job(after=60)
    answer = plane("advanceClock", {"by": "24h"}).body
    assert (answer["now"], answer["fired_count"], answer["undelivered"]) == ("2026-03-16T09:00:00Z", 1, 0)
    assert answer["fired"] == [
        {
            "at": "2026-03-15T09:01:00Z",
            "provider": "toy",
            "resource": job,
            "attempt": 1,
            "from": "pending",
            "to": "done",
            "cause": "completed",
            "kind": "status",
            "state": "fired",
        }
    ]


def test_an_advance_lists_a_thousand_and_counts_all(plane):
    for _ in range(1_001):
        plane.job(after=1)
    answer = plane("advanceClock", {"by": 1}).body
    assert (answer["fired_count"], len(answer["fired"])) == (1_001, 1_000)


def test_an_advance_to_an_instant_may_have_any_offset(plane):
    assert plane("advanceClock", {"to": "2026-03-15T12:00:00+02:00"}).body["now"] == "2026-03-15T10:00:00Z"


def test_next_goes_to_the_next_due_thing_and_no_further(plane):
    plane.job(after=60)
    plane.job(after=120)
    answer = plane("advanceClock", {"to": "next"}).body
    assert (answer["now"], answer["fired_count"]) == ("2026-03-15T09:01:00Z", 1)


def test_next_with_nothing_due_stands_still(plane):
    answer = plane("advanceClock", {"to": "next"}).body
    assert (answer["now"], answer["head"]) == ("2026-03-15T09:00:00Z", 0)


def test_idle_goes_as_far_as_anything_is_due(plane):
    plane.job(after=60)
    plane.job(after=3600)
    answer = plane("advanceClock", {"to": "idle", "wait": "none"}).body
    assert (answer["now"], answer["fired_count"]) == ("2026-03-15T10:00:00Z", 2)


@pytest.mark.parametrize("operation", ["advanceClock", "setClock"])
def test_the_past_is_refused_with_the_way_out(plane, operation):
    wish = "to" if operation == "advanceClock" else "now"
    response = plane(operation, {wish: "2026-03-14T00:00:00Z"})
    assert (response.status, response.body["type"]) == (409, "urn:contratempo:problem:clock-goes-back")
    assert "2026-03-15T09:00:00Z" in response.body["detail"]
    assert "/_mock/reset" in response.body["hint"]


def test_the_end_of_the_calendar_is_refused(plane):
    plane.simulation.clock.jump(plane.simulation.now + 7_900 * 365 * 86_400 * SECOND)
    response = plane("advanceClock", {"by": 3_155_760_000})
    assert (response.status, response.body["type"]) == (409, "urn:contratempo:problem:calendar-ends")


@pytest.mark.parametrize(
    "wish",
    [{}, {"by": "1h", "to": "next"}, {"by": "an hour"}, {"by": -1}, {"by": ""}, {"to": "tomorrow"}, {"by": 1, "x": 1}],
)
def test_a_wish_that_is_none_is_refused_and_nothing_happens(plane, wish):
    response = plane("advanceClock", wish)
    assert (response.status, response.body["title"]) == (422, "The request is not valid")
    assert plane("getClock").body["head"] == 0


def test_a_bad_duration_is_told_how_to_be_written(plane):
    assert "1h30m" in plane("advanceClock", {"by": "an hour"}).body["hint"]


def test_a_second_advance_of_the_same_world_is_refused(plane):
    for _ in range(600):
        plane.job(after=1)
    first, second = plane.together(plane.answer("advanceClock", {"by": 60}), plane.answer("advanceClock", {"by": 60}))
    assert (first.status, second.status) == (200, 409)
    assert "advance-in-progress" in str(second.body)
    assert plane("getClock").body["now"] == "2026-03-15T09:01:00Z"


def test_an_advance_that_waits_its_turn_counts_from_where_the_other_ends(plane):
    for _ in range(600):
        plane.job(after=1)
    calls = [plane.answer("advanceClock", {"by": 60, "wait_turn": True}) for _ in range(3)]
    assert [response.status for response in plane.together(*calls)] == [200, 200, 200]
    assert plane("getClock").body["now"] == "2026-03-15T09:03:00Z"


def test_a_turn_that_does_not_come_is_refused(plane, monkeypatch):
    monkeypatch.setattr(pump, "TURN_SECONDS", 0.01)
    asyncio.run(plane.world.turn.acquire())
    assert plane("advanceClock", {"by": 1, "wait_turn": True}).status == 409


@pytest.mark.parametrize(("operation", "body"), [("setClock", {"mode": "running"}), ("resetWorld", None)])
def test_clock_commands_are_refused_during_an_advance(plane, operation, body):
    asyncio.run(plane.world.turn.acquire())
    assert plane(operation, body).status == 409


def test_a_clock_that_runs_is_anchored_at_the_present(plane):
    clock = plane("setClock", {"mode": "running", "rate": 60}).body
    assert (clock["mode"], clock["rate"], clock["now"]) == ("running", 60.0, "2026-03-15T09:00:00Z")
    plane.real.now += 60
    assert plane("getClock").body["now"] == "2026-03-15T10:00:00Z"


def test_a_frozen_clock_stays_where_it_was(plane):
    plane("setClock", {"mode": "running"})
    plane.real.now += 5
    plane("setClock", {"mode": "frozen"})
    plane.real.now += 5
    assert plane("getClock").body["now"] == "2026-03-15T09:00:05Z"


def test_an_advance_of_a_running_clock_runs_on_from_there(plane):
    plane("setClock", {"mode": "running"})
    assert plane("advanceClock", {"by": "1h"}).body["now"] == "2026-03-15T10:00:00Z"
    plane.real.now += 1
    assert plane("getClock").body["now"] == "2026-03-15T10:00:01Z"


def test_setting_the_clock_forwards_fires_what_is_due(plane):
    job = plane.job(after=60)
    clock = plane("setClock", {"now": "2026-03-15T10:00:00Z", "mode": "running", "rate": 2}).body
    assert (clock["now"], clock["mode"], clock["next_due"]) == ("2026-03-15T10:00:00Z", "running", None)
    assert plane("getResource", path={"id": job}).body["status"] == "done"


def test_a_change_of_rate_alone_keeps_the_mode(plane):
    assert plane("setClock", {"rate": 2}).body["mode"] == "frozen"


@pytest.mark.parametrize("change", [{}, {"rate": 0}, {"mode": "stopped"}, {"now": "yesterday"}, {"rate": 1e300}])
def test_a_change_that_is_none_is_refused(plane, change):
    assert plane("setClock", change).status == 422


def test_a_reset_empties_the_world_and_starts_its_clock_again(plane):
    plane.job()
    plane.note()
    plane("scriptOutcomes", {"outcomes": ["busy"]})
    plane("setRules", {"toy.seconds": 9})
    plane("advanceClock", {"by": "1h"})
    clock = plane("resetWorld").body
    assert (clock["now"], clock["next_due"]) == ("2026-03-15T09:00:00Z", None)
    assert plane("listResources").body == {"total": 0, "resources": []}
    assert plane("listOutcomes").body["scripts"] == []
    assert plane("getTimeline").body["transitions"] == []
    assert plane("listRequests").body["total"] == 0
    assert {rule["origin"] for rule in plane("listRules").body["rules"]} == {"default"}
    assert clock["head"] >= 4


def test_a_reset_of_a_running_world_counts_from_its_start(plane):
    plane.service.worlds.clock = lambda: plane.simulation.clock.load(
        {"now": "2026-03-15T09:00:00Z", "mode": "running", "rate": 1.0}, plane.real.now
    )
    plane("createWorld", {"id": "live"})
    plane.real.now += 3600
    assert plane("getClock", world="live").body["now"] == "2026-03-15T10:00:00Z"
    assert plane("resetWorld", world="live").body["now"] == "2026-03-15T09:00:00Z"
    assert plane("getClock", world="live").body["mode"] == "running"
