"""The endpoint: the path of a request, in one function read from top to bottom."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from starlette.types import Receive, Scope, Send

from contratempo.contract.contract import Contract
from contratempo.contract.document import Document
from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Refusal, Request, Response
from contratempo.server import bare, faults
from contratempo.server.connection import WIRE
from contratempo.server.control import SERVICE_OPERATIONS
from contratempo.server.guard import Guard
from contratempo.server.nearmiss import near_miss
from contratempo.server.noting import note
from contratempo.server.reasons import invalid, too_full
from contratempo.server.redaction import REDACTED, SHORTEST, logged, redactor
from contratempo.server.routing import Table, decoded
from contratempo.server.served import Served, Servings
from contratempo.server.service import Service
from contratempo.server.wire import OWN_PAGES, Disconnected, Incoming, encode, read_body, read_headers, send_response
from contratempo.server.worlds import World
from contratempo.sim.faults import Fault

_LOG: Final = logging.getLogger("contratempo")
LOADING: Final = "control.putState"


class SelfCheckFailed(Exception):
    """An answer of ours that breaks the document."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("; ".join(f"{each.location}{each.pointer} {each.message}" for each in violations))


class Endpoint:
    """An ASGI application behind the router: one request in, one answer out, and the world changed or not at all."""

    def __init__(self, service: Service, guard: Guard, documents: Sequence[Document]) -> None:
        self._service = service
        self._guard = guard
        self._table = Table(documents)
        self._served = Servings(service.providers, service.catalog.contract)
        self._operations = [
            (document.name, operation)
            for document in documents
            if document.name != "control"
            for operation in document.operations.values()
        ]
        settings = service.settings
        self._secret = (*settings.known_key, *filter(None, [settings.control_token]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, sent, too_large = read_headers(scope), b"", None
        try:
            sent = await read_body(receive, headers, *self._most(scope, headers))
        except Refusal as refusal:
            too_large = refusal.problem
        except Disconnected:
            return
        incoming = self._incoming(scope, headers, sent)
        response, body, fault = await self.answer(incoming, scope["extensions"].get("allow", ()), too_large)
        with_body = incoming.method != "HEAD"
        if too_large is not None:  # whatever the answer, the rest of the body is not read
            response = response.but(headers={**response.headers, "connection": "close"})
        if response.stream is not None:
            await response.stream.send(response.headers, scope, receive, send)
        elif fault is not None:
            await faults.strike(fault, scope["extensions"].get(WIRE), send, response, body, with_body=with_body)
        else:
            await send_response(send, response, body, with_body=with_body)

    def _most(self, scope: Scope, headers: list[tuple[str, str]]) -> tuple[int, str]:
        """Return how many bytes a body may have and what says so; a saved world many, if the guard lets it in."""
        settings, loads = self._service.settings, scope["extensions"]["connexion_routing"]["operation_id"] == LOADING
        if loads and self._guard.problem(self._incoming(scope, headers, b"")) is None:
            return settings.max_state_bytes, "--max-state-bytes"
        return settings.max_body_bytes, "--max-body-bytes"

    def _incoming(self, scope: Scope, headers: list[tuple[str, str]], body: bytes) -> Incoming:
        provider, _, operation = (scope["extensions"]["connexion_routing"]["operation_id"] or "").partition(".")
        return Incoming(
            provider=provider or self._table.answering(scope["path"]) or "control",
            operation=operation or None,
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"],
            headers=headers,
            body=body,
            parameters=scope.get("path_params", {}),
        )

    async def answer(
        self, incoming: Incoming, allow: tuple[str, ...] = (), too_large: Problem | None = None
    ) -> tuple[Response, bytes, Fault | None]:
        """Whose, due, valid, fault chosen, done, self-checked, noted; bytes are the body, a fault is yet to strike."""
        world, request, fault, began = self._service.worlds.default, None, None, self._service.realtime()
        try:
            world = self._whose(incoming)
            if world.simulation.clock.mode != "frozen":
                await self._service.pump.catch_up_in_slices(world)
            if too_large is not None:
                raise Refusal(too_large)
            judged = self._judge(incoming, world, allow)
            request = judged if isinstance(judged, Request) else None
            fault = faults.choose(world.simulation, incoming, invalid=request is None)
            if fault is not None and faults.prevents(fault):
                response = faults.prevented(self._service.providers[incoming.provider], fault)
            elif isinstance(judged, Problem):
                raise Refusal(judged)
            else:
                response = await self._done(incoming, world, judged)
        except Refusal as refusal:
            response = self._refuse(incoming, world, refusal.problem)
        except SelfCheckFailed as failure:
            response = self._broken(incoming, f"self-check: {failure}")
        except Exception:
            _LOG.exception("%s %s failed", incoming.method, incoming.path)
            response = self._broken(incoming, "internal error; the server's log has it")
        if fault is not None:
            response = faults.marked(fault, self._of(incoming, world).contract, incoming, response)
        body = self._encoded(incoming, response)
        self._note(incoming, world, request, response, body, fault, began)
        world.changed.notify()
        return self._headed(incoming, world, response), body, fault

    def _encoded(self, incoming: Incoming, response: Response) -> bytes:
        """Return the body; what is shown of a world shows no key and no token of the server."""
        body = encode(response.body)
        if incoming.provider == "control":
            for secret in self._secret:
                body = body.replace(secret.encode(), REDACTED.encode()) if len(secret) >= SHORTEST else body
        return body

    def _judge(self, incoming: Incoming, world: World, allow: tuple[str, ...]) -> Request | Problem:
        try:
            return self._valid(incoming, world, allow)
        except Refusal as refusal:
            return refusal.problem

    def _note(
        self,
        incoming: Incoming,
        world: World,
        request: Request | None,
        response: Response,
        body: bytes,
        fault: Fault | None,
        began: float,
    ) -> None:
        served, near, secrets = self._of(incoming, world), None, self._secret
        if served.provider.bare:
            secrets = (*secrets, *bare.secrets_of(served.contract, incoming))
        if incoming.operation is None and incoming.provider != "control":
            near = near_miss(self._operations, incoming.method, incoming.path)
        real = self._service.real
        note(
            world.simulation, incoming, request, response, body,
            received_at=real.instant(), seconds=real.seconds() - began,
            fault=None if fault is None else {"id": fault.id, "kind": fault.kind},
            near_miss=None if near is None else near.describe(),
            where=served.contract.line_of, secrets=secrets,
        )  # fmt: skip
        if response.status >= 400 and _LOG.isEnabledFor(logging.INFO):
            what = f"{world.id}: {incoming.method} {incoming.path} {response.status} {'; '.join(response.trace)}"
            _LOG.info("%s", logged(what.rstrip(), incoming.token, secrets))

    def _unrouted(self, incoming: Incoming, allow: tuple[str, ...]) -> Problem:
        path = redactor(incoming.token, self._secret).path(incoming.path)
        if not allow:
            near = near_miss(self._operations, incoming.method, incoming.path)
            hint = "GET /_mock/contracts lists what there is"
            hint = f"{near.method} {near.path} is near: {near.differs}" if near else hint
            return Problem("no-route", f"There is no {path}.", hint=hint)
        methods = ", ".join(allow)
        detail = f"{path} has no {incoming.method}, only {methods}."
        return Problem("method", detail, hint=f"use {methods}", headers={"Allow": methods})

    def _whose(self, incoming: Incoming) -> World:
        chosen, worlds = incoming.header("x-mock-world"), self._service.worlds
        if self._service.providers[incoming.provider].bare:
            return bare.world_of(worlds, self._of(incoming, worlds.default).contract, incoming)
        if incoming.provider != "control":
            return worlds.of(incoming.token, chosen)
        guarded = incoming.path.startswith("/_mock")  # else it is nobody's path, and its 404 tells nothing
        if guarded and (problem := self._guard.problem(incoming)) is not None:
            raise Refusal(problem)
        return worlds.controlled(incoming.token, chosen)

    def _valid(self, incoming: Incoming, world: World, allow: tuple[str, ...]) -> Request:
        if incoming.operation is None:
            raise Refusal(self._unrouted(incoming, allow))
        path = decoded(incoming.parameters)
        if path is None:
            violation = Violation("path", tuple(incoming.parameters), "encoding", "must be UTF-8")
            raise Refusal(Problem("invalid", "The path is not UTF-8.", (violation,)))
        served = self._of(incoming, world)
        checked = served.contract.check_request(
            incoming.operation, path=path, query=incoming.query, headers=incoming.headers, body=incoming.body,
            naive_datetime=world.simulation.rules.get(served.naive_rule, "reject") != "reject",
        )  # fmt: skip
        if checked.violations:
            earlier = served.provider.earlier
            told = earlier(world.simulation, checked.body, checked.violations) if earlier else None
            raise Refusal(told or invalid(checked.violations))
        if served.provider.bare:
            bare.check_known(self._service.worlds, served.contract, incoming)
        request = Request.of({
            "operation": incoming.operation, "path": checked.path, "query": checked.query, "headers": checked.headers,
            "body": checked.body, "caller": incoming.caller.digest,
        })  # fmt: skip
        if incoming.provider == "control" and incoming.operation in SERVICE_OPERATIONS:
            return replace(request, raw=incoming.body, sent=tuple(incoming.headers))
        return request

    async def _done(self, incoming: Incoming, world: World, request: Request) -> Response:
        served = self._of(incoming, world)
        if incoming.provider == "control" and request.operation in SERVICE_OPERATIONS:
            response = await SERVICE_OPERATIONS[request.operation](self._service, world, request)
            return self._judged(served.contract, request.operation, response)
        if served.provider.bare:
            return bare.answer(served.contract, world, incoming)
        if served.act is None:
            status, body = served.contract.example_response(request.operation)
            return Response(status, body, trace=("example",))
        if served.reads:
            return self._judged(served.contract, request.operation, served.act(world.simulation, request))
        return self._applied(served, world, request)

    def _applied(self, served: Served, world: World, request: Request) -> Response:
        simulation = world.simulation
        command = {
            "kind": "call", "at": simulation.now, "provider": served.provider.name,
            "operation": request.operation, "request": vars(request).copy(),
        }  # fmt: skip

        def judge(answer: Response) -> Response:
            if len(simulation.records) > max(held, self._service.settings.max_records):
                raise Refusal(too_full(held))
            return self._judged(served.contract, request.operation, answer)

        held = len(simulation.records)
        answer: Response = simulation.apply(command, judge)
        self._service.pump.changed(world)
        return answer

    def _judged(self, contract: Contract, operation: str, response: Response) -> Response:
        media_type = None if response.body is None else response.media_type
        headers = tuple(response.headers.items())
        violations = contract.check_response(operation, response.status, media_type, response.body, headers)
        if violations:
            raise SelfCheckFailed(violations)
        return response

    def _refuse(self, incoming: Incoming, world: World, problem: Problem) -> Response:
        served = self._of(incoming, world)
        provider, contract = served.provider, served.contract
        said = bare.refused(contract, incoming, problem) if provider.bare else provider.refuse(problem)
        response = said.but(violations=problem.violations, rule=problem.rule, hint=problem.hint)
        if provider.bare:  # judged as it was made: what is sent need not be JSON
            return response
        try:
            if incoming.operation is not None:
                return self._judged(contract, incoming.operation, response)
            if violations := contract.check_schema(provider.error_schema, response.body):
                raise SelfCheckFailed(violations)
        except SelfCheckFailed as failure:
            return self._broken(incoming, f"self-check: {failure}")
        return response

    def _broken(self, incoming: Incoming, why: str) -> Response:
        _LOG.error("%s %s answered 500: %s", incoming.method, incoming.path, why)
        response = self._service.providers[incoming.provider].refuse(
            Problem("internal", "The mock failed.", status=500)
        )
        return response.but(trace=(*response.trace, why))

    def _of(self, incoming: Incoming, world: World) -> Served:
        return self._served[world.simulation.origin.profile, incoming.provider, incoming.operation]

    @staticmethod
    def _headed(incoming: Incoming, world: World, response: Response) -> Response:
        if incoming.provider != "control":
            return response
        return response.but(headers={**response.headers, "x-mock-head": str(world.simulation.head), **OWN_PAGES})
