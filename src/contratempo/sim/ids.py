"""Identifiers and chance as digests: the same seed and the same calls give the same ones."""

import math
from hashlib import blake2b
from typing import Final

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_SHORT: Final = len(_ALPHABET) ** 6
_VARIANT: Final = {digit: f"{int(digit, 16) & 0x3 | 0x8:x}" for digit in "0123456789abcdef"}


def digest(*parts: str | int, size: int = 16) -> bytes:
    """Return `size` bytes that depend on every part and on where one part ends and the next begins."""
    text = "\x1f".join(map(str, parts))
    return blake2b(text.encode(), digest_size=size).digest()


def uuid(*parts: str | int) -> str:
    """Return a version 4 UUID made of the parts."""
    text = digest(*parts).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"


def short(seed: str, ordinal: int) -> str:
    """Return six lower-case letters and digits, different for every ordinal below 36**6.

    The ordinals are permuted by a seeded affine map, so neighbours look unlike and none collide.
    """
    key = int.from_bytes(digest(seed, "short"), "big")
    factor = key % _SHORT | 1
    while math.gcd(factor, _SHORT) != 1:
        factor += 2
    number = (factor * ordinal + key // _SHORT) % _SHORT
    letters = []
    for _ in range(6):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "".join(letters)


def fraction(*parts: str | int) -> float:
    """Return a number from 0 up to 1 that depends on the parts: seeded chance."""
    return int.from_bytes(digest(*parts, size=8), "big") / 2**64
