"""Names, addresses, numbers and secrets of canaries are in every field, and nowhere where an operator's tools look."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.crash.company import CONNECTION
from tests.supervisor.office import NOTIFY, Office
from tests.telemetry.canaries import BOOKISH, TELLING, Aviary, card, company, person
from zohosyncd.core.errors import SyncError
from zohosyncd.supervisor.daemon import Daemon
from zohosyncd.telemetry.logs import configure
from zohosyncd.web.dispatch import perform

NAMED = "kanari1.e@zeisig.example"
ASKED = (
    ("explain", {"connection": CONNECTION, "query": "nobody.kanari@zeisig.example"}),
    ("history", {"connection": CONNECTION, "query": "nobody.kanari@zeisig.example"}),
    ("resolve", {"connection": CONNECTION, "record": "nobody.kanari@zeisig.example", "choice": "create"}),
    ("retry_held", {"connection": CONNECTION, "record": "+49 7799 5550123"}),
    ("link", {"connection": CONNECTION, "left": "kanari@zeisig.example", "right": "zeisig@kanari.example"}),
    ("split", {"connection": CONNECTION, "left": NAMED, "right": NAMED}),
    ("undo", {"connection": CONNECTION, "person": "nobody.kanari@zeisig.example", "dry": "yes"}),
    ("auth_finish", {"account": "zoho"}),
)
SHOWN = ("status", "progress", "accounts", "secrets", "check", "mapping", "reload", "sync")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    handlers, stream = list(logging.getLogger().handlers), io.StringIO()
    configure("json", "debug", stream=stream)
    yield stream
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers


def test_no_canary_is_seen_outside_of_the_apps(tmp_path: Path, logged: io.StringIO) -> None:
    office = Office(company(tmp_path / "company"), notify=NOTIFY.replace("held_above = 100", "held_above = 0"))
    secret = office.company.folder / "secrets/webhook-key"
    secret.write_text("kanari-signing-key")
    secret.chmod(0o600)
    file = office.company.folder / "zohosyncd.toml"
    file.write_text(file.read_text() + 'signing_key = "file:secrets/webhook-key"\n')
    aviary, folder = Aviary(), office.company.folder
    answers: list[str] = []

    async def story(daemon: Daemon) -> None:
        office.faults("zoho_crm", *TELLING)
        office.faults("carddav", *BOOKISH)
        await office.company.clock.sleep(400)
        office.faults("zoho_crm")
        office.faults("carddav")
        await office.in_sync(daemon)
        for number, href in enumerate(list(office.company.world.apps["carddav"].state()["/ann/contacts/"])[:4]):
            office.company.control("edit", {"app": "carddav", "object": "/ann/contacts/", "id": href, "delete": True})
            answers.append(f"deleted {number}")
        office.company.control("edit", {"app": "zoho_crm", "object": "Contacts", "create": person(9)})
        office.faults("carddav", {"path": "*", "fault": "status", "status": 401, "body": "Kanari"})
        await office.company.clock.sleep(300)
        office.faults("carddav")
        await office.company.clock.sleep(300)
        for name, given in ASKED:
            try:
                await perform(daemon.commands, name, given)
            except SyncError as error:
                answers.append(f"{name}: {error}")
        for name in SHOWN:
            given = {"connection": CONNECTION} if name in ("mapping", "sync") else {}
            answers.append(f"{name}: {json.dumps(await perform(daemon.commands, name, given), default=str)}")
        await daemon.refresh_metrics()
        answers.append(daemon.metrics.render()[0].decode())

    office.live(story)
    aviary.learn(folder, office.receiver.world)
    assert len(aviary.found(json.dumps(office.company.world.apps["carddav"].state()))) >= 3
    lines = logged.getvalue().splitlines()
    assert {json.loads(line)["level"] for line in lines} >= {"info", "warning"}
    assert len(answers) > len(SHOWN) + 5
    for line in lines:
        aviary.assert_none_in("log", line)
    for answer in answers:
        aviary.assert_none_in(answer[:30], answer)
    assert {each["type"] for each in office.receiver.got} >= {"authorisation_lost", "held_above", "guard_tripped"}
    aviary.assert_none_in("messages", (f"{each.headers} {each.body.decode()}" for each in office.receiver.asked))
    aviary.assert_none_in("file names", (str(each.relative_to(folder)) for each in folder.rglob("*")))
    state = (folder / "state.db").read_bytes()
    assert b"/ann/contacts/kanari-zeisig-1.vcf" in state  # ids are not encrypted, whatever a server calls its cards
    for value in (*aviary.secrets, "zeisig.example", "kanari.example", "Zeisigweg", "Oberkanari", "KANARI-1"):
        assert value.encode() not in state


def test_the_test_finds_what_it_looks_for() -> None:
    aviary = Aviary({"1000.sandbox.refresh"})
    for leak in (card(1), json.dumps(person(1)), "token=1000.sandbox.refresh", "(07799) 5550-177", "born 1931-07-29"):
        assert aviary.found(leak)
    assert not aviary.found("connection crm-book: 77 records at 2026-11-24T07:55:50Z")
