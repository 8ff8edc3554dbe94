"""What waits for a person: the first sync, and deletions above the guard."""

from pathlib import Path

import pytest

from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse
from zohosyncd.core.errors import UsageError

FILE = f"connections.d/{CONNECTION}.toml"


async def test_a_first_sync_waits_until_it_is_approved_and_its_plan_is_what_happens(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=60) as rehearsal:
        rehearsal.rewrite(FILE, {'first_sync = "auto"': 'first_sync = "approve"'})
        async with rehearsal.daemon() as daemon:
            plan = await daemon.commands.plan(CONNECTION)
            assert await rehearsal.writes() == 0
            report = (await daemon.commands.sync(CONNECTION))[CONNECTION]
            assert report["stage"] == "approval"
            assert report["writes"] == {"left": 0, "right": 0}
            assert await rehearsal.writes() == 0
            status = await daemon.commands.status()
            assert "approve" in status["connections"][CONNECTION]["do_now"]
        async with rehearsal.daemon() as daemon:
            assert (await daemon.commands.approve(CONNECTION))["first_sync"]
            report = (await daemon.commands.sync(CONNECTION))[CONNECTION]
        assert report["stage"] == "live"
        refused = report["quarantined"]
        assert report["created"]["left"] + refused >= plan["create"]["left"]
        assert report["created"]["right"] == plan["create"]["right"]
        assert report["held"] == sum(plan["hold"].values())


async def test_too_many_deletions_wait_for_approval_and_the_rest_goes_on(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=80) as rehearsal:
        rehearsal.rewrite(FILE, append='[deletions]\nleft_to_right = "delete"\n')
        await rehearsal.sync()
        await rehearsal.sync()
        linked = await linked_contacts(rehearsal)
        before = len(await rehearsal.cards())
        for record_id in linked[:15]:
            await rehearsal.delete_contact(record_id)
        await rehearsal.edit_contact(linked[20], Title="Still travels")
        report = await rehearsal.sync()
        assert report["waiting"] == 15
        assert report["deleted"] == {"left": 0, "right": 0}
        assert report["updated"]["right"] == 1
        assert len(await rehearsal.cards()) == before
        again = await rehearsal.sync()
        assert again["waiting"] == 15
        assert again["writes"] == {"left": 0, "right": 0}
        async with rehearsal.daemon() as daemon:
            answer = await daemon.commands.approve(CONNECTION)
            assert answer["released"] == 15
            report = (await daemon.commands.sync(CONNECTION))[CONNECTION]
        assert report["deleted"] == {"left": 0, "right": 15}
        assert len(await rehearsal.cards()) == before - 15


async def test_a_few_deletions_need_nobody(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=60) as rehearsal:
        rehearsal.rewrite(FILE, append='[deletions]\nleft_to_right = "delete"\n')
        await rehearsal.sync()
        await rehearsal.sync()
        before = len(await rehearsal.cards())
        for record_id in (await linked_contacts(rehearsal))[:3]:
            await rehearsal.delete_contact(record_id)
        report = await rehearsal.sync()
        assert report["deleted"] == {"left": 0, "right": 3}
        assert len(await rehearsal.cards()) == before - 3


async def test_approving_what_does_not_wait_is_said(tmp_path: Path) -> None:
    async with rehearse(tmp_path, people=10) as rehearsal:
        await rehearsal.sync()
        async with rehearsal.daemon() as daemon:
            with pytest.raises(UsageError, match="nothing of zoho-book waits"):
                await daemon.commands.approve(CONNECTION)
            with pytest.raises(UsageError, match="no connection and no batch"):
                await daemon.commands.approve("zoho-bok")


async def linked_contacts(rehearsal: Rehearsal) -> list[str]:
    async with rehearsal.daemon() as daemon:
        await daemon.commands.mapping(CONNECTION)
        plan = daemon.connections[CONNECTION].plan
        assert plan is not None
        return [link.left_id for link in await daemon.store.links_after(plan.id, 0, 500)]
