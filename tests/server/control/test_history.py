"""Checkpoints, rewind and fork over the control plane: what happened is gone back to and comes out otherwise."""

import asyncio

import pytest

from contratempo.server.control import history, state
from contratempo.sim import journal

EVENTS = "/v2/ai/assistants/a/scheduled_events"
EVENT = {
    "telnyx_conversation_channel": "phone_call", "telnyx_end_user_target": "+13125550120",
    "telnyx_agent_target": "+13125550101", "scheduled_at_fixed_datetime": "2026-03-15T10:00:00Z",
    "max_retries_client_errors": 2, "retry_interval_secs": 60,
}  # fmt: skip
MESSAGE = {"to": "+13125550100", "from": "+13125550101", "text": "Hi", "webhook_url": "https://example.test/hook"}


@pytest.fixture
def call(vendors, client):
    """Return how one calls a server at whose world's head 1 an event was made; `call.app` is the server."""
    called = client(vendors())
    assert called("POST", EVENTS, EVENT).status == 201
    return called


class Unheard:
    """A courier from whom nothing is heard any more."""

    async def carry(self, *_):
        await asyncio.Event().wait()


def status_of(call, world="default"):
    return call("GET", EVENTS, headers={"x-mock-world": world}).body["data"][0]["status"]


def test_a_world_goes_back_to_a_checkpoint_and_comes_out_otherwise(call):
    assert call("POST", "/_mock/checkpoints", {"name": "before"}).body == {
        "name": "before", "head": 1, "now": "2026-03-15T09:00:00Z", "branch": 0,
    }  # fmt: skip
    call("POST", "/_mock/clock/advance", {"by": "3h"})
    assert status_of(call) == "failed"
    back = call("POST", "/_mock/rewind", {"checkpoint": "before"})
    told = {name: back.body[name] for name in ("now", "head", "branch", "position", "undone_count", "undone_commands")}
    assert (back.status, told) == (200, {
        "now": "2026-03-15T09:00:00Z", "head": 3, "branch": 1, "position": 1, "undone_count": 12, "undone_commands": 1,
    })  # fmt: skip
    undone = [row["at"] for row in back.body["undone"]]
    assert undone == sorted(undone, reverse=True)
    assert (status_of(call), back.headers["x-mock-head"]) == ("pending", "3")
    call("POST", "/_mock/outcomes", {"match": {"to": "+13125550120"}, "outcomes": ["completed"]})
    call("POST", "/_mock/clock/advance", {"by": "3h"})
    assert status_of(call) == "completed"
    assert call("POST", "/_mock/rewind", {"head": 2}).body["now"] == "2026-03-15T12:00:00Z"
    assert status_of(call) == "failed"  # what was abandoned is still there


def test_what_is_taken_back_is_counted_though_it_is_held_no_longer(vendors, client, monkeypatch):
    monkeypatch.setattr(journal, "TRANSITIONS_KEPT", 5)
    call = client(vendors())
    call("POST", EVENTS, EVENT)
    call("POST", "/_mock/clock/advance", {"by": "3h"})
    back = call("POST", "/_mock/rewind", {"head": 1}).body
    assert (back["undone_count"], len(back["undone"])) == (12, 5)


def test_a_dry_run_tells_the_same_and_changes_nothing(call):
    call("POST", "/_mock/clock/advance", {"by": "3h"})
    before = call("GET", "/_mock/state").body
    would = call("POST", "/_mock/rewind", {"to": "2026-03-15T10:00:30Z", "dry_run": True})
    assert call("GET", "/_mock/state").body == before
    assert call("POST", "/_mock/rewind", {"to": "2026-03-15T10:00:30Z"}).body == would.body
    assert (would.body["now"], would.body["position"]) == ("2026-03-15T10:00:30Z", 1)


def test_what_a_receiver_has_cannot_be_unsent(call):
    call("POST", "/v2/messages", MESSAGE)
    call("POST", "/_mock/clock/advance", {"by": "1h"})
    webhooks = call.app.service.worlds.default.simulation.outbox
    assert {webhook.status for webhook in webhooks} == {"captured"}
    assert call("POST", "/_mock/rewind", {"head": 1, "dry_run": True}).body["unsent_impossible"] == 0


@pytest.mark.parametrize(
    ("wish", "status", "code", "says"),
    [
        ({"checkpoint": "nowhere"}, 404, "unknown-checkpoint", "There is no checkpoint 'nowhere'; there are: here"),
        ({"head": 77}, 404, "unknown-position", "There is no position 77: the head is 1"),
        ({"to": "2026-03-15T09:00:01Z"}, 409, "after-now", "is yet to come"),
        ({"to": "2026-03-15T08:59:59Z"}, 409, "before-history", "is before history begins"),
        ({"head": -1}, 422, "invalid", "at least 0"),
        ({"head": 1e30}, 422, "invalid", "at most"),
        ({"head": 0.5}, 422, "invalid", "integer"),
        ({"head": True}, 422, "invalid", "integer"),
        ({"head": None}, 422, "invalid", "integer"),
        ({"to": "next"}, 422, "invalid", "instant"),
        ({"to": "2026-02-31T00:00:00Z"}, 422, "invalid", "date-time"),
        ({"checkpoint": "../x"}, 422, "invalid", "a letter first"),
        ({"checkpoint": "here", "head": 1}, 422, "invalid", "exactly one"),
        ({}, 422, "invalid", "exactly one"),
        ({"head": 0, "anyway": True}, 422, "invalid", "anyway"),
    ],
)
@pytest.mark.parametrize("path", ["/_mock/rewind", "/_mock/fork"])
def test_what_cannot_be_gone_to_is_refused_by_name(call, path, wish, status, code, says):
    call("POST", "/_mock/checkpoints", {"name": "here"})
    before, worlds = call("GET", "/_mock/state").body, len(call.app.service.worlds)
    refused = call("POST", path, wish)
    if path == "/_mock/fork" and wish == {}:
        assert refused.status == 201
        return
    assert (refused.status, refused.body["type"]) == (status, f"urn:contratempo:problem:{code}")
    assert says in refused.body["detail"] or "excluded" in refused.body["detail"]
    assert "hint" in refused.body or says in ("anyway", "a letter first")  # which says all there is to do
    assert (call("GET", "/_mock/state").body, len(call.app.service.worlds)) == (before, worlds)


def test_what_was_forgotten_is_told_from_what_never_was(call):
    call("POST", "/_mock/reset")
    refused = call("POST", "/_mock/rewind", {"head": 1})
    assert (refused.status, refused.body["type"]) == (404, "urn:contratempo:problem:forgotten")
    assert "the oldest is 2" in refused.body["detail"]
    assert call("GET", "/_mock/checkpoints").body == {"head": 2, "first": 2, "checkpoints": []}


def test_checkpoints_are_named_moved_listed_and_removed(call):
    assert call("POST", "/_mock/checkpoints").body["name"] == "head-1"
    assert call("POST", "/_mock/checkpoints", {}).body["name"] == "head-1-2"
    call("POST", "/_mock/checkpoints", {"name": "Mark"})
    call("POST", "/_mock/clock/advance", {"by": 60})
    taken = call("POST", "/_mock/checkpoints", {"name": "Mark"})
    assert (taken.status, "of head 1" in taken.body["detail"]) == (409, True)
    assert call("POST", "/_mock/checkpoints", {"name": "Mark", "replace": True}).body["head"] == 2
    listed = call("GET", "/_mock/checkpoints").body
    assert [(each["name"], each["head"]) for each in listed["checkpoints"]] == [
        ("head-1", 1), ("head-1-2", 1), ("Mark", 2),
    ]  # fmt: skip
    assert call("DELETE", "/_mock/checkpoints/Mark").status == 204
    gone = call("DELETE", "/_mock/checkpoints/Mark")
    assert (gone.status, gone.body["type"]) == (404, "urn:contratempo:problem:unknown-checkpoint")
    assert call("GET", "/_mock/clock").body["head"] == 2  # marks are no commands


def test_a_checkpoint_too_many_is_refused(call, monkeypatch):
    monkeypatch.setattr(history, "CHECKPOINTS_KEPT", 2)
    answers = [call("POST", "/_mock/checkpoints", {"name": name}) for name in ("a", "b", "c")]
    assert [answer.status for answer in answers] == [201, 201, 429]
    assert call("POST", "/_mock/checkpoints", {"name": "a", "replace": True}).status == 201


def test_a_fork_goes_its_own_way_and_captures(call):
    call("POST", "/_mock/clock/advance", {"by": "3h"})
    made = call("POST", "/_mock/fork", {"id": "what-if", "head": 1})
    assert (made.status, made.body["id"], made.body["now"]) == (201, "what-if", "2026-03-15T09:00:00Z")
    assert (status_of(call), status_of(call, "what-if")) == ("failed", "pending")
    rows = {row["id"]: (row["fork_of"], row["captures"]) for row in call("GET", "/_mock/worlds").body["worlds"]}
    assert rows == {"default": (None, False), "what-if": ("default", True)}
    mine = {"authorization": f"Bearer {made.body['api_key']}"}
    call("POST", "/v2/messages", MESSAGE | {"webhook_url": "http://127.0.0.1:9/hook"}, headers=mine)
    call("POST", "/_mock/clock/advance", {"by": "1h"}, headers=mine)
    sent = call("GET", "/_mock/webhooks", headers=mine).body["webhooks"]
    reason = "a fork captures webhooks unless made with deliver: true"
    assert {each["attempts"][0]["reason"] for each in sent} == {reason}
    assert status_of(call) == "failed"


def test_a_rewind_tells_the_head_after_what_was_under_way_is_captured(call):
    """As it is where nobody may be sent to: that is a command more, done before the answer goes out."""
    call("POST", "/v2/messages", MESSAGE)
    call("POST", "/_mock/clock/advance", {"by": 10})
    state = call("GET", "/_mock/state").body["world"]
    position = next(
        head for head in range(1, state["head"] + 1) if under_way(call("GET", f"/_mock/state?head={head}").body)
    )
    back = call("POST", "/_mock/rewind", {"head": position}).body
    assert back["head"] == call("GET", "/_mock/clock").body["head"] > state["head"] + 1


def under_way(saved):
    attempts = [attempt for webhook in saved["world"]["outbox"]["webhooks"] for attempt in webhook["attempts"]]
    return any(attempt["state"] == "sending" for attempt in attempts)


def test_a_fork_captures_what_was_under_way_where_it_begins(call):
    call.app.service.sender.courier = Unheard()
    call("POST", "/v2/messages", MESSAGE | {"webhook_url": "http://127.0.0.1:9/hook"})
    call("POST", "/_mock/clock/advance", {"by": 10, "wait": "none"})
    under_way = {each.status for each in call.app.service.worlds.default.simulation.outbox}
    made = call("POST", "/_mock/fork", {})
    sent = call("GET", "/_mock/webhooks", headers={"x-mock-world": made.body["id"]}).body["webhooks"]
    assert (under_way, {each["status"] for each in sent}) == ({"pending"}, {"captured"})


def test_a_world_is_encoded_where_nobody_waits_for_it(call, monkeypatch):
    loops, real = [], state.dump
    monkeypatch.setattr(state, "dump", lambda world: (loops.append(asyncio._get_running_loop()), real(world))[1])
    for query in ("", "?head=0"):
        assert call("GET", f"/_mock/state{query}").status == 200
    assert loops == [None, None]


def test_what_was_saved_from_a_fork_goes_on_capturing_where_it_is_loaded(call):
    call("POST", "/v2/messages", MESSAGE | {"webhook_url": "http://127.0.0.1:9/hook"})
    fork = {"x-mock-world": call("POST", "/_mock/fork").body["id"]}
    saved = call("GET", "/_mock/state", headers=fork).body
    plain = call("GET", "/_mock/state").body
    assert (saved["contratempo"]["captures"], "captures" in plain["contratempo"]) == (True, False)
    call("PUT", "/_mock/state", saved)
    call("POST", "/_mock/clock/advance", {"by": "1h"})
    sent = call("GET", "/_mock/webhooks").body["webhooks"]
    reason = "the world was saved from one that captures webhooks, and loaded without deliver=true"
    assert {each["attempts"][0]["reason"] for each in sent} == {reason}


def test_numbers_of_requests_and_of_what_sinks_received_go_on_over_a_load(call):
    saved, hook = call("GET", "/_mock/state").body, "/_mock/sink/mine"
    assert call("POST", hook, {}).body == {"received": 1}
    before = call("GET", "/_mock/requests").body["requests"][-1]["number"]
    assert call("PUT", "/_mock/state", saved).status == 200
    call("POST", EVENTS, EVENT)
    assert call("POST", hook, {}).body == {"received": 2}
    assert [row["number"] > before for row in call("GET", "/_mock/requests").body["requests"]] == [True]


def test_a_load_captures_unless_it_is_to_deliver_and_a_reset_ends_it(call):
    fork = {"x-mock-world": call("POST", "/_mock/fork").body["id"]}
    saved, plain = call("GET", "/_mock/state", headers=fork).body, call("GET", "/_mock/state").body
    default, forked = call.app.service.worlds.default, call.app.service.worlds.named(fork["x-mock-world"])
    assert [_loads(call, default, document) for document in (saved, plain)] == [True, False]
    assert [_loads(call, default, saved, "?deliver=true"), _loads(call, forked, plain)] == [False, True]
    assert _loads(call, forked, plain, "?deliver=true") is False
    _loads(call, default, saved)
    for world, captures in ((default, False), (forked, True)):
        call("POST", "/_mock/reset", headers={"x-mock-world": world.id})
        assert world.captures is captures


def _loads(call, world, document, query=""):
    """Load a document, and say whether the world captures its webhooks now."""
    assert call("PUT", f"/_mock/state{query}", document, headers={"x-mock-world": world.id}).status == 200
    return world.captures


def test_a_fork_that_is_told_to_delivers(call):
    made = call("POST", "/_mock/fork", {"deliver": True})
    assert not call.app.service.worlds.named(made.body["id"]).captures
    taken = call("POST", "/_mock/fork", {"id": made.body["id"]})
    assert (taken.status, "already" in taken.body["detail"]) == (409, True)


def test_while_the_clock_is_at_work_nothing_goes_back(call):
    async def during():
        world = call.app.service.worlds.default
        async with call.app.service.pump.turn(world):
            return [
                (await call.call(method, path, body)).status
                for method, path, body in (
                    ("POST", "/_mock/rewind", {"head": 0}),
                    ("POST", "/_mock/fork", {}),
                    ("PUT", "/_mock/state", STATE),
                    ("POST", "/_mock/reset", None),
                    ("POST", "/_mock/checkpoints", {}),
                    ("POST", EVENTS, EVENT),
                )
            ]

    assert asyncio.run(during()) == [409, 409, 409, 409, 201, 201]


STATE = {
    "contratempo": {"kind": "world", "schema": 1, "version": "0"}, "fingerprint": {"documents": {}, "rules": {}},
    "world": {},
}  # fmt: skip


def test_a_rewind_waits_its_turn_when_it_is_told_to(call):
    async def queued():
        world = call.app.service.worlds.default
        async with call.app.service.pump.turn(world):
            waiting = asyncio.create_task(call.call("POST", "/_mock/rewind", {"head": 0, "wait_turn": True}))
            await asyncio.sleep(0.01)
            assert not waiting.done()
        return await waiting

    assert asyncio.run(queued()).body["position"] == 0


def test_others_are_served_while_a_long_history_is_lived_again(call):
    for _ in range(120):
        call("POST", EVENTS, EVENT)

    async def meanwhile():
        going_back = asyncio.create_task(call.call("POST", "/_mock/rewind", {"head": 121}))
        served = 0
        while not going_back.done():
            await asyncio.sleep(0)
            served += call.app.service.worlds.default.advancing
        return served, await going_back

    served, back = asyncio.run(meanwhile())
    assert (back.status, served >= 2) == (200, True)


def test_a_world_that_is_deleted_meanwhile_is_gone(call):
    made = call("POST", "/_mock/fork", {"id": "doomed"})
    mine = {"authorization": f"Bearer {made.body['api_key']}"}
    for _ in range(120):
        call("POST", EVENTS, EVENT, headers=mine)

    async def meanwhile():
        going_back = asyncio.create_task(call.call("POST", "/_mock/rewind", {"head": 120}, headers=mine))
        await asyncio.sleep(0)
        assert call.app.service.worlds.named("doomed").advancing
        await call.call("DELETE", "/_mock/worlds/doomed")
        return await going_back

    gone = asyncio.run(meanwhile())
    assert (gone.status, gone.body["detail"]) == (404, "There is no world 'doomed'.")


@pytest.mark.parametrize(("path", "wish"), [("/_mock/rewind", {"head": 0}), ("/_mock/fork", {"id": "orphan"})])
def test_a_world_that_is_deleted_while_one_waits_is_gone(call, path, wish):
    made = call("POST", "/_mock/fork", {"id": "doomed"})
    mine = {"authorization": f"Bearer {made.body['api_key']}"}

    async def queued():
        async with call.app.service.pump.turn(call.app.service.worlds.named("doomed")):
            waiting = asyncio.create_task(call.call("POST", path, {**wish, "wait_turn": True}, headers=mine))
            await asyncio.sleep(0)
            await call.call("DELETE", "/_mock/worlds/doomed")
        return await waiting

    gone = asyncio.run(queued())
    assert (gone.status, gone.body["detail"]) == (404, "There is no world 'doomed'.")
    assert call.app.service.worlds.get("orphan") is None


def test_a_world_that_is_made_while_a_fork_of_its_name_waits_stays(call):
    async def queued():
        async with call.app.service.pump.turn(call.app.service.worlds.default):
            waiting = asyncio.create_task(call.call("POST", "/_mock/fork", {"id": "mine", "wait_turn": True}))
            await asyncio.sleep(0.01)
            assert (await call.call("POST", "/_mock/worlds", {"id": "mine"})).status == 201
        return await waiting

    refused = asyncio.run(queued())
    assert (refused.status, refused.body["detail"]) == (409, "There is a world 'mine' already.")
    assert call.app.service.worlds.named("mine").fork_of is None


def test_a_running_clock_is_marked_and_forked_where_it_is(call, real):
    call("PUT", "/_mock/clock", {"mode": "running", "rate": 60})
    real.now += 1
    made, again = (call("POST", "/_mock/checkpoints", {"name": name}).body for name in ("here", "there"))
    assert (made["now"], made["head"], again["head"]) == ("2026-03-15T09:01:00Z", 3, 3)
    assert call("GET", "/_mock/checkpoints").body["checkpoints"] == [made, again]
    real.now += 1
    assert call("POST", "/_mock/checkpoints", {"name": "here"}).headers["x-mock-head"] == "3"  # refused, so no position
    assert call("POST", "/_mock/fork", {"id": "beside"}).body["now"] == "2026-03-15T09:02:00Z"
    assert call("POST", "/_mock/rewind", {"checkpoint": "here"}).body["now"] == "2026-03-15T09:01:00Z"


def test_a_fork_of_a_running_clock_that_was_advanced_goes_on_from_there(call, real):
    call("PUT", "/_mock/clock", {"mode": "running", "rate": 60})
    call("POST", "/_mock/clock/advance", {"by": "1h"})
    call("POST", "/_mock/fork", {"id": "beside"})
    real.now += 1
    assert call("GET", "/_mock/clock", headers={"x-mock-world": "beside"}).body["now"] == "2026-03-15T10:01:00Z"


def test_a_running_clock_goes_on_from_where_it_went_back_to(call, real):
    call("PUT", "/_mock/clock", {"mode": "running", "rate": 60})
    real.now += 600
    assert call("GET", "/_mock/clock").body["now"] == "2026-03-15T19:00:00Z"
    assert call("POST", "/_mock/rewind", {"to": "2026-03-15T12:00:00Z"}).body["now"] == "2026-03-15T12:00:00Z"
    real.now += 1
    assert call("GET", "/_mock/clock").body["now"] == "2026-03-15T12:01:00Z"


def test_readers_of_the_stream_are_told_to_read_anew(call):
    place = call("GET", "/_mock/stream").raw.decode().split("\n")[0].removeprefix("id: ")
    call("POST", "/_mock/rewind", {"head": 0})
    told = call("GET", "/_mock/stream", headers={"last-event-id": place}).raw.decode()
    assert "event: resync" in told


def test_the_clock_says_what_goes_back(call):
    call("POST", "/_mock/clock/advance", {"by": 60})
    refused = call("POST", "/_mock/clock/advance", {"to": "2026-03-15T09:00:00Z"})
    assert "/_mock/rewind" in refused.body["hint"]


def test_what_is_planned_is_told_up_to_a_horizon_and_not_done(call):
    call("POST", "/_mock/clock/advance", {"to": "2026-03-15T10:00:30Z"})
    before = call("GET", "/_mock/state").body
    told = call("GET", "/_mock/timeline?horizon=24h").body
    states = [row["state"] for row in told["transitions"]]
    assert states == sorted(states)
    assert (told["planned_to"], set(states)) == ("2026-03-16T10:00:30Z", {"fired", "planned"})
    assert call("GET", "/_mock/state").body == before
    planned = [row for row in told["transitions"] if row["state"] == "planned"]
    done = call("POST", "/_mock/clock/advance", {"by": "24h"}).body["fired"]
    assert [{**row, "state": "fired"} for row in planned] == done


@pytest.mark.parametrize(
    ("query", "states", "planned_to"),
    [
        ("", {"fired"}, None),
        ("horizon=24h&state=fired", {"fired"}, None),
        ("horizon=24h&state=planned", {"planned"}, "2026-03-16T09:00:00Z"),
        ("horizon=24h&to=2026-03-15T09:30:00Z", {"fired"}, "2026-03-15T09:30:00Z"),
        ("horizon=24h&state=planned&limit=3", {"planned"}, "2026-03-15T10:00:01.999999Z"),
        ("horizon=24h&to=2026-03-15T08:00:00Z", set(), "2026-03-15T09:00:00Z"),
        ("horizon=PT30M&resource=nobody", set(), "2026-03-15T09:30:00Z"),
    ],
)
def test_filters_hold_for_what_is_planned(call, query, states, planned_to):
    told = call("GET", f"/_mock/timeline?{query}")
    assert (told.status, {row["state"] for row in told.body["transitions"]}) == (200, states)
    assert told.body["planned_to"] == planned_to
    assert len(told.body["transitions"]) <= (3 if "limit" in query else 1_000)


@pytest.mark.parametrize("query", ["horizon=soon", "horizon=-1", "horizon=1e9", "state=all"])
def test_a_horizon_that_is_none_is_refused(call, query):
    refused = call("GET", f"/_mock/timeline?{query}")
    assert refused.status == 422


def test_what_is_planned_alone_is_told_for_a_day(call):
    told = call("GET", "/_mock/timeline?state=planned").body
    assert told["planned_to"] == "2026-03-16T09:00:00Z"


@pytest.mark.parametrize("back", ["rewind", "load"])
def test_deliveries_under_way_end_when_their_world_is_another(call, back):
    sender, world = call.app.service.sender, call.app.service.worlds.default
    sender.courier = Unheard()
    state = call("GET", "/_mock/state").body

    async def scene():
        await call.call("POST", "/v2/messages", MESSAGE | {"webhook_url": "http://127.0.0.1:9/hook"})
        await call.call("POST", "/_mock/clock/advance", {"by": 10, "wait": "none"})
        under_way = sender.outstanding(world)
        if back == "rewind":
            await call.call("POST", "/_mock/rewind", {"head": 1})
        else:
            await call.call("PUT", "/_mock/state", state)
        return under_way, sender.outstanding(world)

    under_way, left = asyncio.run(scene())
    assert (under_way > 0, left) == (True, 0)
