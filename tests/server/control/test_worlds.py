import pytest

from contratempo.provider import Refusal


def test_it_lives_and_is_ready(plane):
    assert (plane("livez").body, plane("readyz").body) == ({"status": "alive"}, {"status": "ready"})


def test_it_is_not_ready_before_it_is(plane):
    plane.service.ready = False
    response = plane("readyz")
    assert (response.status, response.body["type"]) == (503, "urn:contratempo:problem:not-ready")
    assert plane("livez").status == 200


def test_worlds_are_listed_with_what_is_in_them(plane):
    plane.job()
    plane("createWorld", {"id": "other", "clock": "2030-01-01T00:00:00Z"})
    first, second = plane("listWorlds").body["worlds"]
    assert first == {
        "id": "default",
        "now": "2026-03-15T09:00:00Z",
        "mode": "frozen",
        "rate": 1.0,
        "head": 1,
        "records": 1,
        "planned": 1,
        "fork_of": None,
        "captures": False,
    }
    assert (second["id"], second["now"], second["records"]) == ("other", "2030-01-01T00:00:00Z", 0)


def test_a_running_world_is_listed_with_the_time_it_shows(plane):
    plane("setClock", {"mode": "running"})
    plane("createWorld", {"id": "other"})
    plane.real.now += 60
    assert plane("listWorlds", world="other").body["worlds"][0]["now"] == "2026-03-15T09:01:00Z"


def test_a_world_made_of_nothing_has_everything(plane):
    for body in (None, {}):
        response = plane("createWorld", body)
        assert response.status == 201
        assert set(response.body) == {"id", "api_key", "now"}
        assert plane.service.worlds.of(response.body["api_key"], None).id == response.body["id"]


def test_a_world_starts_as_it_is_told(plane):
    wish = {"id": "mine", "clock": "2026-01-01T10:00:00+02:00", "seed": "s", "profile": "lenient"}
    assert plane("createWorld", wish).body["now"] == "2026-01-01T08:00:00Z"
    origin = plane.service.worlds.get("mine").simulation.origin
    assert (origin.seed, origin.profile) == ("s", "lenient")


def test_worlds_do_not_meet(plane):
    plane("createWorld", {"id": "other"})
    job = plane.job()
    assert plane("getResource", path={"id": job}, world="other").status == 404
    plane("advanceClock", {"by": "1h"}, world="other")
    assert plane("getClock").body["now"] == "2026-03-15T09:00:00Z"


def test_an_unknown_profile_names_the_known_ones(plane):
    response = plane("createWorld", {"profile": "strict"})
    assert response.status == 404
    assert "spec, lenient" in response.body["hint"]


def test_a_taken_id_is_refused(plane):
    plane("createWorld", {"id": "mine"})
    assert plane("createWorld", {"id": "mine"}).status == 409


def test_a_wish_that_is_none_is_refused(plane):
    for wish in ({"id": "Ünïcode"}, {"clock": "2026-13-01T00:00:00Z"}, {"clock": "0001-01-01T00:00:00Z"}, {"x": 1}):
        assert plane("createWorld", wish).status == 422
    assert len(plane.service.worlds) == 1


def test_a_deleted_world_is_gone_and_so_is_its_key(plane):
    key = plane("createWorld", {"id": "mine"}).body["api_key"]
    assert plane("deleteWorld", path={"id": "mine"}).status == 204
    assert plane("getClock", world="mine").status == 404
    with pytest.raises(Refusal):
        plane.service.worlds.of(key, None)
    assert plane("deleteWorld", path={"id": "mine"}).status == 404


def test_the_default_world_stays(plane):
    assert plane("deleteWorld", path={"id": "default"}).status == 403


def test_an_unknown_world_names_how_to_make_one(plane):
    response = plane("getClock", world="nowhere")
    assert response.status == 404
    assert "POST /_mock/worlds" in response.body["hint"]


def test_every_answer_carries_the_head(plane):
    plane.job()
    assert plane("listOutcomes").headers["x-mock-head"] == "1"
    assert plane("scriptOutcomes", {"outcomes": ["busy"]}).headers["x-mock-head"] == "2"
