"""How a mailbox is opened: by a consent with the least scopes, or by a service account that stands for its owner."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from tests.connectors.google_contacts.conftest import ANN, HOST, HandClock, Mail, Middle, options
from tests.connectors.inprocess import WorldSender
from zohosyncd.connectors.google_contacts import SPEC
from zohosyncd.connectors.google_contacts.connector import REF
from zohosyncd.connectors.google_contacts.oauth import CONTACTS, EMAIL, READ_ONLY, covers, oauth_app, scopes_for
from zohosyncd.connectors.google_contacts.options import GoogleOptions
from zohosyncd.connectors.needs import Need
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.errors import AuthLost, PermissionLacking
from zohosyncd.sandbox.google.app import CLIENT_SECRET, GoogleApp
from zohosyncd.sandbox.world import World
from zohosyncd.settings.secrets import Secret


def names(*needs: Need) -> list[str]:
    return [scope.name for scope in scopes_for(needs)]


def test_who_only_reads_asks_for_no_right_to_write() -> None:
    reading = Need("crm-ann")
    assert names(reading) == [READ_ONLY, EMAIL]
    for writing in (Need("x", creates=True), Need("x", updates=True), Need("x", deletes=True), Need("x", tags=True)):
        assert names(reading, writing) == [CONTACTS, EMAIL]
    assert names() == [CONTACTS, EMAIL]
    assert "crm-ann" in scopes_for([reading])[0].why


def test_the_right_to_write_is_one_to_read_and_not_the_other_way_round() -> None:
    assert covers([CONTACTS], READ_ONLY)
    assert not covers([READ_ONLY], CONTACTS)
    assert not covers([CONTACTS], EMAIL)


def test_the_consent_page_is_googles_and_asks_for_a_token_that_can_be_refreshed() -> None:
    app = oauth_app(GoogleOptions.model_validate({"client_id": "x", "client_secret": "env:X", "login": ANN}), [])
    assert app is not None
    assert app.authorize_url == "https://accounts.google.com/o/oauth2/v2/auth"
    server = app.server({})
    assert server.token_url == "https://oauth2.googleapis.com/token"
    assert server.revoke_url == "", "Google would end every consent that this person has given to the client"
    assert dict(app.extra) == {"access_type": "offline", "prompt": "consent"}
    assert (app.login, app.hint, app.device_url) == (ANN, "login_hint", "")


def test_a_service_account_asks_nobody_and_needs_no_client() -> None:
    keys = {"service_account": "env:KEY", "subject": ANN}
    assert oauth_app(GoogleOptions.model_validate(keys), []) is None
    for wrong in ({**keys, "client_id": "x"}, {"subject": ANN}, {"service_account": "env:KEY"}, {}):
        with pytest.raises(ValidationError):
            GoogleOptions.model_validate(wrong)


async def test_the_account_says_whose_mailbox_it_is(mail: Mail) -> None:
    info = await mail.connector.check()
    assert (info.login, info.name) == (ANN, ANN)
    assert info.identity.startswith("people/1")
    assert abs(info.clock_offset) <= 1.0


async def test_a_consent_that_was_taken_back_needs_a_person(mail: Mail) -> None:
    await mail.connector.check()
    mail.app.edit({"object": "consent", "user": ANN, "delete": True})
    await mail.clock.sleep(4_000)
    with pytest.raises(AuthLost) as caught:
        await mail.connector.check()
    assert "zohosyncd auth ann" in str(caught.value)


def robot(*scopes: str, subject: str = ANN) -> tuple[Any, GoogleApp]:
    """A mailbox opened by a service account to which these scopes are delegated."""
    clock = HandClock()
    world = World(clock, 7)
    app = GoogleApp(world.time, 7, (ANN, "ben@example.org"), base_url=HOST.removesuffix("/google"))
    world.add(app)
    key = json.dumps(app.service_account(*scopes))
    keys = {"api_url": HOST, "accounts_url": HOST, "allow_http": True, "service_account": "env:KEY", "subject": subject}
    tools = Tools("ann", WorldSender(world, clock), clock, Middle(), lambda _: Secret(key))
    return SPEC.open(GoogleOptions.model_validate(keys), tools), app


@pytest.mark.parametrize("subject", [ANN, "ben@example.org"])
async def test_a_service_account_opens_the_mailbox_of_its_subject(subject: str) -> None:
    connector, app = robot(CONTACTS, EMAIL, subject=subject)
    assert (await connector.check()).login == subject
    app.load(subject, [{"names": [{"givenName": "Ann"}]}])
    pages = [page async for page in connector.changes(REF, ["names.givenName"], None)]
    assert pages[-1].complete


async def test_a_service_account_without_the_delegation_says_what_an_administrator_has_to_do() -> None:
    connector, _ = robot(READ_ONLY)
    with pytest.raises((AuthLost, PermissionLacking)) as caught:
        await connector.check()
    assert CONTACTS in str(caught.value)


async def test_a_consent_in_which_somebody_left_a_box_unticked_tells_what_to_do(mail: Mail) -> None:
    token = mail.app.login.granted(options().client_id or "", EMAIL, user=ANN)
    secrets = {"env:SECRET": CLIENT_SECRET, "env:REFRESH": token}
    tools = Tools("ann", mail.sender, mail.clock, Middle(), lambda ref: Secret(secrets[str(ref)]))
    connector: Any = SPEC.open(options(), tools)
    with pytest.raises(PermissionLacking) as caught:
        await connector.fetch(REF, ["names.givenName"], ["people/c1"])
    assert "zohosyncd auth ann" in str(caught.value)
