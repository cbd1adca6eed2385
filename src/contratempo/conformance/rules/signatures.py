"""Signatures of webhooks, as the vendor's SDK verifies them: Ed25519 over timestamp, a bar, and the body's bytes."""

from base64 import b64decode
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contratempo.conformance.exchange import Receipt
from contratempo.conformance.ledger import Ledger
from contratempo.conformance.rule import MESSAGES, Findings, rule

_TIMESTAMP: Final = "telnyx-timestamp"
_SIGNATURE: Final = "telnyx-signature-ed25519"
_TOLERANCE: Final = 300


@rule(
    "signatures.verify",
    "A webhook's signature verifies with the public key.",
    source="sdk",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES,),
    of=Receipt,
)
def verify(receipt: Receipt, ledger: Ledger) -> Findings:
    if not ledger.public_key:
        return None
    signature, timestamp = receipt.headers.get(_SIGNATURE), receipt.headers.get(_TIMESTAMP)
    if signature is None or timestamp is None:
        return [f"there is no {_SIGNATURE if signature is None else _TIMESTAMP}"]
    return (
        [] if verifies(ledger.public_key, signature, timestamp, receipt.content) else ["the signature does not verify"]
    )


@rule(
    "signatures.timestamp",
    "A webhook is stamped with real time in whole seconds: SDKs refuse 300 s of difference.",
    source="sdk",
    need="webhooks",
    contract="effective",
    providers=(MESSAGES,),
    of=Receipt,
)
def timestamp(receipt: Receipt, ledger: Ledger) -> Findings:
    said = receipt.headers.get(_TIMESTAMP)
    if said is None or not said.isascii() or not said.isdecimal():
        return [f"{_TIMESTAMP} is {said!r}"]
    apart = abs(int(said) - receipt.received)
    return [] if apart <= _TOLERANCE else [f"{_TIMESTAMP} is {apart:.0f} s from real time"]


def verifies(public_key: str, signature: str, timestamp: str, content: bytes) -> bool:
    """Say whether a signature is the key's for these bytes at this time."""
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(public_key, validate=True))
        key.verify(b64decode(signature, validate=True), timestamp.encode() + b"|" + content)
    except (ValueError, InvalidSignature):
        return False
    return True
