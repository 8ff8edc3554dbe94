"""The status as programs read it: its keys stay, beside a sentence for each connection that says what to do."""

from pathlib import Path

from tests.crash.company import CONNECTION, Company
from tests.supervisor.office import Office
from zohosyncd.supervisor.daemon import Daemon
from zohosyncd.web.dispatch import perform

STATUS = {"version", "state", "uptime_seconds", "ready", "serving", "refused", "facts", "accounts", "connections"}
ACCOUNT = {
    "app",
    "state",
    "reason",
    "cure",
    "identity",
    "in_flight",
    "queued",
    "absences_doubted",
    "channels",
    "budget",
}
CONNECTED = {
    "state", "paused_since", "stage", "reason", "cure", "mistakes", "interval_seconds", "polled_every_seconds",
    "real_interval_seconds", "last_run", "contacts", "done_at", "links", "tombstones", "held", "quarantined", "intents",
    "stored_differently", "pending", "oldest_pending_seconds", "waiting", "do_now",
}  # fmt: skip
"""Scripts read these: others may be added, none goes."""


def test_the_keys_of_the_status_stay(tmp_path: Path) -> None:
    office = Office(Company(tmp_path / "company"), notify="")

    async def story(daemon: Daemon) -> None:
        await office.in_sync(daemon)
        status = await perform(daemon.commands, "status", {})
        assert status.keys() >= STATUS
        for account in status["accounts"].values():
            assert account.keys() >= ACCOUNT
        assert status["connections"][CONNECTION].keys() >= CONNECTED

    office.live(story)


def test_the_sentence_follows_what_happens(tmp_path: Path) -> None:
    office = Office(Company(tmp_path / "company"), notify="")
    said: list[str] = []

    async def now(daemon: Daemon) -> str:
        status = await perform(daemon.commands, "status", {})
        return str(status["connections"][CONNECTION]["do_now"])

    async def story(daemon: Daemon) -> None:
        await office.in_sync(daemon)
        said.append(await now(daemon))
        office.faults("zoho_crm", {"path": "*", "fault": "status", "status": 503})
        await office.company.clock.sleep(120)
        said.append(await now(daemon))
        office.faults("zoho_crm")
        office.faults("carddav", {"path": "*", "fault": "status", "status": 401})
        await office.company.clock.sleep(400)
        said.append(await now(daemon))
        office.faults("carddav")
        await office.company.clock.sleep(200)
        await perform(daemon.commands, "pause", {"connection": CONNECTION})
        said.append(await now(daemon))

    office.live(story)
    quiet, outage, login, paused = said
    assert quiet == "nothing" or quiet.startswith("decide about")
    assert outage == "nothing: it is tried again by itself"
    assert "check the login of account book: its password" in login
    assert paused.startswith("it is paused")
