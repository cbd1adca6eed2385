"""What waits to be sent: in order for each resource, few at a time for each host, nobody held up by others."""

from hypothesis import given
from hypothesis import strategies as st

from contratempo.server.lanes import IN_FLIGHT, PER_HOST, TO_SLOW, Lanes

HOST = ("127.0.0.1", 80)


def filled(*jobs) -> Lanes:
    """Return lanes with jobs `(resource, host's port)`, whose jobs are those pairs with their place."""
    lanes = Lanes()
    for place, (resource, port) in enumerate(jobs):
        lanes.put("w", resource, ("h", port), (resource, port, place))
    return lanes


def flying(lanes) -> list:
    """Let everything fly that may."""
    slots = []
    while (slot := lanes.next()) is not None:
        slots.append(slot)
    return slots


def test_of_one_resource_one_job_flies_at_a_time_and_in_order():
    lanes, seen = filled(("a", 1), ("a", 2), ("a", 1)), []
    for _ in range(3):
        (slot,) = flying(lanes)
        seen.append(slot.job[2])
        lanes.done(slot)
    assert (seen, flying(lanes)) == ([0, 1, 2], [])


def test_to_one_host_four_fly_at_once():
    lanes = filled(*((f"r{place}", 1) for place in range(10)))
    slots = flying(lanes)
    assert len(slots) == PER_HOST
    lanes.done(slots[2])
    assert [slot.job[2] for slot in flying(lanes)] == [4]


def test_over_all_sixteen_fly_at_once():
    lanes = filled(*((f"r{place}", place) for place in range(40)))
    slots = flying(lanes)
    assert len(slots) == IN_FLIGHT
    lanes.done(slots[0])
    assert [slot.job[2] for slot in flying(lanes)] == [16]


def test_a_long_queue_for_one_host_holds_up_no_other():
    lanes = filled(*((f"dead{place}", 1) for place in range(1_000)), ("alive", 2))
    assert ("alive", 2, 1_000) in [slot.job for slot in flying(lanes)]


def test_hosts_take_turns():
    lanes = filled(*((f"{port}-{place}", port) for port in range(5) for place in range(4)))
    ports = [slot.job[1] for slot in flying(lanes)]
    assert ports[:10] == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]


def slow_hosts(lanes, ports) -> None:
    """Let one job of each of these hosts land after a long time."""
    for port in ports:
        lanes.put("w", f"first{port}", ("h", port), None)
        lanes.done(lanes.next(), slow=True)


def test_hosts_that_were_slow_leave_room_for_others():
    lanes = Lanes()
    slow_hosts(lanes, range(4))
    for place in range(40):
        lanes.put("w", f"r{place}", ("h", place % 4), place)
    assert len(flying(lanes)) == TO_SLOW
    lanes.put("w", "quick", ("h", 9), "quick")
    assert [slot.job for slot in flying(lanes)] == ["quick"]


def test_a_host_that_was_slow_once_and_then_quick_has_all_the_room_again():
    lanes = Lanes()
    slow_hosts(lanes, range(4))
    for port in range(4):
        lanes.put("w", "again", ("h", port), port)
        lanes.done(lanes.next(), slow=False)
    for place in range(40):
        lanes.put("w", f"r{place}", ("h", place % 4), place)
    assert len(flying(lanes)) == IN_FLIGHT


def test_slow_hosts_are_not_remembered_without_end():
    lanes = Lanes()
    slow_hosts(lanes, range(3_000))
    assert len(lanes._known_slow) == 1_024


def test_a_dropped_world_leaves_nothing_and_holds_up_nobody():
    lanes = filled(*((f"r{place}", 1) for place in range(100)))
    slots = flying(lanes)
    assert set(lanes.drop("w")) == set(slots)
    assert (lanes.outstanding("w"), all(slot.dropped for slot in slots)) == (0, True)
    lanes.put("other", "a", ("h", 1), "other's")
    assert flying(lanes) == []  # what is in flight counts until it has landed
    for slot in slots:
        lanes.done(slot)
    assert [slot.job for slot in flying(lanes)] == ["other's"]


def test_a_world_made_again_after_a_drop_is_another():
    lanes = filled(("a", 1), ("a", 1))
    (old,) = flying(lanes)
    lanes.drop("w")
    lanes.put("w", "a", ("h", 1), "new")
    (new,) = flying(lanes)
    lanes.done(old, slow=True)
    assert (lanes.outstanding("w"), old.dropped, new.dropped) == (1, True, False)
    lanes.done(new)
    assert (lanes.outstanding("w"), lanes.drop("w")) == (0, [])


def test_dropping_a_world_that_sends_nothing_is_nothing():
    assert Lanes().drop("w") == []


def state(lanes) -> tuple:
    return (lanes._lanes, lanes._hosts, list(lanes._quick), list(lanes._slow), lanes._flying, lanes._outstanding)


steps = st.lists(
    st.tuples(st.just("put"), st.sampled_from("vw"), st.integers(0, 5), st.integers(0, 2))
    | st.tuples(st.just("fly"))
    | st.tuples(st.just("land"), st.integers(0, 20), st.booleans())
    | st.tuples(st.just("drop"), st.sampled_from("vw")),
    max_size=80,
)


@given(steps)
def test_every_job_flies_once_and_in_order_or_is_dropped(history):
    lanes, slots, put, flown = Lanes(), [], [], []
    for number, (step, *values) in enumerate(history):
        if step == "put":
            world, resource, port = values
            put.append((world, resource, number))
            lanes.put(world, f"{resource}", ("h", port), (world, resource, number))
        elif step == "fly" and (slot := lanes.next()) is not None:
            slots.append(slot)
            flown.append(slot.job)
        elif step == "land" and slots:
            lanes.done(slots.pop(values[0] % len(slots)), slow=values[1])
        elif step == "drop":
            lanes.drop(values[0])
            put = [job for job in put if job[0] != values[0] or job in flown]
        assert len({slot.job[:2] for slot in slots if not slot.dropped}) == sum(not slot.dropped for slot in slots)
    while slots or (slots := flying(lanes)):
        flown += [slot.job for slot in slots if slot.job not in flown]
        lanes.done(slots.pop())
    assert sorted(flown) == sorted(put)
    assert all(
        [job for job in flown if job[:2] == key] == [job for job in put if job[:2] == key]
        for key in {p[:2] for p in put}
    )
    assert state(lanes) == ({}, {}, [], [], {}, {})
