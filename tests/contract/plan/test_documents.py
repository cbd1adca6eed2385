"""Our own documents: every operation's requests and answers, made of its schemas, as they are and spoilt."""

import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import settings

from contratempo.contract.casting import resolver
from contratempo.contract.contract import Contract
from contratempo.contract.document import read_document
from contratempo.contract.formats import STRICT
from contratempo.data import data_root

SPECS = data_root("specs")
DOCUMENTS = {
    "telnyx_assistants": (
        ["telnyx/assistants-create_scheduled_event.yaml", "telnyx/assistants-get_scheduled_events.yaml"],
        ["overlays/telnyx_assistants.yaml"],
    ),
    "telnyx_messages": (["telnyx/messages-ScheduleMessage.yaml"], ["overlays/telnyx_messages.yaml"]),
    "temphone": (["temphone/calls.yaml"], ["overlays/temphone.yaml"]),
    "control": (["control.yaml"], []),
}
FORMATTED = {
    "date-time": ["2025-04-15T13:07:28Z", "2026-12-31T23:59:59.125+05:30", "2025-04-30t00:00:00z"],
    "uuid": ["40385f64-5717-4562-b3fc-2c963f66afa6"],
    "url": ["https://example.com/hook"],
    "json-pointer": ["/a"],
}
PATTERNED = [
    "a",
    "p-1",
    "PT1H",
    "P1D",
    "1h",
    "90s",
    "1.5",
    "2026-03-15T09:00:00Z",
    "https://example.com",
    "call_a1b2c3",
]
HOSTILE = [
    None,
    True,
    1,
    -1,
    2**40,
    1e300,
    0.5,
    "",
    "a\n",
    "2025-02-30T00:00:00Z",
    "é",
    [],
    {},
    [[]],
    {"a": {}},
    10**30,
]
HEADERS = [("authorization", "Bearer key"), ("content-type", "application/json"), ("accept", "*/*")]


class Maker:
    """Makes values of one document's schemas; most of them are valid."""

    def __init__(self, tree: Any, chance: random.Random) -> None:
        self.resolve, self.chance = resolver(tree), chance

    def value(self, schema: Any, depth: int = 0) -> Any:
        pick = self.chance.choice
        if schema is True or not schema:
            return pick(["x", 1, None, {"a": 1}])
        if "$ref" in schema:
            return self.value(self.resolve(schema["$ref"]), depth)
        for keyword in ("oneOf", "anyOf", "allOf"):
            if any("type" in part or "$ref" in part for part in schema.get(keyword, ())):
                return self.combined(keyword, schema, depth)
        if "const" in schema or "enum" in schema:
            return pick(schema.get("enum", [schema.get("const")]))
        types = schema.get("type", "object" if "properties" in schema else "string")
        return getattr(self, types if isinstance(types, str) else pick(types))(schema, depth + 1)

    def combined(self, keyword: str, schema: dict[str, Any], depth: int) -> Any:
        rest = {name: value for name, value in schema.items() if name != keyword}
        parts = schema[keyword] if keyword == "allOf" else [self.chance.choice(schema[keyword])]
        made = [self.value(part, depth) for part in [*parts, *([rest] if "properties" in rest else [])]]
        return {name: value for each in made for name, value in each.items()} if isinstance(made[0], dict) else made[0]

    def object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        wanted = {
            name: self.value(member, depth)
            for name, member in schema.get("properties", {}).items()
            if name in schema.get("required", ()) or (depth < 5 and self.chance.random() < 0.5)
        }
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and depth < 5:
            wanted |= {self.chance.choice("xy"): self.value(more, depth)}
        return wanted

    def array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        return [self.value(schema.get("items", True), depth) for _ in range(max(least, self.chance.randint(0, 2)))]

    def string(self, schema: dict[str, Any], depth: int) -> str:
        if "pattern" in schema:
            return self.chance.choice(PATTERNED)
        texts = FORMATTED.get(schema.get("format", ""), ["text", "+13125550100", '日本語 "quoted"', "x" * 30])
        return self.chance.choice(texts)[: schema.get("maxLength", 99)]

    def integer(self, schema: dict[str, Any], depth: int) -> int:
        least = schema.get("minimum", 0)
        return self.chance.randint(least, max(least, min(schema.get("maximum", 50), least + 50)))

    def number(self, schema: dict[str, Any], depth: int) -> float:
        return (
            self.integer({"minimum": int(schema.get("minimum", 1)), "maximum": schema.get("maximum", 9)}, depth) + 0.0
        )

    def boolean(self, schema: dict[str, Any], depth: int) -> bool:
        return self.chance.random() < 0.5

    def null(self, schema: dict[str, Any], depth: int) -> None:
        return None

    def spoilt(self, value: Any) -> Any:
        """The value with something changed, left out or added, or something else."""
        if isinstance(value, dict) and value and self.chance.random() < 0.8:
            name = self.chance.choice(list(value))
            changed = self.chance.choice([{}, {"more": 1}, {name: self.spoilt(value[name])}])
            return {key: each for key, each in value.items() if key != name} | changed
        if isinstance(value, list) and value and self.chance.random() < 0.8:
            return [self.spoilt(value[0]), *value[1:]]
        return self.chance.choice(HOSTILE)


@pytest.fixture(scope="module")
def contracts() -> list[Contract]:
    documents = [
        read_document(name, [SPECS / file for file in files], [SPECS / file for file in laid], validate=False)
        for name, (files, laid) in DOCUMENTS.items()
    ]
    return [Contract(document, "both") for document in documents]


def requests(contract: Contract, maker: Maker) -> Iterator[tuple[str, dict[str, Any]]]:
    """Make one request to each operation."""
    for operation in contract.document.operations.values():
        check = contract._requests[operation.id, False]
        sent: dict[str, Any] = {"path": {}, "query": b"", "headers": list(HEADERS), "body": b""}
        fields = []
        for location, name, parameter in check.described:
            value = maker.value(parameter["schema"].read_value())
            if location == "path":
                sent["path"][name] = wire(value)
            elif location == "query" and maker.chance.random() < 0.5:
                members = (
                    {f"{name}[{key}]": each for key, each in value.items()}
                    if isinstance(value, dict)
                    else {name: value}
                )
                fields += [f"{key}={quote(wire(each))}" for key, each in members.items()]
            elif location == "header" and maker.chance.random() < 0.5:
                sent["headers"].append((name.lower(), wire(value)))
        sent["query"] = "&".join(fields).encode()
        if check.content:
            schema = check.operation["requestBody"]["content"]["application/json"]["schema"].read_value()
            sent["value"] = maker.value(schema)
        yield operation.id, sent


def answers(contract: Contract, maker: Maker) -> Iterator[tuple[str, int, Any]]:
    """Make one answer of each status to each operation."""
    for operation in contract.document.operations.values():
        for code, response in contract._answers[operation.id]["responses"].items():
            status = int(code.replace("X", "0").replace("default", "500"))
            if "content" not in response:
                yield operation.id, status, None
            elif "application/json" in response["content"]:
                yield operation.id, status, maker.value(response["content"]["application/json"]["schema"].read_value())


def wire(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def ask(contract: Contract, operation: str, sent: dict[str, Any], naive: bool) -> bool:
    request = {name: value for name, value in sent.items() if name != "value"}
    if "value" in sent:
        request["body"] = json.dumps(sent["value"]).encode()
    return not contract.check_request(operation, **request, naive_datetime=naive).violations


def planned(contract: Contract, operation: str, sent: dict[str, Any], naive: bool) -> bool:
    plan = contract._plans.request(operation, naive)
    body = json.dumps(sent["value"]).encode() if "value" in sent else b""
    accepted = plan.parameters(sent["path"], sent["query"], dict(sent["headers"]))
    return accepted is not None and plan.body(body, "application/json")[0]


def test_requests_and_answers_spoilt_in_every_way_are_judged_alike(contracts):
    for seed in range(settings().max_examples // 3):
        for contract in contracts:
            maker = Maker(contract.document.tree, random.Random(seed))
            for operation, sent in requests(contract, maker):
                ask(contract, operation, sent, naive=seed % 2 == 0)
                spoilt = {**sent, **({"value": maker.spoilt(sent["value"])} if "value" in sent else {})}
                ask(contract, operation, spoilt, naive=seed % 2 == 0)
            for operation, status, body in answers(contract, maker):
                for value in (body, maker.spoilt(body)):
                    contract.check_response(operation, status, "application/json", value, [("retry-after", "1")])


def test_of_what_is_valid_the_plan_accepts_99_in_100(contracts):
    left, valid = [], 0
    for seed in range(settings().max_examples // 3):
        for contract in contracts:
            maker = Maker(contract.document.tree, random.Random(seed))
            for operation, sent in requests(contract, maker):
                if ask(contract, operation, sent, naive=True):
                    valid += 1
                    left += [] if planned(contract, operation, sent, naive=True) else [(operation, sent)]
            for operation, status, body in answers(contract, maker):
                if not contract.check_response(operation, status, "application/json", body):
                    valid += 1
                    plan = contract._plans.answer(operation)
                    left += [] if plan.accepts(status, "application/json", body, ()) else [(operation, status, body)]
    assert valid > 100 * len(left), left[:5]


def test_the_values_made_are_mostly_valid_and_reach_every_operation(contracts):
    for contract in contracts:
        reached = dict.fromkeys(contract.document.operations, False)
        for seed in range(20):
            maker = Maker(contract.document.tree, random.Random(seed))
            for operation, sent in requests(contract, maker):
                reached[operation] |= ask(contract, operation, sent, naive=True)
        assert all(reached.values()), reached


def test_formats_are_those_that_the_makers_know():
    assert all(STRICT[name](text) for name, texts in FORMATTED.items() for text in texts)
