"""What an SMS is made of: its encoding and how many parts it takes."""

from typing import Final, Literal, NamedTuple

from .tables import TABLES

Wanted = Literal["auto", "gsm7", "ucs2"]

GSM7: Final = "GSM-7"
UTF16: Final = "UTF-16"
MOST_PARTS: Final = 10
"""The most that the document allows an answer to say."""

_EXTENSION: Final = frozenset(TABLES["gsm7"]["extension"])
_ALPHABET: Final = frozenset(TABLES["gsm7"]["basic"]) | _EXTENSION
_PLAIN: Final = str.maketrans(TABLES["smart_encoding"])
# Units of one part, and of each of several: septets for GSM-7, UTF-16 code units for UTF-16.
_LIMITS: Final = {GSM7: (160, 153), UTF16: (70, 67)}


class Content(NamedTuple):
    """How a text is sent: the encoding as the vendor names it, the parts, and whether characters were replaced."""

    encoding: str
    parts: int
    smart: bool


def measure(text: str, wanted: Wanted | None, smart: bool) -> Content:
    """Return how a text is sent.

    `wanted` is the request's encoding: auto replaces typographic characters first, the others never do; without it
    `smart` decides. Parts are the plain quotient, rounded up: pairs may be split between parts.
    """
    replaced = text.translate(_PLAIN) if (smart if wanted is None else wanted == "auto") else text
    encoding = UTF16 if wanted == "ucs2" or not is_gsm7(replaced) else GSM7
    return Content(encoding, _parts(_units(replaced, encoding), *_LIMITS[encoding]), replaced != text)


def is_gsm7(text: str) -> bool:
    """Say whether GSM-7 can express every character."""
    return _ALPHABET.issuperset(text)


def _units(text: str, encoding: str) -> int:
    if encoding == GSM7:
        return len(text) + (0 if _EXTENSION.isdisjoint(text) else sum(map(text.count, _EXTENSION)))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _parts(units: int, single: int, several: int) -> int:
    return 1 if units <= single else -(-units // several)
