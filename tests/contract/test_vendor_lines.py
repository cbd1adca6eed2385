"""The line of a vendor's document that refused, for every keyword that a request can break."""

import json
from pathlib import Path

import pytest

from contratempo.contract.casting import resolver, variants
from contratempo.contract.contract import Contract
from contratempo.contract.document import read_document
from contratempo.contract.pointer import find, from_pointer

SPECS = Path(__file__).parents[2] / "specs"

BODIES = {
    "create_scheduled_event": {
        "telnyx_conversation_channel": "phone_call",
        "telnyx_end_user_target": "+15550100",
        "telnyx_agent_target": "+15550101",
        "scheduled_at_fixed_datetime": "2025-04-15T13:07:28Z",
    },
    "ScheduleMessage": {"to": "+18445550001"},
    "SendMessage": {"to": "+18445550001"},
    "scheduleCall": {"contact_id": "c", "scheduled_at": "2026-03-15T15:00:00Z", "initial_message": "m"},
}
PATH = {"assistant_id": "a", "event_id": "e", "id": "40385f64-5717-4562-b3fc-2c963f66afa6"}
WRONG = {
    "enum": lambda limit: "none of these",
    "format": lambda limit: "not-a-format",
    "maxLength": lambda limit: "a" * (limit + 1),
    "maximum": lambda limit: limit + 1,
    "minLength": lambda limit: "",
    "minimum": lambda limit: limit - 1,
    "pattern": lambda limit: "!\u00e9!",
    "type": lambda limit: 0.5 if limit in ("object", "array", "string") or "string" in limit else [0],
}


@pytest.fixture(scope="module")
def shipped():
    """The vendors' documents with their overlays."""
    folders = {
        "telnyx_assistants": sorted((SPECS / "telnyx").glob("assistants-*.yaml")),
        "telnyx_messages": sorted((SPECS / "telnyx").glob("messages-*.yaml")),
        "temphone": [SPECS / "temphone/calls.yaml"],
    }
    return {
        name: Contract(read_document(name, files, [SPECS / f"overlays/{name}.yaml"], validate=False))
        for name, files in folders.items()
    }


def wrong_values(schema, resolve):
    """Values that each break a keyword of a schema, of its members or of its items."""
    for part in variants(schema, resolve):
        for keyword, wrong in WRONG.items():
            if keyword in part:
                yield wrong(part[keyword])
        for name, member in part.get("properties", {}).items():
            yield from ({name: value} for value in wrong_values(member, resolve))
        if "items" in part:
            yield from ([value] for value in wrong_values(part["items"], resolve))
        if isinstance(part.get("additionalProperties"), dict):
            yield from ({"k": value} for value in (*wrong_values(part["additionalProperties"], resolve), None))


def wrong_bodies(operation, schema, resolve):
    good = BODIES[operation]
    yield from ({key: value for key, value in good.items() if key != left_out} for left_out in good)
    for changed in wrong_values(schema, resolve):
        yield {**good, **changed} if isinstance(changed, dict) else changed
    yield {**good, "telnyx_conversation_channel": "sms_chat"}


def wrong_requests(contract, operation):
    """Requests to an operation that each break a keyword of its document."""
    tree = contract.document.tree
    resolve, item = resolver(tree), find(tree, from_pointer(operation.pointer)[:-1])
    node = item[operation.method]
    if "requestBody" in node:
        schema = node["requestBody"]["content"]["application/json"]["schema"]
        yield from ({"body": json.dumps(body).encode()} for body in wrong_bodies(operation.id, schema, resolve))
        yield from ({"body": body} for body in (b"{", b""))
        yield {"body": b"x", "headers": [("authorization", "Bearer k")]}
    for parameter in (*item.get("parameters", ()), *node.get("parameters", ())):
        name = parameter["name"]
        for value in wrong_values(parameter["schema"], resolve):
            if isinstance(value, dict):
                yield {"query": "&".join(f"{name}[{key}]={each}" for key, each in value.items())}
            elif parameter["in"] == "query":
                yield {"query": f"{name}={value}"}
            elif parameter["in"] == "header":
                yield {"headers": [("authorization", "Bearer k"), (name.lower(), str(value))]}
        if parameter["in"] == "path":
            yield {"path": {**PATH, name: "a\0"}}
    yield {"headers": []}


def line_names_its_violation(violation, text):
    """Whether a line holds the keyword that failed, or the member or parameter that it failed for."""
    words = {"media-type": "content", "json": "content", "missing-body": "required"}
    member = str(violation.path[-1]) if violation.path else None
    wanted = [words.get(violation.kind, violation.kind)]
    wanted += ["anyOf"] if violation.kind == "type" else []  # of several types: told as one
    wanted += [member] if violation.kind in ("required", "encoding") else []
    return any(word.lower() in text.lower() for word in wanted)


@pytest.mark.parametrize(
    ("name", "kinds", "least"),
    [
        ("telnyx_assistants", {"anyOf", "enum", "format", "maximum", "minimum", "pattern", "required", "type"}, 40),
        ("telnyx_messages", {"enum", "format", "pattern", "required", "type"}, 30),
        ("temphone", {"format", "minLength", "minimum", "pattern", "required", "type"}, 20),
    ],
)
def test_every_refusal_of_the_vendors_documents_names_a_line_that_holds_its_reason(shipped, tools, name, kinds, least):
    contract, seen, lines = shipped[name], set(), set()
    for operation in contract.document.operations.values():
        for request in wrong_requests(contract, operation):
            for violation in tools.ask(contract, operation.id, **{"path": PATH, **request}).violations:
                line = contract.line_of(violation)
                assert line is not None, (operation.id, violation)
                file, _, number = line.rpartition(":")
                text = (SPECS / file).read_text(encoding="utf-8").splitlines()[int(number) - 1]
                assert line_names_its_violation(violation, text), (operation.id, violation, line, text)
                seen.add("anyOf" if text.strip() == "anyOf:" else violation.kind)
                lines.add(line)
    assert kinds | {"security"} <= seen
    assert len(lines) >= least


def test_files_of_ours_are_told_by_their_path_below_the_specs_folder(shipped, tools):
    checked = tools.ask(shipped["telnyx_messages"], "ScheduleMessage", path={}, body=b'{"to": 5}')
    (line,) = [shipped["telnyx_messages"].line_of(violation) for violation in checked.violations]
    assert line.startswith("telnyx/messages-ScheduleMessage.yaml:")
