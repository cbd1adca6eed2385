"""Bodies decoded fast where they are plain, else not at all."""

import msgspec

from contratempo.contract.source import Json

_MAX_DEPTH = 64
_HIDDEN_QUOTE = b"\\u0022"
UNREAD = object()
"""Stands for a body that is not plain: the strict decoder has to see it."""

_decode, _encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode


def decode_plain(raw: bytes) -> Json:
    """The value that `decode_body` gives, or UNREAD.

    msgspec reads the same numbers and texts and refuses the same, but that it takes a key twice. Such a key is missing
    in what it gives: so what it gives has to have as many quotes as the wire, where none may be written in another way.
    """
    if b"\\" in raw and _HIDDEN_QUOTE in raw:
        return UNREAD
    if len(raw) > _MAX_DEPTH and raw.count(b"[") + raw.count(b"{") > _MAX_DEPTH:
        return UNREAD
    try:
        value = _decode(raw)
        return value if _encode(value).count(b'"') == raw.count(b'"') else UNREAD
    except (ValueError, OverflowError, RecursionError):
        return UNREAD
