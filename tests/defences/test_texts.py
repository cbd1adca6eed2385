"""What users write, wherever it goes: no header has more than it should, and no file outside is looked at."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx2
import pytest

import contratempo
from contratempo.contract.pointer import find, from_pointer

NASTY: Final = {
    "a new line": "a\r\nX-Evil: 1\r\n\r\nb",
    "a line feed": "a\nX-Evil: 1",
    "a carriage return": "a\rX-Evil: 1",
    "a NUL": "a\x00b",
    "beyond Latin-1": "a\u2028\U0001f600\u0130",
    "Latin-1": "a\x85\xe9\xff",
    "encoded": "a%0d%0aX-Evil:%201",
    "very long": "x" * 60_000,
    "escapes": "\x1b[31m\x07\x7f",
}
ADDRESS: Final = "http://127.0.0.1:9/hook"
EVENT: Final = {
    "telnyx_conversation_channel": "sms_chat", "telnyx_end_user_target": "+12125550101", "text": "Hi",
    "telnyx_agent_target": "+12125550100", "scheduled_at_fixed_datetime": "2026-03-16T10:00:00Z",
}  # fmt: skip
MESSAGE: Final = {"from": "+12125550100", "to": "+12125550101", "text": "Hello", "webhook_url": ADDRESS}
CALL: Final = {
    "contact_id": "ctc_12kd88", "scheduled_at": "2026-03-16T09:00:00Z", "initial_message": "Hi",
    "webhook_url": ADDRESS
}  # fmt: skip
BODIES: Final = {
    "create_scheduled_event": EVENT,
    "SendMessage": MESSAGE,
    "scheduleCall": CALL,
    "ScheduleMessage": MESSAGE,
}
CONTROL: Final = (
    "createWorld",
    "setClock",
    "advanceClock",
    "addFault",
    "scriptOutcomes",
    "setRules",
    "waitForRequests",
)
OUTGOING: Final = {
    "content-length", "content-type", "host", "connection", "user-agent", "accept", "telnyx-timestamp",
    "x-mock-world", "telnyx-signature-ed25519", "x-mock-token",
}  # fmt: skip


def members(attack: Any, operation: str) -> Iterator[str]:
    """The members that the body of an operation may have."""
    target = attack.target(operation)
    contract = attack.service.catalog.contract(target.provider, "spec")
    tree = contract.document.tree
    described = contract.document.operations[operation]
    schema = tree["paths"][described.path][described.method]["requestBody"]["content"]["application/json"]["schema"]
    while "$ref" in schema:
        schema = find(tree, from_pointer(schema["$ref"][1:]))
    for part in [schema, *schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())]:
        part = find(tree, from_pointer(part["$ref"][1:])) if "$ref" in part else part
        yield from part.get("properties", {})


@pytest.fixture
def sent(attack) -> Iterator[list[httpx2.Request]]:
    """The webhooks that went out, to a receiver without a socket."""
    requests: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200)

    courier = attack.service.sender.courier
    usual = courier.transport
    courier.transport = lambda context: httpx2.MockTransport(answer)
    yield requests
    courier.transport = usual
    attack("resetWorld")


@pytest.mark.parametrize("name", NASTY)
def test_nothing_written_into_a_body_reaches_a_header(attack, sent, name):
    text = NASTY[name]
    for operation, body in BODIES.items():
        for member in set(members(attack, operation)):
            for value in (text, [text], {text: text}):
                attack(operation, json_body=body | {member: value})
        attack(operation, json_body=body, headers={"idempotency-key": "k", "user-agent": text.encode()})
    for operation in CONTROL:
        for member in set(members(attack, operation)):
            attack(operation, json_body={member: text})
    attack("advanceClock", json_body={"to": "idle"})
    assert sent
    for request in sent:
        assert {key.decode().lower() for key, _ in request.headers.raw} <= OUTGOING
        assert all(0x20 <= byte < 0x7F for _, value in request.headers.raw for byte in value)
        assert all(0x21 <= byte < 0x7F for byte in request.extensions["target"])


@pytest.mark.parametrize("name", NASTY)
def test_nothing_in_a_path_or_a_query_reaches_a_header(attack, name):
    text = quote(NASTY[name][:5_000], safe="")
    for target in attack.targets:
        if target.operation in ("streamEvents", "resetWorld"):
            continue
        for base in ("none-such", "asst_1", "temphone", "mine"):
            if base in target.path:
                attack(target, path=target.path.replace(base, text))
        attack(target, query=f"{text}={text}&resource={text}&page[{text}]={text}&provider={text}".encode())


def test_a_webhook_s_target_is_its_own(attack, sent):
    """What stands in an address cannot begin another request."""
    for address in (
        "http://127.0.0.1:9/a b",
        "http://127.0.0.1:9/\r\nX: 1",
        "http://127.0.0.1:9/%0d%0aX:%201",
        "http://127.0.0.1:9/\u0130?é#x",
    ):
        attack("SendMessage", json_body=MESSAGE | {"webhook_url": address})
    attack("advanceClock", json_body={"to": "idle"})
    targets = {request.extensions["target"] for request in sent}
    assert targets
    assert all(not set(target) & set(b"\r\n \x00") for target in targets)


NAMES: Final = (
    "..", ".", "../../etc/passwd", "..\\..\\etc\\passwd", "/etc/passwd", "//etc/passwd", "\\\\server\\share",
    "C:\\boot.ini", "file:///etc/passwd", "a/../../etc/passwd", "%2e%2e%2fetc%2fpasswd", "..%2f..%2fetc", "..%5c",
    "....//....//etc", "~root", "~", "/dev/zero", "/proc/self/environ", "etc/passwd\x00.yaml", "\x00", "localtime",
    "posixrules", "Europe", "Europe/", "Factory", "../zoneinfo/UTC", "UTC\n", "utc", "x" * 5_000, "a/" * 2_000,
    "tzdata.zi", "zone.tab", "__init__.py", "con", "nul", "$HOME", "`id`", "$(id)", "{{7*7}}", "%s%n",
    "index.html/..", "telnyx_messages/../../rules/temphone",
)  # fmt: skip
PLACES: Final = (
    "/v2/messages/%s", "/v2/ai/assistants/%s/scheduled_events", "/v2/ai/assistants/%s/scheduled_events/%s",
    "/_mock/worlds/%s", "/_mock/resources/%s", "/_mock/sink/%s", "/_mock/webhooks/%s", "/_mock/outcomes/%s",
    "/_mock/faults/%s", "/_mock/contracts/%s/openapi.json", "/_mock/page/%s", "/_mock/docs/%s",
    "/_mock/docs/assets/%s", "/_mock/docs/assets/../%s",
)  # fmt: skip
WISHES: Final = (
    ("createWorld", "id"), ("createWorld", "profile"), ("createWorld", "seed"), ("scheduleCall", "timezone"),
    ("scheduleCall", "contact_id"), ("scheduleCall", "campaign_id"), ("SendMessage", "messaging_profile_id"),
    ("SendMessage", "from"), ("create_scheduled_event", "telnyx_agent_target"),
)  # fmt: skip
ROOTS: Final = tuple(
    str(Path(place).resolve()) for place in (Path(contratempo.__file__).parents[2], sys.prefix, sys.base_prefix)
)
_WATCH: dict[str, list[str] | None] = {"opened": None}


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _WATCH["opened"] is not None and event in (
        "open",
        "os.listdir",
        "os.scandir",
        "os.remove",
        "os.mkdir",
        "os.rename",
    ):
        _WATCH["opened"].append(str(arguments[0]))


sys.addaudithook(_hook)


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """The files that are opened meanwhile (a hook cannot be taken away again, so there is one for all)."""
    files: list[str] = []
    _WATCH["opened"] = files
    yield files
    _WATCH["opened"] = None


@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name[:30]))
def test_no_name_leads_to_a_file_outside(attack, opened, name):
    for encoded in (quote(name, safe=""), quote(name, safe="/%\\"), name.replace("\x00", "%00").replace("\n", "%0a")):
        for place in PLACES:
            asyncio.run(attack.exchange("GET", place.replace("%s", encoded), b"", HEADERS, b""))
    header = name.encode("utf-8").replace(b"\x00", b"").replace(b"\n", b"")
    for target in ("getClock", "scheduleCall"):
        attack(target, headers={"x-mock-world": header, "last-event-id": header})
    for operation, member in WISHES:
        bodies = {"createWorld": {}, **BODIES}
        naive = {"scheduled_at": "2026-03-16T09:00:00"} if operation == "scheduleCall" else {}
        attack(operation, json_body=bodies[operation] | naive | {member: name})
    outside = [file for file in opened if not str(Path(file).resolve()).startswith(ROOTS)]
    assert outside == []
    for world in attack.service.worlds:
        if world.id != "default":
            attack.service.worlds.delete(world.id)


HEADERS: Final = [(b"host", b"127.0.0.1:4010"), (b"authorization", b"Bearer key")]


def test_what_is_opened_outside_is_noticed(opened):
    with open("/dev/null"):
        pass
    assert opened == ["/dev/null"]


@pytest.mark.parametrize(
    "name", ["localtime", "posixrules", "Europe", "utc", "UTC\n", "tzdata.zi", "../zoneinfo/UTC", "Europe/"]
)
def test_only_names_of_the_database_are_time_zones(attack, name):
    answer = attack("scheduleCall", json_body=CALL | {"timezone": name})
    assert answer.status == 400
    assert "timezone" in answer.body["message"]
