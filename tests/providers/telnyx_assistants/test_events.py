"""Create, list, retrieve, delete."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contratempo.sim.instants import format_instant, parse_instant
from contratempo.sim.saved import dump, load


def ids(answer):
    return [event["scheduled_event_id"] for event in answer[1]["data"]]


def test_a_phone_event_echoes_what_was_sent_and_starts_pending(api, phone):
    sent = {
        "conversation_metadata": {"a": "b", "n": 3, "yes": True},
        "dynamic_variables": {"name": "Ada"},
        "max_retries_client_errors": 2,
        "retry_interval_secs": 600,
        "call_settings": {"sip_region": "Europe"},
    }
    status, event = api.create(**sent)
    identifier = event.pop("scheduled_event_id")
    expected = {**phone, **sent, "assistant_id": "a1", "retry_count": 0, "status": "pending"}
    assert (status, event) == (201, {**expected, "created_at": "2026-03-01T09:00:00Z"})
    assert len(identifier) == 36
    assert api.trace == ("default -> completed",)


def test_a_text_event_shows_no_field_of_calls(api, sms):
    _, event = api.create(sms, max_retries_client_errors=0, call_settings={"sip_region": "US"}, unknown=1)
    event.pop("scheduled_event_id")
    expected = {
        **sms,
        "assistant_id": "a1",
        "retry_count": 0,
        "status": "pending",
        "created_at": "2026-03-01T09:00:00Z",
    }
    assert event == expected


def test_a_phone_event_does_not_show_a_text(api):
    status, event = api.create(text="hello")
    assert status == 201
    assert "text" not in event


def test_whole_numbers_written_with_a_fraction_are_integers(api):
    _, event = api.create(max_retries_client_errors=2.0, retry_interval_secs=60.0)
    assert (event["max_retries_client_errors"], event["retry_interval_secs"]) == (2, 60)
    assert isinstance(event["retry_interval_secs"], int)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-03-02T10:00:00.120000Z", "2026-03-02T10:00:00.120000Z"),
        ("2026-03-02T10:00:00+02:00", "2026-03-02T10:00:00+02:00"),
        ("2026-03-02T10:00:00-02:00", "2026-03-02T10:00:00-02:00"),
        ("2026-03-02t10:00:00z", "2026-03-02t10:00:00z"),
        ("2026-03-02T10:00:00.764000", "2026-03-02T10:00:00.764000Z"),
    ],
)
def test_a_time_is_echoed_as_it_was_sent_and_one_without_offset_is_utc(api, sent, shown):
    assert api.create(scheduled_at_fixed_datetime=sent)[1]["scheduled_at_fixed_datetime"] == shown


def test_offsets_count_for_the_dispatch(api):
    _, event = api.create(scheduled_at_fixed_datetime="2026-03-02T10:00:00+02:00")
    api.run_to("2026-03-02T08:00:00Z")
    assert api.retrieve(event["scheduled_event_id"])[1]["dispatched_at"] == "2026-03-02T08:00:00Z"


def test_an_event_belongs_to_its_assistant(api):
    _, event = api.create()
    assert api.retrieve(event["scheduled_event_id"], "a2")[0] == 404
    assert api.delete(event["scheduled_event_id"], "a2")[0] == 404
    assert ids(api.list(assistant="a2")) == []
    assert api.retrieve(event["scheduled_event_id"]) == (200, event)


@pytest.mark.parametrize("seconds", [0, 3600, 3601, 3608, 3668])
def test_delete_removes_an_event_in_any_status_and_what_was_left_of_it(api, seconds):
    _, event = api.create()
    api.advance(seconds)
    assert api.delete(event["scheduled_event_id"]) == (204, None)
    assert api.retrieve(event["scheduled_event_id"])[0] == 404
    assert api.delete(event["scheduled_event_id"])[0] == 404
    assert api.list()[1]["meta"]["total_results"] == 0
    assert len(api.simulation.timers) == 0
    api.advance(24 * 3600)


def test_a_failed_event_and_one_between_attempts_can_be_deleted(api):
    _, failed = api.create()
    _, waiting = api.create(max_retries_client_errors=1, retry_interval_secs=600)
    api.script("busy")
    api.run_to("2026-03-01T10:00:02Z")
    assert [api.delete(each["scheduled_event_id"])[0] for each in (failed, waiting)] == [204, 204]
    assert len(api.simulation.timers) == 0


def test_the_control_planes_cancel_is_a_delete(api):
    _, event = api.create()
    kind, record = api.simulation.records.find(event["scheduled_event_id"])
    assert kind.cancel(api.simulation, record) is None
    assert api.retrieve(event["scheduled_event_id"])[0] == 404
    assert [*api.simulation.journal.transitions][-1].cause == "cancel"


def test_a_retrieved_event_tells_what_its_first_attempt_will_meet(api):
    _, event = api.create()
    api.script("busy")
    api.retrieve(event["scheduled_event_id"])
    assert api.trace == ("script s1 -> busy",)


def test_an_empty_list_has_no_pages(api):
    status, answer = api.list()
    assert status == 200
    assert answer == {"meta": {"total_pages": 0, "total_results": 0, "page_number": 1, "page_size": 20}, "data": []}


def test_the_list_is_ordered_by_time_then_creation(api):
    late, first, second = (
        api.create(scheduled_at_fixed_datetime=time)[1]["scheduled_event_id"]
        for time in ("2026-03-03T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-02T01:00:00+01:00")
    )
    assert ids(api.list()) == [first, second, late]


def test_250_events_are_paged_whole_with_each_filter(api, phone, sms):
    for minute in range(250):
        event = sms if minute % 5 == 0 else phone
        time = format_instant(parse_instant("2026-03-02T00:00:00Z") + minute * 60_000_000)
        assert api.create(event, scheduled_at_fixed_datetime=time)[0] == 201
    whole = [one for page in range(1, 4) for one in ids(api.list(f"page[size]=100&page[number]={page}"))]
    assert len(set(whole)) == len(whole) == 250
    for query, expected in {
        "": whole,
        "conversation_channel=sms_chat": whole[::5],
        "conversation_channel=phone_call": [one for place, one in enumerate(whole) if place % 5],
        "from_date=2026-03-02T00:10:00Z": whole[10:],
        "to_date=2026-03-02T00:10:00": whole[:11],
        "from_date=2026-03-02T00:10:00Z&to_date=2026-03-02T02:20:00%2B01:00": whole[10:81],
        "from_date=2026-03-02T00:10:00Z&to_date=2026-03-02T00:20:00Z&conversation_channel=sms_chat": whole[10:21:5],
        "from_date=2026-03-03T00:10:00Z&to_date=2026-03-02T00:10:00Z": [],
    }.items():
        _, first = api.list(query)
        assert first["meta"]["total_results"] == len(expected)
        pages = range(1, first["meta"]["total_pages"] + 1)
        assert [one for page in pages for one in ids(api.list(f"{query}&page[number]={page}"))] == expected
        assert ids(api.list(f"{query}&page[number]={len(pages) + 1}")) == []


def test_a_page_far_beyond_the_last_is_empty_with_true_totals(api):
    api.create()
    _, answer = api.list(f"page[number]={10**30}")
    assert answer["data"] == []
    assert (answer["meta"]["total_pages"], answer["meta"]["total_results"]) == (1, 1)


def test_a_retry_moves_an_event_in_the_list(api):
    _, first = api.create(max_retries_client_errors=1, retry_interval_secs=7200)
    _, second = api.create(scheduled_at_fixed_datetime="2026-03-01T11:00:00Z")
    api.script("busy", resource=first["scheduled_event_id"])
    api.run_to("2026-03-01T10:30:00Z")
    assert ids(api.list()) == [second["scheduled_event_id"], first["scheduled_event_id"]]


@settings(max_examples=30)
@given(minutes=st.lists(st.integers(1, 40), max_size=25), size=st.integers(1, 7), data=st.data())
def test_pages_partition_the_events_in_order_of_their_time(make_api, minutes, size, data):
    api = make_api()
    start = parse_instant("2026-03-01T09:00:00Z")
    times = [format_instant(start + minute * 60_000_000) for minute in minutes]
    made = [(time, api.create(scheduled_at_fixed_datetime=time)[1]["scheduled_event_id"]) for time in times]
    first, last = sorted(data.draw(st.tuples(st.integers(0, 41), st.integers(0, 41))))
    bounds = [format_instant(start + minute * 60_000_000) for minute in (first, last)]
    query = f"from_date={bounds[0]}&to_date={bounds[1]}&page[size]={size}"
    _, answer = api.list(query)
    pages = [api.list(f"{query}&page[number]={page}") for page in range(1, answer["meta"]["total_pages"] + 1)]
    expected = [one for time, one in sorted(made, key=lambda pair: pair[0]) if bounds[0] <= time <= bounds[1]]
    assert [one for page in pages for one in ids(page)] == expected
    assert all(len(page[1]["data"]) == size for page in pages[:-1])


def test_a_saved_world_has_the_same_future(api, make_api):
    api.create(max_retries_client_errors=2, retry_interval_secs=600, telnyx_end_user_target="+13125550121")
    api.run_to("2026-03-01T10:00:05Z")
    twin = make_api()
    twin.simulation = load(dump(api.simulation), api.simulation.origin)
    for each in (api, twin):
        each.advance(24 * 3600)
    assert twin.list() == api.list()
    assert dump(twin.simulation) == dump(api.simulation)
