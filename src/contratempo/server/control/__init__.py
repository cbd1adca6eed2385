"""The control plane: one more provider, whose vendor is the mock itself."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

from contratempo.provider import Provider, Request, Response
from contratempo.server.control import (
    clock,
    contracts,
    faults,
    history,
    journal,
    outcomes,
    resources,
    rules,
    sink,
    state,
    stream,
    webhooks,
    worlds,
)
from contratempo.server.control.problems import refuse
from contratempo.server.service import Service
from contratempo.server.worlds import World

ServiceOperation: TypeAlias = Callable[[Service, World, Request], Awaitable[Response]]

control: Final = Provider(
    name="control",
    title="Contratempo control plane",
    documents=("control.yaml",),
    operations={
        "getClock": clock.get_clock,
        "getTimeline": journal.get_timeline,
        "listCheckpoints": history.list_checkpoints,
        "listRequests": journal.list_requests,
        "listResources": resources.list_resources,
        "getResource": resources.get_resource,
        "cancelResource": resources.cancel_resource,
        "listOutcomes": outcomes.list_outcomes,
        "scriptOutcomes": outcomes.script_outcomes,
        "clearOutcomes": outcomes.clear_outcomes,
        "deleteOutcome": outcomes.delete_outcome,
        "listFaults": faults.list_faults,
        "addFault": faults.add_fault,
        "clearFaults": faults.clear_faults,
        "deleteFault": faults.delete_fault,
        "listWebhooks": webhooks.list_webhooks,
        "getWebhook": webhooks.get_webhook,
        "redeliverWebhook": webhooks.redeliver_webhook,
        "listSink": sink.list_sink,
        "listRules": rules.list_rules,
        "setRules": rules.set_rules,
    },
    refuse=refuse,
    error_schema="#/components/schemas/Problem",
)
"""What is asked of one world; what changes it is a command like any vendor's."""

SERVICE_OPERATIONS: Final[Mapping[str, ServiceOperation]] = {
    "livez": worlds.livez,
    "readyz": worlds.readyz,
    "listWorlds": worlds.list_worlds,
    "createWorld": worlds.create_world,
    "deleteWorld": worlds.delete_world,
    "setClock": clock.set_clock,
    "advanceClock": clock.advance_clock,
    "resetWorld": clock.reset_world,
    "createCheckpoint": history.create_checkpoint,
    "deleteCheckpoint": history.delete_checkpoint,
    "rewind": history.rewind_world,
    "fork": history.fork_world,
    "getState": state.get_state,
    "putState": state.put_state,
    "clearRequests": journal.clear_requests,
    "waitForRequests": journal.wait_for_requests,
    "streamEvents": stream.stream_events,
    "getPublicKey": webhooks.get_public_key,
    "receiveAtSink": sink.receive_at_sink,
    "emptySink": sink.empty_sink,
    "listContracts": contracts.list_contracts,
    "getContract": contracts.get_contract,
}
"""What needs the server: other worlds, the pump, real time, its key or the documents."""
