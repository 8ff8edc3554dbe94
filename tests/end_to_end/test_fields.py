"""[[fields]] from the operator's file to both apps."""

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse
from tests.end_to_end.test_sync import a_linked_pair, lines, settle
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.sandbox.zoho.schema import Field

FILE = f"connections.d/{CONNECTION}.toml"
VALUE_MAP = """
[[fields]]
left = "Lead_Source"
right = "ROLE"
values = { "Advertisement" = "Ad", "Trade Show" = "Fair" }
"""
JOIN = """
[[fields]]
left = ["Department", "Title"]
right = "TITLE"
convert = [ { join = " / " } ]
winner = "left"
"""


async def told(rehearsal: Rehearsal, command: str, *arguments: Any) -> dict[str, Any]:
    async with rehearsal.daemon() as daemon:
        return dict(await getattr(daemon.commands, command)(*arguments))


async def test_a_value_map_is_checked_shown_applied_and_changed_while_everybody_is_linked(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=30) as rehearsal:
        await settle(rehearsal)
        record_id, href = await a_linked_pair(rehearsal)
        rehearsal.rewrite(FILE, append=VALUE_MAP)

        checked = (await told(rehearsal, "check"))["connections"][CONNECTION]
        assert checked["state"] == "ok"
        (note,) = checked["notes"]
        assert note.startswith('Lead_Source = ROLE: the value map has nothing for "')
        assert '"Cold Call"' in note

        pair = (await told(rehearsal, "mapping", CONNECTION))["pairs"][-1]
        assert pair["values"] == {"Advertisement": "Ad", "Trade Show": "Fair"}
        assert "Cold Call" in pair["without_word"]["left"]

        await rehearsal.edit_contact(record_id, Lead_Source="Advertisement")
        await settle(rehearsal)
        assert lines((await rehearsal.cards())[href], "ROLE") == ["ROLE:Ad"]

        await rehearsal.edit_contact(record_id, Lead_Source="Cold Call", Title="Keeper of Keys")
        await settle(rehearsal)
        card = (await rehearsal.cards())[href]
        assert lines(card, "ROLE") == ["ROLE:Ad"]
        assert lines(card, "TITLE") == ["TITLE:Keeper of Keys"]
        refused = (await told(rehearsal, "quarantine", CONNECTION))["quarantine"]
        (own,) = [each for each in refused if each["record_id"] == record_id]
        assert (own["code"], own["field"]) == ("unmapped_option", "Lead_Source = ROLE")
        assert own["message"] == 'Lead_Source is "Cold Call": the value map has nothing for this value'

        rehearsal.rewrite(FILE, {'"Trade Show" = "Fair"': '"Trade Show" = "Fair", "Cold Call" = "Call"'})
        await settle(rehearsal)
        assert lines((await rehearsal.cards())[href], "ROLE") == ["ROLE:Call"]


async def test_more_fields_than_one_call_shows_travel_both_ways(tmp_path: Path) -> None:
    numbers = range(70)
    custom = tuple(Field(f"Field_{n}", f"Field {n}", custom=True) for n in numbers)
    pairs = "".join(f'[[fields]]\nleft = "Field_{n}"\nright = "X-FIELD-{n}"\n' for n in numbers)
    properties = ", ".join(f'"X-FIELD-{n}"' for n in numbers)
    async with rehearse(tmp_path, people=0, setup=ZohoSetup(custom=custom)) as rehearsal:
        rehearsal.rewrite(FILE, append=pairs)
        rehearsal.rewrite("accounts.d/book.toml", append=f"custom = [{properties}]\n")
        ida = await rehearsal.new_contact(
            Last_Name="Person", Email="ida@example.org", **{f"Field_{n}": f"value {n}" for n in numbers}
        )
        await settle(rehearsal)
        ((href, card),) = (await rehearsal.cards()).items()
        assert [lines(card, f"X-FIELD-{n}:") for n in numbers] == [[f"X-FIELD-{n}:value {n}"] for n in numbers]
        await rehearsal.edit_card(href, card.replace("value 3\r\n", "new 3\r\n").replace("value 66\r\n", "new 66\r\n"))
        await settle(rehearsal)
        shown = (await rehearsal.contacts())[ida]
        changed = {n: f"new {n}" for n in (3, 66)}
        assert {n: shown[f"Field_{n}"] for n in numbers} == {n: f"value {n}" for n in numbers} | changed


async def test_fields_are_joined_as_the_file_says(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=20) as rehearsal:
        rehearsal.rewrite(FILE, append='cleared = "keep"\n' + JOIN)
        await settle(rehearsal)
        record_id, href = await a_linked_pair(rehearsal)
        await rehearsal.edit_contact(record_id, Department="Keys", Title="Keeper")
        await settle(rehearsal)
        assert lines((await rehearsal.cards())[href], "TITLE") == ["TITLE:Keys / Keeper"]
        await rehearsal.edit_contact(record_id, Department=None, Title=None)
        await settle(rehearsal)
        assert lines((await rehearsal.cards())[href], "TITLE") == ["TITLE:Keys / Keeper"]
        pair = (await told(rehearsal, "mapping", CONNECTION))["pairs"][-1]
        assert (pair["cleared"], pair["winner"], pair["convert"]) == ("keep", "left", [{"join": " / "}])


@pytest.mark.parametrize(
    ("lines_", "says"),
    [
        ('[[fields]]\nleft = "Lead_Source"\nright = "ROLE"\nvalues = { "Advertisment" = "Ad" }\n', '"Advertisement"'),
        ('[[fields]]\nleft = "Nowhere"\nright = "ROLE"\n', 'no field "Nowhere"'),
    ],
)
async def test_what_does_not_fit_the_apps_is_refused_by_check(tmp_path: Path, lines_: str, says: str) -> None:
    async with rehearse(tmp_path, people=5) as rehearsal:
        rehearsal.rewrite(FILE, append=lines_)
        checked = await told(rehearsal, "check")
        assert checked["connections"][CONNECTION]["state"] == "refused"
        (mistake,) = checked["mistakes"]
        assert says in mistake


async def test_tags_and_categories_are_one_set_and_the_owner_is_shown(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=20) as rehearsal:
        pairs = '[[fields]]\nleft = "Tag"\nright = "CATEGORIES"\n[[fields]]\nleft = "Owner"\nright = "ROLE"\n'
        rehearsal.rewrite(FILE, append=pairs)
        await settle(rehearsal)
        record_id, href = await a_linked_pair(rehearsal)
        # A tag alone does not move the modified time of a record: it is seen with the next change, or by the daily read.
        await rehearsal.edit_contact(record_id, Tag=[{"name": "Newsletter"}], Title="Keeper")
        await settle(rehearsal)
        card = (await rehearsal.cards())[href]
        assert lines(card, "CATEGORIES") == ["CATEGORIES:Newsletter"]
        assert lines(card, "ROLE")[0].removeprefix("ROLE:")
        await rehearsal.edit_card(href, card.replace("CATEGORIES:Newsletter", "CATEGORIES:Newsletter,Friends"))
        await settle(rehearsal)
        tags = (await rehearsal.contacts())[record_id]["Tag"]
        assert {each["name"] for each in tags} == {"Newsletter", "Friends"}
        shown = (await told(rehearsal, "mapping", CONNECTION))["pairs"]
        owner = next(each for each in shown if each["pair"] == "Owner = ROLE")
        assert (owner["direction"], owner["left"][0]["type"]) == ("left_to_right", "owner")
        assert owner["narrowed"] == "Owner is an owner, which a text can only show"
