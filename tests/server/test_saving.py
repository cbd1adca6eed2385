"""Saved worlds: one has the future it had, and what is none is refused by name, whatever was done to it."""

import copy
import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo import __version__
from contratempo.server import saving, timelines
from contratempo.server.saving import Differs, Unreadable, read
from contratempo.sim.saved import dump
from contratempo.sim.webhooks import Receipt

SAVED = Path(__file__).parent.parent / "saved"
EVENTS = "/v2/ai/assistants/a/scheduled_events"
CALLS = [
    ("POST", "/_mock/outcomes", {
        "match": {"to": "+13125550177"}, "outcomes": ["busy", "completed"], "then": "default",
    }),
    ("POST", "/_mock/faults", {"fault": {"kind": "delay", "seconds": 60}, "times": 3, "probability": 0.5}),
    ("POST", "/_mock/faults", {"fault": {"kind": "reorder"}, "match": {"event": "message.sent"}, "times": 1}),
    ("PATCH", "/_mock/rules", {"telnyx_messages.webhook_backoff_seconds": 300}),
    ("POST", EVENTS, {
        "telnyx_conversation_channel": "phone_call", "telnyx_end_user_target": "+13125550177",
        "telnyx_agent_target": "+13125550101", "scheduled_at_fixed_datetime": "2026-03-15T10:00:00Z",
        "max_retries_client_errors": 2, "retry_interval_secs": 600, "conversation_metadata": {"a": 1},
    }),
    ("POST", EVENTS, {
        "telnyx_conversation_channel": "sms_chat", "telnyx_end_user_target": "+13125550101", "text": "Hi",
        "telnyx_agent_target": "+13125550101", "scheduled_at_fixed_datetime": "2026-03-16T10:00:00Z",
    }),
    ("POST", "/v2/messages", {
        "to": "+13125550100", "from": "+13125550101", "text": "Hi", "webhook_url": "https://example.test/hook",
    }),
    ("POST", "/v1/calls/scheduled", {
        "contact_id": "ctc_berlin", "scheduled_at": "2026-03-29T02:30:00", "initial_message": "Hi",
    }),
    ("POST", "/_mock/clock/advance", {"by": "61m"}),
    ("POST", "/v2/messages/schedule", {
        "to": "+13125550130", "from": "+13125550101", "text": "Later", "send_at": "2026-03-15T12:00:00Z",
    }),
]  # fmt: skip
"""Something of everything that a world keeps."""


class Down:
    """A courier whose receivers are down."""

    async def carry(self, *_):
        return Receipt("failed", 503)


def live(call):
    for number, (method, path, body) in enumerate(CALLS):
        answer = call(method, path, body, headers={"idempotency-key": f"key-{number}"})
        assert answer.status < 300, answer.raw
    return call


@pytest.fixture(scope="module")
def lived(request):
    """Return the document of a world that has something of everything."""
    vendors = request.getfixturevalue("loaded")
    from contratempo.server.app import App
    from contratempo.server.service import Service

    service = Service(vendors.settings, vendors.providers, vendors.catalog, vendors.magic, vendors.real, vendors.signer)
    client = request.getfixturevalue("client")(App(service))
    return live(client)("GET", "/_mock/state").body


def test_a_saved_world_has_everything_in_it(lived):
    world = lived["world"]
    assert lived["contratempo"] == {"kind": "world", "schema": 1, "version": __version__}
    assert all(world[name] for name in world if name not in ("branch", "line"))
    assert world["outbox"]["webhooks"]
    assert all(world["records"].values())
    assert set(lived["fingerprint"]["rules"]) == {"telnyx_assistants", "telnyx_messages", "temphone"}


def test_a_loaded_world_has_the_future_it_had(lived, vendors, client):
    first, second = client(vendors()), client(vendors())
    live(first)
    assert second("PUT", "/_mock/state", lived).status == 200
    for call in (first, second):
        call("POST", EVENTS, CALLS[4][2] | {"scheduled_at_fixed_datetime": "2026-03-20T10:00:00Z"})
        call("POST", "/_mock/clock/advance", {"to": "idle"})
    one, other = (call("GET", "/_mock/state").body["world"] for call in (first, second))
    assert one | {"seed": 0} == other | {"seed": 0}


def test_a_running_clock_goes_on_from_where_it_was_saved(vendors, client, real):
    call = client(vendors())
    call("PUT", "/_mock/clock", {"mode": "running", "rate": 2})
    saved = call("GET", "/_mock/state").body
    call("PUT", "/_mock/state", saved)
    real.now += 10
    assert (saved["world"]["clock"]["now"], call("GET", "/_mock/clock").body["now"]) == (
        "2026-03-15T09:00:00Z", "2026-03-15T09:00:20Z",
    )  # fmt: skip


@pytest.mark.parametrize(("name", "most"), [("outcomes", 1_000), ("faults", 256)])
def test_more_than_may_be_kept_is_refused(lived, vendors, client, name, most):
    rows = lived["world"][name]
    many = {**lived, "world": {**lived["world"], name: [{**rows[0], "id": f"n{number}"} for number in range(most + 1)]}}
    refused = client(vendors())("PUT", "/_mock/state", many)
    assert (refused.status, f"at $.world.{name}" in refused.body["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (("world", "timers", "timers"), "timers: "), (("world", "records", "message"), "records.message: "),
        (("world", "outbox", "webhooks"), "webhooks: "),
    ],
)  # fmt: skip
def test_what_is_there_twice_is_refused(lived, vendors, client, path, says):
    twice = copy.deepcopy(lived)
    rows = twice[path[0]][path[1]][path[2]]
    rows.append(rows[0])
    refused = client(vendors())("PUT", "/_mock/state", twice)
    assert (refused.status, refused.body["detail"].endswith("is there twice.")) == (409, True)
    assert says in refused.body["detail"]


def test_a_load_takes_over_seed_and_profile_and_keeps_id_and_key(lived, vendors, client):
    call = client(vendors(profile="lenient", seed="another"))
    key = call("POST", "/_mock/worlds", {"id": "mine"}).body["api_key"]
    mine = {"authorization": f"Bearer {key}"}
    call("GET", EVENTS, headers=mine)
    loaded = call("PUT", "/_mock/state", lived, headers=mine)
    assert (loaded.status, loaded.body["head"], loaded.body["now"]) == (
        200, lived["world"]["head"], lived["world"]["clock"]["now"],
    )  # fmt: skip
    saved = call("GET", "/_mock/state", headers=mine).body["world"]
    assert (saved["id"], saved["seed"], saved["profile"]) == ("mine", lived["world"]["seed"], "spec")
    assert call("POST", "/_mock/rewind", {"head": 0}, headers=mine).body["type"].endswith(":forgotten")
    assert call("GET", "/_mock/requests", headers=mine).body == {"total": 0, "requests": []}
    call("GET", EVENTS, headers=mine)
    assert call("GET", "/_mock/requests", headers=mine).body["requests"][0]["number"] == 2


def test_readers_and_receipts_of_before_are_told_apart(lived, vendors, client):
    app = vendors()
    call, world = client(app), app.service.worlds.default
    place = call("GET", "/_mock/stream").raw.decode().split("\n")[0].removeprefix("id: ")
    epoch = world.simulation.epoch
    call("PUT", "/_mock/state", lived)
    assert world.simulation.epoch > epoch
    assert "event: resync" in call("GET", "/_mock/stream", headers={"last-event-id": place}).raw.decode()


@pytest.mark.parametrize("place", ["head=1", "checkpoint=here", "to=2026-03-15T09:30:00Z"])
def test_a_world_is_saved_as_it_was_at_a_place(vendors, client, place):
    call = live(client(vendors()))
    call("POST", "/_mock/rewind", {"head": 1})
    call("POST", "/_mock/checkpoints", {"name": "here"})
    call("POST", "/_mock/clock/advance", {"by": "2h"})
    saved = call("GET", f"/_mock/state?{place}").body
    wish = {"to": place[3:]} if place.startswith("to") else {"head": 1}
    fresh = client(vendors())
    assert fresh("PUT", "/_mock/state", saved).status == 200
    call("POST", "/_mock/rewind", wish)
    assert fresh("GET", "/_mock/clock").body["now"] == call("GET", "/_mock/clock").body["now"]
    assert fresh("GET", "/_mock/outcomes").body == call("GET", "/_mock/outcomes").body


def test_another_fingerprint_is_told_and_taken_over_only_when_told_to(lived, vendors, client):
    call = client(vendors(rules={"temphone.talk_seconds": 5}))
    before = call("GET", "/_mock/state").body
    refused = call("PUT", "/_mock/state", lived)
    assert (refused.status, refused.body["type"]) == (409, "urn:contratempo:problem:fingerprint")
    assert f"saved by version {__version__} under profile spec" in refused.body["detail"]
    assert "different here: the rules of temphone." in refused.body["detail"]
    assert "anyway=true" in refused.body["hint"]
    assert call("GET", "/_mock/state").body == before
    assert call("PUT", "/_mock/state?anyway=true", lived).status == 200


def test_the_rules_of_the_world_itself_are_no_difference(vendors, client):
    call = client(vendors())
    fresh = call("GET", "/_mock/state").body["fingerprint"]
    call("PATCH", "/_mock/rules", {"temphone.talk_seconds": 5})
    assert call("GET", "/_mock/state").body["fingerprint"] == fresh


def test_documents_differ_with_what_is_laid_over_them(vendors, client):
    of = {
        profile: client(vendors(profile=profile))("GET", "/_mock/state").body["fingerprint"]["documents"]
        for profile in ("spec", "observed")
    }
    assert of["spec"]["telnyx_messages"] != of["observed"]["telnyx_messages"]
    assert of["spec"]["temphone"] == of["observed"]["temphone"]


def test_a_world_of_what_is_not_served_is_refused_whatever_is_told(lived, toy_app, client):
    call = client(toy_app())
    told = call("PUT", "/_mock/state", lived)
    assert (told.status, "temphone, which is not served here" in told.body["detail"]) == (409, True)
    refused = call("PUT", "/_mock/state?anyway=true", lived)
    assert (refused.status, refused.body["type"]) == (409, "urn:contratempo:problem:no-saved-world")
    assert "no installed provider knows" in refused.body["detail"] or "there is no rule" in refused.body["detail"]


def changed(document, path, value):
    """Return a document with another value at a path; with None as the value the member is left out."""
    other = copy.deepcopy(document)
    *way, last = path
    node = other
    for step in way:
        node = node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return other


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("contratempo", "kind"), "receipt", "body/contratempo/kind must be world"),
        (("contratempo", "schema"), 2, "its form is of schema 2, and this version reads 1"),
        (("contratempo", "schema"), None, "body/contratempo/schema is required"),
        (("world", "records", "scheduled_event", 0, "status"), "asleep", "records.scheduled_event[0]: status 'asleep'"),
        (("world", "records", "scheduled_call", 0, "asked"), None, "records.scheduled_call[0]"),
        (("world", "records", "siren"), [], "siren, which no installed provider knows"),
        (("world", "profile"), "loud", "profile 'loud', which this version does not have"),
        (("world", "rules"), {"siren.gap": 1}, "there is no rule 'siren.gap'"),
        (("world", "head"), "1", "Expected int, got str - at $.world.head"),
        (("world", "line"), "one", "line 'one', which is no number of a fork"),
        (("world", "line"), "1" * 10, "line '1111111111', which is no number of a fork"),
        (("world", "clock", "rate"), 1e-9, "Expected float >= 0.001 - at $.world.clock.rate"),
        (("world", "timers", "timers", 0, "provider"), "siren", "timers[0]: siren has no timer"),
        (("world", "timers", "timers", 0, "kind"), "siren", "has no timer 'siren'"),
        (("world", "timers", "last"), 0, "is above the last"),
        (("world", "timers", "timers", 0, "subject"), "nobody", "timer 2 (telnyx_assistants dispatch) cannot be done"),
        (("world", "ordinals", "scheduled_event"), 1, "ordinals: scheduled_event is less than 2"),
        (("world", "ordinals", "short/scheduled_call"), None, "ordinals: short/scheduled_call is less than 1"),
        (("world", "timers", "timers", 0, "due"), 10**18, "at $.world.timers.timers[0].due"),
        (("world", "clock", "now"), "noon", "noon"),
        (("world", "clock", "rate"), 0, "at $.world.clock.rate"),
        (("world", "faults", 0, "fault", "kind"), "flood", "/fault/kind must be one of: status"),
        (("world", "outcomes", 0, "outcomes", 0, "status"), "asleep", "/outcomes/0/status must be one of: completed"),
        (("world", "outbox", "webhooks", 0, "event"), "siren", "outbox.webhooks[0]: telnyx_messages sends no 'siren'"),
        (("world", "outbox", "webhooks", 0, "body"), "{", "outbox.webhooks[0]"),
        (("world", "outbox", "held"), {"a": ["b"]}, "there is no webhook 'b'"),
        (("world", "transitions", "rows", 0, "at"), "noon", "noon"),
        (("world", "line"), None, "line"),
        (("world", "siren"), 1, "Object contains unknown field siren"),
        (("world", "timers", "last"), 2**40, "at $.world.timers.last"),
        (("world", "timers", "timers", 0, "number"), 2**40, "at $.world.timers.timers[0].number"),
        (("world", "head"), 2**53, "at $.world.head"),
        (("world", "line"), "9" * 65, "at $.world.line"),
        (("world", "seed"), "s" * 1_001, "at $.world.seed"),
        (("world", "outbox", "webhooks", 0, "urls"), [], "at $.world.outbox.webhooks[0].urls"),
        (("world", "outbox", "webhooks", 0, "attempts", 0, "number"), 2, "its attempts are not numbered from 1"),
        (("world", "ordinals", "short/scheduled_call"), 0, "ordinals: short/scheduled_call is less than 1"),
        (("world", "faults", 0, "match"), {"operation": "RetrieveMessage"}, "/match/operation is not allowed here"),
        (("world", "start", "now"), "noon", "noon"),
        (
            ("world", "records", "scheduled_event", 0, "conversation_metadata"),
            7,
            "shown, /conversation_metadata must be",
        ),
        (("contratempo", "captures"), 1, "body/contratempo/captures must be"),
        (("world", "records", "scheduled_event", 1, "id"), None, "records.scheduled_event[1]: there is no 'id'"),
        (("world", "records", "scheduled_event", 0, "due"), "x", "records.scheduled_event[0]: something in it is of"),
        (("world", "records", "scheduled_call", 0, "phone"), 1, "records.scheduled_call[0]: Expected str, got int"),
        (
            ("world", "records", "scheduled_event", 0, "retry_count"),
            None,
            "dispatch) cannot be done: there is no 'retry",
        ),
        (("fingerprint", "rules"), None, "body/fingerprint/rules is required"),
    ],
)
def test_what_is_no_saved_world_is_refused_by_name(lived, vendors, client, path, value, says):
    call = client(vendors())
    before = call("GET", "/_mock/state").body
    refused = call("PUT", "/_mock/state", changed(lived, path, value))
    assert refused.status in (409, 422), refused.raw
    assert says in refused.body["detail"]
    assert not re.search(r"[a-z]Error\b|NoneType|object has no", refused.body["detail"])  # whose words nobody knows
    assert call("GET", "/_mock/state").body == before


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b'{\n"contratempo": {"kind"', "line 2, byte 24: it ends in the middle, so it is torn"),
        (b'{\n"a": nope}', "line 2, byte 11: it is not JSON"),
        (b"\x00\xff\xfe", "line 1, byte 0: it is not JSON"),
        (b"\xff", "line 1, byte 0: it is not JSON"),
        (b"[" * 100_000, "it is nested too deeply"),
    ],
)
def test_what_is_no_json_is_refused_by_the_place(raw, says):
    with pytest.raises(Unreadable, match="^" + says.replace("(", r"\(")):
        read(raw)


@pytest.mark.parametrize("document", [None, 1, [], {}, {"contratempo": 1}, {"contratempo": {}}, "world"])
def test_what_is_not_ours_is_told_so(document):
    with pytest.raises(Unreadable, match="it is no saved world: it has no member contratempo"):
        saving.check_form(document)


@pytest.mark.parametrize("schema", [None, True, 1.5, "1", [1], 2**70])
def test_another_schema_is_told_with_the_version_that_reads_it(lived, schema):
    other = {**lived, "contratempo": {"kind": "world", "schema": schema, "version": "9.9"}}
    with pytest.raises(Unreadable, match=r"is of schema .*, and this version reads 1") as caught:
        saving.check_form(other)
    assert caught.value.hint == "load it with the version that saved it, 9.9"


PATHS = st.lists(st.integers(0, 10_000), min_size=1, max_size=8)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sampled_from(["2026-03-15T09:00:00Z", "frozen", "\ud800", "9" * 400, "../../x", 0, -1, 1e308, 2**64, -2**80]),
)  # fmt: skip
MISSING = object()


def mutated(document, steps, value):
    """Return a document with one of its places, to which the steps lead, changed; or left out, or there twice."""
    other = copy.deepcopy(document)
    node, place = other, None
    for step in steps:
        inner = node if place is None else node[place]
        if not isinstance(inner, dict | list) or not inner:
            break
        node = inner
        place = list(node)[step % len(node)] if isinstance(node, dict) else step % len(node)
    if value is MISSING:
        del node[place]
    elif value == "twice" and isinstance(node, list):
        node.append(node[place])
    else:
        node[place] = value
    return other


@given(changes=st.lists(st.tuples(PATHS, VALUES | st.just(MISSING) | st.just("twice")), min_size=1, max_size=3))
def test_a_hostile_state_is_no_fault_of_ours(lived, loaded, client, changes):
    """Whatever is changed in a saved world: it is refused in a sentence, or lives on without a fault."""
    from contratempo.server.app import App
    from contratempo.server.service import Service

    document = lived
    for steps, value in changes:
        document = mutated(document, steps, value)
    service = Service(loaded.settings, loaded.providers, loaded.catalog, loaded.magic, loaded.real, loaded.signer)
    call = client(App(service))
    answer = call("PUT", "/_mock/state?anyway=true", document if isinstance(document, dict) else {})
    assert answer.status in (200, 400, 409, 422), answer.raw
    if answer.status == 200:
        for method, path, body in (
            ("GET", "/_mock/resources", None), ("GET", "/_mock/webhooks", None), ("GET", "/_mock/timeline", None),
            ("GET", "/_mock/outcomes", None), ("GET", "/_mock/faults", None), ("GET", EVENTS, None),
            ("POST", EVENTS, CALLS[5][2] | {"scheduled_at_fixed_datetime": "2027-03-15T10:00:00Z"}),
            ("POST", "/_mock/clock/advance", {"by": "3h"}), ("GET", "/_mock/state", None),
            ("POST", "/_mock/rewind", {"head": service.worlds.default.simulation.history.first}),
        ):  # fmt: skip
            answer = call(method, path, body)
            assert answer.status < 500, (method, path, answer.raw)


@pytest.mark.parametrize("file", sorted(SAVED.glob("*.json")), ids=lambda file: file.stem)
def test_worlds_saved_by_every_release_are_loaded(file, vendors, client):
    call = client(vendors())
    saved = read(file.read_bytes())
    assert saved["contratempo"]["version"] == file.stem
    assert call("PUT", "/_mock/state?anyway=true", saved).status == 200
    world = call("GET", "/_mock/state").body["world"]
    assert {name: len(rows) for name, rows in world["records"].items()} == {
        "scheduled_event": 2, "message": 2, "scheduled_call": 1,
    }  # fmt: skip
    assert call("POST", "/_mock/clock/advance", {"to": "idle"}).body["fired_count"] > 5


def test_this_release_is_among_them():
    assert (SAVED / f"{__version__}.json").is_file()


def test_a_saved_world_is_loaded_beyond_the_bound_of_other_bodies(lived, vendors, client):
    size = len(json.dumps(lived))
    call = client(vendors(max_body_bytes=size // 2))
    assert call("PUT", "/_mock/state", lived).status == 200
    assert call("POST", "/_mock/reset", lived).status == 413
    call = client(vendors(max_state_bytes=size // 2))
    refused = call("PUT", "/_mock/state", lived)
    assert (refused.status, refused.body["hint"]) == (413, "raise --max-state-bytes")


def test_whom_the_control_plane_keeps_out_may_not_send_so_much(lived, vendors, client):
    call = client(vendors(max_body_bytes=10_000, host="0.0.0.0", control_token="secret token"))
    assert len(json.dumps(lived)) > 10_000
    refused = call("PUT", "/_mock/state", lived)
    assert (refused.status, refused.headers["connection"]) == (401, "close")  # it was not read to the end
    assert call("PUT", "/_mock/state", lived, headers={"x-mock-token": "secret token"}).status == 200


@pytest.mark.parametrize("name", ["retry-storm", "daylight-saving", "campaign"])
def test_a_world_starts_as_a_timeline(vendors, client, name):
    call = client(vendors(rules={"temphone.talk_seconds": 5}))
    call.app.service.sender.courier = Down()
    made = call("POST", "/_mock/worlds", {"fixtures": name, "seed": name, "profile": "spec"})
    assert made.status == 201
    mine = {"authorization": f"Bearer {made.body['api_key']}"}
    timeline = timelines.timeline(name)["world"]
    assert made.body["now"] == timeline["clock"]["now"]
    assert dump(call.app.service.worlds.named(made.body["id"]).simulation) | {"id": name} == timeline
    assert call("POST", "/_mock/clock/advance", {"by": "12h"}, headers=mine).body["fired_count"] > 0


@pytest.mark.parametrize(
    ("wish", "status", "says"),
    [
        ({"fixtures": "storm"}, 404, "There is no saved world 'storm'"),
        ({"fixtures": "../demo"}, 404, "There is no saved world"),
        ({"fixtures": "campaign", "seed": "mine"}, 422, "has the seed 'campaign'"),
        ({"fixtures": "campaign", "profile": "lenient"}, 422, "has the profile 'spec'"),
        ({"fixtures": "campaign", "clock": "2026-03-15T09:00:00Z"}, 422, "excluded"),
        ({"fixtures": "campaign", "id": "default"}, 409, "already"),
        ({"fixtures": ""}, 422, "fixtures"),
        ({"fixtures": 1}, 422, "fixtures"),
    ],
)
def test_a_timeline_that_cannot_be_had_is_told(vendors, client, wish, status, says):
    app = vendors()
    refused = client(app)("POST", "/_mock/worlds", wish)
    assert (refused.status, says in refused.body["detail"], len(app.service.worlds)) == (status, True, 1)


def test_a_timeline_of_other_providers_is_a_conflict(toy_app, client):
    refused = client(toy_app())("POST", "/_mock/worlds", {"fixtures": "campaign"})
    assert (refused.status, refused.body["type"]) == (409, "urn:contratempo:problem:fixtures")


def test_differences_are_told_in_words(lived, vendors):
    savings = vendors().service.savings
    other = copy.deepcopy(lived)
    other["fingerprint"] = {"documents": {"temphone": "x", "siren": "y"}, "rules": {"temphone": "z"}}
    with pytest.raises(Differs) as caught:
        savings.load(other, "default", 0.0)
    assert "the documents of temphone, the rules of temphone and siren, which is not served here" in str(caught.value)


def test_numbers_of_json_are_those_that_were_sent(lived):
    assert read(msgspec.json.encode(lived)) == lived
