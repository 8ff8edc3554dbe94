"""``plan`` and what is done with it, over the simulated apps: nothing is written before, and exactly that after."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.rehearsal import CONNECTION, rehearse
from zohosyncd.core.chosen import digest_of_line
from zohosyncd.core.errors import UsageError
from zohosyncd.supervisor.daemon import Daemon
from zohosyncd.supervisor.selection import Selection

FILE = f"connections.d/{CONNECTION}.toml"
Line = dict[str, Any]


async def plan(daemon: Daemon) -> tuple[list[Line], dict[str, Any]]:
    told: list[Line] = []

    async def tell(lines: Sequence[Line]) -> None:
        told.extend(lines)

    return told, await daemon.commands.plan(CONNECTION, tell)


def selection(told: list[Line]) -> Selection:
    digests = [
        digest_of_line(
            line["side"], line["kind"], line["left"], line["right"],
            {name: (each["old"], each["new"]) for name, each in line["fields"].items() if line["kind"] != "delete"},
        ).hex()
        for line in told
        if line["line"] == "write"
    ]  # fmt: skip
    return Selection(told[0]["instance"], told[0]["meaning"], digests)


async def test_a_first_sync_that_waits_is_told_in_numbers_and_by_name_and_then_done(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=60) as rehearsal:
        rehearsal.rewrite(FILE, {'first_sync = "auto"': 'first_sync = "approve"'})
        async with rehearsal.daemon() as daemon:
            assert (await daemon.commands.sync(CONNECTION))[CONNECTION]["stage"] == "approval"
            status = (await daemon.commands.status())["connections"][CONNECTION]
            foretold = status["first_sync"]
            assert foretold["link"] > 0
            assert foretold["create"]["right"] > 0
            assert foretold["costs"]["left"]["write"]["credits"] > 0
            cards = foretold["create"]["right"] + foretold["update"]["right"]
            assert foretold["costs"]["right"]["write"]["calls"] == cards, "each card is a request of its own"
            assert "@" not in json.dumps(status)
            told, numbers = await plan(daemon)
            assert await rehearsal.writes() == 0
            assert {key: numbers[key] for key in ("link", "create", "update", "hold")} == {
                key: foretold[key] for key in ("link", "create", "update", "hold")
            }
        kinds = Counter((line["kind"], line["side"]) for line in told if line["line"] == "write")
        for kind in ("create", "update"):
            assert numbers[kind] == {side: kinds[kind, side] for side in ("left", "right")}
        assert sum(line["line"] == "link" for line in told) == numbers["link"]
        assert all(line["who"] for line in told if line["line"] == "write")
        assert not list(tmp_path.rglob("*scratch*"))
        async with rehearsal.daemon() as daemon:
            report = (await daemon.commands.sync(CONNECTION, selection(told)))[CONNECTION]
        assert (report["left_out"], report["not_in_plan"], report["stage"]) == (0, 0, "live")
        assert report["created"] == numbers["create"]
        assert report["updated"] == numbers["update"]
        assert not any((await rehearsal.duplicates()).values())


async def test_a_plan_of_another_state_or_meaning_is_refused(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=10) as rehearsal, rehearsal.daemon() as daemon:
        told, _numbers = await plan(daemon)
        right = selection(told)
        for wrong, reason in (
            (Selection("another", right.meaning, []), "another state"),
            (Selection(right.instance, "another", []), "have changed since the plan"),
        ):
            with pytest.raises(UsageError, match=reason):
                await daemon.commands.sync(CONNECTION, wrong)
        with pytest.raises(UsageError, match="not understood"):
            Selection(right.instance, right.meaning, ["zz"])
        assert await rehearsal.writes() == 0


async def test_a_plan_reads_what_is_new_into_the_mirror_and_nothing_twice(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=60) as rehearsal, rehearsal.daemon() as daemon:
        await plan(daemon)
        await rehearsal.forget_calls()
        await plan(daemon)
        calls = await rehearsal.calls()
        pages = sum(each["calls"] for name, each in calls["zoho_crm"].items() if name == "GET /crm/v8/Contacts")
        assert pages <= 3  # what has changed, and the contacts that would be written, by their ids


async def test_what_the_guard_stopped_is_shown_before_it_is_approved(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=80) as rehearsal:
        rehearsal.rewrite(FILE, append='[deletions]\nleft_to_right = "delete"\n')
        await rehearsal.sync()
        await rehearsal.sync()
        async with rehearsal.daemon() as daemon:
            await daemon.commands.mapping(CONNECTION)
            linked = daemon.connections[CONNECTION].plan
            assert linked is not None
            ids = [link.left_id for link in await daemon.store.links_after(linked.id, 0, 500)]
        for record_id in ids[:15]:
            await rehearsal.delete_contact(record_id)
        async with rehearsal.daemon() as daemon:
            _told, numbers = await plan(daemon)
            assert numbers["guard"] == {"delete": 15}
            await daemon.commands.sync(CONNECTION)
            (batch,) = (await daemon.commands.status())["connections"][CONNECTION]["waiting"]
            assert (batch["guard"], batch["side"], batch["writes"]) == ("delete", "right", 15)
            shown: list[Line] = []

            async def tell(lines: Sequence[Line]) -> None:
                shown.extend(lines)

            assert (await daemon.commands.waiting(batch["batch"], tell))["waiting"] == 15
            assert {line["left"] for line in shown} == set(ids[:15])
            assert all(line["who"] and line["fields"] for line in shown)
            assert (await daemon.commands.waiting(CONNECTION))["waiting"] == 15
            assert (await daemon.commands.approve(batch["batch"]))["released"] == 15
