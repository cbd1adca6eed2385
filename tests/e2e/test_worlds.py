import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

START = datetime(2026, 3, 15, 9, tzinfo=UTC)
CLIENTS, EACH = 50, 6
FULL = os.environ.get("CONTRATEMPO_TEST_TIER") == "full"
WORLDS, CALLS = (200, 200) if FULL else (12, 15)


def calling(server, key):
    headers = {"authorization": f"Bearer {key}"}
    return httpx2.Client(base_url=server.origin, headers=headers, timeout=60)


def create(client, target, due="2026-03-16T09:00:00Z", assistant="asst_1"):
    body = {
        "telnyx_conversation_channel": "phone_call",
        "telnyx_end_user_target": target,
        "telnyx_agent_target": "agent",
        "scheduled_at_fixed_datetime": due,
    }
    answer = client.post(f"/v2/ai/assistants/{assistant}/scheduled_events", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def listed(client, assistant="asst_1"):
    events, number = [], 1
    while True:
        page = {"page[size]": 100, "page[number]": number}
        answer = client.get(f"/v2/ai/assistants/{assistant}/scheduled_events", params=page).json()
        events, number = events + answer["data"], number + 1
        if number > answer["meta"]["total_pages"]:
            assert len(events) == answer["meta"]["total_results"]
            return events


def test_fifty_clients_at_once_lose_and_duplicate_nothing(server, world):
    together = threading.Barrier(CLIENTS)

    def work(number):
        with calling(server, world.api_key) as client:
            together.wait(30)
            made = [create(client, f"{number}-{turn}") for turn in range(EACH)]
            answer = client.post("/_mock/clock/advance", json={"by": 60, "wait_turn": True})
            assert answer.status_code == 200, answer.text
            return made

    with ThreadPoolExecutor(CLIENTS) as pool:
        made = [event for batch in pool.map(work, range(CLIENTS)) for event in batch]
    assert len({event["scheduled_event_id"] for event in made}) == len(made) == CLIENTS * EACH
    with calling(server, world.api_key) as client:
        events = listed(client)
    assert sorted(event["scheduled_event_id"] for event in events) == sorted(
        event["scheduled_event_id"] for event in made
    )
    wanted = {f"{number}-{turn}" for number in range(CLIENTS) for turn in range(EACH)}
    assert {event["telnyx_end_user_target"] for event in events} == wanted
    assert world.clock.now() == START + timedelta(seconds=60 * CLIENTS)
    assert world.clock.get().head == CLIENTS * EACH + CLIENTS
    advanced = world.clock.advance("48h")
    ended = [row.resource for row in world.timeline(limit=1_000) if row.to == "completed" and row.kind == "status"]
    assert sorted(ended) == sorted(event["scheduled_event_id"] for event in made)
    assert advanced.fired_count >= 2 * len(made)


def test_two_worlds_never_see_each_other(server):
    worlds = [server.world(clock=START, seed="the same") for _ in range(2)]
    together = threading.Barrier(2)

    def live(world):
        """Make events while the other does, each world at its own pace."""
        own = []
        with calling(server, world.api_key) as client:
            together.wait(30)
            for turn in range(20):
                own.append(create(client, world.id, assistant=f"asst_{turn % 2}"))
                world.clock.advance(timedelta(minutes=1 + worlds.index(world)))
                seen = [event for name in ("asst_0", "asst_1") for event in listed(client, name)]
                assert {event["telnyx_end_user_target"] for event in seen} == {world.id}
                assert len(seen) == len(own)
        return own

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(live, worlds)
    assert [world.clock.now() - START for world in worlds] == [timedelta(minutes=20), timedelta(minutes=40)]
    assert [event["scheduled_event_id"] for event in one] == [event["scheduled_event_id"] for event in two]
    for world in worlds:
        assert len(world.requests.list(limit=1_000)) == 20 + 20 * 2
        world.delete()


def test_one_world_serves_keys_of_two_vendors_by_one_clock(frozen):
    telnyx = httpx2.Client(base_url=frozen.url, headers={"authorization": "Bearer KEY0123456789_secret"})
    temphone = httpx2.Client(base_url=frozen.url, headers={"authorization": "Bearer sk_test_51_fakeapikey123456"})
    body = {"contact_id": "ctc_12kd88", "scheduled_at": "2026-03-16T09:00:00Z", "initial_message": "Hi"}
    with telnyx, temphone:
        telnyx.post("/_mock/reset")
        event = create(telnyx, "+12125550101")["scheduled_event_id"]
        call = temphone.post("/v1/calls/scheduled", json=body).json()["data"]["call_id"]
        assert telnyx.post("/_mock/clock/advance", json={"by": "24h"}).json()["now"] == "2026-03-16T09:00:00Z"
        rows = {row["id"]: row["status"] for row in temphone.get("/_mock/resources").json()["resources"]}
        assert rows == {event: "in_progress", call: "in_progress"}
        timeline = temphone.get("/_mock/timeline").json()["transitions"]
        assert {row["provider"] for row in timeline if row["at"] == "2026-03-16T09:00:00Z"} == {
            "telnyx_assistants",
            "temphone",
        }


def test_a_key_of_a_deleted_world_is_no_key_to_it(server):
    world = server.world(clock=START)
    with calling(server, world.api_key) as client:
        create(client, "gone")
        world.delete()
        assert client.get("/_mock/resources", headers={"x-mock-world": world.id}).status_code == 404
        assert "gone" not in client.get("/v2/ai/assistants/asst_1/scheduled_events").text


def live(server, number):
    """Do as chance has it in a world of its own, and answer what it should have come to and what it says it has."""
    chance, world = random.Random(number), server.world(clock=START, seed=f"apart {number}")
    kept, now = {}, START
    with calling(server, world.api_key) as client:
        for turn in range(CALLS):
            do = chance.choice(("create", "create", "create", "delete", "advance", "list"))
            if do == "create":
                event = create(client, f"{number}-{turn}", "2026-03-20T09:00:00Z")
                kept[event["scheduled_event_id"]] = event["telnyx_end_user_target"]
            elif do == "delete" and kept:
                gone = chance.choice(sorted(kept))
                answer = client.delete(f"/v2/ai/assistants/asst_1/scheduled_events/{gone}")
                assert answer.is_success, answer.text
                del kept[gone]
            elif do == "advance":
                assert client.post("/_mock/clock/advance", json={"by": 7 * number}).status_code == 200
                now += timedelta(seconds=7 * number)
            else:
                assert told(client) == kept
        says = told(client), world.clock.now(), client.get("/_mock/requests?limit=1").json()["total"]
    world.delete()
    return says, kept, now


def told(client):
    return {event["scheduled_event_id"]: event["telnyx_end_user_target"] for event in listed(client)}


@pytest.mark.timeout(1_800 if FULL else 120)
def test_worlds_lived_in_at_once_are_each_as_if_alone(server):
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda number: live(server, number), range(1, WORLDS + 1)))
    for (events, clock, _), kept, now in together:
        assert (events, clock) == (kept, now)
    everyone = [identifier for _, kept, _ in together for identifier in kept]
    assert len(everyone) == len(set(everyone))
    again = live(server, WORLDS // 2)
    assert again == together[WORLDS // 2 - 1]
