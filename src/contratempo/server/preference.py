"""Prefer (RFC 7240): what a client would have a bare provider answer, in the words that Prism's users know."""

import re
from typing import Final

from contratempo.contract.answers import Wish
from contratempo.provider import Problem, Refusal
from contratempo.server.wire import Incoming

_PAIR: Final = re.compile(r'\s*([A-Za-z_-]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]+))\s*')


def wish_of(incoming: Incoming) -> Wish:
    """Return what `Prefer` and `Accept` ask for; Refusal 400 for a `code` that is no status.

    `code=404`, `example=NAME` and `dynamic=true` may stand in one header or several; other preferences are passed over.
    """
    told: dict[str, str] = {}
    for name, value in incoming.headers:
        if name == "prefer":
            found = (_PAIR.fullmatch(part) for part in re.split("[,;]", value))
            told |= {each[1].lower(): each[2] or each[3] or "" for each in found if each}
    code = told.get("code")
    if code is not None and not re.fullmatch("[1-5][0-9][0-9]", code):
        hint = "write Prefer: code=404"
        raise Refusal(Problem("invalid", f"Prefer: code={code:.40} is not a status.", status=400, hint=hint))
    accept = ", ".join(value for name, value in incoming.headers if name == "accept")
    return Wish(int(code) if code else None, told.get("example"), told.get("dynamic", "").lower() == "true", accept)
