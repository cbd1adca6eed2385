"""Every variant keeps to the documents, and is no reference in disguise."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from . import REFERENCES, VARIANTS, Variant
from .witness import Sight, look

# Statuses that the documents do not list and that HTTP, or an SDK, lets a server answer.
UNLISTED = {"EventsOptionsAnswered": {204}, "DeletedIs200": {200}, "MediaTypeIs415": {415}, "MediaTypeIs415Here": {415}}
UNLISTED |= {"DeletedIs202": {202}, "GoneIs410": {410}}
# Forms that our documents give and the vendors' do not.
FORMS = {
    "ProblemsInDetail": {"media-type"},
    "RulesInAList": {"anyOf"},
    "UnauthorizedInDetail": {"required", "additionalProperties"},
    "NullsForUnset": {"type"},
    "IdsOfAnotherForm": {"pattern"},
    "NoBoundsAtAll": {"minLength", "minimum", "pattern"},
    "CallsLimitsRates": {"required"},
    "UnauthorizedWithoutBody": {"missing-body"},
    "HooksWithoutEnvelope": {"required"},
    "HooksWithoutInstant": {"required"},
    "HooksSayLittle": {"required"},
    "EventsInOtherWords": {"undocumented-webhook"},
    "SchedulingIsTold": {"undocumented-webhook"},
    "ToldByStatus": {"undocumented-webhook"},
    "AllAtOneInstant": {"const"},
    "NotFoundWithoutBody": {"missing-body"},
}
# What the witness's story gives no occasion for; the suite's does.
WITHOUT_OCCASION = ("BigNumbersRounded", "NoUuidIs400", "UnknownQueryRefused", "NaiveQueryRefused")
WITHOUT_OCCASION += ("ScheduleHonoursKeys", "HookHeadersInCapitals", "TooLongForTheGateway", "GreekIsWide")
WITHOUT_OCCASION += ("CapitalsAlone", "EscapesAreNotParted", "KeyOfTheBytes", "NowAndThenUnable")


@pytest.fixture(scope="module")
def correct() -> dict[str, Sight]:
    return {provider: look(server) for provider, server in REFERENCES.items()}


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_a_variant_is_legal_and_another(
    variant: Variant,
    correct: dict[str, Sight],
    judge: Callable[..., list[Any]],
    judge_webhooks: Callable[..., list[Any]],
) -> None:
    sight = look(variant.app)
    assert (sight.seen == correct[variant.provider].seen) is (variant.name in WITHOUT_OCCASION)
    assert not [exchange for exchange in sight.exchanges if exchange.status >= 500]
    found = judge(variant.provider, sight, effective=True) + judge_webhooks(variant.provider, sight)
    assert [wrong for wrong in found if not is_unlisted(variant, wrong)] == []


def is_unlisted(variant: Variant, violation: Any) -> bool:
    status = violation.kind == "undocumented-status" and violation.value in UNLISTED.get(variant.name, ())
    return status or violation.kind in FORMS.get(variant.name, ())


def test_each_says_what_liberty_it_takes() -> None:
    assert all(variant.liberty.endswith(".") for variant in VARIANTS)


def test_there_are_enough_of_each_provider() -> None:
    names = Counter(variant.name for variant in VARIANTS)
    assert len(names) == len(VARIANTS) >= 30
    assert set(Counter(variant.provider for variant in VARIANTS)) == set(REFERENCES)
