"""What went by as a HAR file, which is whole after every exchange, so that nothing but a full disk loses any of it."""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

from contratempo import __version__
from contratempo.conformance.exchange import Exchange
from contratempo.conformance.instants import written
from contratempo.conformance.proxy.hiding import REDACTED

Json: TypeAlias = Any
_LARGEST: Final = 200 * 1_048_576
_HEAD: Final = json.dumps({"version": "1.2", "creator": {"name": "contratempo proxy", "version": __version__}})[:-1]
_TOKEN: Final = {"authorization": f"Bearer {REDACTED}"}
_TAIL: Final = b"\n]}}\n"


class Recording:
    """A file that exchanges are added to; `full` once it is as large as may be."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._out = file.open("wb")
        self._lock, self._entries, self.full = Lock(), 0, False
        self._out.write(f'{{"log": {_HEAD}, "entries": ['.encode() + _TAIL)
        self._out.flush()

    def add(self, x: Exchange, wall: datetime) -> None:
        """Write down an exchange without secrets; `wall` is when it began.

        `startedDateTime` is the deployment's instant, which its dates are judged by.
        """
        entry = json.dumps(_entry(x, wall), ensure_ascii=True).encode()
        with self._lock:
            if self.full or self._out.closed:
                return
            end = self._out.seek(-len(_TAIL), 2)
            self.full = end + len(entry) > _LARGEST
            if not self.full:
                self._out.write((b",\n" if self._entries else b"\n") + entry + _TAIL)
                self._entries += 1
            self._out.flush()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._out.close()


def _entry(x: Exchange, wall: datetime) -> dict[str, Json]:
    took = round(x.elapsed * 1_000, 3)
    query = f"?{x.query}" if x.query else ""
    return {
        "startedDateTime": written(x.wall or wall),
        "_realDateTime": written(wall),
        "time": took,
        "request": {
            "method": x.method,
            "url": f"{x.url}{x.path}{query}",
            "httpVersion": "HTTP/1.1",
            "headers": _fields((_TOKEN if x.auth in ("good", "unknown") else {}) | dict(x.headers)),
            "queryString": _pairs(parse_qsl(x.query, keep_blank_values=True, errors="replace")),
            "cookies": [],
            "headersSize": -1,
            "bodySize": len(x.sent_bytes),
            **_posted(x),
        },
        "response": {
            "status": x.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "headers": _fields(x.answer_headers),
            "cookies": [],
            "content": {"size": len(x.content), "mimeType": x.media_type, **_content(x.content)},
            "redirectURL": x.answer_headers.get("location", ""),
            "headersSize": -1,
            "bodySize": len(x.content),
        },
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
    }


def _posted(x: Exchange) -> dict[str, Json]:
    if not x.sent_bytes:
        return {}
    text = x.sent_bytes.decode("utf-8", "replace")
    return {"postData": {"mimeType": x.headers.get("content-type", ""), "text": text}}


def _content(content: bytes) -> dict[str, str]:
    try:
        return {"text": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": b64encode(content).decode(), "encoding": "base64"}


def _fields(headers: Mapping[str, str]) -> list[dict[str, str]]:
    return _pairs(headers.items())


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
