"""Webhooks on the wire: the Ed25519 signature, and a POST that waits two seconds and follows nothing."""

import base64
import hashlib
import http.client
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

TIMEOUT_SECONDS = 2.0


def key_of(name: str) -> Ed25519PrivateKey:
    """Return the key that follows from a name."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the base64 of the raw public key."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def signature(key: Ed25519PrivateKey, timestamp: str, body: bytes) -> str:
    """Return the base64 of the signature over the timestamp, a bar and the body."""
    return base64.b64encode(key.sign(timestamp.encode() + b"|" + body)).decode()


def post(url: str, headers: dict[str, str], body: bytes) -> int:
    """Return the receiver's status, 0 when there was none."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
