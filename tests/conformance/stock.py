"""What stock schemathesis finds of the same mutants, to stand beside the suite: `python tests/conformance/stock.py`.

Every check and every phase, on the effective document. A mutant is found out when a check fails on an operation where
it never fails on the reference, over several seeds. It is as slow as it is, so a seeded sample is taken.
"""

import argparse
import random
from collections import Counter
from typing import Any

import schemathesis
from references import KEY, MUTANTS, REFERENCES, Mutant
from references.service import Service
from schemathesis.engine import from_schema
from schemathesis.engine.events import EngineFinished, NonFatalError, ScenarioFinished

from contratempo.conformance import Target, conform
from contratempo.conformance.book import open_book

Finding = tuple[str, str]
REFERENCE_SEEDS = range(1, 4)


def findings(app: Service, provider: str, seed: int, examples: int) -> set[Finding]:
    """Return the failures of a run as (operation, check)."""
    schema: Any = schemathesis.openapi.from_dict(open_book(provider, "effective").contract.document.tree)
    schema.app = app
    schema.config.update(headers={"Authorization": f"Bearer {KEY}"}, continue_on_failure=True)
    schema.config.seed = seed
    schema.config.generation.update(max_examples=examples, database="none")
    schema.config.cache.enabled = False
    found: set[Finding] = set()
    for event in from_schema(schema).execute():
        if isinstance(event, NonFatalError):
            raise RuntimeError(f"schemathesis could not test {provider}: {event.value}") from event.value
        if isinstance(event, ScenarioFinished):
            found |= set(_failed(event))
        if isinstance(event, EngineFinished):
            return found
    raise RuntimeError("schemathesis stopped before it had finished")


def _failed(event: ScenarioFinished) -> list[Finding]:
    recorder = event.recorder
    return [
        (recorder.cases[case].value.operation.label, f"{check.name}: {check.failure_info.failure.title}")
        for case, checks in recorder.checks.items()
        for check in checks
        if check.failure_info is not None
    ]


def found_by_suite(mutant: Mutant) -> bool:
    return conform(Target(app=mutant.app(), token=KEY), provider=mutant.provider, quick=True).exit_code == 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=40, help="how many mutants; 0 is all of them")
    parser.add_argument("--half", choices=("develop", "held", "both"), default="develop")
    parser.add_argument("--examples", type=int, default=50, help="cases of each operation and phase")
    parser.add_argument("--seed", type=int, default=1)
    wish = parser.parse_args()
    mutants = [each for each in MUTANTS if wish.half in ("both", each.half)]
    if 0 < wish.sample < len(mutants):
        mutants = random.Random(wish.seed).sample(mutants, wish.sample)
    known: dict[str, set[Finding]] = {}
    for provider in sorted({each.provider for each in mutants}):
        runs = [findings(REFERENCES[provider](), provider, seed, wish.examples) for seed in REFERENCE_SEEDS]
        known[provider] = set().union(*runs)
        print(f"{provider}: on the correct server {sorted(known[provider]) or 'nothing'}", flush=True)
    of: Counter[str] = Counter()
    stock: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    for mutant in mutants:
        fresh = findings(mutant.app(), mutant.provider, wish.seed, wish.examples) - known[mutant.provider]
        suite = found_by_suite(mutant)
        of[mutant.needs] += 1
        stock[mutant.needs] += bool(fresh)
        ours[mutant.needs] += suite
        print(f"{mutant.name} ({mutant.needs}): stock {sorted(fresh) or 'nothing'}, suite {suite}", flush=True)
    for needs in ("one", "several", "clock"):
        print(f"{needs}: stock {stock[needs]} of {of[needs]}, suite {ours[needs]} of {of[needs]}")


if __name__ == "__main__":
    main()
