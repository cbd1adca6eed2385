"""Whatever is asked in whatever order: what ended stays ended, and nothing valid is refused when the rules are off."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contratempo.providers.telnyx_messages.tables import FILE
from contratempo.sim.outcomes import MESSAGE_OUTCOMES

LIFECYCLE = FILE.lifecycles["message"]["status"]
LATER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("schedule"), st.sampled_from([300, 400, 3600])),
        st.tuples(st.just("send"), st.sampled_from(sorted(MESSAGE_OUTCOMES))),
        st.tuples(st.just("cancel"), st.integers(0, 9)),
        st.tuples(st.just("advance"), st.sampled_from([0, 1, 2, 299, 300, 3600])),
    ),
    max_size=15,
)
BODIES = st.fixed_dictionaries(
    {"to": st.text()},
    optional={
        "from": st.text(),
        "messaging_profile_id": st.text() | st.sampled_from(["4000eba1-a0c0-4563-9925-b25e842a7c01"]),
        "text": st.text() | st.integers(1, 20).map(lambda times: "€" * 100 * times),
        "subject": st.text(),
        "media_urls": st.lists(st.text(), max_size=12),
        "webhook_url": st.text(),
        "webhook_failover_url": st.text(),
        "use_profile_webhooks": st.booleans(),
        "type": st.sampled_from(["SMS", "MMS"]),
        "auto_detect": st.booleans(),
        "send_at": st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
    },
)


@LATER
@given(STEPS)
def test_what_has_ended_stays_as_it_is(make_desk, steps):
    desk, ended, ids = make_desk(), {}, []
    for step, argument in steps:
        if step == "schedule":
            ids.append(desk.schedule(argument))
        elif step == "send":
            desk.simulation.outcomes.clear()
            desk.script(argument)
            ids.append(desk.send())
        elif step == "cancel" and ids:
            desk.ask("CancelMessage", id=ids[argument % len(ids)])
        elif step == "advance":
            desk.advance(argument)
        for message in ids:
            shown = desk.message(message)
            assert ended.get(message, shown) == shown
            if LIFECYCLE.is_terminal(desk.simulation.records.get("message", message)["status"]):
                ended[message] = shown
                assert desk.simulation.timers.of(message) == []


@pytest.mark.parametrize("operation", ["ScheduleMessage", "SendMessage"])
def test_nothing_valid_is_refused_when_the_rules_are_off(lenient, operation):
    @LATER
    @given(BODIES)
    def accepted(body):
        shown = lenient.accepted(operation, body)
        assert shown["to"][0]["phone_number"] == body["to"]
        assert lenient.message(shown["id"]) == shown

    accepted()


def test_two_worlds_of_one_seed_are_equal(make_desk):
    dumps = []
    for _ in range(2):
        desk = make_desk()
        first = desk.schedule(600)
        desk.send(to="+14155550130")
        desk.ask("CancelMessage", id=first)
        desk.advance(2)
        dumps.append(desk.dump())
    assert dumps[0] == dumps[1]
