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


def test_waiting_ends_when_the_time_is_over(make_plane):
    plane = make_plane(step=1.0)
    answer = plane("waitForRequests", {"count": 2, "timeout_seconds": 3}).body
    assert answer == {"satisfied": False, "count": 0, "requests": []}


def test_waiting_sees_what_comes_meanwhile(plane):
    async def come():
        plane.note()
        plane.note()
        return plane.service.real

    waiting = plane.answer("waitForRequests", {"count": 2, "match": {"verdict": "accepted"}, "since": 0})
    response, _ = plane.together(waiting, come())
    assert (response.body["satisfied"], response.body["count"]) == (True, 2)


def test_waiting_counts_only_what_matches_after_a_number(make_plane):
    plane = make_plane(step=1.0)
    plane.note()
    plane.note(status=422)
    wish = {"match": {"verdict": "accepted"}, "since": 1, "timeout_seconds": 0}
    assert plane("waitForRequests", wish).body["count"] == 0


@pytest.mark.parametrize("wish", [{"count": 0}, {"timeout_seconds": 61}, {"match": {"method": "GET"}}, {"count": 1.5}])
def test_a_wait_that_is_none_is_refused(plane, wish):
    assert plane("waitForRequests", wish).status == 422


@pytest.mark.parametrize("query", [{"from": "yesterday"}, {"to": "9999-12-31T00:00:00Z"}])
def test_a_timeline_between_no_instants_is_refused(plane, query):
    assert plane("getTimeline", **query).status == 422
