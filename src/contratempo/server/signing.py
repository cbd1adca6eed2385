"""Signing: the key with which a server signs its webhooks (Ed25519)."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from contratempo.contract.source import DocumentError
from contratempo.sim.ids import digest

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# cryptography is imported where it is used: it takes 30 ms, its reader of PEM files another 50, of a start-up that
# often signs nothing.

SEED_BYTES: Final = 32
_LONGEST_FILE: Final = 65_536
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_WANTED: Final = (
    "Give an Ed25519 private key as PEM (openssl genpkey -algorithm ed25519), or its 32 bytes in base64 or hexadecimal"
)


@dataclass(frozen=True)
class Signer:
    """A private key, by the 32 bytes it is made of."""

    seed: bytes = field(repr=False)

    @classmethod
    def derived(cls, seed: str) -> "Signer":
        """Return the signer of a server's seed: the same seed, the same key."""
        return cls(digest(seed, "webhook-key", size=SEED_BYTES))

    @classmethod
    def read(cls, path: Path | str) -> "Signer":
        """Return the signer of a key file (PKCS#8 PEM, base64 or hexadecimal); DocumentError when it holds none."""
        raw = _content(path)
        if b"-----BEGIN" in raw:
            return cls(_from_pem(raw, path))
        return cls(_from_text(raw, path))

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of a message's signature."""
        return self._key.sign(message)

    @cached_property
    def public_key(self) -> str:
        """Return the base64 of the public key's 32 bytes."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    @cached_property
    def _key(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed)


def _content(path: Path | str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            raw = file.read(_LONGEST_FILE + 1)
    except OSError as error:
        what = f"the webhook key cannot be read: {error.strerror}"
        raise DocumentError(what, file=path, hint="Name a file that exists, by --webhook-key") from None
    if len(raw) > _LONGEST_FILE:
        raise DocumentError("the webhook key is longer than 64 KiB", file=path, hint=_WANTED)
    return raw


def _from_pem(raw: bytes, path: Path | str) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(raw, None)
    except TypeError:  # what it raises for want of a password
        what, hint = "the webhook key is encrypted", "Decrypt it (openssl pkey -in FILE -out PLAIN) and name that file"
        raise DocumentError(what, file=path, hint=hint) from None
    except (ValueError, UnsupportedAlgorithm):
        raise DocumentError("the webhook key is not a private key in PEM", file=path, hint=_WANTED) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise DocumentError("the webhook key is not an Ed25519 key", file=path, hint=_WANTED)
    return key.private_bytes_raw()


def _from_text(raw: bytes, path: Path | str) -> bytes:
    try:
        text = raw.decode("ascii").strip()
        seed = bytes.fromhex(text) if _HEX.fullmatch(text) else base64.b64decode(text, validate=True)
    except (UnicodeDecodeError, binascii.Error):
        raise DocumentError("the webhook key is neither PEM, base64 nor hexadecimal", file=path, hint=_WANTED) from None
    if len(seed) != SEED_BYTES:
        raise DocumentError(f"the webhook key has {len(seed)} bytes, not {SEED_BYTES}", file=path, hint=_WANTED)
    return seed
