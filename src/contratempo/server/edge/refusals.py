"""Refusals at the edge, in the style of the vendor whose path was asked for; elsewhere in the control plane's."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from contratempo.contract.document import Document
from contratempo.provider import Problem, Provider, Response
from contratempo.server.control import control
from contratempo.server.edge.head import split_target
from contratempo.server.routing import Table, normal_path
from contratempo.server.service import Service
from contratempo.server.wire import encode, header_safe

_LOG: Final = logging.getLogger("contratempo")


@dataclass(frozen=True)
class Refused:
    """A refusal as it is sent."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Refusals:
    """Says a problem as the provider would that answers for a target."""

    def __init__(self, providers: Mapping[str, Provider], documents: Sequence[Document]) -> None:
        self._providers = {**providers, control.name: control}
        self._table = Table(documents)

    def __call__(self, problem: Problem, target: bytes) -> Refused:
        """Return the refusal of a request for `target`, as much of which as is known."""
        path = normal_path(split_target(target)[0])
        name = self._table.answering(path) or control.name
        if problem.kind == "method":
            allowed = ", ".join(self._table.methods(path))
            problem = replace(problem, headers={**problem.headers, "allow": allowed})
        return _sent(self._said(self._providers[name], problem))

    @staticmethod
    def _said(provider: Provider, problem: Problem) -> Response:
        try:
            return provider.refuse(problem)
        except Exception:
            _LOG.exception("%s cannot say %r", provider.name, problem.kind)
            return control.refuse(problem)


def refusals(service: Service) -> Refusals:
    """Return the refusals of a service's providers."""
    profile = service.settings.profile
    documents = [service.catalog.contract(name, profile).document for name in service.providers]
    return Refusals(service.providers, documents)


def _sent(response: Response) -> Refused:
    body = encode(response.body)
    said = {"content-length": str(len(body)), "content-type": response.media_type, "cache-control": "no-store"}
    if response.trace:
        said["x-mock-trace"] = "; ".join(response.trace)
    headers = said | {name.lower(): value for name, value in response.headers.items()}
    lines = [(name.encode(), header_safe(value).encode()) for name, value in headers.items()]
    return Refused(response.status, lines, body)
