"""One message when something needs a person, one when it is over: also across restarts, and never before the sync."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.crash.company import CONNECTION, Company
from tests.supervisor.office import HOST, NOTIFY, Office
from zohosyncd.core.errors import UsageError
from zohosyncd.supervisor.daemon import Daemon
from zohosyncd.web.dispatch import perform

REFUSED = {"path": "*", "fault": "status", "status": 401}
DOWN = {"path": "*", "fault": "status", "status": 503}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(Company(tmp_path / "company"))


def test_a_lost_login_is_told_once_also_across_restarts_and_so_is_its_return(office: Office) -> None:
    lost, back = ("authorisation_lost", "book", "broken"), ("authorisation_lost", "book", "recovered")

    async def losing(daemon: Daemon) -> None:
        await office.until(lambda: "book" in daemon.accounts and daemon.accounts["book"].up)
        office.faults("carddav", REFUSED)
        await office.told(lost)

    async def still_lost(_daemon: Daemon) -> None:
        await office.company.clock.sleep(200)
        await office.told(lost)

    async def healing(_daemon: Daemon) -> None:
        office.faults("carddav")
        await office.told(lost, back)

    async def at_peace(_daemon: Daemon) -> None:
        await office.told(lost, back)

    for story in (losing, still_lost, healing, at_peace):
        office.live(story)
    first, second = office.receiver.got
    assert first["do_now"]
    assert second["do_now"] == "nothing"
    assert first["id"] != second["id"]
    assert first["since"] == second["since"] < second["timestamp"]


def test_a_first_sync_that_waits_is_told_and_its_approval(tmp_path: Path) -> None:
    company = Company(tmp_path / "company")
    file = company.folder / f"connections.d/{CONNECTION}.toml"
    file.write_text(file.read_text().replace('first_sync = "auto"', 'first_sync = "approve"'))
    office = Office(company)
    waits, over = (("first_sync_waiting", CONNECTION, state) for state in ("broken", "recovered"))

    async def approving(daemon: Daemon) -> None:
        await office.told(waits)
        await perform(daemon.commands, "approve", {"what": CONNECTION})
        await office.told(waits, over)

    office.live(approving)
    assert f"zohosyncd approve {CONNECTION}" in office.receiver.got[0]["do_now"]


def test_a_guard_that_tripped_is_told_with_its_count_and_its_approval(tmp_path: Path) -> None:
    says = '\n[deletions]\nright_to_left = "delete"\n\n[guard]\ndeletes = { more_than = 0, percent = 0 }\n'
    office = Office(Company(tmp_path / "company", says))
    trips, over = (("guard_tripped", CONNECTION, state) for state in ("broken", "recovered"))

    async def deleting(daemon: Daemon) -> None:
        await office.in_sync(daemon)
        body = {"app": "carddav", "object": "/ann/contacts/", "id": "/ann/contacts/seed-1.vcf", "delete": True}
        office.company.control("edit", body)
        await office.told(trips)
        assert office.receiver.got[0]["count"] == 1
        await perform(daemon.commands, "approve", {"what": CONNECTION})
        await office.told(trips, over)

    office.live(deleting)


def test_a_connection_is_silent_only_after_its_time_also_when_the_daemon_is_started_again(tmp_path: Path) -> None:
    notify = NOTIFY.replace('"60s"', '"10m"')
    office = Office(Company(tmp_path / "company"), notify=notify)
    silent, over = (("connection_silent", CONNECTION, state) for state in ("broken", "recovered"))

    async def short(daemon: Daemon) -> None:
        await office.in_sync(daemon)
        office.faults("zoho_crm", DOWN)
        await office.company.clock.sleep(400)
        office.faults("zoho_crm")
        await office.told()

    async def long(daemon: Daemon) -> None:
        await office.in_sync(daemon)
        office.faults("zoho_crm", DOWN)
        await office.company.clock.sleep(400)
        assert office.receiver.said == []

    async def too_long(_daemon: Daemon) -> None:
        await office.company.clock.sleep(400)  # less than ten minutes in this life, more than one in all
        assert office.receiver.said == [silent]

    async def healing(_daemon: Daemon) -> None:
        office.faults("zoho_crm")
        await office.told(silent, over)

    for story in (short, long, too_long, healing):
        office.live(story)


def test_a_right_that_only_a_connection_misses_is_told_at_once(office: Office) -> None:
    told, over = (("connection_silent", CONNECTION, state) for state in ("broken", "recovered"))
    body = {"code": "NO_PERMISSION", "message": "no", "status": "error", "details": {}}

    async def lacking(daemon: Daemon) -> None:
        await office.in_sync(daemon)
        office.faults("zoho_crm", {"path": "/crm/v8/Contacts*", "fault": "status", "status": 403, "body": body})
        before = office.company.clock.now()
        await office.until(lambda: bool(office.receiver.got))
        assert office.company.clock.now() - before < 50
        assert daemon.accounts["zoho"].up
        office.faults("zoho_crm")
        await office.told(told, over)

    office.live(lacking)


def test_more_held_records_than_may_be_are_told(tmp_path: Path) -> None:
    office = Office(Company(tmp_path / "company"), notify=NOTIFY.replace("held_above = 100", "held_above = 0"))
    holds, over = (("held_above", CONNECTION, state) for state in ("broken", "recovered"))
    twin = {"First_Name": "Ann", "Last_Name": "Both", "Email": "ann@example.org"}
    office.company.control("edit", {"app": "zoho_crm", "object": "Contacts", "create": twin})

    async def holding(_daemon: Daemon) -> None:
        await office.told(holds)
        file = office.company.folder / "zohosyncd.toml"
        file.write_text(file.read_text().replace("held_above = 0", "held_above = 50"))
        assert (await _daemon.commands.reload())["applied"]
        await office.told(holds, over)

    office.live(holding)
    assert office.receiver.got[0]["count"] > 0


def test_what_begins_again_right_after_its_end_is_another_message(tmp_path: Path) -> None:
    """A receiver drops what has an id that it knows; so the second begin must not look like the first one."""
    office = Office(Company(tmp_path / "company"), notify=NOTIFY.replace("held_above = 100", "held_above = 0"))
    twin = {"First_Name": "Ann", "Last_Name": "Both", "Email": "ann@example.org"}
    office.company.control("edit", {"app": "zoho_crm", "object": "Contacts", "create": twin})
    file = office.company.folder / "zohosyncd.toml"

    async def limit(daemon: Daemon, before: int, after: int) -> None:
        file.write_text(file.read_text().replace(f"held_above = {before}\n", f"held_above = {after}\n"))
        assert (await daemon.commands.reload())["applied"]

    async def flapping(daemon: Daemon) -> None:
        await office.until(lambda: len(office.receiver.got) == 1)
        await limit(daemon, 0, 50)
        await office.until(lambda: len(office.receiver.got) == 2)
        await limit(daemon, 50, 0)
        await office.until(lambda: len(office.receiver.got) == 3)

    office.live(flapping)
    assert [each["state"] for each in office.receiver.got] == ["broken", "recovered", "broken"]
    assert len({each["id"] for each in office.receiver.got}) == 3
    assert office.receiver.got[2]["since"] > office.receiver.got[0]["since"]


def test_a_webhook_that_fails_is_tried_again_until_it_takes_the_message_once(office: Office) -> None:
    async def failing(_daemon: Daemon) -> None:
        office.receiver.status = 503
        office.faults("carddav", REFUSED)
        await office.until(lambda: len(office.receiver.asked) >= 4)
        assert {each.headers["webhook-id"] for each in office.receiver.asked} == {
            office.receiver.asked[0].headers["webhook-id"]
        }
        office.receiver.status = 204
        await office.told(("authorisation_lost", "book", "broken"))

    office.live(failing)
    assert len(office.receiver.asked) < 12


def test_a_webhook_that_hangs_holds_up_no_edit(office: Office) -> None:
    async def hanging(daemon: Daemon) -> None:
        office.receiver.status = 0
        await office.in_sync(daemon)
        office.faults("carddav", REFUSED)
        await office.until(lambda: bool(office.receiver.asked))
        office.faults("carddav")
        new = {"First_Name": "Nova", "Last_Name": "New", "Email": "nova@example.org"}
        office.company.control("edit", {"app": "zoho_crm", "object": "Contacts", "create": new})
        book = office.company.world.apps["carddav"]
        await office.until(
            lambda: any("nova@example.org" in card for card in book.state()["/ann/contacts/"].values()), 90
        )
        assert office.receiver.got == []

    office.live(hanging)


def test_a_removed_connection_is_over(office: Office) -> None:
    silent, over = (("connection_silent", CONNECTION, state) for state in ("broken", "recovered"))

    async def removing(daemon: Daemon) -> None:
        office.faults("zoho_crm", DOWN)
        await office.told(silent)
        (office.company.folder / f"connections.d/{CONNECTION}.toml").unlink()
        assert (await daemon.commands.reload())["applied"]
        await office.told(silent, over)

    office.live(removing)


def test_without_notify_nobody_is_told_and_a_test_says_so(tmp_path: Path) -> None:
    office = Office(Company(tmp_path / "company"), notify="")

    async def story(daemon: Daemon) -> None:
        office.faults("carddav", REFUSED)
        await office.company.clock.sleep(60)
        assert office.receiver.asked == []
        with pytest.raises(UsageError, match="nobody to tell"):
            await perform(daemon.commands, "notify_test", {})

    office.live(story)


def test_a_test_message_says_for_each_channel_whether_it_arrived(tmp_path: Path) -> None:
    mail = '\n[notify.mail]\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\nsender = "a@example.org"\nto = ["b@example.org"]\n'
    office = Office(Company(tmp_path / "company"), notify=NOTIFY + mail)

    async def story(daemon: Daemon) -> None:
        answer = (await perform(daemon.commands, "notify_test", {}))["channels"]
        assert answer["webhook"] == {"sent": True, "to": HOST, "reason": "", "cure": ""}
        assert not answer["mail"]["sent"]
        assert answer["mail"]["reason"] == "the mail server cannot be reached"

    office.live(story)
    assert office.receiver.got[0]["type"] == "test"


def test_a_stop_lets_a_message_under_way_arrive_and_remembers_it(office: Office) -> None:
    async def stopped_meanwhile(_daemon: Daemon) -> None:
        office.receiver.delay = 3.0
        office.faults("carddav", REFUSED)
        await office.until(lambda: bool(office.receiver.asked))
        assert office.receiver.got == []

    async def after(_daemon: Daemon) -> None:
        await office.told(("authorisation_lost", "book", "broken"))

    office.live(stopped_meanwhile)
    assert len(office.receiver.got) == 1
    office.live(after)
    assert len(office.receiver.asked) == 1


def test_a_stop_does_not_wait_for_a_receiver_that_hangs(office: Office) -> None:
    async def stopped_meanwhile(_daemon: Daemon) -> None:
        office.receiver.status = 0
        office.faults("carddav", REFUSED)
        await office.until(lambda: bool(office.receiver.asked))

    office.live(stopped_meanwhile)
    stopped = office.company.clock.now()
    office.receiver.status = 204
    office.live(lambda _: office.told(("authorisation_lost", "book", "broken")))
    assert office.receiver.asked[0].deadline == 10.0
    assert stopped - float(office.receiver.asked[0].headers["webhook-timestamp"]) < 8


def test_a_bug_in_telling_is_logged_once_and_the_sync_goes_on(office: Office) -> None:
    async def broken(daemon: Daemon) -> None:
        async def look(*_: object) -> None:
            raise KeyError("nobody")

        daemon.notices.look = look  # type: ignore[method-assign]
        with capture_logs() as lines:
            await office.in_sync(daemon)
            await office.company.clock.sleep(100)
        assert [line["event"] for line in lines].count("what is to be told cannot be found out: this is a bug") == 1
        assert daemon.connections[CONNECTION].mode == "running"

    office.live(broken)


def test_secrets_of_messages_are_known_as_used(tmp_path: Path) -> None:
    office = Office(Company(tmp_path / "company"), notify=NOTIFY + 'signing_key = "store:hook"\n')

    async def story(daemon: Daemon) -> None:
        (listed,) = (await perform(daemon.commands, "secrets", {}))["secrets"]
        assert listed == {"name": "hook", "stored": False, "used_by": ["notify.webhook.signing_key of zohosyncd.toml"]}
        answer = (await perform(daemon.commands, "notify_test", {}))["channels"]["webhook"]
        assert answer["cure"] == "run zohosyncd secret set hook"
        await daemon.stored.set("hook", "a key")
        assert (await perform(daemon.commands, "notify_test", {}))["channels"]["webhook"]["sent"]

    office.live(story)
    assert office.receiver.asked[0].headers["webhook-signature"].startswith("v1,")
