"""Presets and variables: what a connection is put together from, and where its mistakes are found."""

from typing import Any

import pytest

from tests.settings.conftest import PAIR
from zohosyncd.core.side import Direction, Winner
from zohosyncd.settings import diff
from zohosyncd.settings.clauses import OwnedBy
from zohosyncd.settings.comparisons import Is

RULE = '[[rules]]\nfrom = "left"\n'


def where(problem: Any) -> str:
    return f"{problem.file.rsplit('/', 2)[1]}/{problem.file.rsplit('/', 1)[1]}:{problem.line}: {problem.key}"


def test_values_of_the_connection_replace_and_lists_are_appended(folder: Any) -> None:
    folder.write(
        "presets.d/sales.toml",
        'winner = "left"\nevery = "5m"\nmatch = ["email"]\n[guard]\ndeletes = { more_than = 3 }\nblanks = { percent = 5 }\n'
        + RULE
        + 'if = [ { field = "A", is = "preset" } ]\n',
    )
    connection = folder.connection(
        'use = ["sales"]\nevery = "10m"\nmatch = ["phone"]\n[guard]\ndeletes = { percent = 9 }\n'
        + RULE
        + 'if = [ { field = "A", is = "own" } ]\n'
    )
    assert (connection.winner, connection.every, connection.match) == (Winner.LEFT, 600, ("email", "phone"))
    assert (connection.guard.deletes.more_than, connection.guard.deletes.percent) == (3, 9)
    assert connection.guard.blanks.percent == 5
    assert [rule.if_ for rule in connection.rules] == [
        (Is(**{"field": "A", "is": "preset"}),),
        (Is(**{"field": "A", "is": "own"}),),
    ]


def test_presets_come_in_order_and_each_counts_once(folder: Any) -> None:
    folder.write("presets.d/base.toml", 'every = "1m"\nmatch = ["email"]\n')
    folder.write("presets.d/one.toml", 'use = ["base"]\nevery = "2m"\n')
    folder.write("presets.d/two.toml", 'use = ["base"]\nevery = "3m"\nmatch = ["phone"]\n')
    connection = folder.connection('use = ["one", "two"]\n')
    assert (connection.every, connection.match) == (180, ("email", "phone"))


def test_a_preset_may_hold_a_side(folder: Any) -> None:
    folder.write("presets.d/crm.toml", 'left = { account = "zoho" }\n')
    folder.write(
        "connections.d/crm-book.toml", 'use = ["crm"]\nleft = { object = "Leads" }\nright = { account = "book" }\n'
    )
    left = folder.load().connections["crm-book"].left
    assert (left.account, left.object) == ("zoho", "Leads")


def test_one_preset_may_call_a_side_by_its_account_and_the_connection_by_left_and_right(folder: Any) -> None:
    folder.write(
        "presets.d/p.toml",
        'winner = "zoho"\n[deletions]\nzoho_to_book = "tag"\nbook_to_zoho = "tag"\n[[rules]]\nfrom = "zoho"\n',
    )
    connection = folder.connection('use = ["p"]\n[deletions]\nleft_to_right = "off"\n')
    assert (connection.deletions.left_to_right, connection.deletions.right_to_left) == ("off", "tag")
    assert connection.winner is Winner.LEFT
    assert connection.rules[0].from_ == "left"


def test_variables_fill_texts_wherever_they_stand(folder: Any) -> None:
    folder.write(
        "presets.d/sales.toml",
        'winner = "${who}"\n[vars]\nwho = "left"\ntag = "none"\n'
        + RULE
        + 'if = [ { any = [ { owner = "${user}" } ] } ]\nthen = [ { add = "labels", value = "CRM ${ tag }!" } ]\n',
    )
    connection = folder.connection(
        'use = ["sales"]\ndirection = "${way}"\n[vars]\nuser = "ann@example.org"\ntag = "Ann"\nway = "zoho_to_book"\n'
    )
    (rule,) = connection.rules
    assert rule.if_[0].any_ == (OwnedBy(owner="ann@example.org"),)
    assert rule.then[0].value == "CRM Ann!"
    assert (connection.direction, connection.winner) == (Direction.LEFT_TO_RIGHT, Winner.LEFT)


def test_two_dollars_are_the_signs_themselves_and_one_alone_is_nothing_special(folder: Any) -> None:
    connection = folder.connection(
        '[vars]\na = "$${b}"\n' + RULE + 'if = [ { field = "$X", in = ["$${a}", "$5", "${a}"] } ]\n'
    )
    assert connection.rules[0].if_[0].operand == ("${a}", "$5", "${b}")
    assert connection.rules[0].if_[0].field == "$X"


def test_a_mistake_of_a_preset_is_told_there_and_once(folder: Any) -> None:
    folder.write(
        "presets.d/sales.toml", '# sales\nevery = "5m"\n' + RULE + 'if = [ { owner = "a" }, { ownr = "b" } ]\n'
    )
    folder.write("connections.d/other.toml", PAIR.replace("Contacts", "Leads") + 'use = ["sales"]\n')
    folder.write("connections.d/crm-book.toml", PAIR + 'use = ["sales"]\n' + RULE + "if = [ { owner = 1 } ]\n")
    assert [where(each) for each in folder.problems()] == [
        "presets.d/sales.toml:5: rules[1].if[2].ownr",
        "connections.d/crm-book.toml:6: rules[1].if[1].owner",
    ]


@pytest.mark.parametrize("used", [True, False])
def test_a_key_that_no_connection_has_is_a_mistake_of_the_preset_used_or_not(folder: Any, used: bool) -> None:
    folder.write("presets.d/sales.toml", 'wniner = "left"\n')
    folder.write("connections.d/crm-book.toml", PAIR + ('use = ["sales"]\n' if used else ""))
    problem = folder.problem()
    assert where(problem) == "presets.d/sales.toml:1: wniner"
    assert problem.hint == 'did you mean "winner"?'


def test_what_an_unused_preset_leaves_open_is_no_mistake(folder: Any) -> None:
    folder.write(
        "presets.d/sales.toml",
        'winner = "${who}"\nphone_region = "${region}"\nright = { object = "x" }\nfirst_sync_winner = "zoho"\n'
        '[consent]\nzoho_to_book = "off"\n[[rules]]\nfrom = "book"\nif = [ { has = "${kind}", value = "${x}" } ]\n',
    )
    folder.load()


def test_what_can_never_be_right_in_an_unused_preset_is_a_mistake(folder: Any) -> None:
    folder.write("presets.d/sales.toml", 'winner = "oldest"\n[consent]\nzoho_to_bok = "off"\n' + RULE + "if = [ {} ]\n")
    assert [where(each) for each in folder.problems()] == [
        "presets.d/sales.toml:1: winner",
        "presets.d/sales.toml:3: consent.zoho_to_bok",
        "presets.d/sales.toml:6: rules[1].if[1]",
    ]


def test_presets_in_a_circle_are_refused_where_it_closes(folder: Any) -> None:
    folder.write("presets.d/a.toml", 'use = ["b"]\n')
    folder.write("presets.d/b.toml", '\nuse = ["a"]\n')
    folder.write("connections.d/crm-book.toml", PAIR + 'use = ["a"]\n')
    problem = folder.problem()
    assert where(problem) == "presets.d/b.toml:2: use[1]"
    assert problem.message == "presets use each other in a circle: a -> b -> a"


def test_a_circle_that_nobody_uses_is_refused_too(folder: Any) -> None:
    folder.write("presets.d/a.toml", 'use = ["a"]\n')
    assert "circle: a -> a" in folder.problem().message


@pytest.mark.parametrize(
    ("use", "hint"), [("slaes", 'did you mean "sales"?'), ("marketing", "expected one of base, sales")]
)
def test_an_unknown_preset_gets_the_nearest_name(folder: Any, use: str, hint: str) -> None:
    folder.write("presets.d/sales.toml", 'every = "1m"\n')
    folder.write("presets.d/base.toml", 'every = "1m"\n')
    folder.write("connections.d/crm-book.toml", PAIR + f'use = ["sales", "{use}"]\n')
    problem = folder.problem()
    assert (problem.message, problem.hint, where(problem)) == (
        f'there is no preset "{use}"',
        hint,
        "connections.d/crm-book.toml:3: use[2]",
    )


def test_a_preset_named_twice_is_refused(folder: Any) -> None:
    folder.write("presets.d/sales.toml", 'every = "1m"\n')
    folder.write("connections.d/crm-book.toml", PAIR + 'use = ["sales", "sales"]\n')
    assert folder.problem().message == '"sales" stands there twice'


def test_a_preset_that_is_no_toml_is_told_once(folder: Any) -> None:
    folder.write("presets.d/sales.toml", "every = 1m\n")
    folder.write("connections.d/crm-book.toml", PAIR + 'use = ["sales"]\n')
    assert where(folder.problem()) == "presets.d/sales.toml:1: "


def test_an_unknown_variable_of_a_preset_is_told_there_with_the_nearest(folder: Any) -> None:
    folder.write("presets.d/sales.toml", RULE + 'if = [ { owner = "${usr}" }, { owner = "${user}" } ]\n')
    folder.write("connections.d/crm-book.toml", PAIR + 'use = ["sales"]\n[vars]\nuser = "ann"\n')
    problem = folder.problem()
    assert str(problem).endswith(
        'sales.toml:3: rules[1].if[1].owner: there is no variable ${usr} (did you mean "user"?)'
    )


def test_a_variable_that_nothing_uses_is_most_often_misspelt(folder: Any) -> None:
    folder.write("presets.d/sales.toml", '[vars]\nuser = "ann"\n' + RULE + 'if = [ { owner = "${user}" } ]\n')
    folder.write("connections.d/crm-book.toml", PAIR + 'use = ["sales"]\n[vars]\nusr = "ben"\n')
    problem = folder.problem()
    assert str(problem).endswith('crm-book.toml:5: vars.usr: nothing uses ${usr} (did you mean "user"?)')


def test_a_variable_whose_only_use_is_replaced_is_no_mistake(folder: Any) -> None:
    folder.write("presets.d/sales.toml", 'winner = "${who}"\n[vars]\nwho = "left"\n')
    assert folder.connection('use = ["sales"]\nwinner = "right"\n').winner is Winner.RIGHT


def test_a_key_at_both_files_is_refused_where_its_last_value_stands(folder: Any) -> None:
    folder.write("presets.d/sales.toml", 'every = "1m"\nwinner = "oldest"\n')
    folder.write("connections.d/crm-book.toml", PAIR + 'use = ["sales"]\nevery = "soon"\n')
    assert [where(each) for each in folder.problems()] == [
        "connections.d/crm-book.toml:4: every",
        "presets.d/sales.toml:2: winner",
    ]


def test_a_table_of_a_preset_that_the_connection_says_as_a_value_is_refused_in_the_connection(folder: Any) -> None:
    folder.write("presets.d/sales.toml", "[guard]\ndeletes = { percent = 3 }\n")
    folder.write("connections.d/crm-book.toml", PAIR + 'use = ["sales"]\nguard = "off"\n')
    assert where(folder.problem()) == "connections.d/crm-book.toml:4: guard"


def test_an_error_that_is_found_only_later_points_at_the_preset(folder: Any) -> None:
    folder.write("presets.d/sales.toml", '\nwinner = "newest"\n')
    folder.connection('use = ["sales"]\n')
    error = folder.load().connection_error("crm-book", ("winner",), "the book tells no time")
    assert where(error) == "presets.d/sales.toml:2: winner"


def test_a_changed_preset_changes_the_connections_that_it_matters_to(folder: Any) -> None:
    folder.write(
        "presets.d/sales.toml", 'every = "1m"\n' + RULE + 'if = [ { owner = "${user}" } ]\n[vars]\nuser = "a"\n'
    )
    folder.write("connections.d/other.toml", PAIR.replace("Contacts", "Leads"))
    folder.connection('use = ["sales"]\nevery = "5m"\n')
    old = folder.load()
    folder.write(
        "presets.d/sales.toml", 'every = "2m"\n' + RULE + 'if = [ { owner = "${user}" } ]\n[vars]\nuser = "a"\n'
    )
    assert not diff(old, folder.load())
    folder.write(
        "presets.d/sales.toml", 'every = "2m"\n' + RULE + 'if = [ { owner = "${user}" } ]\n[vars]\nuser = "b"\n'
    )
    assert diff(old, folder.load()).connections.changed == {"crm-book": ("rules",)}


def test_values_written_out_are_no_change(folder: Any) -> None:
    folder.write("presets.d/sales.toml", 'every = "5m"\n')
    folder.connection('use = ["sales"]\n')
    old = folder.load()
    folder.connection('every = "5m"\n')
    assert not diff(old, folder.load())


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        (RULE, "rules"),
        ('leave = "unlink"\n', "leave"),
        ('[consent]\nnew = "subscribed"\n', "consent"),
        ('[deletions]\ntag = "Trash"\n', "deletions"),
        ("[guard]\nopt_outs = { percent = 3 }\n", "guard"),
        ('[[fields]]\nleft = "A"\nright = "B"\nvalues = { a = "b" }\n', "fields"),
    ],
)
def test_what_can_be_said_now_is_a_change_of_its_connection(folder: Any, lines: str, key: str) -> None:
    folder.connection("")
    old = folder.load()
    folder.connection(lines)
    assert diff(old, folder.load()).connections.changed == {"crm-book": (key,)}


def test_a_preset_that_cannot_be_read_makes_no_other_mistakes(folder: Any) -> None:
    folder.write("presets.d/crm.toml", "left = zoho\n")
    folder.write("connections.d/crm-book.toml", 'use = ["crm"]\nright = { account = "book" }\n')
    assert where(folder.problem()) == "presets.d/crm.toml:1: "


def test_an_unknown_variable_is_the_only_thing_that_is_said_about_its_value(folder: Any) -> None:
    folder.write("connections.d/crm-book.toml", PAIR + 'winner = "${who}"\nevery = "soon"\n')
    assert [where(each) for each in folder.problems()] == [
        "connections.d/crm-book.toml:3: winner",
        "connections.d/crm-book.toml:4: every",
    ]


def test_a_variable_is_not_made_of_others(folder: Any) -> None:
    folder.write("connections.d/crm-book.toml", PAIR + '[vars]\na = "x"\nb = "${a}y"\n' + RULE)
    problem = folder.problem()
    assert (problem.line, problem.key, problem.message) == (5, "vars.b", "a variable cannot be made of others")


def test_accounts_may_be_called_like_keys_that_name_no_side(folder: Any) -> None:
    (folder.path / "accounts.d/zoho.toml").rename(folder.path / "accounts.d/tag.toml")
    folder.write(
        "connections.d/crm-book.toml",
        PAIR.replace("zoho", "tag") + 'winner = "tag"\n[consent]\ntag = "No"\ntag_to_book = "tag"\n[guard]\n',
    )
    connection = folder.load().connections["crm-book"]
    assert (connection.consent.tag, connection.consent.left_to_right, connection.winner) == ("No", "tag", Winner.LEFT)


def test_what_is_put_together_wrongly_hides_no_other_mistake(folder: Any) -> None:
    own = 'winner = "oldest"\nevery = "${pace}"\nleft = { acount = "x" }\n'
    folder.write("connections.d/crm-book.toml", 'use = ["gone"]\n' + own)
    assert [where(each) for each in folder.problems()] == [
        "connections.d/crm-book.toml:1: use[1]",
        "connections.d/crm-book.toml:2: winner",
        "connections.d/crm-book.toml:4: left.acount",
    ]
    folder.write("connections.d/crm-book.toml", own + '[vars]\n1x = "a"\n')
    assert [where(each) for each in folder.problems()] == [
        "connections.d/crm-book.toml:1: winner",
        "connections.d/crm-book.toml:3: left.acount",
        "connections.d/crm-book.toml:5: vars.1x",
    ]
