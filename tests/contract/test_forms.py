"""Bodies that are not JSON: forms of both kinds and texts, judged as the schema's object."""

import pytest

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
SCHEMA = {
    "type": "object",
    "required": ["n"],
    "properties": {
        "n": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "meta": {"type": "object", "properties": {"k": {"type": "integer"}}},
        "file": {"type": "string", "format": "binary"},
    },
}


def checked(tools, media_type, body, schema=SCHEMA, **more):
    content = {media_type.partition(";")[0]: {"schema": schema, **more}}
    contract = tools.contract_of({"requestBody": {"required": True, "content": content}})
    return tools.ask(contract, headers=[("authorization", "Bearer key"), ("content-type", media_type)], body=body)


def part(name, content, media_type=""):
    said = f"Content-Type: {media_type}\r\n" if media_type else ""
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n{said}\r\n'
    return head.encode() + content + b"\r\n"


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        (b"n=5&tags=a&tags=b", {"n": 5, "tags": ["a", "b"]}),
        (b"n=5&tags=a&other=x&other=y", {"n": 5, "tags": ["a"], "other": ["x", "y"]}),
        (b'n=5&meta={"k":1}', {"n": 5, "meta": {"k": 1}}),
    ],
)
def test_fields_become_the_members_of_an_object(tools, sent, value):
    found = checked(tools, URLENCODED, sent)
    assert (tools.told(found), found.body) == ([], value)


def test_a_field_has_the_style_that_is_described(tools):
    encoding = {"tags": {"style": "spaceDelimited", "explode": False}, "meta": {"style": "deepObject"}}
    found = checked(tools, URLENCODED, b"n=1&tags=a%20b&meta[k]=2", encoding=encoding)
    assert (tools.told(found), found.body) == ([], {"n": 1, "tags": ["a", "b"], "meta": {"k": 2}})
    assert tools.told(checked(tools, URLENCODED, b"n=1", encoding=encoding)) == []


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (b"n=x", [("body", "/n", "type")]),
        (b"n=1&meta=x", [("body", "/meta", "type")]),
        (b"n=%ff", [("body", "", "encoding")]),
        (b"", [("body", "", "missing-body")]),
    ],
)
def test_a_form_is_judged(tools, sent, found):
    assert tools.told(checked(tools, URLENCODED, sent)) == found


def test_parts_become_the_members_of_an_object(tools):
    sent = part("n", b"5") + part("meta", b'{"k": 1}', "application/json") + part("file", b"\xff\x00") + b"--x--\r\n"
    found = checked(tools, MULTIPART, sent)
    assert (tools.told(found), found.body) == ([], {"n": 5, "meta": {"k": 1}, "file": "\xff\x00"})


@pytest.mark.parametrize("sent", [b"nonsense", part("n", b"5"), b"--x\r\nA: b\r\n\r\n5\r\n--x--"])
def test_a_body_without_its_parts_is_refused(tools, sent):
    assert tools.told(checked(tools, MULTIPART, sent)) == [("body", "", "json")]


def test_a_boundary_is_needed(tools):
    assert tools.told(checked(tools, "multipart/form-data", b"--x--")) == [("body", "", "json")]


@pytest.mark.parametrize(
    ("media_type", "schema", "sent", "found"),
    [
        ("text/plain", {"type": "string", "maxLength": 2}, b"abc", [("body", "", "maxLength")]),
        ("text/plain", {"type": "integer"}, b"5", []),
        ("text/plain", {"type": "string"}, b"\xff", [("body", "", "encoding")]),
        ("application/octet-stream", {"type": "string", "minLength": 3}, b"\xff\xff", [("body", "", "minLength")]),
        ("application/xml", {"type": "object"}, b"<a/>", []),
    ],
)
def test_texts_and_bytes_are_judged_and_xml_is_not(tools, media_type, schema, sent, found):
    assert tools.told(checked(tools, media_type, sent, schema)) == found


def test_a_field_that_cannot_be_read_in_its_style_is_refused(tools):
    found = checked(tools, URLENCODED, b"n=1&meta=k", encoding={"meta": {"style": "form", "explode": False}})
    assert tools.told(found) == [("body", "", "json")]


def test_lists_may_stand_behind_references(tools):
    operation = {
        "requestBody": {
            "content": {
                URLENCODED: {"schema": {"type": "object", "properties": {"n": {"$ref": "#/components/schemas/L"}}}}
            }
        }
    }
    schemas = {"schemas": {"L": {"type": "array", "items": {"type": "integer"}}}}
    contract = tools.contract_of(operation, components=schemas)
    headers = [("authorization", "Bearer key"), ("content-type", URLENCODED)]
    assert tools.ask(contract, headers=headers, body=b"n=1&n=2").body == {"n": [1, 2]}
