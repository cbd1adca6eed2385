"""The demonstration: a past with retries, a present, and a future, before the vendors' samples."""

import pytest

from contratempo.provider import installed_providers, magic_targets
from contratempo.server.catalog import Catalog, read_profiles
from contratempo.server.demo import NOW, START, STEPS, seed_demo
from contratempo.sim.clock import Clock
from contratempo.sim.instants import parse_instant
from contratempo.sim.simulation import Origin, Simulation

SAMPLE = "2025-04-15T13:07:28.764"


def world(*providers: str, profile: str = "lenient") -> Simulation:
    installed = {
        name: provider for name, provider in installed_providers().items() if not providers or name in providers
    }
    rules = Catalog(installed, read_profiles()).fresh_rules(profile)
    return Simulation(Origin("demo", "seed", profile, rules, installed, magic_targets()), Clock(parse_instant(START)))


@pytest.fixture(scope="module")
def demo() -> Simulation:
    simulation = world()
    seed_demo(simulation)
    return simulation


def test_it_stands_frozen_before_the_samples(demo: Simulation) -> None:
    assert demo.clock.dump() == {"now": NOW, "mode": "frozen", "rate": 1.0}
    assert parse_instant(START) < demo.now < parse_instant(SAMPLE)


def test_its_past_has_every_kind_of_end_and_a_retry(demo: Simulation) -> None:
    moves = {(transition.provider, transition.to) for transition in demo.journal.transitions}
    assert {
        ("telnyx_assistants", "completed"),
        ("telnyx_assistants", "failed"),
        ("telnyx_messages", "delivered"),
        ("telnyx_messages", "delivery_failed"),
        ("temphone", "completed"),
    } <= moves
    assert any(transition.cause == "retry" for transition in demo.journal.transitions)


def test_a_call_is_under_way_and_each_vendor_has_something_to_come(demo: Simulation) -> None:
    due = {timer["provider"] for timer in demo.timers.dump()["timers"]}
    assert due == {"telnyx_assistants", "telnyx_messages", "temphone"}
    assert [*demo.journal.transitions][-1].to == "ringing"


def test_the_assistant_of_the_samples_is_left_alone() -> None:
    assert "assistant_id" not in {step.path.get("assistant_id") for step in STEPS}


def test_it_is_the_same_every_time(demo: Simulation) -> None:
    again = world()
    seed_demo(again)
    assert list(again.journal.transitions) == list(demo.journal.transitions)


def test_no_rule_of_the_strict_profile_forbids_it() -> None:
    simulation = world(profile="spec")
    seed_demo(simulation)
    assert len(simulation.records) == len(STEPS)


def test_a_server_without_a_vendor_has_the_others_part() -> None:
    simulation = world("temphone")
    seed_demo(simulation)
    assert len(simulation.records) == sum(step.provider == "temphone" for step in STEPS)
