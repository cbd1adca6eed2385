"""Bodies that break parsers: every operation answers each of them, in its document's words and soon."""

import json
import os
from typing import Final

import pytest

FULL = os.environ.get("CONTRATEMPO_TEST_TIER") == "full"
LARGE = 1_000_000 if FULL else 100_000
"""Bytes of the largest bodies; a server takes 1 MiB."""


def nested(opening: bytes, closing: bytes, levels: int) -> bytes:
    return opening * levels + b"1" + closing * levels


NINES: Final = b"9" * 4_301
REFUSED: Final = {
    "white space alone": b" \n\t\r ",
    "a NUL": b"\0",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16 with its mark": "{}".encode("utf-16"),
    "UTF-16 without": '{"a":1}'.encode("utf-16-le"),
    "UTF-32": "{}".encode("utf-32"),
    "Latin-1": b'{"text":"\xe9"}',
    "an overlong NUL": b'{"text":"\xc0\x80"}',
    "a surrogate in UTF-8": b'{"text":"\xed\xa0\x80"}',
    "beyond Unicode": b'{"text":"\xf4\x90\x80\x80"}',
    "half a character": b'{"text":"\xe2\x82"}',
    "half of a pair": b'{"text":"\\ud800"}',
    "a pair the wrong way round": b'{"text":"\\udc00\\ud800"}',
    "half of a pair as a key": b'{"\\ud800":1}',
    "a control character": b'{"text":"\x01"}',
    "a new line in a string": b'{"text":"\n"}',
    "an escape of Python": b'{"text":"\\x41"}',
    "a short escape": b'{"text":"\\u12"}',
    "NaN": b'{"a":NaN}',
    "Infinity": b"[Infinity]",
    "-Infinity": b"-Infinity",
    "beyond a double": b'{"a":1e400}',
    "beyond a double, negative": b"-1e400",
    "just beyond a double": b'{"seconds":1e309}',
    "4,301 digits": b'{"a":' + NINES + b"}",
    "4,301 digits, negative": b"-" + NINES,
    "an exponent of 5,000 digits": b"1e" + b"9" * 5_000,
    "a leading zero": b'{"a":01}',
    "a plus": b'{"a":+1}',
    "no digit before the point": b'{"a":.5}',
    "no digit after it": b'{"a":1.}',
    "hexadecimal": b'{"a":0x1F}',
    "a minus": b"-",
    "a key twice": b'{"a":1,"a":2}',
    "a key twice, once escaped": b'{"a":1,"\\u0061":2}',
    "a key twice, inside": b'{"a":{"b":1,"b":1}}',
    "a key 20,000 times": b"{" + b'"a":1,' * 20_000 + b'"a":1}',
    "the last of many keys twice": ("{" + ",".join(f'"k{i}":1' for i in range(30_000)) + ',"k29999":2}').encode(),
    "something after it": b"{}x",
    "two of them": b"{}{}",
    "a NUL after it": b"{}\0",
    "a comma too many": b'{"a":1,}',
    "a comma too many in a list": b"[1,]",
    "a comment": b"{}//x",
    "a comment before": b"/*x*/{}",
    "single quotes": b"{'a':1}",
    "a bare key": b"{a:1}",
    "no end": b'{"a":1',
    "a string without end": b'"a',
    "Python's True": b"True",
    "undefined": b"undefined",
    "65 lists deep": nested(b"[", b"]", 65),
    "65 objects deep": nested(b'{"a":', b"}", 65),
    "5,000 of both deep": nested(b'[{"a":', b"}]", 5_000),
    "too deep by far": nested(b"[", b"]", LARGE // 2),
    "lists without end": b"[" * LARGE,
    "objects without end": b'{"a":' * (LARGE // 5),
    "ends without beginning": b"]" * LARGE,
    "quotes": b'"' * LARGE,
    "a string without end, of escapes": b"[" + b"[]," * 65 + b'"' + b'\\"' * (LARGE // 2 - 200),
    "quotes and backslashes": b'"\\' * (LARGE // 2),
}
"""What is no JSON, or none that parsers agree about."""
READ: Final = {
    "null": b"null",
    "true": b"true",
    "a number": b"0",
    "a string": b'""',
    "a list": b"[]",
    "an object": b"{}",
    "a list of objects": b"[{}]",
    "a NUL in a string": b'{"text":"\\u0000","to":"\\u0000","by":"\\u0000","id":"\\u0000"}',
    "a NUL as a key": b'{"\\u0000":"x"}',
    "64 lists deep": nested(b"[", b"]", 64),
    "64 objects deep": nested(b'{"a":', b"}", 64),
    "metadata 63 deep": b'{"metadata":' + nested(b'{"a":', b"}", 63) + b"}",
    "brackets in a string": b'{"text":"' + b"[" * LARGE + b'"}',
    "4,300 digits": b'{"a":' + NINES[:4_300] + b"}",
    "whole numbers without end": b'{"max_duration_seconds":' + b"9" * 400 + b',"by":' + b"9" * 400 + b"}",
    "digits after the point": b"0." + b"1" * LARGE,
    "next to nothing": b'{"by":1e-400,"rate":1e-400,"text":1e-400}',
    "minus nothing": b'{"by":-0,"rate":-0.0,"a":-0}',
    "5,000 keys": json.dumps({f"k{i}": i for i in range(5_000)}).encode(),
    "keys of one hash": ("{" + ",".join(f'"{i * ((1 << 61) - 1)}":1' for i in range(3_000)) + "}").encode(),
    "numbers of one hash": ("[" + ",".join(str(i * ((1 << 61) - 1)) for i in range(3_000)) + "]").encode(),
    "a long key": b'{"' + b"k" * LARGE + b'":1}',
    "a long string": b'{"text":"' + b"x" * LARGE + b'"}',
    "a long list": b"[" + b"1," * (LARGE // 2 - 1) + b"1]",
    "a list of lists": b"[" + b"[]," * (LARGE // 10) + b"[]]",
    "backslashes": b'{"text":"' + b"\\\\" * (LARGE // 2 - 8) + b'"}',
    "escapes": b'{"text":"' + b"\\u0041" * (LARGE // 8) + b'"}',
    "names of other languages": b'{"__proto__":{"a":1},"constructor":1,"__class__":1,"self":1}',
    "a reference": b'{"$ref":"#/components/schemas/Problem","$schema":"http://127.0.0.1:1/","$id":"x"}',
}
"""JSON that is odd or large: it is read, and judged by the document."""
UNFIT: Final = (400, 401, 404, 409, 413, 415, 422)
"""What a body can be answered with that is not taken; 404 where the path leads to nothing."""


def bodied(attack) -> list[object]:
    return [target for target in attack.targets if target.takes_body]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_json_is_refused_by_every_operation_that_takes_a_body(attack, name):
    heads = [world.simulation.head for world in attack.service.worlds]
    for target in bodied(attack):
        assert attack(target, REFUSED[name]).status in UNFIT, target
    assert [world.simulation.head for world in attack.service.worlds] == heads


@pytest.mark.parametrize("name", READ)
def test_odd_json_is_judged_by_every_operation(attack, name):
    for target in bodied(attack):
        attack(target, READ[name])


@pytest.mark.parametrize("name", ["a NUL", "NaN", "65 lists deep", "lists without end", "a key twice", "no end"])
def test_where_no_body_is_expected_none_does_harm(attack, name):
    for target in attack.targets:
        if not target.takes_body and target.operation != "streamEvents":
            attack(target, REFUSED[name])


def test_every_body_is_within_the_limit(attack):
    limit = attack.service.settings.max_body_bytes
    assert max(map(len, [*REFUSED.values(), *READ.values()])) < limit


def test_an_empty_body_is_answered_by_every_operation(attack):
    for target in attack.targets:
        if target.operation not in ("streamEvents", "waitForRequests"):
            attack(target, b"")
