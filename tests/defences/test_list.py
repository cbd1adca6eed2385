"""The list of the defences: with each the attack is refused, and with it taken away the attack succeeds."""

import asyncio
import json
import logging
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import httpx2
import pytest

from contratempo.contract import body, requests, source
from contratempo.provider import Refusal, Response
from contratempo.providers.temphone import checks
from contratempo.server import allowance, banner, courier, endpoint, guard, noting, page, policy, showing, wire
from contratempo.server import faults as strikes
from contratempo.server.control import clock, faults, outcomes
from contratempo.server.courier import Courier
from contratempo.server.endpoint import Endpoint
from contratempo.server.guard import Guard
from contratempo.server.policy import DeliveryPolicy, Destination
from contratempo.server.pump import Pump
from contratempo.server.readers import Readers
from contratempo.server.redaction import Lines, Redactor
from contratempo.server.settings import Settings
from contratempo.server.worlds import Worlds
from contratempo.sim import ids
from contratempo.sim.clock import Clock
from contratempo.sim.faults import Fault, Faults
from contratempo.sim.records import Records
from contratempo.sim.rules import Rule
from contratempo.sim.simulation import Simulation
from contratempo.sim.undo import UndoLog

SECRET: Final = "a-secret-that-nobody-may-see"
MESSAGE: Final = {"from": "+12125550100", "to": "+12125550101", "text": "Hello"}
CALL: Final = {"contact_id": "ctc_12kd88", "scheduled_at": "2026-03-16T09:00:00Z", "initial_message": "Hi"}
METADATA: Final = "https://cloud.test/"
Change = tuple[Any, str, Any]


class Anything:
    """Has whatever one asks for."""

    def __contains__(self, name: object) -> bool:
        return True


def nothing(*arguments: Any, **named: Any) -> None:
    """Do nothing in a defence's place."""


def never(*arguments: Any, **named: Any) -> bool:
    return False


def always(*arguments: Any, **named: Any) -> bool:
    return True


def same(first: Any, *arguments: Any, **named: Any) -> Any:
    return first


def own_self(self: Any, value: Any, *arguments: Any, **named: Any) -> Any:
    return value


def lax(**strict: Any) -> json.JSONDecoder:
    """A decoder without one of the hooks of ours."""
    hooks = {"object_pairs_hook": body._object, "parse_float": body._number, "parse_constant": body._refuse}
    return json.JSONDecoder(**{name: hook for name, hook in hooks.items() if name not in strict["without"]})


# Attacks: each says whether it succeeded.


def ask(attack: Any, method: str, path: str, **headers: str) -> Any:
    return attack.run(method, path, **{name.replace("_", "-"): value for name, value in headers.items()})


def by_a_rebound_name(besiege: Any) -> bool:
    return bool(ask(besiege(), "GET", "/_mock/clock", host="evil.test").status == 200)


def by_a_rebound_name_of_the_page(besiege: Any) -> bool:
    return bool(ask(besiege(), "GET", "/_mock/", host="evil.test").status == 200)


def from_another_site(besiege: Any) -> bool:
    return bool(ask(besiege(), "POST", "/_mock/reset", origin="http://evil.test").status == 200)


def from_another_site_without_origin(besiege: Any) -> bool:
    return bool(ask(besiege(), "GET", "/_mock/clock", sec_fetch_site="cross-site").status == 200)


def by_a_form(besiege: Any) -> bool:
    own = {"origin": "http://127.0.0.1:4010", "content_type": "text/plain"}
    return bool(ask(besiege(), "POST", "/_mock/reset", **own).status == 200)


def without_the_token(besiege: Any) -> bool:
    attack = besiege(host="0.0.0.0", control_token=SECRET)
    return bool(ask(attack, "GET", "/_mock/clock", x_mock_token="another").status == 200)


def by_embedding(besiege: Any) -> bool:
    return "cross-origin-resource-policy" not in ask(besiege(), "GET", "/_mock/clock").headers


def by_a_script_in_the_page(besiege: Any) -> bool:
    shown = ask(besiege(), "GET", "/_mock/").headers.get("content-security-policy", "")
    return "script-src 'self'" not in shown


def with_any_key(besiege: Any) -> bool:
    return bool(ask(besiege(known_key=("known",)), "GET", "/v2/ai/assistants/a/scheduled_events").status == 200)


def reading_the_journal(besiege: Any) -> bool:
    attack = besiege()
    ask(attack, "GET", "/v2/messages/x", authorization=f"Bearer {SECRET}")
    attack("ScheduleMessage", json_body={"text": SECRET, "to": 1}, headers={"authorization": f"Bearer {SECRET}"})
    return SECRET.encode() in attack("listRequests").raw


def reading_what_was_asked(besiege: Any) -> bool:
    attack = besiege(known_key=(SECRET,))
    return SECRET.encode() in attack("scriptOutcomes", json_body={"match": {"to": SECRET}, "outcomes": ["busy"]}).raw


def forging_the_log(besiege: Any) -> bool:
    record = logging.LogRecord("contratempo", logging.INFO, "", 1, "%s", ("x\r\nERROR forged\x1b[2J",), None)
    return not Lines().format(record).isprintable()


def a_header_of_their_own(besiege: Any) -> bool:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    wire._described.cache_clear()  # what was sent before may have been without the defence
    response = Response(200, {}, {"X-Told": "a\r\nSet-Cookie: b"}, trace=("a\r\nSet-Cookie: b\u2028",))
    asyncio.run(wire.send_response(send, response, b"{}"))
    return any(b"\n" in value for _, value in sent[0]["headers"])


def much_too_much(besiege: Any) -> bool:
    attack = besiege(max_body_bytes=1_000)
    return bool(attack("ScheduleMessage", b"x" * 2_000).status != 413)


def too_deep(besiege: Any) -> bool:
    return _answered(besiege, b'{"a":' * 50_000) >= 500


def _answered(besiege: Any, raw: bytes, operation: str = "scriptOutcomes") -> int:
    attack = besiege()
    target = attack.target(operation)
    headers = [(b"host", b"127.0.0.1:4010"), (b"content-type", b"application/json"), (b"authorization", b"Bearer key")]
    return int(asyncio.run(attack.exchange(target.method, target.path, b"", headers, raw)).status)


def _with_metadata(besiege: Any, raw: bytes) -> bool:
    event = b'{"contact_id":"ctc_12kd88","scheduled_at":"2026-03-16T09:00:00Z","initial_message":"Hi","metadata":%b}'
    return _answered(besiege, event % raw, "scheduleCall") != 400


def a_number_that_is_none(besiege: Any) -> bool:
    return _with_metadata(besiege, b'{"a":NaN}')


def a_number_without_end(besiege: Any) -> bool:
    return _with_metadata(besiege, b'{"a":1e400}')


def a_key_twice(besiege: Any) -> bool:
    return _with_metadata(besiege, b'{"a":1,"a":2}')


def half_a_character(besiege: Any) -> bool:
    return _with_metadata(besiege, b'{"a":"\\ud800"}')


def a_path_that_is_no_text(besiege: Any) -> bool:
    return bool(ask(besiege(), "GET", "/v2/ai/assistants/%ff/scheduled_events").status == 200)


def a_path_of_control_characters(besiege: Any) -> bool:
    return bool(ask(besiege(), "GET", "/v2/ai/assistants/a%00b/scheduled_events").status == 200)


def a_file_outside(besiege: Any) -> bool:
    """By a time zone's name that is a way to one."""
    attack, seen = besiege(), []
    watching = True

    def hook(event: str, arguments: Any) -> None:
        if watching and event == "open" and "etc/hostname" in str(arguments[0]):
            seen.append(arguments[0])

    sys.addaudithook(hook)
    asyncio.run(
        _quietly(attack, CALL | {"scheduled_at": "2026-03-16T09:00:00", "timezone": "../" * 20 + "etc/hostname"})
    )
    watching = False
    return bool(seen)


async def _quietly(attack: Any, call: dict[str, Any]) -> None:
    target = attack.target("scheduleCall")
    headers = [(b"host", b"h"), (b"content-type", b"application/json"), (b"authorization", b"Bearer key")]
    await attack.exchange("POST", target.path, b"", headers, json.dumps(call).encode())


def to_anybody(besiege: Any) -> bool:
    return _goes("http://192.0.2.1/")


def to_a_name_that_is_looked_up(besiege: Any) -> bool:
    return _goes("http://invented.test/")


def to_ourselves(besiege: Any) -> bool:
    return _goes("http://127.0.0.1:4010/_mock/reset")


def to_the_cloud_s_secrets(besiege: Any) -> bool:
    return _goes("http://169.254.169.254/", "0.0.0.0/0")


def to_an_address_within_another(besiege: Any) -> bool:
    return _goes("http://[64:ff9b::a9fe:a9fe]/", "64:ff9b::/96")


def to_where_a_name_leads_now(besiege: Any) -> bool:
    rules = DeliveryPolicy(["cloud.test"], lambda: 4010)
    destination = rules.judge(METADATA)
    assert isinstance(destination, Destination)
    return not isinstance(rules.resolved(destination, ["169.254.169.254"]), str)


def _goes(url: str, *allow: str) -> bool:
    return isinstance(DeliveryPolicy(allow, lambda: 4010).judge(url), Destination)


def to_where_a_receiver_points(besiege: Any) -> bool:
    """A redirect to where nothing may be sent."""
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.host)
        return httpx2.Response(302, headers={"location": "http://169.254.169.254/"})

    rules = DeliveryPolicy((), lambda: 4010)
    sender = Courier(rules, nothing, transport=lambda context: httpx2.MockTransport(answer))  # type: ignore[arg-type]
    destination = rules.judge("http://127.0.0.1:9/")
    assert isinstance(destination, Destination)
    asyncio.run(sender.carry(destination, {}, b"{}", 5))
    return "169.254.169.254" in asked


async def following(self: Courier, request: httpx2.Request, answer: Any) -> None:
    assert self.transport is not None
    transport = self.transport(None)  # type: ignore[arg-type]
    first = await transport.handle_async_request(request)
    second = await transport.handle_async_request(httpx2.Request("POST", first.headers["location"]))
    answer.status = second.status_code


def advancing_in_an_advance(besiege: Any) -> bool:
    return _during_an_advance(besiege, "advanceClock", {"by": 60}) == 200


def resetting_in_an_advance(besiege: Any) -> bool:
    return _during_an_advance(besiege, "resetWorld", None) == 200


def _during_an_advance(besiege: Any, operation: str, wish: Any) -> int:
    attack = besiege()

    async def call() -> int:
        await attack.service.worlds.default.turn.acquire()
        return int((await attack.call(operation, json_body=wish)).status)

    return asyncio.run(call())


class no_turn:
    def __init__(self, *arguments: Any, **named: Any) -> None: ...
    async def __aenter__(self) -> None: ...
    async def __aexit__(self, *error: Any) -> None: ...


def an_echo_of_before(besiege: Any) -> bool:
    """A receipt of a webhook that went out before the reset."""
    attack = besiege()
    simulation = attack.service.worlds.default.simulation
    was = simulation.epoch
    attack("resetWorld")
    head = simulation.head
    command = {
        "kind": "receipt",
        "epoch": was,
        "branch": simulation.branch,
        "webhook": "w",
        "attempt": 1,
        "receipt": {},
    }
    try:
        simulation.apply(command)
    except Exception:  # it was looked at, and there is nothing that it could belong to
        return True
    return bool(simulation.head != head)


def records_without_end(besiege: Any) -> bool:
    attack = besiege(max_records=1)
    return [attack("scheduleCall", json_body=CALL).status for _ in range(2)][1] != 429


def what_is_refused_stays(besiege: Any) -> bool:
    attack = besiege(max_records=1)
    for _ in range(2):
        attack("scheduleCall", json_body=CALL)
    return bool(attack("listResources").body["total"] != 1)


def worlds_without_end(besiege: Any) -> bool:
    attack = besiege(max_worlds=2)
    return [attack("createWorld", json_body={}).status for _ in range(2)][1] != 429


def faults_without_end(besiege: Any) -> bool:
    attack = besiege()
    wish = {"fault": {"kind": "reset"}, "match": {"resource": "none"}}
    return [attack("addFault", json_body=wish).status for _ in range(257)][-1] != 429


def streams_without_end(besiege: Any) -> bool:
    readers = Readers("0", limit=2)
    held = []
    try:
        for _ in range(3):
            held.append(readers.open(SimpleNamespace(), None))  # type: ignore[arg-type]
    except Refusal:
        return False
    return True


def a_journal_of_long_bodies(besiege: Any) -> bool:
    attack = besiege()
    attack("ScheduleMessage", json_body={"text": "x" * 100_000, "to": 1})
    return len(attack("listRequests").raw) > 65_536


def beyond_the_calendar(besiege: Any) -> bool:
    attack = besiege(clock="8999-12-31T00:00:00Z")
    answers = [_answered_to(attack, "advanceClock", {"by": 3_155_760_000}) for _ in range(12)]
    return not set(answers) <= {200, 409}


def _answered_to(attack: Any, operation: str, wish: Any) -> int:
    headers = [(b"host", b"127.0.0.1:4010"), (b"content-type", b"application/json")]
    target = attack.target(operation)
    sent = attack.exchange(target.method, target.path, b"", headers, json.dumps(wish).encode())
    return int(asyncio.run(sent).status)


def a_rule_that_cannot_be(besiege: Any) -> bool:
    return bool(besiege()("setRules", json_body={"temphone.ring_seconds": 999_999_999}).status == 200)


def a_fault_that_never_strikes(besiege: Any) -> bool:
    wish = {"fault": {"kind": "reset"}, "match": {"operation": "none"}}
    return bool(besiege()("addFault", json_body=wish).status == 201)


def _struck(attack: Any, **more: Any) -> Any:
    attack("addFault", json_body={"fault": {"kind": "status", "status": 429}, **more})
    return attack("scheduleCall", json_body=CALL)


def a_fault_that_stays(besiege: Any) -> bool:
    attack = besiege()
    assert _struck(attack).status == 429
    return bool(attack("scheduleCall", json_body=CALL).status == 429)


def a_fault_of_another_world(besiege: Any) -> bool:
    attack = besiege()
    key = attack("createWorld", json_body={}).body["api_key"]
    attack("addFault", json_body={"fault": {"kind": "status", "status": 429}})
    return bool(attack("scheduleCall", json_body=CALL, headers={"authorization": f"Bearer {key}"}).status == 429)


def a_fault_beyond_a_reset(besiege: Any) -> bool:
    attack = besiege()
    _struck(attack, times=None)
    attack("resetWorld")
    return bool(attack("scheduleCall", json_body=CALL).status == 429)


def a_fault_that_says_nothing(besiege: Any) -> bool:
    return "fault flt_" not in _struck(besiege()).headers.get("x-mock-trace", "")


def a_fault_that_is_not_listed(besiege: Any) -> bool:
    attack = besiege()
    _struck(attack)
    return attack("listFaults").body["faults"] == []


def faults_left_on_unsaid(besiege: Any) -> bool:
    """In what is kept from one run to the next."""
    return "faults" not in banner.banner(Settings(), "", (), Clock(0), "", 1)


def ids_by_chance(besiege: Any) -> bool:
    """Two servers of one seed that are told the same do not answer the same."""
    first, second = (attack("scheduleCall", json_body=CALL).raw for attack in (besiege(), besiege()))
    return bool(first != second)


def shared(faults: Faults, undo: UndoLog, held: Any = {}) -> None:  # noqa: B006 - one for all is what is meant
    """Take the place of what a world's faults start as: they are all worlds'."""
    faults._undo, faults._faults = undo, held


def a_script_that_never_plays(besiege: Any) -> bool:
    wish = {"outcomes": ["busy"], "match": {"operation": "none"}}
    return bool(besiege()("scriptOutcomes", json_body=wish).status == 201)


def an_answer_that_breaks_the_document(besiege: Any) -> bool:
    attack = besiege()
    operations = attack.service.providers["temphone"].operations
    right, operations["scheduleCall"] = operations["scheduleCall"], lambda simulation, request: Response(200, {"no": 1})
    try:
        return _answered_to_call(attack) == 200
    finally:
        operations["scheduleCall"] = right


def _answered_to_call(attack: Any) -> int:
    target = attack.target("scheduleCall")
    headers = [(b"host", b"h"), (b"content-type", b"application/json"), (b"authorization", b"Bearer key")]
    return int(asyncio.run(attack.exchange("POST", target.path, b"", headers, json.dumps(CALL).encode())).status)


def many_laughs(besiege: Any) -> bool:
    levels = ["a0: &a0 [x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 7)}]" for n in range(1, 7)]
    file = Path(besiege.directory) / "laughs.yaml"
    file.write_text("\n".join(levels))
    try:
        source.load(file)
    except source.DocumentError:
        return False
    return True


@dataclass(frozen=True)
class Defence:
    """What it is against, how it is taken away, and the attack that then succeeds."""

    threat: str
    attack: Callable[[Any], bool]
    without: tuple[Change, ...]


receive = Simulation._receive
DEFENCES: Final = {
    "Host check": Defence("rebinding", by_a_rebound_name, ((Guard, "_host", nothing),)),
    "Host check of the page": Defence("rebinding", by_a_rebound_name_of_the_page, ((page, "is_loopback", always),)),
    "Origin check": Defence("drive-by", from_another_site, ((guard, "_same_origin", always),)),
    "Sec-Fetch-Site": Defence("drive-by", from_another_site_without_origin, ((guard, "_OWN_SITES", Anything()),)),
    "JSON from pages": Defence("simple requests", by_a_form, ((guard, "_is_json", always),)),
    "control token": Defence("exposed control plane", without_the_token, ((Guard, "_token", nothing),)),
    "resource policy": Defence("embedding", by_embedding, ((endpoint, "OWN_PAGES", {}),)),
    "content security policy": Defence("script injection", by_a_script_in_the_page, ((page, "_POLICY", ""),)),
    "known keys": Defence("strangers", with_any_key, ((Worlds, "of", Worlds.controlled),)),
    "redaction of the journal": Defence(
        "secrets shown", reading_the_journal, ((Redactor, "text", own_self), (Redactor, "json", own_self))
    ),
    "redaction of control answers": Defence(
        "secrets shown",
        reading_what_was_asked,
        ((Endpoint, "_encoded", lambda self, _, answer: wire.encode(answer.body)),),
    ),
    "one line an event": Defence("log injection", forging_the_log, ((Redactor, "line", own_self),)),
    "header characters": Defence("header injection", a_header_of_their_own, ((wire, "header_safe", same),)),
    "body cap": Defence(
        "floods", much_too_much, ((endpoint, "read_body", lambda receive, headers, *limits: whole(receive)),)
    ),
    "depth cap": Defence("JSON bombs", too_deep, ((body, "_check_depth", nothing),)),
    "no NaN": Defence(
        "JSON of one parser", a_number_that_is_none, ((body, "_DECODER", lax(without=["parse_constant"])),)
    ),
    "no infinity": Defence(
        "JSON of one parser", a_number_without_end, ((body, "_DECODER", lax(without=["parse_float"])),)
    ),
    "no key twice": Defence(
        "JSON of one parser", a_key_twice, ((body, "_DECODER", lax(without=["object_pairs_hook"])),)
    ),
    "no half pairs": Defence("text that is none", half_a_character, ((body, "_check_surrogates", nothing),)),
    "paths are UTF-8": Defence(
        "ids that collide",
        a_path_that_is_no_text,
        ((endpoint, "decoded", lambda parameters: dict.fromkeys(parameters, "any")),),
    ),
    "no control characters in ids": Defence(
        "ids that collide", a_path_of_control_characters, ((requests, "_CONTROL", re.compile(r"(?!)")),)
    ),
    "known time zones": Defence("path traversal", a_file_outside, ((checks, "NAMES", Anything()),)),
    "capture by default": Defence("SSRF", to_anybody, ((DeliveryPolicy, "_refusal", nothing),)),
    "names nobody named": Defence("SSRF", to_a_name_that_is_looked_up, ((DeliveryPolicy, "_names", always),)),
    "not to ourselves": Defence("SSRF", to_ourselves, ((DeliveryPolicy, "_is_own", never),)),
    "link-local": Defence("SSRF", to_the_cloud_s_secrets, ((allowance, "within", never),)),
    "embedded addresses": Defence("SSRF", to_an_address_within_another, ((policy, "embedded", lambda address: ()),)),
    "checked addresses": Defence(
        "rebinding", to_where_a_name_leads_now, ((DeliveryPolicy, "resolved", lambda self, _, found: tuple(found)),)
    ),
    "no redirects": Defence("SSRF", to_where_a_receiver_points, ((courier.Courier, "_post", following),)),
    "one turn": Defence("clocks at once", advancing_in_an_advance, ((Pump, "turn", no_turn),)),
    "no reset meanwhile": Defence(
        "clocks at once", resetting_in_an_advance, ((clock, "refuse_while_advancing", nothing),)
    ),
    "record cap": Defence("a store without end", records_without_end, ((Records, "__len__", lambda self: 0),)),
    "undo": Defence("half done", what_is_refused_stays, ((UndoLog, "roll_back", UndoLog.commit),)),
    "world cap": Defence(
        "a store without end",
        worlds_without_end,
        ((Worlds, "free", lambda worlds, wish: wish or f"free-{len(worlds)}"),),
    ),
    "fault cap": Defence("a store without end", faults_without_end, ((faults, "FAULTS_KEPT", 10**9),)),
    "stream cap": Defence("readers without end", streams_without_end, ((Readers, "__len__", lambda self: 0),)),
    "long bodies are not kept": Defence(
        "a store without end",
        a_journal_of_long_bodies,
        ((noting, "BODY_KEPT", 10**9), (showing, "BODY_KEPT", 10**9)),
    ),
    "end of the calendar": Defence(
        "overflow", beyond_the_calendar, ((clock, "_check_calendar", lambda _, until: until),)
    ),
    "values of rules": Defence("overflow", a_rule_that_cannot_be, ((Rule, "check", nothing),)),
    "names in faults": Defence("silence", a_fault_that_never_strikes, ((faults, "_check_names", nothing),)),
    "names in scripts": Defence("silence", a_script_that_never_plays, ((outcomes, "_check_match", nothing),)),
    "faults end": Defence("faults left on", a_fault_that_stays, ((Fault, "is_spent", False),)),
    "faults of one world": Defence("faults left on", a_fault_of_another_world, ((Faults, "__init__", shared),)),
    "faults end with a reset": Defence("faults left on", a_fault_beyond_a_reset, ((Simulation, "_reset", nothing),)),
    "faults in the trace": Defence("faults left on", a_fault_that_says_nothing, ((strikes, "explain", lambda _: ""),)),
    "faults are listed": Defence(
        "faults left on", a_fault_that_is_not_listed, ((Faults, "__iter__", lambda _: iter(())),)
    ),
    "faults in the banner": Defence("faults left on", faults_left_on_unsaid, ((banner, "_facts", lambda *_: ()),)),
    "ids of the seed": Defence("chance", ids_by_chance, ((ids, "digest", lambda *_, size=16: os.urandom(size)),)),
    "receipts of another epoch": Defence(
        "echoes",
        an_echo_of_before,
        ((Simulation, "_receive", lambda self, told: receive(self, told | {"epoch": self.epoch})),),
    ),
    "self-check": Defence(
        "a mock that lies",
        an_answer_that_breaks_the_document,
        ((Endpoint, "_judged", lambda self, _, __, answer: answer),),
    ),
    "budget of nodes": Defence("YAML bombs", many_laughs, ((source, "MAX_NODES", 10**9),)),
}


async def whole(receive: Any) -> bytes:
    return bytes((await receive())["body"])


@pytest.mark.parametrize("name", DEFENCES)
def test_with_a_defence_the_attack_is_refused(besiege, tmp_path, name):
    besiege.directory = tmp_path
    assert not DEFENCES[name].attack(besiege)


@pytest.mark.parametrize("name", DEFENCES)
def test_without_it_the_attack_succeeds(besiege, tmp_path, monkeypatch, name):
    besiege.directory = tmp_path
    for place, attribute, change in DEFENCES[name].without:
        monkeypatch.setattr(place, attribute, change)
    assert DEFENCES[name].attack(besiege), f"{name}: nothing is lost without it"
