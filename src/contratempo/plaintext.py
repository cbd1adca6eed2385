"""Plain text: what others wrote, fit to be printed: it moves no cursor, forges no line and hides nothing."""

import re
from typing import Final

_UNPRINTED: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def plain_text(text: str, *, keep: str = "") -> str:
    """The text with controls, directions, what has no width, and half characters written as escapes; but for `keep`."""
    return _UNPRINTED.sub(lambda found: found[0] if found[0] in keep else _escaped(found[0]), text)


def _escaped(char: str) -> str:
    code = ord(char)
    plain = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return _SHORT.get(char, plain)
