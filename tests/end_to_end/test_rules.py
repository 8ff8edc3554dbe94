"""Rules over owners, tags and categories, from files of configuration to records on both sides of the simulated apps."""

import re
from pathlib import Path
from typing import Any

from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse
from tests.end_to_end.test_sync import lines, settle
from zohosyncd.sandbox.zoho.crm import ZohoSetup
from zohosyncd.sandbox.zoho.schema import Field

FILE = f"connections.d/{CONNECTION}.toml"
RULES = """
leave = "tag"

[deletions]
right_to_left = "tag"

[[rules]]
from = "zoho"
if = [ { owner = "dora@example.com" } ]
then = [ { add = "categories", value = "CRM" } ]

[[rules]]
from = "book"
if = [ { has = "categories", value = "CRM" } ]
then = [ { set = "owner", value = "dora@example.com", on = "create" }, { add = "tags", value = "From the book" } ]
"""


def tags(contact: dict[str, Any]) -> set[str]:
    return {tag["name"] for tag in contact["Tag"]}


def ruled(rehearsal: Rehearsal) -> None:
    text = (rehearsal.folder / FILE).read_text()
    (rehearsal.folder / FILE).write_text(re.sub(r"^\[deletions\]\n(?:.+\n)*", "", text, flags=re.MULTILINE) + RULES)


def card(given: str, *more: str) -> str:
    head = ["BEGIN:VCARD", "VERSION:3.0", f"UID:uid-{given}", f"N:Person;{given};;;", f"FN:{given} Person"]
    return "\r\n".join([*head, f"EMAIL:{given.lower()}@example.org", *more, "END:VCARD", ""])


async def find(rehearsal: Rehearsal, given: str) -> dict[str, Any]:
    (found,) = [each for each in (await rehearsal.contacts()).values() if each["First_Name"] == given]
    return found


async def test_owners_tags_and_categories_decide_and_are_set_on_both_sides(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=0) as rehearsal:
        ruled(rehearsal)
        person = {"Last_Name": "Person"}
        await rehearsal.new_contact(**person, First_Name="Ida", Email="ida@example.org", Owner="dora@example.com")
        await rehearsal.new_contact(**person, First_Name="Tom", Email="tom@example.org", Owner="ben@example.com")
        uma = await rehearsal.new_card(card("Uma", "CATEGORIES:Choir,CRM"))
        await rehearsal.new_card(card("Rex", "CATEGORIES:Choir"))
        await settle(rehearsal)
        cards = await rehearsal.cards()
        assert {lines(text, "N:")[0] for text in cards.values()} == {
            f"N:Person;{each};;;" for each in ("Ida", "Uma", "Rex")
        }
        (ida,) = [text for text in cards.values() if "Ida" in text]
        assert lines(ida, "CATEGORIES") == ["CATEGORIES:CRM"]
        assert {each["First_Name"] for each in (await rehearsal.contacts()).values()} == {"Ida", "Tom", "Uma"}
        made = await find(rehearsal, "Uma")
        assert made["Owner"]["email"] == "dora@example.com"
        assert tags(made) == {"From the book"}

        await rehearsal.edit_contact(made["id"], Tag=["VIP"])
        await rehearsal.edit_card(uma, card("Uma", "CATEGORIES:Choir,CRM", "TITLE:Judge"))
        await settle(rehearsal)
        made = await find(rehearsal, "Uma")
        assert (made["Title"], tags(made)) == ("Judge", {"VIP", "From the book"})

        await rehearsal.edit_contact((await find(rehearsal, "Ida"))["id"], Owner="ben@example.com")
        await rehearsal.edit_card(uma, card("Uma", "CATEGORIES:Choir,CRM", "TITLE:Judge", "NOTE:x"))
        await settle(rehearsal)
        (ida,) = [text for text in (await rehearsal.cards()).values() if "Ida" in text]
        assert "CRM" in lines(ida, "CATEGORIES")[0]


async def test_whoever_is_deleted_in_the_book_is_tagged_in_zoho(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=0) as rehearsal:
        ruled(rehearsal)
        uma = await rehearsal.new_card(card("Uma", "CATEGORIES:CRM"))
        await settle(rehearsal)
        await rehearsal.control(
            "POST", "edit", {"app": "carddav", "object": "/ann/contacts/", "id": uma, "delete": True}
        )
        await settle(rehearsal)
        assert "Zohosyncd Trash" in tags(await find(rehearsal, "Uma"))
        assert not any("Uma" in text for text in (await rehearsal.cards()).values())


async def test_a_field_of_the_company_decides_and_travels_one_way(tmp_path: Path) -> None:
    rules = """
[[rules]]
from = "zoho"
if = [ { field = "Account_Name.Industry", is = "Technology" } ]

[[fields]]
left = "Account_Name.Website"
right = "URL"
"""
    async with rehearse(tmp_path, people=0) as rehearsal:
        rehearsal.rewrite(FILE, append=rules)
        for name, industry in (("Acme", "Technology"), ("School", "Education")):
            made = {"Account_Name": name, "Industry": industry, "Website": f"https://{name.lower()}.example"}
            answer = await rehearsal.control("POST", "edit", {"app": "zoho_crm", "object": "Accounts", "create": made})
            person = {"First_Name": name, "Last_Name": "Person", "Email": f"{name.lower()}@example.org"}
            await rehearsal.new_contact(**person, Account_Name={"id": answer["id"]})
        await settle(rehearsal)
        ((href, text),) = (await rehearsal.cards()).items()
        assert lines(text, "URL") == ["URL:https://acme.example"]
        await rehearsal.edit_card(href, text.replace("https://acme.example", "https://mine.example"))
        await settle(rehearsal)
        assert "https://acme.example" in str((await rehearsal.state())["apps"]["zoho_crm"]["Accounts"])


WORDS = """
[[rules]]
from = "zoho"
if = [ { field = "title", greater = 3 } ]

[[rules]]
from = "zoho"
if = [ { field = "Title", is = "Judge" }, { created = { after = 2020-01-01 } } ]
"""


async def test_a_field_of_the_app_wins_over_a_word_of_the_same_spelling_and_check_says_so(tmp_path: Path) -> None:
    own = (
        Field("title", "Titles of nobility", "integer", 9, custom=True),
        Field("created", "Created", "profileimage"),
    )
    async with rehearse(tmp_path, people=0, setup=ZohoSetup(custom=own)) as rehearsal:
        rehearsal.rewrite(FILE, append=WORDS)
        await rehearsal.new_contact(Last_Name="Count", Email="count@example.org", title=7)
        await rehearsal.new_contact(Last_Name="Commoner", Email="commoner@example.org", title=1, Title="8")
        async with rehearsal.daemon() as daemon:
            notes = (await daemon.commands.check())["connections"][CONNECTION]["notes"]
        said = [each for each in notes if each.startswith("rules[")]
        assert said == [
            'rules[1].if[1]: "title" is read as the app\'s own field of this name, not as the word "title"',
            (
                'rules[2].if[2]: "created" is read as the word "created": rules cannot look at fields of the kind of '
                'the app\'s own "created"'
            ),
        ]
        await settle(rehearsal)
        assert [lines(text, "N:")[0] for text in (await rehearsal.cards()).values()] == ["N:Count;;;;"]


async def test_several_choices_and_moments_decide_and_the_choices_become_categories(tmp_path: Path) -> None:
    rules = """
[[rules]]
from = "zoho"
if = [ { field = "Interests", is = "Training" }, { field = "Created_By", exists = true }, { field = "Modified_Time", after = "2020-01-01" } ]

[[fields]]
left = "Interests"
right = "CATEGORIES"
"""
    async with rehearse(tmp_path, people=0) as rehearsal:
        rehearsal.rewrite(FILE, append=rules)
        for name, interests in (("Ida", ["Training", "Machines"]), ("Tom", ["Machines"]), ("Uma", None)):
            email = f"{name.lower()}@example.org"
            await rehearsal.new_contact(First_Name=name, Last_Name="Person", Email=email, Interests=interests)
        await settle(rehearsal)
        ((href, text),) = (await rehearsal.cards()).items()
        assert lines(text, "CATEGORIES") in (["CATEGORIES:Training,Machines"], ["CATEGORIES:Machines,Training"])
        ida = await find(rehearsal, "Ida")
        await rehearsal.edit_contact(ida["id"], Interests=["Training"])
        await rehearsal.edit_card(href, text.replace("Machines", "Machines,Choir"))
        await settle(rehearsal)
        text = (await rehearsal.cards())[href]
        assert set(lines(text, "CATEGORIES")[0].removeprefix("CATEGORIES:").split(",")) == {"Training", "Choir"}
        assert (await find(rehearsal, "Ida"))["Interests"] == ["Training"]
        await rehearsal.edit_card(href, text.replace("Training", "spare parts"))
        await settle(rehearsal)
        assert (await find(rehearsal, "Ida"))["Interests"] == ["Spare parts"]
        assert "Choir" in (await rehearsal.cards())[href]
