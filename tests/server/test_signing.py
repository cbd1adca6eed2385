"""The key that signs webhooks: derived or read, and checked by others than its maker."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from telnyx import Telnyx

from contratempo.contract.source import DocumentError
from contratempo.server.realtime import RealTime
from contratempo.server.signing import Signer

SEED = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(SEED)


def pem(key, encryption=None) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def verifier(signer):
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(signer.public_key))


def test_a_signature_holds_for_what_was_signed_alone():
    signer = Signer.derived("seed")
    signature = signer.sign(b"1700000000|{}")
    verifier(signer).verify(signature, b"1700000000|{}")
    with pytest.raises(InvalidSignature):
        verifier(signer).verify(signature, b"1700000000|{ }")


def test_the_same_seed_has_the_same_key_and_another_another():
    assert Signer.derived("a").public_key == Signer.derived("a").public_key != Signer.derived("b").public_key


def test_the_key_is_not_shown():
    assert repr(Signer(SEED)) == "Signer()"


@pytest.mark.parametrize(
    "content",
    [
        pem(KEY),
        b"a note before it\n" + pem(KEY) + b"\n",
        base64.b64encode(SEED),
        base64.b64encode(SEED) + b"\n",
        SEED.hex().encode(),
        SEED.hex().upper().encode() + b"\r\n",
    ],
)
def test_a_key_file_is_read_in_every_form(tmp_path, content):
    file = tmp_path / "key"
    file.write_bytes(content)
    assert Signer.read(file).public_key == base64.b64encode(KEY.public_key().public_bytes_raw()).decode()


PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "has 0 bytes, not 32"),
        (base64.b64encode(SEED[:31]), "has 31 bytes, not 32"),
        (base64.b64encode(SEED + SEED), "has 64 bytes, not 32"),
        (b"not a key!", "neither PEM, base64 nor hexadecimal"),
        (b"\xff\xfe" + SEED, "neither PEM, base64 nor hexadecimal"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "not a private key in PEM"),
        (PUBLIC, "not a private key in PEM"),
        (pem(X25519PrivateKey.generate()), "not an Ed25519 key"),
        (pem(KEY, BestAvailableEncryption(b"secret")), "is encrypted"),
        (b"A" * 65_537, "longer than 64 KiB"),
    ],
)
def test_a_bad_key_file_is_named_with_what_would_be_right(tmp_path, content, what):
    file = tmp_path / "key"
    file.write_bytes(content)
    with pytest.raises(DocumentError, match=what) as raised:
        Signer.read(file)
    assert (raised.value.file, bool(raised.value.hint)) == (str(file), True)
    if len(content) > 20:
        assert content[:20].decode("latin-1") not in str(raised.value)


def test_a_key_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(DocumentError, match="No such file") as raised:
        Signer.read(str(tmp_path / "key"))
    assert "--webhook-key" in raised.value.hint


def test_the_vendor_s_sdk_accepts_a_signature_and_refuses_one_changed_byte():
    signer, seconds = Signer.derived("seed"), RealTime().instant() // 1_000_000
    data = {"record_type": "event", "event_type": "message.sent", "id": "9f1e1d1c-0000-4000-8000-000000000000"}
    body = json.dumps({"data": data})
    signature = base64.b64encode(signer.sign(f"{seconds}|{body}".encode())).decode()
    headers = {"telnyx-timestamp": str(seconds), "telnyx-signature-ed25519": signature}
    with Telnyx(api_key="k", public_key=signer.public_key) as client:
        assert client.webhooks.unwrap(body, headers=headers).data.event_type == "message.sent"
        with pytest.raises(Exception, match=r"(?i)signature"):
            client.webhooks.unwrap(body + " ", headers=headers)
