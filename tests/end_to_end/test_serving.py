"""The daemon at work: edits arrive by themselves, files are reloaded, one broken connection leaves the others running."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from tests.end_to_end.rehearsal import CONNECTION, HASTY, Rehearsal, rehearse
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon

FILE = f"connections.d/{CONNECTION}.toml"


@asynccontextmanager
async def serving(rehearsal: Rehearsal, *, seams: Seams | None = None) -> AsyncIterator[Daemon]:
    async with open_daemon(rehearsal.folder, serving=True, seams=seams) as daemon, anyio.create_task_group() as tasks:
        ready = anyio.Event()

        async def on_ready() -> None:
            ready.set()

        async def serve() -> None:
            assert (await daemon.serve(on_ready=on_ready)).startswith("stopped")

        tasks.start_soon(serve)
        await ready.wait()
        yield daemon
        daemon.stop()


async def until(condition: Callable[[], Awaitable[bool]], what: str, seconds: float = 15) -> None:
    with anyio.move_on_after(seconds):
        while not await condition():
            await anyio.sleep(0.05)
        return
    raise AssertionError(f"not within {seconds} s: {what}")


async def converged(daemon: Daemon) -> bool:
    now = (await daemon.commands.progress()).get(CONNECTION, {})
    return bool(now.get("converged"))


async def test_edits_arrive_by_themselves(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=30) as rehearsal:
        rehearsal.rewrite(FILE, {'every = "2s"': 'every = "0.3s"'})
        async with serving(rehearsal) as daemon:
            await until(lambda: converged(daemon), "the first sync")
            record_id = await rehearsal.new_contact(First_Name="Nova", Last_Name="Brandnew", Email="nova@example.net")

            async def in_the_book() -> bool:
                return any("nova@example.net" in card for card in (await rehearsal.cards()).values())

            await until(in_the_book, "the new contact in the book")
            href = next(href for href, card in (await rehearsal.cards()).items() if "nova@example.net" in card)
            card = (await rehearsal.cards())[href]
            await rehearsal.edit_card(href, card.replace("END:VCARD", "TITLE:Astronaut\r\nEND:VCARD"))

            async def in_the_crm() -> bool:
                return (await rehearsal.contacts())[record_id]["Title"] == "Astronaut"

            await until(in_the_crm, "the title in the CRM")


async def test_a_valid_file_is_applied_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=20) as rehearsal, serving(rehearsal) as daemon:
        await until(lambda: converged(daemon), "the first sync")
        links = (await daemon.commands.status())["connections"][CONNECTION]["links"]
        rehearsal.rewrite(FILE, {'every = "2s"': 'every = "1s"'})
        answer = await daemon.commands.reload()
        assert answer["applied"]
        assert answer["changes"]["changed"] == [CONNECTION]
        rehearsal.rewrite(FILE, {'every = "1s"': 'evry = "1s"'})
        answer = await daemon.commands.reload()
        assert not answer["applied"]
        assert "evry" in answer["errors"][0]
        assert FILE in answer["errors"][0]
        assert daemon.settings.connections[CONNECTION].every == 1.0
        page = daemon.metrics.render()[0].decode()
        assert "zohosyncd_config_last_reload_successful 0.0" in page
        await rehearsal.forget_calls()
        await until(lambda: converged(daemon), "the next run")
        status = await daemon.commands.status()
        assert status["connections"][CONNECTION]["links"] == links
        assert await rehearsal.writes() == 0


async def test_a_removed_connection_stops_and_comes_back_as_it_was(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=20) as rehearsal, serving(rehearsal) as daemon:
        await until(lambda: converged(daemon), "the first sync")
        text = (rehearsal.folder / FILE).read_text()
        (rehearsal.folder / FILE).unlink()
        assert (await daemon.commands.reload())["changes"]["removed"] == [CONNECTION]
        assert daemon.connections == {}
        assert f'connection="{CONNECTION}"' not in daemon.metrics.render()[0].decode()
        (rehearsal.folder / FILE).write_text(text)
        assert (await daemon.commands.reload())["changes"]["added"] == [CONNECTION]
        await rehearsal.forget_calls()
        await until(lambda: converged(daemon), "the next run")
        assert await rehearsal.writes() == 0
        await daemon.refresh_metrics()
        assert f'connection="{CONNECTION}"' in daemon.metrics.render()[0].decode()
        rehearsal.rewrite(FILE, {'every = "2s"': 'enabled = false\nevery = "2s"'})
        assert (await daemon.commands.reload())["applied"]
        await daemon.refresh_metrics()
        assert f'connection="{CONNECTION}"' not in daemon.metrics.render()[0].decode()


async def test_one_connection_without_authorisation_leaves_the_other_running(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=20) as rehearsal:
        account = (rehearsal.folder / "accounts.d/book.toml").read_text()
        (rehearsal.folder / "accounts.d/broken.toml").write_text(account.replace("book-password", "wrong-password"))
        secret = rehearsal.folder / "secrets/wrong-password"
        secret.write_text("wrong")
        secret.chmod(0o600)
        connection = (rehearsal.folder / FILE).read_text()
        (rehearsal.folder / "connections.d/zoho-broken.toml").write_text(connection.replace('"book"', '"broken"'))
        async with serving(rehearsal, seams=HASTY) as daemon:
            await until(lambda: converged(daemon), "the connection that works")
            status = await daemon.commands.status()
        assert status["connections"][CONNECTION]["state"] == "running"
        assert status["connections"]["zoho-broken"]["state"] == "waiting"
        assert status["connections"]["zoho-broken"]["reason"]
        assert status["accounts"]["broken"]["state"] == "waiting"
        assert status["accounts"]["zoho"]["state"] == "up"


async def test_a_bug_in_one_connection_leaves_the_other_running(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=20) as rehearsal, serving(rehearsal) as daemon:
        await until(lambda: converged(daemon), "the first sync")
        unit = daemon.connections[CONNECTION]
        runner = unit.runner
        unit.runner = 42  # type: ignore[assignment]
        unit.wake()

        async def started_anew() -> bool:
            return unit.runner not in (42, None, runner) and unit.trouble is None

        await until(started_anew, "the connection is started anew")
        assert await daemon.ready()


async def test_a_removed_connection_finds_out_about_its_last_write(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=20) as rehearsal:
        rehearsal.rewrite(FILE, {'every = "2s"': 'every = "0.3s"'})
        async with serving(rehearsal) as daemon:
            await until(lambda: converged(daemon), "the first sync")
            lost = {"method": "POST", "path": "/crm/v8/Contacts*", "fault": "reset", "executed": True, "count": 1}
            await rehearsal.faults("zoho_crm", lost)
            card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:late\r\nN:Late;Lea;;;\r\nFN:Lea Late\r\nEND:VCARD\r\n"
            await rehearsal.new_card(card)
            unit = daemon.connection(CONNECTION)

            async def unknown() -> bool:
                return unit.left_over > 0

            await until(unknown, "a write without an outcome")
            (rehearsal.folder / FILE).unlink()
            await daemon.reload()
            assert CONNECTION not in daemon.connections

            async def settled() -> bool:
                return not await daemon.store.open_intents()

            await until(settled, "the outcome, after the connection has gone")
            late = [each for each in (await rehearsal.contacts()).values() if each["Last_Name"] == "Late"]
            assert len(late) == 1
            assert not len(daemon.world.claims)
