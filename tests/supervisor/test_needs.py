"""The least that a connection needs of an account, from the files alone."""

from pathlib import Path
from typing import Any

import pytest

from zohosyncd.connectors.needs import Need
from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.connectors.zoho_crm.scopes import covers, scopes_for
from zohosyncd.settings import load
from zohosyncd.supervisor.needs import needs_of

JOBS = {"ZohoCRM.bulk.READ", "ZohoCRM.bulk.CREATE", "ZohoSearch.securesearch.READ"}
ALWAYS = {"ZohoCRM.org.READ", "ZohoCRM.settings.fields.READ", "ZohoCRM.users.READ", "ZohoCRM.coql.READ"} | JOBS
LAYOUTS = "ZohoCRM.settings.layouts.READ"
READ, TAGS = "ZohoCRM.modules.contacts.READ", "ZohoCRM.settings.tags.READ"
CONTACTS = "ZohoCRM.modules.contacts."


def scopes(folder: Path, connection: str, **files: str) -> set[str]:
    """The scopes for Zoho where this is the only connection, with ALWAYS left out."""
    for kind in ("accounts.d", "connections.d"):
        (folder / kind).mkdir()
    (folder / "zohosyncd.toml").write_text(f'[service]\nstate_key = "env:KEY"\n{files.get("service", "")}')
    zoho = 'app = "zoho_crm"\nclient_id = "1"\nclient_secret = "env:A"\n'
    (folder / "accounts.d/zoho.toml").write_text(zoho)
    (folder / "accounts.d/book.toml").write_text(
        'app = "carddav"\nurl = "https://x.example"\nusername = "a"\npassword = "env:A"\n'
    )
    sides = 'left = { account = "zoho" }\nright = { account = "book" }\nphone_region = "DE"\n'
    (folder / "connections.d/c.toml").write_text(sides + connection)
    needs = needs_of(load(folder, BY_NAME, environ={}), "zoho", BY_NAME)
    found = {each.name for each in scopes_for(needs)}
    assert found >= ALWAYS
    return found - ALWAYS


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ("", {READ, f"{CONTACTS}CREATE", f"{CONTACTS}UPDATE", f"{CONTACTS}DELETE", TAGS, LAYOUTS}),
        ('direction = "left_to_right"', {READ, TAGS}),
        ('direction = "left_to_right"\n[deletions]\nright_to_left = "delete"', {READ, f"{CONTACTS}DELETE", TAGS}),
        (
            'direction = "left_to_right"\n[deletions]\nright_to_left = "tag"',
            {READ, f"{CONTACTS}WRITE", "ZohoCRM.settings.tags.ALL"},
        ),
        (
            'direction = "left_to_right"\n[[fields]]\nleft = "Account_Name.Website"\nright = "URL"\n',
            {READ, "ZohoCRM.modules.accounts.READ", TAGS},
        ),
        (
            'direction = "left_to_right"\n[[rules]]\nfrom = "zoho"\nif = [{ any = [{ field = "Account_Name.X", is = "Y" }] }]',
            {READ, "ZohoCRM.modules.accounts.READ", TAGS},
        ),
        (
            '[[rules]]\nfrom = "book"\nif = []\nthen = [{ add = "tags", value = "Book" }]\n',
            {READ, f"{CONTACTS}CREATE", f"{CONTACTS}UPDATE", f"{CONTACTS}DELETE", "ZohoCRM.settings.tags.ALL", LAYOUTS},
        ),
        (
            "enabled = false",
            {READ, f"{CONTACTS}CREATE", f"{CONTACTS}UPDATE", f"{CONTACTS}DELETE", TAGS, LAYOUTS},
        ),
    ],
)  # fmt: skip
def test_no_more_is_asked_for_than_a_connection_needs(tmp_path: Path, said: str, more: set[str]) -> None:
    assert scopes(tmp_path, said) == more


def test_every_object_has_scopes_of_its_own_and_names_who_needs_them() -> None:
    needs = [
        Need("a", "leads", updates=True), Need("b", "Cars", creates=True), Need("c"),
        Need("d", "", rings=True, fields=frozenset({"Tag"})),
    ]  # fmt: skip
    found = {each.name: each.why for each in scopes_for(needs)}
    assert set(found) - ALWAYS == {
        "ZohoCRM.modules.leads.READ", "ZohoCRM.modules.leads.UPDATE", READ, TAGS, "ZohoCRM.modules.custom.READ",
        "ZohoCRM.modules.custom.CREATE", "ZohoCRM.modules.custom.DELETE", "ZohoCRM.notifications.CREATE",
        "ZohoCRM.notifications.UPDATE", "ZohoCRM.notifications.DELETE",
        "ZohoCRM.settings.modules.READ", LAYOUTS,
    }  # fmt: skip
    assert found[READ] == "to read Contacts (c, d)"
    assert found["ZohoCRM.modules.leads.UPDATE"] == "to change Leads (a)"


@pytest.mark.parametrize(
    ("companies", "operations"),
    [("shown", set()), ("linked", {"READ"}), ("created", {"READ", "CREATE", "UPDATE"})],
)
def test_companies_are_asked_for_as_far_as_contacts_get_them(companies: Any, operations: set[str]) -> None:
    found = {each.name for each in scopes_for([Need("a", creates=True, updates=True)], companies)}
    accounts = {each.rpartition(".")[2] for each in found if each.startswith("ZohoCRM.modules.accounts.")}
    assert accounts == operations
    assert not any("accounts" in each.name for each in scopes_for([Need("a")], companies))


@pytest.mark.parametrize(
    ("needs", "long_reads", "asked"),
    [
        ([Need("a")], "auto", True), ([Need("a")], "bulk", True), ([Need("a")], "query", False),
        ([Need("a")], "list", False), ([Need("a", fields=frozenset({"Tag"}))], "auto", False),
        ([Need("a"), Need("b", "contacts", fields=frozenset({"Tag"}))], "auto", False),
        ([Need("a", "Leads"), Need("b", fields=frozenset({"Tag"}))], "auto", True),
    ],
)  # fmt: skip
def test_jobs_are_asked_for_only_where_they_can_be_used(needs: list[Need], long_reads: Any, asked: bool) -> None:
    found = {each.name for each in scopes_for(needs, long_reads=long_reads)}
    assert (found >= JOBS, bool(found & JOBS)) == (asked, asked)


@pytest.mark.parametrize(
    ("held", "scope", "enough"),
    [
        ("ZohoCRM.modules.ALL", READ, True), ("zohocrm.modules.contacts.all", READ, True), (READ, READ, True),
        ("ZohoCRM.modules.leads.ALL", READ, False), ("ZohoCRM.modules.READ", READ, False),
        (f"{CONTACTS}WRITE", f"{CONTACTS}CREATE", True), (f"{CONTACTS}WRITE", f"{CONTACTS}UPDATE", True),
        (f"{CONTACTS}WRITE", f"{CONTACTS}DELETE", False), (f"{CONTACTS}WRITE", READ, False),
        ("ZohoCRM.settings.ALL", "ZohoCRM.settings.fields.READ", True), ("", READ, False),
    ],
)  # fmt: skip
def test_what_a_held_scope_covers(held: str, scope: str, enough: Any) -> None:
    assert covers([held], scope) is enough
