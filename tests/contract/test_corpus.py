"""A corpus of documents of every kind: each is read, and all that it answers another judge accepts, too."""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator, OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from contratempo.contract.answers import Answer, Wish
from contratempo.contract.contract import Contract
from contratempo.contract.document import Document, read_document

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted([*CORPUS.glob("*.yaml"), *CORPUS.glob("*.json"), CORPUS / "split/openapi.yaml"])
OPERATIONS = {
    "types": 2, "recursive": 3, "pets": 3, "servers": 3, "forms": 3, "callbacks": 2, "webhooks-only": 0, "cookies": 3,
    "security": 11, "binary": 6, "combined": 3, "openapi": 2, "tuples": 3,
}  # fmt: skip


@pytest.fixture(scope="module", params=FILES, ids=lambda file: file.stem)
def contract(request: pytest.FixtureRequest) -> Contract:
    return Contract(read_document("corpus", [request.param], bare=True), "both")


def test_the_corpus_is_served_whole(contract: Contract) -> None:
    assert len(contract.document.operations) == OPERATIONS[contract.document.files[0].stem]
    assert list(contract.unanswerable()) == []


def test_a_second_judge_accepts_every_answer_of_every_status(contract: Contract) -> None:
    for operation in contract.document.operations:
        for wish in wishes(contract, operation):
            for draw in range(3 if wish.dynamic else 1):
                made = contract.answers(operation).answer(wish, pick_from(draw))
                assert list(complaints(contract.document, operation, made)) == [], (operation, wish, made)


def test_a_second_judge_accepts_the_refusals_of_ours(contract: Contract) -> None:
    for operation in contract.document.operations:
        for code in codes(contract, operation, ours=True):
            problem = {"type": "about:blank", "title": "No", "status": code, "detail": "It is late."}
            made = contract.answers(operation).refusal(code, "application/problem+json", problem)
            assert list(complaints(contract.document, operation, made)) == [], (operation, made)


def codes(contract: Contract, operation: str, *, ours: bool) -> list[int]:
    """The statuses of an operation, but for the default: those that the document describes, or those that we do."""
    responses = contract.document.node(operation)["responses"].items()
    return [
        int(code.replace("X", "0"))
        for code, each in responses
        if code != "default" and ours == each.get("$ref", "").endswith("/MockRefusal")
    ]


def wishes(contract: Contract, operation: str) -> Iterator[Wish]:
    for code in [None, *codes(contract, operation, ours=False)]:
        yield Wish(code)
        yield Wish(code, dynamic=True)


def pick_from(seed: int):
    state = seed * 7919

    def pick(count: int) -> int:
        nonlocal state
        state = (state * 1_103_515_245 + 12_345) % 2**31
        return (state >> 8) % count

    return pick


@lru_cache
def written(file: Path) -> Any:
    return yaml.safe_load(file.read_text("utf-8"))


def complaints(document: Document, operation: str, made: Answer) -> Iterator[str]:
    """What the validator of the document's own version says of an answer, asked of the document as it was written."""
    raw = written(document.files[0])
    old = raw["openapi"].startswith("3.0") and "split" not in str(document.files[0])
    tree = raw if old and made.status < 400 else document.tree
    operation_at = document.operations[operation]
    node = tree["paths"][operation_at.path]
    node = node if operation_at.method in node else {operation_at.method: document.node(operation)}
    responses = node[operation_at.method]["responses"]
    names = (str(made.status), f"{made.status // 100}XX", "default")
    response = responses[next(name for name in names if name in responses)]
    while "$ref" in response:
        response = (
            Registry().with_resource("", DRAFT202012.create_resource(tree)).resolver().lookup(response["$ref"]).contents
        )
    if made.media_type is None:
        assert "content" not in response or made.status in (204, 304)
        return
    assert made.body is not None
    content = {name.partition(";")[0]: value for name, value in response["content"].items()}
    schema = content[made.media_type].get("schema", {})
    registry = Registry().with_resource("urn:document", DRAFT202012.create_resource(tree))
    judge: Any = OAS30Validator if tree is not document.tree else OAS31Validator
    yield from (error.message for error in judge(absolute(schema), registry=registry).iter_errors(made.value))


def absolute(schema: Any) -> Any:
    """The schema with its references led into the document."""
    text = json.dumps(schema)
    return json.loads(text.replace('"$ref": "#', '"$ref": "urn:document#'))
