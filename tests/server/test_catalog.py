import json
from dataclasses import replace

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import read_document
from contratempo.contract.plan.keywords import KEYWORDS
from contratempo.contract.pointer import find
from contratempo.contract.references import objects
from contratempo.contract.schemas import schemas
from contratempo.contract.source import DocumentError
from contratempo.data import data_root
from contratempo.provider import Provider, Response, installed_providers
from contratempo.server.catalog import Catalog, Profile, read_profiles
from contratempo.server.control import control
from contratempo.sim.rules import Rule

TREE = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "servers": [{"url": "/t"}], "paths": {}}
LOUD = Rule("toy.volume", "How loud", 5, None, "choice", "high")


@pytest.fixture
def provider(tmp_path):
    (tmp_path / "toy.yaml").write_text(json.dumps(TREE))
    overlay = {
        "overlay": "1.0.0",
        "info": {"title": "O", "version": "1"},
        "actions": [{"target": "$.info", "update": {"title": "O"}}],
    }
    (tmp_path / "overlay.yaml").write_text(json.dumps(overlay))
    return Provider(
        "toy", "Toys", (str(tmp_path / "toy.yaml"),), {}, lambda problem: Response(500), "#", rules={"toy.volume": LOUD}
    )


def profile(name, overlays=(), **rules):
    return Profile(name, "", {"toy": tuple(map(str, overlays))}, rules)


def catalog(provider, *profiles, **rules):
    return Catalog({"toy": provider}, {each.name: each for each in profiles}, rules)


def test_profiles_with_the_same_overlays_share_a_contract(provider, tmp_path):
    overlay = tmp_path / "overlay.yaml"
    some = catalog(
        provider, profile("plain"), profile("plain2"), profile("laid", [overlay]), profile("laid2", [overlay])
    )
    assert some.contract("toy", "plain") is some.contract("toy", "plain2")
    assert some.contract("toy", "laid") is some.contract("toy", "laid2")
    titles = [some.contract("toy", name).document.tree["info"]["title"] for name in ("plain", "laid")]
    assert titles == ["T", "O"]


def test_a_profile_that_does_not_name_a_provider_lays_nothing_over_it(provider):
    some = catalog(provider, Profile("bare", "", {}, {}))
    assert some.contract("toy", "bare").document.tree["info"]["title"] == "T"


def test_rules_are_the_servers_then_the_profiles_then_the_defaults(provider):
    names = [{}, {"toy.volume": 6}]
    profiles = [Profile("none", "", {}, names[0]), Profile("six", "", {}, names[1])]
    plain = Catalog({"toy": provider}, {each.name: each for each in profiles})
    assert [plain.fresh_rules(name)()["toy.volume"] for name in ("none", "six")] == [5, 6]
    told = Catalog({"toy": provider}, {each.name: each for each in profiles}, {"toy.volume": 7})
    assert [told.fresh_rules(name)()["toy.volume"] for name in ("none", "six")] == [7, 7]


def test_each_world_has_rules_of_its_own(provider):
    make = catalog(provider, profile("p")).fresh_rules("p")
    one, two = make(), make()
    one.set({"toy.volume": 1})
    assert two["toy.volume"] == 5


def test_a_profile_may_name_rules_of_providers_that_are_not_installed(provider):
    catalog(provider, Profile("p", "", {}, {"absent.rule": 1})).check()


@pytest.mark.parametrize("rules", [{"toy.volume": "loud"}, {"toy.volumes": 1}, {"nothing": 1}])
def test_a_servers_rule_that_cannot_be_is_named(provider, rules):
    with pytest.raises(DocumentError, match=f"--rule: .*{next(iter(rules))}"):
        Catalog({"toy": provider}, {"p": profile("p")}, rules).check()


def test_a_profiles_rule_that_cannot_be_is_named_with_the_profile(provider):
    with pytest.raises(DocumentError, match=r"profile bad: rule toy\.volume"):
        Catalog({"toy": provider}, {"bad": Profile("bad", "", {}, {"toy.volume": -1})}).check()


def test_a_servers_rule_that_would_break_the_document_in_force_is_named(provider, tmp_path):
    tone = Rule("toy.tone", "How it sounds", "ding", ("ding", "dong"), "choice", "low", needs={"dong": "laid"})
    provider = replace(provider, rules={"toy.tone": tone})
    found = catalog(provider, profile("plain"), profile("laid", [tmp_path / "overlay.yaml"]), **{"toy.tone": "dong"})
    found.check("laid")
    assert [found.fresh_rules(name)()["toy.tone"] for name in ("plain", "laid")] == ["ding", "dong"]
    with pytest.raises(DocumentError, match=r"profile plain: rule toy\.tone = dong would break .* with profile laid"):
        found.check("plain")


def test_a_missing_overlay_is_named(provider, tmp_path):
    with pytest.raises(DocumentError, match=r"absent\.yaml"):
        catalog(provider, profile("p", [tmp_path / "absent.yaml"])).check()


def test_the_shipped_profiles_are_spec_first_and_their_rules_exist(loaded):
    profiles = read_profiles()
    assert next(iter(profiles)) == "spec"
    assert {"spec", "lenient"} <= profiles.keys()
    definitions = {name for provider in loaded.providers.values() for name in provider.rules}
    assert {name for each in profiles.values() for name in each.rules} <= definitions


def test_the_shipped_documents_are_read(loaded):
    names = ["telnyx_assistants", "telnyx_messages", "temphone", "control"]
    bases = [loaded.catalog.contract(name, "spec").base for name in names]
    assert bases == ["/v2", "/v2", "/v1", "/_mock"]
    assert list(loaded.providers) == names
    assert "control" not in loaded.vendors


@pytest.mark.parametrize("name", [*installed_providers(), "control"])
def test_what_ships_is_valid_under_every_profile_and_so_need_not_be_validated_at_every_start(name):
    root, shipped = data_root("specs"), {**installed_providers(), "control": control}[name]
    for found in read_profiles().values():
        overlays = [root / overlay for overlay in found.overlays.get(name, ())]
        document = read_document(name, [root / document for document in shipped.documents], overlays)
        assert Contract(document).name == name


@pytest.mark.parametrize("name", [*installed_providers(), "control"])
def test_what_ships_says_nothing_that_plans_do_not_know(name):
    """A word that is none, such as the rest of a sentence without quotes, would leave all judging to openapi-core."""
    known = {*KEYWORDS, "discriminator", "example", "examples", "deprecated", "multipleOf"}
    for found in read_profiles().values():
        root, shipped = data_root("specs"), {**installed_providers(), "control": control}[name]
        overlays = [root / overlay for overlay in found.overlays.get(name, ())]
        tree = read_document(name, [root / file for file in shipped.documents], overlays, validate=False).tree
        words = {word for at in schemas(tree) for _, part in objects(find(tree, at)) for word in part}
        assert {word for word in words - known if not word.startswith("x-")} == set()


def test_at_the_start_what_ships_is_built_for_the_profile_in_force_alone():
    found = Catalog({**installed_providers(), "control": control}, read_profiles())
    found.check("spec")
    assert {profile for _, profile in found._found} == {"spec"}
    assert found.contract("temphone", "lenient").name == "temphone"


def test_at_the_start_documents_from_elsewhere_are_read_for_every_profile(provider, tmp_path):
    with pytest.raises(DocumentError, match=r"absent\.yaml"):
        catalog(provider, profile("p"), Profile("q", "", {"toy": (str(tmp_path / "absent.yaml"),)}, {})).check("p")


def test_a_schema_of_a_document_from_elsewhere_that_cannot_be_used_is_found_at_the_start(provider, tmp_path):
    answer = {"description": "", "content": {"application/json": {"schema": {"type": "string", "pattern": "("}}}}
    (tmp_path / "toy.yaml").write_text(json.dumps({**TREE, "paths": {"/x": {"get": {"responses": {"200": answer}}}}}))
    with pytest.raises(DocumentError, match=r"cannot be used|not a JSON schema"):
        catalog(provider, profile("plain")).check("other")


def test_a_document_from_elsewhere_is_validated(provider, tmp_path):
    (tmp_path / "toy.yaml").write_text(json.dumps({**TREE, "paths": {"/x/{id}": {"get": {"responses": {"200": {}}}}}}))
    with pytest.raises(DocumentError, match="not a valid OpenAPI document"):
        catalog(provider, profile("plain")).check()
