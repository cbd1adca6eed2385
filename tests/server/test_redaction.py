import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.server.redaction import REDACTED, Redactor, logged, redacted
from contratempo.server.worlds import Worlds
from contratempo.sim.clock import Clock

TOKEN = "a-callers-token"
KEY = "KEY0123456789ABCDEF0123456789ABCDEF_Ab9-x_y"
CANARY = "CANARY"

plain = Redactor()
clean = Redactor([TOKEN, "short"])


def shown(value, redactor=plain):
    return json.loads(redactor.json(json.dumps(value).encode()))


@pytest.mark.parametrize("secret", [KEY, "sk_live_0123abcd", "sk_test_51_fakeapikey123456", TOKEN])
@pytest.mark.parametrize("text", ["{}", "there is no {} here", "/v2/{}/x", "({})", "x,{};y"])
def test_keys_and_known_secrets_leave_a_text(text, secret):
    assert clean.text(text.format(secret)) == text.format(REDACTED)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://me:CANARY@example.com/x?y=1", "https://[REDACTED]@example.com/x?y=1"),
        ("//CANARY@example.com", "//[REDACTED]@example.com"),
        ("https://h/?token=CANARY&page=2", "https://h/?token=[REDACTED]&page=2"),
        ("https://h/?page=2;API_KEY=CANARY#f", "https://h/?page=2;API_KEY=[REDACTED]#f"),
        ("https://h/#access_token=CANARY", "https://h/#access_token=[REDACTED]"),
        ("a[secret]=CANARY", "a[secret]=[REDACTED]"),
        ("authorization: Bearer CANARY-12", "authorization: Bearer [REDACTED]"),
        ("basic Q0FOQVJZOkNBTkFSWQ==", "basic [REDACTED]"),
        ('{"Password" : "CAN\\"ARY", "x": 1', '{"Password" : "[REDACTED]", "x": 1'),
        ('{"token":12345}', '{"token":"[REDACTED]"}'),
        ('{"token":null}', '{"token":null}'),
        ('{"authorization":"Basic CANARY"}', '{"authorization":"Basic [REDACTED]"}'),
    ],
)
def test_secrets_are_known_by_where_they_stand(text, expected):
    assert plain.text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "the short one stays",
        "send Authorization: Bearer KEY",
        "keyword=x&monkey=y&tokens=z&secretary=q",
        "Idempotency-Key replayed; X-Sub-Key=x",
        "the basic knowledge of a bearer of news",
        "basic Q0FOQVJZQ0FOQVJZ",  # base64 without a colon inside
        "mail me@example.com, see https://example.com/@me",
        "+12125550101",
    ],
)
def test_what_is_no_secret_stays(text):
    assert clean.text(text) == text
    assert shown({"text": text}, clean) == {"text": text}


@pytest.mark.parametrize("name", ["token", "API_KEY", "apikey", "key", "Secret", "password", "signature"])
@pytest.mark.parametrize("value", ["x", 5, 1.5, ["a"], {"b": "c"}])
def test_members_named_like_secrets_have_no_value(name, value):
    assert shown({"a": [{name: value, "keyword": value}]}) == {"a": [{name: REDACTED, "keyword": value}]}


def test_a_member_without_a_value_keeps_none_and_an_authorization_its_scheme():
    sent = {"token": None, "secret": True, "authorization": "Bearer CANARY", "b": {"Authorization": "CANARY"}}
    expected = {"token": None, "secret": True, "authorization": "Bearer [REDACTED]", "b": {"Authorization": REDACTED}}
    assert shown(sent) == expected


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":"a-callers-token"}',
        b'{"a-callers-token":1}',
        b'["\\u0061-callers-token"]',
        b'["a-callers-toke\\u006E"]',
        b'{"tok\\u0065n":"a-callers-token"}',
        b'{"url":"https:\\/\\/a-callers-token@h"}',
        b'{"x":"{\\"token\\": \\"a-callers-token\\"}"}',
        b'["\\ud800 a-callers-token"]',
        b'"\xff a-callers-token',
    ],
)
def test_no_spelling_of_a_body_hides_a_secret(body):
    kept = clean.json(body)
    assert TOKEN not in json.dumps(json.loads(kept))
    assert REDACTED in kept.decode()


@pytest.mark.parametrize(
    "token",
    [
        'with"quotes"',
        "back\\slashes",
        "s\u00e9cr\u00e8tement",
        "s\u00e9cr\u00e8t8".encode().decode("latin-1"),
        "1234567890",
    ],
)
def test_odd_tokens_are_found_however_a_body_spells_them(token):
    odd = Redactor([token])
    meant = token.encode("latin-1").decode(errors="ignore") if "\xc3" in token else token
    for ascii_only in (True, False):
        body = json.dumps({"a": meant, "b": "c"}, ensure_ascii=ascii_only).encode()
        assert json.loads(odd.json(body)) == {"a": REDACTED, "b": "c"}
    assert odd.json(b"[1234567890,true]") == (b'["[REDACTED]",true]' if token.isdigit() else b"[1234567890,true]")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("page=2&token=CANARY&x", "page=2&token=[REDACTED]&x"),
        ("to%6ben=CANARY", "to%6ben=[REDACTED]"),
        ("filter[api_key]=CANARY&filter%5BKEY%5D=CANARY", "filter[api_key]=[REDACTED]&filter%5BKEY%5D=[REDACTED]"),
        ("keyword=a&token=", "keyword=a&token="),
        ("q=a-callers%2Dtoken&r=%20", "q=[REDACTED]&r=%20"),
        ("q=" + KEY, "q=[REDACTED]"),
        ("url=https%3A%2F%2Fme%3ACANARY%40h%2F", "url=https://[REDACTED]@h/"),
        ("plain=%C3%A9&b=1+2", "plain=%C3%A9&b=1+2"),
        ("", ""),
    ],
)
def test_a_query_shows_no_secret(query, expected):
    assert clean.query(query) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v2/messages/a-callers-token", "/v2/messages/[REDACTED]"),
        ("/v2/%61-callers-token/x", "/v2/[REDACTED]/x"),
        ("/v2/a%20b", "/v2/a%20b"),
        (f"/v1/{KEY}", "/v1/[REDACTED]"),
    ],
)
def test_a_path_shows_no_secret(path, expected):
    assert clean.path(path) == expected


def test_a_body_without_secrets_is_the_same_object():
    bodies = [
        json.dumps(
            {"text": "Hello\nthere \u00e9", "to": "+12125550101", "keyword": 1, "when": "2026-03-15T15:00:00Z"}
        ).encode(),
        b'{"url":"https:\\/\\/example.com", "n": 1.50}',
        b"[]",
    ]
    for body in bodies:
        assert clean.json(body) is body


def test_the_keys_of_worlds_need_not_be_given():
    worlds = Worlds(
        lambda identifier, *_: type("Stub", (), {"origin": None})(), lambda: Clock(0), "seed", "spec", ("spec",)
    )
    assert plain.text(f"it is {worlds.default.api_key}.") == f"it is {REDACTED}."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\x1b[31m\x00", r"a\r\nb\x1b[31m\x00"),
        ("\u2028\u202e\x85\ud800", r"\u2028\u202e\x85\ud800"),
        ("né ☃", "né ☃"),
        ("Bearer a-callers-token\n", r"Bearer [REDACTED]\n"),
    ],
)
def test_a_line_stays_one_line(text, expected):
    assert logged(text, TOKEN) == expected


def test_what_is_known_is_asked_for_each_time():
    assert redacted("the known-secret and a-callers-token\n", TOKEN, ("known-secret",)) == (
        "the [REDACTED] and [REDACTED]\n"
    )
    assert redacted("the known-secret", None) == "the known-secret"


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(NESTED, st.sampled_from([f"x{TOKEN}y", f"https://{TOKEN}@h", KEY]), st.booleans())
def test_nothing_but_secrets_is_lost(value, secret, ascii_only):
    body = json.dumps({"value": value, "here": [secret]}, ensure_ascii=ascii_only).encode("utf-8", "replace")
    told = json.loads(clean.json(body))
    assert TOKEN not in json.dumps(told)
    assert KEY not in json.dumps(told)
    if not re.search(
        "key|token|secret|password|signature|authorization|sk_|bearer|basic|//", json.dumps(value), re.IGNORECASE
    ):
        assert told["value"] == json.loads(body)["value"]


@pytest.mark.parametrize(
    "unit", ["//", "//a", "bearer ", "bearer\t", '"key"', '"key":"\\', "key=", "basic A", "sk_live_", "KEY0"]
)
def test_no_text_takes_long(unit):
    text = unit * (60_000 // len(unit))
    assert isinstance(plain.text(text), str)  # quadratic, the slowest would take minutes
    assert plain.json(json.dumps([text]).encode())
