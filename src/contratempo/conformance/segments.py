"""How a text is split into parts, as the vendor's page on encoding has it."""

from typing import Final

GSM7: Final = "GSM-7"
UNICODE: Final = ("UTF-16", "UCS-2")
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
