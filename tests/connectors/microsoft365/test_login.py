"""Ways to log in, and what is asked for."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.connectors.microsoft365.conftest import ANN, DAY, HOST, MakeOutlook, Outlook, options
from zohosyncd.connectors.microsoft365.login import covers, oauth_app
from zohosyncd.connectors.needs import Need
from zohosyncd.core.errors import AuthLost, ContractBroken, PermissionLacking, RateLimited, Unavailable, UsageError
from zohosyncd.sandbox.microsoft.app import CLIENT_ID
from zohosyncd.sandbox.microsoft.behaviour import Behaviour

FIELDS = ("givenName",)
ITSELF = {"user": ANN, "tenant": "example.org", "refresh_token": None}


async def test_a_person_who_has_consented_is_known_by_their_own_id(outlook: Outlook) -> None:
    info = await outlook.connector.check()
    assert info.identity == outlook.app.boxes[ANN].user_id
    assert (info.name, info.login, info.region) == ("Ann", ANN, "DE")
    assert abs(info.clock_offset) <= 1.0


@pytest.mark.parametrize(("country", "region"), [("de", "DE"), (None, ""), ("Germany", ""), ("ÄÖ", "")])
async def test_a_country_that_is_none_is_no_region(outlook: Outlook, country: str | None, region: str) -> None:
    outlook.app.boxes[ANN].country = country
    assert (await outlook.connector.check()).region == region


async def test_refresh_tokens_change_and_each_is_kept_so_that_months_pass_without_a_person(outlook: Outlook) -> None:
    """Microsoft's refresh tokens end 90 days after they were given; whoever keeps the first one is locked out then."""
    for _ in range(6):
        await outlook.connector.check()
        outlook.clock.moment += 40 * DAY
    assert (await outlook.connector.check()).login == ANN
    assert outlook.kept["ann"].refresh_token


async def test_a_token_that_has_ended_is_made_anew_and_nobody_notices(outlook: Outlook) -> None:
    ann = outlook.person()
    await outlook.connector.fetch(outlook.folder, FIELDS, [ann])
    outlook.app.tune({"expire_tokens": True})
    assert len(await outlook.connector.fetch(outlook.folder, FIELDS, [ann])) == 1


@pytest.mark.parametrize(
    ("trouble", "error"),
    [("invalid_grant", AuthLost), ("interaction_required", AuthLost), ("invalid_client", AuthLost),
     ("temporarily_unavailable", Unavailable), ("503", Unavailable), ("429", RateLimited)],
)  # fmt: skip
async def test_what_the_login_server_says_no_by(outlook: Outlook, trouble: str, error: type[Exception]) -> None:
    outlook.app.tune({"login_trouble": [trouble] * 9})
    with pytest.raises(error) as caught:
        await outlook.connector.check()
    assert ANN not in str(caught.value)


async def test_a_client_without_a_secret_sends_none(make_outlook: MakeOutlook) -> None:
    outlook = make_outlook(client_id="public-client", client_secret=None)
    outlook.secrets["env:REFRESH"] = outlook.app.login.granted("public-client")
    assert (await outlook.connector.check()).login == ANN
    assert not any(b"client_secret" in each.body for each in outlook.sender.sent)


async def test_an_app_that_an_administrator_has_allowed_opens_the_mailbox_that_is_named(
    make_outlook: MakeOutlook,
) -> None:
    outlook = make_outlook(**ITSELF)
    outlook.person()
    info = await outlook.connector.check()
    assert (info.identity, info.name, info.login) == (outlook.folder, ANN, "")
    pages = [page async for page in outlook.connector.changes(await outlook.connector.resolve(""), FIELDS, None)]
    assert len(pages[0].changes) == 1
    assert all("/v1.0/me" not in each.url for each in outlook.sender.sent)
    form = next(each for each in outlook.sender.sent if each.url.endswith("/token")).body.decode()
    assert "grant_type=client_credentials" in form
    assert "scope=http%3A%2F%2F127.0.0.1%3A1%2F.default" in form
    outlook.app.tune({"roles": []})
    with pytest.raises(PermissionLacking, match="may not do this"):
        await outlook.connector.objects()


async def test_a_user_without_a_mailbox_is_said_to_be_so(make_outlook: MakeOutlook) -> None:
    outlook = make_outlook(**{**ITSELF, "user": "nobody@example.org"})
    with pytest.raises(PermissionLacking, match="no mailbox") as caught:
        await outlook.connector.check()
    assert "accounts.d/ann.toml" in caught.value.hint


async def test_a_login_without_a_right_is_told_how_to_get_it(outlook: Outlook) -> None:
    outlook.secrets["env:REFRESH"] = outlook.app.login.granted(CLIENT_ID, "Contacts.Read", "offline_access")
    with pytest.raises(PermissionLacking) as caught:
        await outlook.connector.check()
    assert "zohosyncd auth ann" in caught.value.hint


# What is asked for


@pytest.mark.parametrize(
    ("needs", "scopes"),
    [
        ([], {"offline_access", "User.Read", "Contacts.ReadWrite"}),
        ([Need("a", updates=True), Need("b")], {"offline_access", "User.Read", "Contacts.ReadWrite"}),
        ([Need("a")], {"offline_access", "User.Read", "Contacts.Read"}),
    ],
)
def test_the_least_that_is_needed_is_asked_for(needs: list[Need], scopes: set[str]) -> None:
    app = oauth_app(options(login=ANN), needs)
    assert app is not None
    assert {each.name for each in app.scopes} == scopes
    assert app.authorize_url == f"{HOST}/common/oauth2/v2.0/authorize"
    assert app.device_url == f"{HOST}/common/oauth2/v2.0/devicecode"
    assert (app.login, app.hint, app.pkce) == (ANN, "login_hint", True)


def test_a_client_that_logs_in_by_itself_asks_nobody() -> None:
    assert oauth_app(options(**ITSELF), []) is None


@pytest.mark.parametrize(
    ("held", "scope", "covered"),
    [
        (["https://graph.microsoft.com/Contacts.ReadWrite"], "Contacts.Read", True),
        (["contacts.readwrite"], "Contacts.ReadWrite", True),
        (["Contacts.Read"], "Contacts.ReadWrite", False),
        ([], "offline_access", True),
        (["openid"], "User.Read", False),
    ],
)
def test_scopes_are_held_in_other_words(held: list[str], scope: str, covered: bool) -> None:
    assert covers(held, scope) == covered


@pytest.mark.parametrize(
    "wrong",
    [
        {"tenant": "a/b"}, {"tenant": ""}, {"user": ANN, "refresh_token": None}, {"user": ANN, "tenant": "example.org"},
        {**ITSELF, "login": ANN}, {**ITSELF, "client_secret": None}, {"concurrency": 5}, {"api_url": "http://10.0.0.1"},
    ],
)  # fmt: skip
def test_keys_that_do_not_fit_together_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        options(**wrong)


# Folders


async def test_folders_are_named_by_their_path_their_name_or_their_id(outlook: Outlook) -> None:
    box = outlook.app.boxes[ANN]
    partners = box.new_folder("Partners")
    berlin, munich = (box.new_folder("Team", parent.id) for parent in (partners, box.contacts))
    resolve = outlook.connector.resolve
    assert await outlook.connector.objects() == {
        box.contacts.id: "Contacts", partners.id: "Partners", berlin.id: "Partners/Team", munich.id: "Team",
    }  # fmt: skip
    assert await resolve("") == await resolve("contacts") == box.contacts.id
    assert await resolve("Partners/Team") == berlin.id
    assert await resolve("Team") == munich.id
    assert await resolve(berlin.id) == berlin.id
    with pytest.raises(UsageError, match="Partners/Team"):
        await resolve("Suppliers")


async def test_two_folders_of_one_name_are_named_by_their_ids(outlook: Outlook) -> None:
    box = outlook.app.boxes[ANN]
    folders = [box.new_folder("Team", box.new_folder(name).id) for name in ("North", "South")]
    with pytest.raises(UsageError) as caught:
        await outlook.connector.resolve("Team")
    assert all(each.id in caught.value.hint for each in folders)


async def test_many_folders_come_in_pages(outlook: Outlook) -> None:
    for n in range(230):
        outlook.app.edit({"folder": f"Folder {n}"})
    assert len(await outlook.connector.objects()) == 231


async def test_a_default_folder_without_its_name_is_found_by_a_contact_in_it(outlook: Outlook) -> None:
    missing = {"error": {"code": "ErrorItemNotFound"}}
    outlook.fail({"fault": "status", "path": "*/contactFolders/contacts", "status": 404, "body": missing})
    with pytest.raises(ContractBroken, match="default folder"):
        await outlook.connector.resolve("")
    outlook.person()
    assert await outlook.connector.resolve("") == outlook.folder


async def test_an_address_with_a_quote_is_looked_for_as_it_is(outlook: Outlook) -> None:
    ann = outlook.person(emailAddresses=[{"address": "a'b@example.com"}])
    assert await outlook.connector.find(outlook.folder, ["A'B@example.com", "x' or 1 eq 1"]) == [ann]
    (asked,) = outlook.batches()
    assert "%27a%27%27b%40example.com%27" in asked[0]["url"]


async def test_many_addresses_are_looked_for_by_few_searches(make_outlook: MakeOutlook) -> None:
    for conditions, expected in ((20, [1, 2]), (5, [1, 10, 12])):
        outlook = make_outlook(Behaviour(conditions=conditions))
        ids = [outlook.person(emailAddresses=[{"address": f"p{n}@example.com"}]) for n in range(12)]
        addresses = [f"P{n}@example.com" for n in range(12)]
        assert await outlook.connector.find(outlook.folder, addresses[:10]) == ids[:10]
        assert await outlook.connector.find(outlook.folder, addresses) == ids
        assert [len(each) for each in outlook.batches()] == expected


async def test_a_search_that_is_refused_or_cut_short_tells_nothing(outlook: Outlook) -> None:
    for n in range(101):
        outlook.person(surname=f"P{n}", emailAddresses=[{"address": "all@example.com"}])
    assert await outlook.connector.find(outlook.folder, ["all@example.com"]) is None
    outlook.fail({"fault": "rows", "path": "*batch", "share": 1.0, "code": "InefficientFilter"})
    assert await outlook.connector.find(outlook.folder, ["ann@example.com"]) is None
