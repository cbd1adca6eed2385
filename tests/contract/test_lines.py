"""The line of a source file that refused, in small documents."""

import json
import os

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import read_document
from contratempo.contract.violation import Violation

FIRST = """\
openapi: 3.1.0
info: {title: t, version: '1'}
servers: [{url: 'https://api.example.com/v1'}]
security: [{bearer: []}]
paths:
  /things/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    post:
      operationId: op
      parameters:
        - name: size
          in: query
          schema:
            type: integer
            format: int32
        - name: X-Seat
          in: header
          required: true
          schema: {type: string, maxLength: 3}
      requestBody:
        required: false
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/Thing'
      responses: {'200': {description: fine}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    Thing:
      required: [name]
      properties:
        name: {type: string}
        part: {$ref: 'parts.yaml#/Part'}
      additionalProperties: true
"""
SECOND = """\
openapi: 3.1.0
info: {title: t, version: '1'}
components:
  schemas:
    Thing:
      properties:
        more:
          minItems: 2
"""
PARTS = """\
Part:
  type: object
  properties:
    width: {minimum: 1}
    '/a~b': {const: 1}
"""
OVERLAY = """\
overlay: 1.0.0
info: {title: o, version: '1'}
actions:
  - target: $.components.schemas.Thing
    update:
      required: [extra]
      additionalProperties:
        false
      properties:
        extra:
          enum: [a]
        name: {maxLength: 5}
  - target: $.paths['/things/{id}'].post.requestBody
    update: {required: true}
"""
GOOD = {"name": "n", "extra": "a"}


@pytest.fixture
def lines(write, tools):
    """Return what asks the contract of these four files: the sorted lines of a request's violations."""
    first, overlay = write(FIRST, "first.yaml"), write(OVERLAY, "overlay.yaml")
    files = [first, write(SECOND, "second.yaml")]
    write(PARTS, "parts.yaml")
    contract = Contract(read_document("example", files, [overlay]))

    def lines(body=None, **sent):
        raw = body if isinstance(body, bytes) else json.dumps(body or GOOD).encode()
        headers = sent.pop("headers", [("authorization", "Bearer k"), ("content-type", "application/json")])
        checked = tools.ask(contract, body=raw, headers=[*headers, *sent.pop("more", [("x-seat", "1")])], **sent)
        told = [contract.line_of(violation) for violation in checked.violations]
        return sorted(line and line.removeprefix(f"{first.parent}/") for line in told)

    return lines


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"name": 5}, "first.yaml:34"),
        ({"name": "too long"}, "overlay.yaml:12"),
        ({"extra": "b"}, "overlay.yaml:11"),
        ({"more": [1]}, "second.yaml:8"),
        ({"part": 5}, "parts.yaml:2"),
        ({"part": {"width": 0}}, "parts.yaml:4"),
        ({"part": {"/a~b": 0}}, "parts.yaml:5"),
        ({"unknown": 1}, "overlay.yaml:7"),
    ],
)
def test_the_keyword_that_refused_has_a_line_in_one_of_the_files(lines, changed, line):
    assert lines({**GOOD, **changed}) == [line]


def test_a_missing_member_is_required_by_the_vendors_line_or_the_overlays(lines):
    assert lines({"extra": "a"}) == ["first.yaml:32"]
    assert lines({"name": "n"}) == ["overlay.yaml:6"]


def test_parameters_have_their_schemas_lines_or_their_own(lines):
    assert lines(query="size=x") == ["first.yaml:15"]
    assert lines(query="size=99999999999") == ["first.yaml:16"]
    assert lines(query="size=%FF") == ["first.yaml:12"]
    assert lines(more=[("x-seat", "1234")]) == ["first.yaml:20"]
    assert lines(more=[]) == ["first.yaml:17"]
    assert lines(more=[("x-seat", "1"), ("x-seat", "2")]) == ["first.yaml:17"]
    assert lines(path={"id": "a\n"}) == ["first.yaml:8"]


def test_bodies_as_a_whole_have_lines(lines):
    media_type = [("authorization", "Bearer k"), ("content-type", "text/plain")]
    assert lines(b"x", headers=media_type) == ["first.yaml:23"]
    assert lines(b"{") == ["first.yaml:23"]
    assert lines(b"") == ["overlay.yaml:14"]


def test_credentials_are_asked_for_by_the_document_or_by_the_operation(lines, write, tools):
    assert lines(headers=[]) == ["first.yaml:4"]
    file = write(FIRST.replace("operationId: op\n", "operationId: op\n      security: [{bearer: []}]\n"))
    write(PARTS, "parts.yaml")
    contract = Contract(read_document("example", [file]))
    (refused,) = tools.ask(contract, headers=[]).violations
    assert contract.line_of(refused) == f"{file}:11"


def test_what_no_line_refuses_has_none(lines):
    assert lines(b"[" * 100) == [None]
    assert lines(query="other=%FF") == [None]
    assert lines(query="%FF=1") == [None]


def test_a_violation_that_an_operation_made_has_no_line(assistants):
    assert assistants.line_of(Violation("body", ("to",), "value", "is wrong")) is None


def test_a_place_with_no_line_of_its_own_has_that_of_what_it_stands_in(assistants):
    violation = Violation(
        "body", (), "x", "", schema="/paths/~1ai~1assistants~1{assistant_id}~1scheduled_events/nothing"
    )
    assert assistants.line_of(violation).endswith(".yaml:15")


def test_forms_that_are_no_objects_have_the_line_of_the_list(write, tools):
    document = tools.document_of(tools.body_of({"allOf": [False]}))
    file = write(json.dumps(document, indent=1))
    contract = Contract(read_document("example", [file]))
    (violation,) = tools.ask(contract, body=b"1").violations
    line = int(contract.line_of(violation).rpartition(":")[2])
    assert '"allOf"' in file.read_text().splitlines()[line - 1]


def test_a_reference_to_an_entry_of_a_list_has_its_line(write, tools):
    parameter = tools.parameter("id", {"type": "integer"}, "path", required=True)
    document = tools.document_of({"parameters": [{"$ref": "#/paths/~1a~1{id}/get/parameters/0"}]})
    document["paths"]["/a/{id}"] = {"get": {"parameters": [parameter], "responses": {"200": {"description": "d"}}}}
    file = write(json.dumps(document, indent=1))
    contract = Contract(read_document("example", [file]))
    (violation,) = tools.ask(contract, path={"id": "x"}).violations
    line = int(contract.line_of(violation).rpartition(":")[2])
    assert '"type": "integer"' in file.read_text().splitlines()[line - 1]


def test_a_bundled_file_as_a_whole_has_no_line(write, tools):
    write("{type: object}", "whole.yaml")
    contract = Contract(read_document("example", [write(tools.document_of(tools.body_of({"$ref": "whole.yaml"})))]))
    (violation,) = tools.ask(contract, body=b"1").violations
    assert contract.line_of(violation).endswith("whole.yaml:1")
    assert contract.line_of(Violation("body", (), "x", "", schema="/x-files")) is None


def test_a_document_that_was_not_read_from_files_has_no_lines(tools):
    contract = tools.contract_of(tools.body_of({"type": "object"}))
    (violation,) = tools.ask(contract, body=b"1").violations
    assert (violation.schema.endswith("/schema/type"), contract.line_of(violation)) == (True, None)


@pytest.mark.parametrize("change", [b"openapi: [", b"openapi: 3.1.0", None])
def test_a_file_that_has_changed_since_tells_no_lines(write, tools, change):
    file = write(tools.document_of(tools.body_of({"type": "object"})))
    contract = Contract(read_document("example", [file]))
    file.unlink() if change is None else file.write_bytes(change)
    (violation,) = tools.ask(contract, body=b"1").violations
    assert contract.line_of(violation) is None


def test_the_files_are_read_again_when_a_line_is_first_asked_for_and_only_then(write, tools, monkeypatch):
    contract = Contract(read_document("example", [write(tools.document_of(tools.body_of({"type": "object"})))]))
    (violation,) = tools.ask(contract, body=b"1").violations
    reads = []
    opened = os.open
    monkeypatch.setattr(os, "open", lambda path, *how: reads.append(path) or opened(path, *how))
    assert reads == []
    assert len({contract.line_of(violation) for _ in range(3)}) == 1
    assert len(reads) == 1


def test_a_large_document_has_no_lines(write, tools, monkeypatch):
    monkeypatch.setattr("contratempo.contract.lines.MOST_VALUES", 10)
    contract = Contract(read_document("example", [write(tools.document_of(tools.body_of({"type": "object"})))]))
    (violation,) = tools.ask(contract, body=b"1").violations
    assert contract.line_of(violation) is None
