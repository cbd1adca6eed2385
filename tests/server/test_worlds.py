import pytest

from contratempo.provider import Refusal
from contratempo.server.worlds import DEFAULT, World, Worlds
from contratempo.sim.clock import Clock
from contratempo.sim.instants import parse_instant
from contratempo.sim.rules import Rules
from contratempo.sim.simulation import Origin, Simulation

NOON = "2026-03-15T12:00:00Z"


def simulation(identifier, seed, profile, clock):
    return Simulation(Origin(identifier, seed, profile, lambda: Rules({}), {}, {}), clock)


def worlds(**more):
    clock = more.pop("clock", lambda: Clock(parse_instant(NOON)))
    return Worlds(simulation, clock, more.pop("seed", "s"), "spec", ("spec", "lenient"), **more)


def refusal(act, *args, **more):
    with pytest.raises(Refusal) as caught:
        act(*args, **more)
    return caught.value.problem


def test_any_token_lives_in_the_default_world():
    some = worlds()
    assert some.of("anything", None) is some.of("else", None) is some.default
    assert (some.default.id, len(some), [world.id for world in some]) == (DEFAULT, 1, [DEFAULT])


def test_a_minted_key_leads_to_its_world_and_no_other():
    some = worlds()
    made = some.create()
    assert isinstance(made, World)
    assert some.of(made.api_key, None) is made
    assert some.of(made.api_key.lower(), None) is some.default
    assert some.controlled(made.api_key, None) is made
    assert some.get(made.id) is made


def test_the_header_chooses_a_world_for_any_accepted_token():
    some = worlds()
    made = some.create(id="here")
    assert some.of("anything", "here") is some.controlled(None, "here") is made
    assert some.of(made.api_key, DEFAULT) is some.default


def test_no_token_is_refused_whatever_world_is_chosen():
    some = worlds()
    some.create(id="here")
    for chosen in (None, "here", "nowhere"):
        assert refusal(some.of, None, chosen).kind == "unauthorized"


def test_the_control_plane_needs_no_token_of_a_world():
    some = worlds()
    assert some.controlled(None, None) is some.controlled("unknown", None) is some.default


@pytest.mark.parametrize("name", ["nowhere", "", "DEFAULT", "../default"])
def test_an_unknown_world_is_not_found_and_the_way_to_make_one_is_told(name):
    for act in (worlds().of, worlds().controlled):
        problem = refusal(act, "key", name)
        assert problem.kind == "not-found"
        assert "POST /_mock/worlds" in problem.hint


def test_known_keys_refuse_other_tokens_but_not_the_keys_of_worlds():
    some = worlds(known_keys=frozenset({"a", "b"}))
    made = some.create()
    assert some.of("a", None) is some.of("b", None) is some.default
    assert some.of(made.api_key, None) is made
    problem = refusal(some.of, "c", None)
    assert problem.kind == "unauthorized"
    assert "--known-key" in problem.hint


def test_a_chosen_world_does_not_make_a_token_known():
    some = worlds(known_keys=frozenset({"a"}))
    some.create(id="here")
    assert refusal(some.of, "c", "here").kind == "unauthorized"
    assert some.of("a", "here").id == "here"


def test_every_unknown_token_can_have_a_world_of_its_own():
    some = worlds(per_token=True)
    one, two = some.of("one", None), some.of("two", None)
    assert one is not two
    assert one is some.of("one", None) is some.controlled("one", None) is some.of(one.api_key, None)
    assert "one" not in one.id
    assert some.of("anything", DEFAULT) is some.default
    assert some.of(some.default.api_key, None) is some.default


def test_with_known_keys_those_live_in_the_default_world_even_so():
    some = worlds(per_token=True, known_keys=frozenset({"a"}))
    assert some.of("a", None) is some.default


def test_worlds_per_token_count_to_the_limit():
    some = worlds(per_token=True, limit=2)
    some.of("one", None)
    problem = refusal(some.of, "two", None)
    assert problem.kind == "rate-limited"
    assert "--max-worlds" in problem.hint
    assert some.of("one", None).id.startswith("token-")


def test_a_limit_refuses_and_evicts_nothing():
    some = worlds(limit=3)
    made = [some.create(), some.create()]
    assert refusal(some.create).kind == "rate-limited"
    assert [world.id for world in some] == [DEFAULT, *(world.id for world in made)]
    some.delete(made[0].id)
    assert some.create().id not in {made[1].id, DEFAULT}


def test_free_ids_pass_over_taken_ones():
    some = worlds()
    some.create(id="world-1")
    assert [some.create().id, some.create().id] == ["world-2", "world-3"]


def test_a_taken_id_is_a_conflict():
    some = worlds()
    some.create(id="here")
    assert refusal(some.create, id="here").kind == "conflict"
    assert refusal(some.create, id=DEFAULT).kind == "conflict"


@pytest.mark.parametrize(
    ("wish", "place"),
    [
        ({"clock": "tomorrow"}, "clock"),
        ({"clock": "2026-13-01T00:00:00Z"}, "clock"),
        ({"profile": "strict"}, "profile"),
    ],
)
def test_a_world_that_cannot_be_is_refused_and_not_made(wish, place):
    some = worlds()
    problem = refusal(some.create, **wish)
    assert (problem.kind, problem.violations[0].path) == ("invalid", (place,))
    assert len(some) == 1


def test_a_deleted_world_is_gone_with_its_key():
    some = worlds()
    made = some.create(id="here")
    some.delete("here")
    assert some.get("here") is None
    assert refusal(some.of, made.api_key, None).kind == "unauthorized"
    again = some.create(id="here")
    assert some.of(made.api_key, None) is again
    some.delete("here")
    assert refusal(some.named, "here").kind == "not-found"
    assert refusal(some.delete, "here").kind == "not-found"


def test_a_key_of_a_deleted_world_is_unknown_where_keys_are_known():
    some = worlds(known_keys=frozenset({"a"}))
    made = some.create()
    some.delete(made.id)
    assert refusal(some.of, made.api_key, None).kind == "unauthorized"


def test_a_world_of_a_token_can_be_deleted_and_starts_anew():
    some = worlds(per_token=True)
    first = some.of("one", None)
    some.delete(first.id)
    again = some.of("one", None)
    assert again is not first
    assert some.controlled("one", None) is again


def test_the_control_plane_survives_the_deletion_of_a_tokens_world():
    some = worlds(per_token=True)
    some.delete(some.of("one", None).id)
    assert some.controlled("one", None) is some.of("one", None)


def test_the_control_plane_acts_on_the_world_that_a_fresh_token_is_given():
    some = worlds(per_token=True)
    scripted = some.controlled("fresh", None)
    assert scripted is some.of("fresh", None)
    assert scripted is not some.default
    assert some.controlled(None, None) is some.default


def test_the_default_world_stays():
    assert refusal(worlds().delete, DEFAULT).kind == "forbidden"


def test_a_world_starts_as_the_default_one_did_unless_told_otherwise():
    running = worlds(clock=lambda: Clock(parse_instant(NOON), "running", 2.0, 5.0))
    like, own = running.create(), running.create(clock="2030-01-01T00:00:00+01:00")
    assert (like.simulation.clock.mode, like.simulation.clock.rate) == ("running", 2.0)
    assert like.simulation.clock is not running.default.simulation.clock
    assert (own.simulation.clock.mode, own.simulation.now) == ("frozen", parse_instant("2029-12-31T23:00:00Z"))


def test_seeds_follow_from_the_servers_and_the_id():
    one, two, other = worlds(), worlds(), worlds(seed="t")
    seeds = [each.create(id="w").simulation.origin.seed for each in (one, two, other)]
    assert seeds[0] == seeds[1] != seeds[2]
    assert one.create(id="v").simulation.origin.seed != seeds[0]
    assert one.create(seed="mine", profile="lenient").simulation.origin.seed == "mine"
    assert one.get("world-1").simulation.origin.profile == "lenient"


def test_keys_look_like_the_vendors_and_differ():
    some = worlds()
    keys = {some.create().api_key for _ in range(20)}
    assert len(keys) == 20
    assert all(key.startswith("KEY") and len(key.partition("_")[0]) == 35 for key in keys)


def test_a_world_says_whether_a_clock_command_is_at_work():
    assert worlds().default.advancing is False
