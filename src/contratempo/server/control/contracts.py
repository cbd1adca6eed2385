"""Contracts: the documents in force, which operations have behaviour, and what the journal has seen of them."""

from collections import Counter
from typing import Any, TypeAlias

from contratempo.contract.contract import Contract
from contratempo.contract.document import Operation
from contratempo.provider import Provider, Request, Response
from contratempo.server.control.problems import not_found
from contratempo.server.service import Service
from contratempo.server.worlds import World

Seen: TypeAlias = Counter[tuple[str, str | None, int | None]]


async def list_contracts(service: Service, world: World, request: Request) -> Response:
    """Answer one entry for each provider, with the coverage so far."""
    rows = world.simulation.journal.requests
    seen: Seen = Counter((row.provider, row.operation, row.status or None) for row in rows)
    profile = world.simulation.origin.profile
    contracts = [_describe(service, provider, profile, seen) for provider in service.vendors.values()]
    return Response(200, {"profile": profile, "contracts": contracts})


async def get_contract(service: Service, world: World, request: Request) -> Response:
    """Answer the effective document, its servers pointing here."""
    name = request.path["provider"]
    if name not in service.providers:
        raise not_found(f"There is no provider {name!r}.", f"providers are {', '.join(service.providers)}")
    contract = service.catalog.contract(name, world.simulation.origin.profile)
    server = {"url": f"{service.base_url}{contract.base}", "description": "This mock"}
    return Response(200, {**contract.document.tree, "servers": [server], **_paths(service, contract)})


def _paths(service: Service, contract: Contract) -> dict[str, Any]:
    """Return the paths with servers of their own pointing here, too; nothing where none has any."""
    own = [each for each in contract.document.operations.values() if each.base != contract.base]
    if not own:
        return {}
    paths = {path: dict(item) for path, item in contract.document.tree["paths"].items()}
    for operation in own:
        node = {**contract.document.node(operation.id), "servers": [{"url": f"{service.base_url}{operation.base}"}]}
        paths[operation.path] = {**paths[operation.path], operation.method: node}
    for item in paths.values():
        if "$ref" not in item:
            item.pop("servers", None)
    return {"paths": paths}


def _describe(service: Service, provider: Provider, profile: str, seen: Seen) -> dict[str, Any]:
    contract = service.catalog.contract(provider.name, profile)
    operations = contract.document.operations.values()
    return {
        "provider": provider.name,
        "title": provider.title,
        "version": str(contract.document.tree["info"]["version"]),
        "base_url": f"{service.base_url}{contract.base}",
        "variable": provider.environment or None,
        "document": f"{service.base_url}/_mock/contracts/{provider.name}/openapi.json",
        "operations": [_operation(provider, contract, operation, seen) for operation in operations],
    }


def _operation(provider: Provider, contract: Contract, operation: Operation, seen: Seen) -> dict[str, Any]:
    documented = contract.document.node(operation.id)["responses"]
    this = (provider.name, operation.id)
    counts = {str(status): count for (*whose, status), count in seen.items() if tuple(whose) == this}
    return {
        "operation": operation.id,
        "method": operation.method.upper(),
        "path": f"{operation.base}{operation.path}",
        "modelled": operation.id in provider.operations,
        "documented": sorted(documented),
        "seen": dict(sorted(counts.items())),
    }
