"""The suite bites and is quiet: mutants are found out, references and legal variants are let be.

At moderate counts a sample; all of them at the acceptance counts.
"""

from types import ModuleType
from typing import Any

from contratempo.conformance import Target, conform

ONE_IN = 30


def sample(everything: Any, full: bool) -> Any:
    return everything if full else everything[::ONE_IN]


def judge(server: Any, provider: str, references: ModuleType, **more: Any) -> dict[str, str]:
    target = Target(app=server.app(), token=references.KEY)
    verdict = conform(target, provider=provider, quick=True, **more)
    assert not verdict.error
    return {name: each.first.message for name, each in verdict.rules.items() if each.state == "fail" and each.first}


def test_every_mutant_that_the_suite_may_learn_from_is_found_out(references: ModuleType, full: bool) -> None:
    mutants = [mutant for mutant in references.MUTANTS if mutant.half == "develop"]
    survivors = [each.name for each in sample(mutants, full) if not judge(each, each.provider, references)]
    assert survivors == []


def test_what_the_documents_leave_open_alarms_nobody(references: ModuleType, full: bool) -> None:
    for variant in sample(references.VARIANTS, full):
        for seed in range(1, 6 if full else 2):
            for contract in ("vendored", "effective"):
                alarms = judge(variant, variant.provider, references, seed=seed, contract=contract)
                assert alarms == {}, (variant.name, variant.liberty, contract, seed)


def test_references_alarm_nobody_with_histories_made_up(references: ModuleType) -> None:
    target = Target(app=references.reference("temphone"), token=references.KEY)
    verdict = conform(target, provider="temphone", seed=3)
    assert {name: each.first for name, each in verdict.rules.items() if each.state == "fail"} == {}
    assert verdict.requests > conform(target, provider="temphone", quick=True).requests


def test_what_schemathesis_makes_of_the_document_alarms_nobody(references: ModuleType) -> None:
    for provider in ("temphone", "telnyx_assistants"):
        target = Target(app=references.reference(provider), token=references.KEY)
        verdict = conform(target, provider=provider, quick=True, fuzz=3)
        assert {name: each.first for name, each in verdict.rules.items() if each.state == "fail"} == {}
        assert verdict.notes == ()
