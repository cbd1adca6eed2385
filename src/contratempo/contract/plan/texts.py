"""Texts: the patterns and formats of which Rust's engine is known to accept nothing that Python's refuses."""

import re
from functools import lru_cache
from typing import Any

import jsonschema_rs

from contratempo.contract.formats import STRICT, Check

# No dot, no \d, \w, \s, \b, \p, no look-around, back-reference or possessive quantifier: engines differ over those.
_PROVEN = re.compile(
    r"""(?: \^ | \| | \( (?:\?:)? | \$
      | (?: [A-Za-z0-9_\ \-/:,@#%&=~!;<>"']
          | \\ [.\-/+*?()\[\]{}^$|\\]
          | \[ \^? (?: [0-9]-[0-9] | [a-z]-[a-z] | [A-Z]-[A-Z] | [A-Za-z0-9_.,:/@+*?(){}|$\#%=!;'"\ ]
                     | \\ [.\-/+*?()\[\]{}^$|\\] )+ -? \]
          | \) )
        (?: (?: [*+?] | \{ [0-9]{1,4} (?: , [0-9]{0,4} )? \} ) \?? )?
    )*""",
    re.VERBOSE,
)
LINEAR = jsonschema_rs.RegexOptions(size_limit=1_000_000)

_DAY = "(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31"
_DATE = f"(?:[1-9][0-9]{{3}}|0[0-9]{{2}}[1-9]|0[1-9][0-9]0|00[1-9]0)-(?:(?:0[1-9]|1[0-2])-{_DAY})"
_CLOCK = r"[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_OFFSET = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_HEX = "[0-9a-fA-F]"

# What a format asks for, as a pattern: 29 February is left to the check itself. Ends are Rust's: no newline after them.
_PATTERNS = {
    "date-time": f"^{_DATE}{_CLOCK}{_OFFSET}$",
    "date": f"^{_DATE}$",
    "uuid": f"^{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}$",
    "email": "@",
    "idn-email": "@",
}
_NAIVE_PATTERNS = {**_PATTERNS, "date-time": f"^{_DATE}{_CLOCK}{_OFFSET}?$"}
_CALLED = ("ipv4", "ipv6", "byte")
# Checked by one of the engines and not by the other, or by both in their own ways.
_QUESTIONABLE = ("time", "regex", "color", "ip-address", "host-name", "hostname", "idn-hostname")

CHECKS: dict[str, Check] = {name: STRICT[name] for name in _CALLED}


def pattern_of(name: str, *, naive: bool) -> str | None:
    """The pattern that stands for a format, None where there is none."""
    return (_NAIVE_PATTERNS if naive else _PATTERNS).get(name)


def is_questionable(name: str) -> bool:
    """Whether a format has to be left to openapi-core."""
    return name in _QUESTIONABLE


def is_checked(name: str) -> bool:
    """Whether anybody checks a format that has no pattern: of the others no value is refused."""
    return name in _CALLED


@lru_cache(maxsize=1024)
def is_proven(pattern: Any) -> bool:
    """Whether Rust's engine finds a pattern only where Python's does.

    At a `$` Python stops before a last newline, too: so Rust finds less where there is one, and else exactly as much.
    """
    if not isinstance(pattern, str) or not _PROVEN.fullmatch(pattern):
        return False
    try:
        re.compile(pattern)
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=LINEAR)
    except (re.error, ValueError):
        return False
    return True
