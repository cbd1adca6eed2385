"""The wire to a control plane: one connection pool, the world's header, and errors that say what to do."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import httpx2

Json: TypeAlias = Any

PATIENCE: Final = httpx2.Timeout(10.0, read=120.0)
"""Real seconds: an advance over many due things answers when all have happened."""


class ControlError(Exception):
    """A call that the control plane refused: `status`, `kind` such as `not-found`, `detail`, `hint`, `violations`."""

    def __init__(self, call: str, status: int, problem: Mapping[str, Json]) -> None:
        self.status = status
        self.kind = str(problem.get("type", "")).rpartition(":")[2]
        self.detail = str(problem.get("detail", ""))
        self.hint = str(problem.get("hint", ""))
        self.violations: list[dict[str, str]] = list(problem.get("violations", ()))
        found = self.detail.rstrip(".") + (f". What to do: {self.hint}" if self.hint else "")
        super().__init__(f"{call} answered {status}: {found}")


class ControlUnreachable(ControlError):
    """No server, or something else than a control plane, answers there."""

    def __init__(self, call: str, detail: str) -> None:
        hint = "start one with `contratempo serve`, or give the address of one that runs"
        super().__init__(call, 0, {"type": "urn:contratempo:problem:unreachable", "detail": detail, "hint": hint})


class Transport:
    """Calls a control plane for one world; None is whatever world the server takes for the default."""

    def __init__(self, http: httpx2.Client, world: str | None) -> None:
        self._http = http
        self.world = world

    def for_world(self, world: str | None) -> "Transport":
        """Return a transport for another world over the same connections."""
        return Transport(self._http, world)

    def call(self, method: str, path: str, *, query: Mapping[str, Json] | None = None, body: Json = None) -> Json:
        """Return the JSON answered, None when there is none; ControlError for a refusal."""
        parameters = {name: value for name, value in (query or {}).items() if value is not None}
        call = f"{method} {self.url(path)}"
        try:
            response = self._http.request(method, path, params=parameters, json=body, headers=self._headers)
        except httpx2.TransportError as error:
            raise ControlUnreachable(call, f"{type(error).__name__}: {error}") from error
        return _answered(call, response)

    def lines(self, path: str, headers: Mapping[str, str]) -> Iterator[str]:
        """Yield the lines of an answer that is sent as it comes about; ControlError for a refusal."""
        call = f"GET {self.url(path)}"
        try:
            with self._http.stream("GET", path, headers={**self._headers, **headers}) as response:
                if not response.is_success:
                    response.read()
                    _answered(call, response)
                yield from response.iter_lines()
        except httpx2.TransportError as error:
            raise ControlUnreachable(call, f"{type(error).__name__}: {error}") from error

    @property
    def _headers(self) -> dict[str, str]:
        return {} if self.world is None else {"X-Mock-World": self.world}

    def url(self, path: str) -> str:
        """Return the address of a path of the control plane."""
        return str(self._http.base_url.join(path.lstrip("/")))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def connect(url: str, token: str | None, transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """Return connections to the control plane of the server at `url`, with or without `/_mock` at its end.

    The environment's proxies are not used: the server is near. Loading certificates is left out for plain HTTP.
    """
    base = url.rstrip("/").removesuffix("/_mock") + "/_mock"
    headers = {"X-Mock-Token": token} if token else {}
    secure = base.startswith("https:")
    return httpx2.Client(
        base_url=base, headers=headers, timeout=PATIENCE, trust_env=False, verify=secure, transport=transport
    )


def _answered(call: str, response: httpx2.Response) -> Json:
    if response.is_success and not response.content:
        return None
    try:
        body = response.json()
    except ValueError:
        raise ControlUnreachable(call, f"status {response.status_code} with a body that is not JSON") from None
    if not response.is_success:
        raise ControlError(call, response.status_code, body if isinstance(body, dict) else {})
    return body


def segment(text: str) -> str:
    """Return a text as one segment of a path, dots too where they alone would be taken for the way up."""
    return text.replace(".", "%2E") if text in (".", "..") else quote(text, safe="")


def known(asked: Mapping[str, Json], form: type) -> dict[str, Json]:
    """Return what is asked for, by the names of `form`, a TypedDict; TypeError for others, which nobody would miss."""
    names = form.__annotations__
    for name in asked:
        if name not in names:
            raise TypeError(f"nothing is called {name!r} here; there are {', '.join(names)}")
    return dict(asked)


def given(members: Mapping[str, Json]) -> dict[str, Json]:
    """Return the members that are not None."""
    return {name: value for name, value in members.items() if value is not None}
