"""Conversations as files: what was sent, in an order that can be sent again, wherever and whenever."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import quote, unquote

from contratempo.conformance.exchange import Exchange, Observation, Script, Tick
from contratempo.conformance.instants import instant_of, written
from contratempo.conformance.tally import Failure
from contratempo.conformance.verdict import Verdict
from contratempo.conformance.visit import Visit
from contratempo.conformance.vocabulary import VOCABULARIES

Json: TypeAlias = Any
SHIPPED: Final = Path(__file__).with_name("conversations")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})")
_MADE: Final = re.compile(r"@made:(\d+)@")


def conversation_of(failure: Failure, verdict: Verdict) -> dict[str, Json]:
    """Return what led to a failure, and the failure, as a conversation."""
    seen = (*failure.after, failure.seen)
    about = {
        "provider": verdict.provider,
        "contract": verdict.contract,
        "seed": verdict.seed,
        "probe": failure.probe,
        "found": failure.message,
    }
    return {**about, **recorded(seen)}


def recorded(seen: Sequence[Observation]) -> dict[str, Json]:
    """Return observations as steps; ids of what was made are numbered, instants stand beside when it `started`."""
    start = next((each.now for each in seen if isinstance(each, Exchange | Tick) and each.now is not None), None)
    ids: dict[str, int] = {}
    steps = [step for each in seen for step in _steps(each, ids)]
    return {"started": None if start is None else written(start), "steps": steps}


def _steps(seen: Observation, ids: dict[str, int]) -> Iterator[dict[str, Json]]:
    if isinstance(seen, Tick):
        yield {"do": "advance", "to": written(seen.now)}
    elif isinstance(seen, Script):
        yield {"do": "script", "record": _numbered(seen.identifier, ids), "outcomes": list(seen.outcomes)}
    elif isinstance(seen, Exchange):
        credentials = seen.headers.get("authorization")
        sent = {
            "do": "send",
            "method": seen.method,
            "path": _numbered(seen.path, ids),
            "query": seen.query,
            "auth": seen.auth,
            "headers": {name: value for name, value in seen.headers.items() if name != "authorization"},
        }
        if credentials is not None:
            sent["credentials"] = credentials.replace("$CONTRATEMPO_TOKEN", "{token}")
        yield {**sent, **_body(seen.sent_bytes)}
        made = _made_by(seen)
        if made is not None and made not in ids:
            ids[made] = len(ids)


def _body(content: bytes) -> dict[str, str]:
    if not content:
        return {}
    try:
        return {"body": content.decode("ascii")}
    except UnicodeDecodeError:
        return {"base64": b64encode(content).decode()}


def _made_by(x: Exchange) -> str | None:
    vocabulary = VOCABULARIES[x.provider]
    record = vocabulary.made(x)
    return None if record is None else str(record[vocabulary.identity])


def _numbered(text: str, ids: Mapping[str, int]) -> str:
    for identifier, number in ids.items():
        text = text.replace(identifier, f"@made:{number}@")
    return text


def replay(visit: Visit, conversation: Mapping[str, Json]) -> None:
    """Hold a conversation again, its instants moved to where the target's clock stands, its ids those made now."""
    start, here = instant_of(conversation.get("started")), visit.at()
    shift = here.replace(microsecond=0) - start if start is not None else timedelta()
    known = len(visit.ledger.made)
    for step in conversation["steps"]:
        made = list(visit.ledger.made)[known:]
        if step["do"] == "send":
            _send(visit, step, made, shift)
        elif visit.plane is not None and visit.now is not None:
            _control(visit, step, made, shift)


def _control(visit: Visit, step: Mapping[str, Json], made: list[str], shift: timedelta) -> None:
    if step["do"] == "advance":
        moment = instant_of(step["to"])
        if moment is not None and visit.now is not None and moment + shift > visit.now:
            visit.advance_to(moment + shift)
    else:
        identifier = _named(step["record"], made)
        if identifier in visit.ledger.made:
            visit.script(identifier, *step["outcomes"])


def _send(visit: Visit, step: Mapping[str, Json], made: list[str], shift: timedelta) -> None:
    body = b64decode(step["base64"]) if "base64" in step else _moved(step.get("body", ""), shift).encode("ascii")
    query = quote(_moved(unquote(step["query"]), shift), safe="=&[]:+,%") if _dated(step["query"]) else step["query"]
    visit.send(
        step["method"],
        _named(step["path"], made),
        query=query,
        body=body,
        headers=step["headers"],
        auth=step["auth"],
        credentials=step.get("credentials"),
    )


def _dated(query: str) -> bool:
    return _INSTANT.search(unquote(query)) is not None and "+" not in unquote(query)


def _named(text: str, made: Sequence[str]) -> str:
    def name(match: re.Match[str]) -> str:
        number = int(match.group(1))
        return made[number] if number < len(made) else "nobody"

    return _MADE.sub(name, text)


def _moved(text: str, shift: timedelta) -> str:
    return _INSTANT.sub(lambda match: _shifted(match.group(), shift), text) if shift else text


def _shifted(text: str, shift: timedelta) -> str:
    """Return a written instant moved on; its form is kept but for the fraction."""
    try:
        moment = datetime.fromisoformat(text) + shift
    except (ValueError, OverflowError):
        return text
    return moment.isoformat().replace("+00:00", "Z") if text.endswith("Z") else moment.isoformat()


def read_conversations(provider: str, folder: Path = SHIPPED) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield the recorded conversations of a provider by name."""
    for file in sorted(folder.glob(f"{provider}-*.json")):
        yield file.stem, json.loads(file.read_text("utf-8"))
