"""Spelling: whether one word is another one misspelt."""


def misspelt(found: str, wanted: str) -> bool:
    """Say whether a word differs in one letter of each three, and in two at most: left out, too many, wrong, swapped.

    Words of one or two letters are never misspelt: too many others are as near.
    """
    return found != wanted and _within(found, wanted, min(2, len(wanted) // 3))


def _within(found: str, wanted: str, edits: int) -> bool:
    if abs(len(found) - len(wanted)) > edits:
        return False
    same = 0
    while same < min(len(found), len(wanted)) and found[same] == wanted[same]:
        same += 1
    found, wanted = found[same:], wanted[same:]
    if not found or not wanted:
        return len(found) + len(wanted) <= edits
    if edits == 0:
        return False
    swapped = found[:2] == wanted[1::-1] and _within(found[2:], wanted[2:], edits - 1)
    return swapped or any(_within(found[left:], wanted[right:], edits - 1) for left, right in ((1, 1), (1, 0), (0, 1)))
