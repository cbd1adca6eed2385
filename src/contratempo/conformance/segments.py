"""How a text is split into parts, as the vendor's page on encoding has it."""

import re
from typing import Final

GSM7: Final = "GSM-7"
UNICODE: Final = ("UTF-16", "UCS-2")


def named(encoding: str) -> str:
    """Return an encoding's name as the guides write it: they promise no spelling."""
    plain = re.sub(r"[^a-z0-9]", "", encoding.lower())
    return {"gsm7": GSM7, "gsm7bit": GSM7, "ucs2": "UCS-2", "utf16": "UTF-16", "utf16be": "UTF-16"}.get(plain, encoding)


_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")


def parts_of(text: str) -> tuple[bool, int]:
    """Return whether GSM-7 can express a text, and its parts: of 160 or 153 septets, else of 70 or 67 units."""
    septets = _BASIC.issuperset(set(text) - _EXTENSION)
    if septets:
        units, alone, each = len(text) + sum(map(text.count, _EXTENSION)), 160, 153
    else:
        units, alone, each = len(text.encode("utf-16-le", "surrogatepass")) // 2, 70, 67
    return septets, 1 if units <= alone else -(-units // each)
