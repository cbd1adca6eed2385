import asyncio

import pytest


def test_the_timeline_tells_what_happened_in_order(plane):
    first, second = plane.job(after=60), plane.job(after=30)
    plane("advanceClock", {"to": "idle"})
    timeline = plane("getTimeline").body
    assert timeline["now"] == "2026-03-15T09:01:00Z"
    assert [(row["resource"], row["from"], row["to"]) for row in timeline["transitions"]] == [
        (first, None, "pending"),
        (second, None, "pending"),
        (second, "pending", "done"),
        (first, "pending", "done"),
    ]


def test_the_timeline_is_filtered(plane):
    first, _ = plane.job(after=60), plane.job(after=30)
    plane("advanceClock", {"to": "idle"})

    def count(**query):
        return len(plane("getTimeline", **query).body["transitions"])

    assert count(resource=first) == 2
    assert count(**{"from": "2026-03-15T09:00:30Z"}) == 2
    assert count(to="2026-03-15T09:00:30Z") == 3
    assert count(**{"from": "2026-03-15T09:00:31Z", "to": "2026-03-15T09:00:59Z"}) == 0


def test_the_timeline_keeps_the_latest_when_there_is_more(plane):
    jobs = [plane.job() for _ in range(3)]
    assert [row["resource"] for row in plane("getTimeline", limit=2).body["transitions"]] == jobs[1:]


def test_requests_are_filtered(plane):
    plane.note(resource="a")
    plane.note(status=422)
    plane.note(operation="list_jobs", status=200)

    def numbers(**query):
        return [row["number"] for row in plane("listRequests", **query).body["requests"]]

    assert numbers() == [1, 2, 3]
    assert numbers(operation="create_job") == [1, 2]
    assert numbers(verdict="refused") == [2]
    assert numbers(status=200) == [3]
    assert numbers(resource="a") == [1]
    assert numbers(provider="other") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"method": "GET"}, [2]),
        ({"path": "/jobs/"}, [2, 3]),
        ({"fault": "reset"}, [3]),
        ({"fault": "latency"}, []),
        ({"from": "2026-03-15T10:00:00.5Z"}, [2, 3]),
        ({"from": "2026-03-15T10:00:00.500001Z"}, [3]),
        ({"to": "2026-03-15T10:00:00Z"}, [1]),
        ({"from": "2026-03-15T11:00:00+01:00", "to": "2026-03-15T10:00:01Z"}, [2]),
        ({"method": "GET", "fault": "reset"}, []),
    ],
)
def test_requests_are_found_by_how_where_and_when_they_came(plane, query, expected):
    plane.note()
    plane.note(method="GET", path="/toy/jobs/1", at="2026-03-15T10:00:00.500Z")
    plane.note(path="/toy/jobs/2", at="2026-03-15T11:00:00Z", fault={"id": "f", "kind": "reset"})

    if "path" not in query:  # which means another thing to a plane
        assert [row["number"] for row in plane("listRequests", **query).body["requests"]] == expected
    found = plane("waitForRequests", {"match": query, "timeout_seconds": 0}).body
    assert [row["number"] for row in found["requests"]] == expected


def test_a_request_may_have_no_answer(plane):
    plane.note(status=0)
    assert [row["status"] for row in plane("listRequests").body["requests"]] == [None]


def test_requests_are_the_latest_or_those_after_a_number(plane):
    for _ in range(5):
        plane.note()
    latest = plane("listRequests", limit=2).body
    assert ([row["number"] for row in latest["requests"]], latest["total"]) == ([4, 5], 5)
    after = plane("listRequests", since=2, limit=2).body
    assert ([row["number"] for row in after["requests"]], after["total"]) == ([3, 4], 3)


def test_calls_of_the_control_plane_are_not_part_of_the_journal(plane):
    plane("getClock")
    plane("resetWorld")
    assert plane("listRequests").body == {"total": 0, "requests": []}


def test_cleared_requests_are_gone_and_numbers_go_on(plane):
    plane.note()
    assert plane("clearRequests").status == 204
    plane.note()
    assert [row["number"] for row in plane("listRequests").body["requests"]] == [2]
    assert plane("getClock").body["head"] == 0


def test_waiting_for_what_has_come_takes_no_time(plane):
    plane.note()
    answer = plane("waitForRequests", {"match": {"operation": "create_job"}}).body
    assert (answer["satisfied"], answer["count"], len(answer["requests"])) == (True, 1, 1)


def wait(plane, run_skipping, meanwhile, **wish):
    """Wait for requests while something happens, and return the answer's body with the loop's seconds it took."""

    async def both():
        loop = asyncio.get_running_loop()
        began, waiting = (
            loop.time(),
            asyncio.create_task(plane.answer("waitForRequests", {"timeout_seconds": 5} | wish)),
        )
        await asyncio.sleep(0)
        for step in meanwhile:
            step()
            plane.world.changed.notify()
            await asyncio.sleep(1)
        return (await waiting).body, round(loop.time() - began)

    return run_skipping(both())


def test_waiting_ends_when_the_time_is_over(plane, run_skipping):
    answer, seconds = wait(plane, run_skipping, [], count=2, timeout_seconds=3)
    assert (answer, seconds) == ({"satisfied": False, "count": 0, "requests": []}, 3)


def test_waiting_ends_with_real_time_however_much_happens(make_plane, run_skipping):
    answer, seconds = wait(make_plane(step=1.0), run_skipping, [lambda: None] * 9, timeout_seconds=5)
    assert (answer["satisfied"], seconds) == (False, 9)


def test_waiting_sees_what_comes_meanwhile(plane, run_skipping):
    meanwhile = [plane.note, lambda: plane.note(status=422), plane.note]
    answer, seconds = wait(plane, run_skipping, meanwhile, count=2, match={"verdict": "accepted"}, since=0)
    assert (answer["satisfied"], answer["count"], seconds) == (True, 2, 3)


def test_waiting_goes_on_over_a_reset(plane, run_skipping):
    plane.note()
    reset = {"kind": "reset"}
    answer, _ = wait(plane, run_skipping, [lambda: plane.simulation.apply(reset), plane.note], count=1, since=1)
    assert [row["number"] for row in answer["requests"]] == [2]


def test_waiting_ends_with_the_world_and_with_the_server(plane, run_skipping):
    answer, seconds = wait(plane, run_skipping, [plane.note, lambda: setattr(plane.world, "gone", True)], count=2)
    assert (answer["satisfied"], answer["count"], seconds) == (False, 1, 2)
    plane.world.gone, plane.service.closing = False, True
    answer, seconds = wait(plane, run_skipping, [], count=2)
    assert (answer["satisfied"], seconds) == (False, 0)


def test_many_wait_at_once_and_leave_nothing_behind(plane, run_skipping):
    async def all_of_them():
        waiting = [plane.answer("waitForRequests", {"count": 1 + number % 2}) for number in range(50)]
        waiting = [asyncio.create_task(each) for each in waiting]
        await asyncio.sleep(0)
        plane.note()
        plane.world.changed.notify()
        answers = await asyncio.gather(*waiting)
        return [answer.body["satisfied"] for answer in answers], len(asyncio.all_tasks())

    assert run_skipping(all_of_them()) == ([True, False] * 25, 1)


def test_waiting_counts_only_what_matches_after_a_number(make_plane):
    plane = make_plane(step=1.0)
    plane.note()
    plane.note(status=422)
    wish = {"match": {"verdict": "accepted"}, "since": 1, "timeout_seconds": 0}
    assert plane("waitForRequests", wish).body["count"] == 0


@pytest.mark.parametrize(
    "wish",
    [{"count": 0}, {"timeout_seconds": 61}, {"match": {"body": "x"}}, {"match": {"from": "now"}}, {"count": 1.5}],
)
def test_a_wait_that_is_none_is_refused(plane, wish):
    assert plane("waitForRequests", wish).status == 422


@pytest.mark.parametrize("query", [{"from": "yesterday"}, {"to": "9999-12-31T00:00:00Z"}])
def test_a_timeline_between_no_instants_is_refused(plane, query):
    assert plane("getTimeline", **query).status == 422
