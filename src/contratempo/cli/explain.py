"""`contratempo explain`: what is in force for an operation, and where each piece comes from."""

from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from contratempo.cli.library import Library, open_library, profile_option, rule_rows, shown, spec_option
from contratempo.cli.lines import line_of
from contratempo.cli.output import print_json, strong, table
from contratempo.cli.provenance import Action, home, touching
from contratempo.contract.document import Operation
from contratempo.plaintext import plain_text


@click.command()
@click.argument("operation")
@profile_option
@spec_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(operation: str, profile: str, specs: tuple[Path, ...], as_json: bool) -> None:
    """Say what is in force for an operation, and why.

    OPERATION is an operationId, such as create_scheduled_event. No server is needed: this is what one started with the
    profile has in force.
    """
    library = open_library(profile, specs)
    explained = _explained(library, _found(library, operation))
    if as_json:
        print_json(explained)
    else:
        click.echo(_text(explained))


def _found(library: Library, name: str) -> Operation:
    operations = {
        operation.id: operation for document in library.documents() for operation in document.operations.values()
    }
    if name in operations:
        return operations[name]
    lowered = {known.lower(): known for known in operations}
    near = [lowered[known] for known in get_close_matches(name.lower(), lowered, n=3)]
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Operations are {plain_text(', '.join(operations))}."
    raise click.UsageError(f"There is no operation {name!r}. {hint}")


def _explained(library: Library, operation: Operation) -> dict[str, Any]:
    provider = library.providers[operation.document]
    files, overlays = library.files(provider.name), library.overlays(provider.name)
    origin = home(files, operation.path, operation.method)
    actions = touching(files, overlays, operation.path, operation.method)
    return {
        "operation": operation.id,
        "provider": provider.name,
        "profile": library.profile.name,
        "method": operation.method.upper(),
        "path": operation.base + operation.path,
        "modelled": library.is_modelled(operation),
        "document": None if origin is None else shown(origin),
        "answers": sorted(library.document(provider.name).node(operation.id)["responses"]),
        "overlay_actions": [_action(action) for action in actions],
        "rules": rule_rows(library, provider.name),
    }


def _action(action: Action) -> dict[str, Any]:
    line = line_of(action.file, f"/actions/{action.number}")
    return asdict(action) | {"file": shown(action.file), "line": line}


def _text(explained: dict[str, Any]) -> str:
    title = plain_text(f"{explained['operation']}: {explained['method']} {explained['path']}")
    facts = [
        f"  provider   {explained['provider']}, profile {explained['profile']}",
        f"  document   {explained['document'] or 'none: an overlay adds it'}",
        f"  answers    {', '.join(explained['answers'])}",
        f"  behaviour  {'modelled' if explained['modelled'] else 'none: it answers an example of its schema'}",
    ]
    return "\n".join([strong(title), *facts, "", *_actions(explained), "", *_rules(explained)])


def _actions(explained: dict[str, Any]) -> list[str]:
    actions = explained["overlay_actions"]
    if not actions:
        return ["No overlay touches it: it is as its document has it."]
    rows = [
        [
            f"{action['file']}:{action['line']}",
            f"{action['source'] or '-'}{', assumed' if action['assumed'] else ''}",
            action["description"] or action["target"],
        ]
        for action in actions
    ]
    return [table(["OVERLAY ACTION", "SOURCE", "WHAT IT DOES"], rows)]


def _rules(explained: dict[str, Any]) -> list[str]:
    if not explained["rules"]:
        return ["No rule is open: the document says it all."]
    rows = [
        [rule["name"], rule["value"], rule["origin"], f"{rule['source']}, {rule['confidence']}", rule["summary"]]
        for rule in explained["rules"]
    ]
    return [table(["RULE", "VALUE", "SET BY", "SOURCE", "WHAT IT DECIDES"], rows)]
