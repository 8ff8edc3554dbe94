"""What a reload does and does not do, one thing at a time, on made-up time."""

import re
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.crash.virtual import SeededEntropy, run
from tests.end_to_end.edited_folder import LATEST, Firm
from zohosyncd.ports.store import IntentState
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon

FIELD = '[[fields]]\nleft = "Department"\nright = "NOTE"\n'
WRONG = FIELD.replace("Department", "Departmint")


@pytest.fixture
def firm(tmp_path: Path) -> Firm:
    return Firm(tmp_path, 3, many=2)


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def fields_of(firm: Firm) -> dict[str, Any]:
    """What contacts have in Zoho."""
    fields = firm.zoho.crm.modules["Contacts"].fields
    assert isinstance(fields, dict)
    return fields


async def reloaded(firm: Firm, daemon: Daemon) -> dict[str, Any]:
    began = firm.clock.elapsed
    answer = await daemon.commands.reload()
    assert firm.clock.elapsed - began <= LATEST
    return answer


async def shown(daemon: Daemon, name: str) -> dict[str, Any]:
    return (await daemon.commands.status())["connections"][name]


def series(daemon: Daemon, start: str) -> dict[str, float]:
    """Values by labels."""
    lines = re.findall(rf"^(zohosyncd_{start}.*) (\S+)$", daemon.metrics.render()[0].decode(), re.MULTILINE)
    return {name: float(value) for name, value in lines}


# --- what refuses, and what does not ----------------------------------------------------------------------------------


def test_what_the_apps_said_earlier_refuses_also_while_they_are_away(firm: Firm) -> None:
    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(100)
        units = dict(daemon.connections)
        firm.wires.away |= {"user0": "hangs", "zoho": "hangs"}
        append(firm.connection_file("user0"), WRONG)
        answer = await reloaded(firm, daemon)
        assert not answer["applied"]
        assert "Departmint" in answer["errors"][0]
        assert "zoho-user0.toml:" in answer["errors"][0]
        assert daemon.connections == units
        assert series(daemon, "config_last_reload_successful") == {"zohosyncd_config_last_reload_successful": 0.0}

    firm.day(story)


def test_a_field_that_was_made_just_now_is_found(firm: Firm) -> None:
    made = fields_of(firm).pop("Department")

    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(100)
        append(firm.connection_file("user0"), FIELD)
        assert not (await reloaded(firm, daemon))["applied"]
        fields_of(firm)["Department"] = made
        assert (await reloaded(firm, daemon))["applied"]
        await firm.clock.sleep(100)
        assert (await shown(daemon, "zoho-user0"))["state"] == "running"

    firm.day(story)


def test_a_field_that_has_vanished_lets_its_connection_wait_until_it_is_back(firm: Firm) -> None:
    file = firm.connection_file("user0")
    append(file, FIELD)

    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(100)
        vanished = fields_of(firm).pop("Department")
        neighbour = daemon.connections["zoho-user1"]
        file.write_text(file.read_text().replace('every = "60s"', 'every = "50s"'))
        append(firm.connection_file("user1"), "# nothing\n")
        answer = await reloaded(firm, daemon)
        assert answer["applied"]
        assert "Department" in answer["waiting"]["zoho-user0"][0]
        found = await shown(daemon, "zoho-user0")
        assert (found["state"], found["interval_seconds"]) == ("waiting", 50)
        assert "Department" in found["mistakes"][0]
        assert found["do_now"].startswith("correct its files")
        assert daemon.connections["zoho-user1"] is neighbour
        fields_of(firm)["Department"] = vanished
        await firm.clock.sleep(200)
        assert (await shown(daemon, "zoho-user0"))["state"] == "running"

    firm.day(story)


@pytest.mark.parametrize("how", ["hangs", "refuses"])
def test_no_app_that_is_away_delays_the_start_or_a_reload(firm: Firm, how: str) -> None:
    firm.wires.away |= {"user0": how}

    async def story() -> None:
        ready: list[float] = []

        async def on_ready() -> None:
            ready.append(firm.clock.elapsed)

        seams = Seams(firm.clock, SeededEntropy(1), firm.wires, inline_storage=True)
        async with (
            open_daemon(firm.folder, serving=False, seams=seams) as daemon,
            anyio.create_task_group() as tasks,
        ):

            async def serve() -> None:
                await daemon.serve(on_ready=on_ready)

            tasks.start_soon(serve)
            await firm.clock.sleep(20)
            assert ready == [0.0]
            assert (await shown(daemon, "zoho-user1"))["state"] == "running"
            firm.connection_file("user0").write_text(firm.connection_file("user0").read_text() + "[mapping]\n")
            secret = firm.folder / "secrets/user0"
            secret.write_text("other")
            answer = await reloaded(firm, daemon)
            assert answer["applied"]
            await firm.clock.sleep(400)
            found = await shown(daemon, "zoho-user0")
            assert (found["state"], bool(found["reason"]), bool(found["do_now"])) == ("waiting", True, True)
            firm.wires.away.clear()
            firm.books._shelf.users["user0"] = "other"
            await firm.clock.sleep(400)
            assert (await shown(daemon, "zoho-user0"))["state"] == "running"
            daemon.stop()

    run(firm.clock, story())


def test_without_any_connection_it_is_ready(firm: Firm) -> None:
    for user in firm.users:
        firm.connection_file(user).unlink()

    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(1)
        assert await daemon.ready()
        firm.connection_file("user0").write_text(firm.files[firm.connection_file("user0")])
        assert (await reloaded(firm, daemon))["changes"]["added"] == ["zoho-user0"]
        await firm.clock.sleep(100)
        assert not firm.strange_books(daemon)

    firm.day(story)


# --- who goes on, who ends --------------------------------------------------------------------------------------------


def test_a_command_that_still_runs_under_the_old_rules_writes_nothing_more(firm: Firm) -> None:
    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(200)
        for number in range(150):
            firm.contact(100 + number)
        unit = daemon.connections["zoho-user0"]
        firm.wires.latency = 1.0
        failed: list[str] = []

        async def sync() -> None:
            try:
                await daemon.commands.sync("zoho-user0")
            except Exception as error:  # noqa: BLE001 - whatever becomes of it
                failed.append(str(error))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(sync)
            while len(firm.cards("user0")) < 10:
                await firm.clock.sleep(0.5)
            path = firm.connection_file("user0")
            path.write_text(path.read_text() + 'direction = "right_to_left"\n')
            assert (await daemon.commands.reload())["applied"]
            assert unit.closed
            sent = await daemon.store.open_intents(unit.plan.id, (IntentState.SENT,))
            most = len(firm.cards("user0")) + len(sent)
            assert most < 154
            await firm.clock.sleep(300)
        assert len(firm.cards("user0")) <= most
        path.write_text(path.read_text().replace('direction = "right_to_left"\n', ""))
        firm.wires.latency = 0.02
        await daemon.commands.reload()
        await firm.clock.sleep(400)
        assert len(firm.cards("user0")) == 154
        assert len(firm.contacts()) == 154

    firm.day(story)


def test_what_is_under_way_gets_its_outcome_before_the_next_life_begins(firm: Firm) -> None:
    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(200)
        firm.wires.slow = 6.0
        firm.contact(100)
        daemon.start(daemon.commands.sync, "zoho-user0")
        while not await daemon.store.open_intents(None, (IntentState.SENT,)):
            await firm.clock.sleep(0.5)
        path = firm.connection_file("user0")
        path.write_text(path.read_text().replace('every = "60s"', 'every = "50s"'))
        assert (await reloaded(firm, daemon))["applied"]
        assert await daemon.store.open_intents(None, (IntentState.SENT,)), "the test is too slow"
        for _ in range(100):
            await firm.clock.sleep(1)
            assert not await daemon.store.open_intents(None, (IntentState.UNKNOWN,))
        assert len(firm.cards("user0")) == 5
        assert not len(daemon.world.claims)

    firm.day(story)


def test_one_that_was_asked_about_while_it_was_disabled_runs_once_it_is_enabled(firm: Firm) -> None:
    file = firm.connection_file("user0")
    text = file.read_text()
    file.write_text("enabled = false\n" + text)

    async def story(daemon: Daemon) -> None:
        await daemon.commands.held(None)
        await daemon.commands.waiting("no-such-batch")
        await daemon.commands.status()
        assert not any("zoho-user0" in name for name in series(daemon, ""))
        file.write_text(text)
        assert (await reloaded(firm, daemon))["changes"]["added"] == ["zoho-user0"]
        await firm.clock.sleep(200)
        assert not firm.strange_books(daemon)

    firm.day(story)


def test_half_of_a_reload_is_never_left_behind(firm: Firm) -> None:
    """Whoever has asked for it goes away in its midst."""

    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(100)
        firm.wires.latency = 0.0  # all of it happens at one moment
        for part in range(4):
            seconds, units = 45 + part, list(daemon.connections.values())
            for user in firm.users:
                path = firm.connection_file(user)
                path.write_text(re.sub(r'every = "\d+s"', f'every = "{seconds}s"', path.read_text()))
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(daemon.commands.reload)
                while not all(unit.closed for unit in units):
                    await anyio.lowlevel.checkpoint()
                for _ in range(part):
                    await anyio.lowlevel.checkpoint()
                tasks.cancel_scope.cancel()
            await firm.clock.sleep(3)
            assert all(not unit.closed for unit in daemon.connections.values())
            assert (await daemon.commands.reload())["applied"]
            assert {unit.settings.every for unit in daemon.connections.values()} == {seconds}

    firm.day(story)


# --- what is told -----------------------------------------------------------------------------------------------------


def test_an_account_that_changes_during_a_request_is_counted_right(firm: Firm) -> None:
    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(100)
        firm.wires.latency = 5.0
        daemon.start(daemon.commands.sync, "zoho-user0")
        await firm.clock.sleep(1)
        assert sum(series(daemon, "api_requests_in_flight").values()) > 0
        before = series(daemon, 'api_requests_total{account="user0"')
        append(firm.file("accounts", "user0"), 'timeout = "33s"\n')
        assert (await daemon.commands.reload())["applied"]
        firm.wires.latency = 0.02
        await firm.clock.sleep(150.5)
        assert set(series(daemon, "api_requests_in_flight").values()) == {0.0}
        after = series(daemon, 'api_requests_total{account="user0"')
        assert all(after[name] >= value for name, value in before.items()), "counters go on"

    firm.day(story)


def test_an_account_that_is_only_tried_leaves_no_series(firm: Firm) -> None:
    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(50)
        account = firm.file("accounts", "third")
        account.write_text(firm.file("accounts", "user0").read_text())
        wrong = firm.connection_file("user0").read_text().replace('"user0"', '"third"') + WRONG
        firm.file("connections", "third").write_text(wrong)
        assert not (await reloaded(firm, daemon))["applied"]
        await daemon.commands.check()
        assert not any("third" in name for name in series(daemon, ""))
        assert "third" not in daemon.budgets

    firm.day(story)


def test_all_that_ask_meanwhile_share_one_reload(firm: Firm) -> None:
    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(50)
        told: list[Any] = []
        daemon.reloading.told = told.append
        append(firm.connection_file("user0"), "[mapping]\nwithout = []\n")
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(daemon.commands.reload)
        assert len(told) <= 2

    firm.day(story)


def test_what_needs_a_restart_stays_as_it_was_and_is_told_each_time(firm: Firm) -> None:
    async def story(daemon: Daemon) -> None:
        lives: list[tuple[str, tuple[str, ...]]] = []
        daemon.reloading.live = lambda service, keys: lives.append((service.log_level, tuple(keys)))
        service = firm.folder / "zohosyncd.toml"
        before = daemon.settings.service
        text = (
            service.read_text().replace("state.db", "other.db").replace("[service]", '[service]\nlog_level = "debug"')
        )
        service.write_text(text)
        for at_once in (["log_level"], []):
            changes = (await reloaded(firm, daemon))["changes"]
            assert (changes["needs_restart"], changes["service"]) == (["state"], at_once)
        assert daemon.settings.service.state == before.state
        assert lives == [("debug", ("log_level",))]

    firm.day(story)


def test_one_that_waits_is_told_by_each_reload_until_it_works(firm: Firm) -> None:
    """The daemon itself has often applied a file by the time that somebody gives the command."""
    secret = firm.folder / "secrets/user1"

    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(50)
        kept = secret.read_text()
        secret.unlink()
        await reloaded(firm, daemon)
        await firm.clock.sleep(5)
        again = await reloaded(firm, daemon)
        assert not any(again["changes"].values())
        assert list(again["waiting"]) == ["zoho-user1"]
        assert "there is no file" in again["waiting"]["zoho-user1"][0]
        secret.write_text(kept)
        secret.chmod(0o600)
        await reloaded(firm, daemon)
        await firm.clock.sleep(200)
        assert (await reloaded(firm, daemon))["waiting"] == {}

    firm.day(story)


def test_files_of_secrets_are_news_too(firm: Firm) -> None:
    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(50)
        assert daemon.reloading.news() is None
        units = dict(daemon.connections)
        (firm.folder / "secrets/user1").write_text("rotated")
        firm.books._shelf.users["user1"] = "rotated"
        assert daemon.reloading.news() is not None
        answer = await reloaded(firm, daemon)
        assert answer["changes"]["restarted"] == ["zoho-user1"]
        assert daemon.reloading.news() is None
        assert daemon.connections["zoho-user0"] is units["zoho-user0"]
        await firm.clock.sleep(200)
        assert not firm.strange_books(daemon)

    firm.day(story)
