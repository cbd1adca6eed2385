"""Into how many parts a text is split: GSM 03.38 where it can be, else UTF-16."""

import math

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"
GSM = frozenset(BASIC + EXTENSION)


class TextCount:
    """Counts as the vendor's guide to encodings says: by plain division."""

    def is_gsm(self, text: str) -> bool:
        return GSM.issuperset(text)

    def gsm_units(self, text: str) -> int:
        return len(text) + sum(map(text.count, EXTENSION))

    def wide_units(self, text: str) -> int:
        return len(text.encode("utf-16-le")) // 2

    def split(self, units: int, alone: int, each: int) -> int:
        """Return the parts of so many units: one that has `alone`, or more that have `each`."""
        return 1 if units <= alone else math.ceil(units / each)

    def parts(self, text: str, wide: bool) -> int:
        return self.split(self.wide_units(text), 70, 67) if wide else self.split(self.gsm_units(text), 160, 153)
