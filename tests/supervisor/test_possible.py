"""What a pair of apps cannot do is named at its key, with the nearest choice, and all of it at once."""

from collections.abc import Mapping
from typing import Any

import pytest

from zohosyncd.connectors.memory import LISTS_SCHEMA, MEMBERS_SCHEMA, SLOTS_SCHEMA, Behaviour
from zohosyncd.connectors.registry import SPECS
from zohosyncd.core.schema import Containers
from zohosyncd.core.side import Side
from zohosyncd.settings import Connection
from zohosyncd.supervisor.possible import Ability, Lacking, lacking

CRM = Ability.of("crm", Behaviour().capabilities, SLOTS_SCHEMA)
BOOK = Ability.of("book", Behaviour().capabilities, LISTS_SCHEMA)
BARE = Ability("bare", {}, consent=False, deletable=False)
FIXED = Ability("fixed", {"lists": Containers(("Customers", "Press"), creatable=False)}, consent=True, deletable=False)
RULES = {"rules": [{"from": "left"}]}


def asked(**said: Any) -> Connection:
    places = {"left": {"account": "a"}, "right": {"account": "b"}}
    return Connection.model_validate({"name": "pair", **places, **said})


def found(left: Ability, right: Ability, **said: Any) -> dict[str, Lacking]:
    everything = lacking(asked(**said), {Side.LEFT: left, Side.RIGHT: right})
    by_key = {each.place: each for each in everything}
    assert len(by_key) == len(everything)
    return by_key


@pytest.mark.parametrize("left", [CRM, BOOK, BARE, FIXED], ids=lambda side: side.name)
@pytest.mark.parametrize("right", [CRM, BOOK, BARE, FIXED], ids=lambda side: side.name)
def test_what_nobody_asked_for_is_never_refused(left: Ability, right: Ability) -> None:
    assert found(left, right) == {}
    assert found(left, right, **RULES) == {}


def test_what_both_can_do_is_not_refused() -> None:
    said = {
        "deletions": {"left_to_right": "tag", "right_to_left": "delete"},
        "consent": {"left_to_right": "tag", "right_to_left": "opt_out"},
        "leave": "tag",
        **RULES,
    }
    assert found(CRM, BOOK, **said) == {}


@pytest.mark.parametrize(
    ("right", "said", "key", "lacks", "nearest"),
    [
        (BARE, {"deletions": {"left_to_right": "tag"}}, "deletions.left_to_right", "bare has none", '"off"'),
        (BARE, {"deletions": {"left_to_right": "delete"}}, "deletions.left_to_right", "bare deletes none", '"off"'),
        (FIXED, {"deletions": {"left_to_right": "delete"}}, "deletions.left_to_right", "fixed deletes none", '"tag"'),
        (BARE, {"consent": {"left_to_right": "opt_out"}}, "consent.left_to_right", "bare keeps none", '"off"'),
        (BOOK, {"consent": {"left_to_right": "opt_out"}}, "consent.left_to_right", "book keeps none", '"tag"'),
        (BARE, {"consent": {"left_to_right": "tag"}}, "consent.left_to_right", "bare has none", '"off"'),
        (BARE, {"leave": "tag", **RULES}, "leave", "bare has none", '"freeze"'),
        (BARE, {"leave": "delete", **RULES}, "leave", "bare deletes none", '"freeze"'),
        (FIXED, {"leave": "delete", **RULES}, "leave", "fixed deletes none", '"tag"'),
    ],
)
def test_one_thing_that_the_target_cannot_do(
    right: Ability, said: Mapping[str, Any], key: str, lacks: str, nearest: str
) -> None:
    problems = found(CRM, right, **said)
    assert set(problems) == {key}
    assert lacks in problems[key].message
    assert nearest in problems[key].hint
    assert found(CRM, CRM, **said) == {}


def test_only_the_side_that_would_be_changed_has_to_be_able() -> None:
    said = {"deletions": {"left_to_right": "delete"}, "consent": {"left_to_right": "opt_out"}, "leave": "tag", **RULES}
    assert found(BARE, CRM, **said) == {}


def test_a_tag_is_a_choice_of_last_resort_and_deleting_is_none() -> None:
    (problem,) = found(CRM, Ability("x", {}, consent=True, deletable=True), deletions={"left_to_right": "tag"}).values()
    assert problem.hint == 'the nearest choice is "off"'


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"deletions": {"right_to_left": "tag", "tag": "x" * 26}}, "deletions.tag"),
        ({"consent": {"right_to_left": "tag", "tag": "x" * 26}}, "consent.tag"),
        ({"leave": "tag", "leave_tag": "x" * 26, "rules": [{"from": "right"}]}, "leave_tag"),
    ],
)
def test_a_name_that_is_too_long_is_told_where_it_stands(said: Mapping[str, Any], key: str) -> None:
    problems = found(CRM, BOOK, **said)
    assert set(problems) == {key}
    assert problems[key].hint == "use at most 25 characters"
    assert found(BOOK, CRM, **said) == {}, "labels have no limit"


def test_a_container_that_nobody_can_make_has_to_be_there() -> None:
    problems = found(CRM, FIXED, deletions={"left_to_right": "tag", "tag": "Trash"})
    assert problems["deletions.tag"].hint == 'make it there, or name one of these: "Customers", "Press"'
    assert found(CRM, FIXED, deletions={"left_to_right": "tag", "tag": "Press"}) == {}


def test_everything_comes_at_once_each_with_its_key() -> None:
    said = asked(deletions={"left_to_right": "delete", "right_to_left": "tag"}, consent={"left_to_right": "tag"})
    keys = [each.place for each in lacking(said, {Side.LEFT: BARE, Side.RIGHT: BARE})]
    assert sorted(keys) == ["consent.left_to_right", "deletions.left_to_right", "deletions.right_to_left"]
    assert not lacking(asked(), {Side.LEFT: BARE, Side.RIGHT: BARE})


def test_states_of_consent_are_consent() -> None:
    members = Ability.of("mail", Behaviour().capabilities, MEMBERS_SCHEMA)
    assert found(members, members, consent={"left_to_right": "opt_out", "right_to_left": "opt_out"}) == {}


@pytest.mark.parametrize("spec", [each for each in SPECS if each.offers.containers], ids=lambda spec: spec.name)
def test_the_default_names_of_tags_fit_every_app_that_has_tags(spec: Any) -> None:
    side = Ability.offered(spec.name, spec.offers)
    said = {"deletions": {"left_to_right": "tag"}, "consent": {"left_to_right": "tag"}, "leave": "tag", **RULES}
    assert found(side, side, **said) == {}
