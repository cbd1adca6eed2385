"""Bare providers: a document is all there is of them, so it says what they answer, refuse and ask for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from hashlib import blake2b
from pathlib import Path
from typing import Final

from contratempo.contract.answers import Answer, NotAnswerable
from contratempo.contract.contract import Contract
from contratempo.contract.document import Document
from contratempo.contract.media import is_json
from contratempo.contract.patterns import Pick
from contratempo.contract.security import readings
from contratempo.contract.source import DocumentError, load_ahead
from contratempo.plaintext import plain_text
from contratempo.provider import Problem, Provider, Refusal, Response, installed_providers
from contratempo.server.control.problems import refuse
from contratempo.server.preference import wish_of
from contratempo.server.wire import Incoming
from contratempo.server.worlds import World, Worlds

ALL: Final = "all"
CONTROL: Final = "/_mock"
_TELLS_NOTHING: Final = {"openapi", "swagger", "spec", "api", "index", "document", "schema"}
_LONGEST_TITLE: Final = 200
_TAKEN: Final = ("control", ALL)
_INVALID: Final = {"media-type": (415,), "json": (400, 422), "missing-body": (400, 422), "depth": (400, 422)}


def chosen_providers(specs: Sequence[str], names: Sequence[str]) -> dict[str, Provider]:
    """Return the providers to serve: of the documents alone, if there are any, else all, and those named besides."""
    installed = installed_providers() if names or not specs else {}
    for name in names:
        if name != ALL and name not in installed:
            near = get_close_matches(name, installed, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(installed)}, or all"
            raise DocumentError(f"--provider: there is no provider {name!r}", hint=hint)
    kept = {name: each for name, each in installed.items() if not names or ALL in names or name in names}
    return {**kept, **{each.name: each for each in bare_providers(map(Path, specs), taken=kept)}}


def bare_providers(files: Iterable[Path], *, taken: Iterable[str] = ()) -> list[Provider]:
    """Return a provider for each document, called after its file, or its title where that tells nothing."""
    made: list[Provider] = []
    for file in dict.fromkeys(file.absolute() for file in files):
        tree = load_ahead(file)
        info = tree.get("info") if isinstance(tree, dict) else None
        title = str((info.get("title") if isinstance(info, dict) else None) or file.stem)
        title = plain_text(title[:_LONGEST_TITLE])  # it is printed
        name = _free(_slug(file.stem, title), [*_TAKEN, *taken, *(each.name for each in made)])
        made.append(Provider(name, title, (str(file),), {}, refuse, "", bare=True))
    return made


def check_paths(document: Document) -> None:
    """Refuse a document with a path that is the control plane's."""
    for operation in document.operations.values():
        path = operation.base + operation.path
        if path == CONTROL or path.startswith(f"{CONTROL}/"):
            raise DocumentError(
                f"{path} is a path of the control plane",
                file=document.files[0],
                pointer=operation.pointer,
                hint=f"give the document a base path other than {CONTROL}",
            )


def _slug(stem: str, title: str) -> str:
    names = [re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40].strip("_") for text in (stem, title)]
    name = next((each for each in names if each and each not in _TELLS_NOTHING), names[0] or "api")
    return name if name[0].isalpha() else f"api_{name}"


def _free(name: str, taken: Sequence[str]) -> str:
    numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def world_of(worlds: Worlds, contract: Contract, incoming: Incoming) -> World:
    """Return the world of a request: that of a key it has in any form the document asks for, else as the control's."""
    keys = (key for key in _credentials(contract, incoming) if worlds.leads(key))
    return worlds.controlled(next(keys, incoming.token), incoming.header("x-mock-world"))


def check_known(worlds: Worlds, contract: Contract, incoming: Incoming) -> None:
    """Refuse credentials that the server was not told (`--known-key`), where it takes only such."""
    if not worlds.known_keys or incoming.operation is None:
        return
    satisfied = contract.credentials(incoming.operation, incoming.query, incoming.headers)
    for requirement in satisfied:
        if all(not value or any(map(worlds.leads, readings(value))) for value in requirement.values()):
            return
    if satisfied:
        hint = "this server takes only its --known-key tokens and the keys of its worlds"
        raise Refusal(Problem("unauthorized", "The credentials are not known.", hint=hint))


def secrets_of(contract: Contract, incoming: Incoming) -> tuple[str, ...]:
    """Return the credentials of a request, which are not to be shown."""
    return tuple(_credentials(contract, incoming))


def _credentials(contract: Contract, incoming: Incoming) -> list[str]:
    if incoming.operation is None:
        return []
    satisfied = contract.credentials(incoming.operation, incoming.query, incoming.headers)
    values = (value for requirement in satisfied for value in requirement.values() if value)
    return [reading for value in values for reading in readings(value)]


def answer(contract: Contract, world: World, incoming: Incoming) -> Response:
    """Return what the document has an operation answer, as the request prefers it; Refusal when it has none."""
    operation = incoming.operation or ""
    wish = wish_of(incoming)
    try:
        made = contract.answers(operation).answer(wish, _chance(world, operation))
    except NotAnswerable as error:
        raise Refusal(_unanswerable(error)) from None
    return _response(made, "dynamic" if wish.dynamic else f"example {wish.example}" if wish.example else "example")


def _unanswerable(error: NotAnswerable) -> Problem:
    status = {"wish": 400, "media-type": 406}.get(error.kind, 501)
    kind = "internal" if status == 501 else "invalid"
    return Problem(kind, f"{error}.", status=status, code=f"{error.kind}-not-answerable", hint=error.hint)


def refused(contract: Contract, incoming: Incoming, problem: Problem) -> Response:
    """Return a refusal in the document's own style for its status, where it describes one, else as a problem."""
    if incoming.operation is None:
        return refuse(problem)
    if problem.kind == "unauthorized" and not problem.hint:
        problem = replace(problem, hint="send the credentials that WWW-Authenticate asks for")
    response = refuse(problem)
    answers = contract.answers(incoming.operation)
    status = response.status if problem.status else answers.status_of(_statuses(problem, response.status))
    body = {**response.body, "status": status}
    made = answers.refusal(status, response.media_type, body)
    headers = {**made.headers, **response.headers, **_challenge(contract, incoming, status)}
    reason = f"refused: {problem.detail}" + (f" ({problem.hint})" if problem.hint else "")
    return replace(_response(made, reason), headers=headers)


def _statuses(problem: Problem, status: int) -> tuple[int, ...]:
    """The statuses that say it, the usual first: a document that has another of them means that one."""
    kinds = [each.kind for each in problem.violations]
    if problem.kind == "invalid":
        return next((_INVALID[kind] for kind in kinds if kind in _INVALID), (422, 400) if status == 422 else (status,))
    return (status,)


def _challenge(contract: Contract, incoming: Incoming, status: int) -> Mapping[str, str]:
    if status != 401 or incoming.operation is None:
        return {}
    return {"www-authenticate": contract.challenge(incoming.operation)}


def _response(made: Answer, why: str) -> Response:
    media_type = made.media_type or "application/json"
    in_json = is_json(media_type) and made.value is not None  # null has bytes, and is no absence of content
    return Response(made.status, made.value if in_json else made.body, made.headers, (why,), media_type)


def _chance(world: World, operation: str) -> Pick:
    """Return chance that follows from the world's seed and what was asked of it before."""
    simulation = world.simulation
    start = f"{simulation.origin.seed}\n{operation}\n{simulation.journal.requests.total}".encode()
    drawn = 0

    def pick(count: int) -> int:
        nonlocal drawn
        drawn += 1
        return int.from_bytes(blake2b(start + b"\n%d" % drawn, digest_size=8).digest()) % count

    return pick
