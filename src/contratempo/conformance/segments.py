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
_SIZES: Final = {True: (160, 153), False: (70, 67)}
"""How many septets, or units of UCS-2, a message of one part has, and each of several."""
_DISPUTED: Final = frozenset("ÇΔΦΓΛΩΠΨΣΘΞ¤")
"""What one of the page's two tables of GSM-7 has and the other lacks."""


def parts_of(text: str) -> tuple[bool, int]:
    """Return whether GSM-7 can express a text, and its parts: of 160 or 153 septets, else of 70 or 67 units."""
    septets = _BASIC.issuperset(set(text) - _EXTENSION)
    return septets, _plain(_units(text, septets), septets)


def is_disputed(text: str) -> bool:
    """Say whether it depends on the table whether GSM-7 can express a text."""
    return parts_of(text)[0] and not _DISPUTED.isdisjoint(text)


def counts_of(text: str) -> tuple[int, ...]:
    """Return the parts that a text may have, those by plain division first: whether two units of one character may part
    is not said."""
    septets = parts_of(text)[0]
    return tuple(
        count
        for narrow in ((septets, False) if is_disputed(text) else (septets,))
        for count in (_plain(_units(text, narrow), narrow), _whole(text, narrow))
    )


def _units(text: str, septets: bool) -> int:
    return sum(_unit(each, septets) for each in text)


def _unit(letter: str, septets: bool) -> int:
    return 1 + (letter in _EXTENSION if septets else ord(letter) > 0xFFFF)


def _plain(units: int, septets: bool) -> int:
    alone, each = _SIZES[septets]
    return 1 if units <= alone else -(-units // each)


def _whole(text: str, septets: bool) -> int:
    """Return the parts where no character is parted."""
    alone, each = _SIZES[septets]
    if _units(text, septets) <= alone:
        return 1
    parts, filled = 1, 0
    for letter in text:
        unit = _unit(letter, septets)
        parts, filled = (parts + 1, unit) if filled + unit > each else (parts, filled + unit)
    return parts
