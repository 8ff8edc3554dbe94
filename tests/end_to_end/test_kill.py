"""kill -9 in the middle, again and again: nothing lost, nothing doubled."""

import asyncio
import random
import signal
import sys
from pathlib import Path

import pytest

from tests.end_to_end.rehearsal import CONNECTION, Rehearsal, rehearse

HANG_EXECUTED = {
    "method": "POST", "path": "/crm/v8/Contacts*", "fault": "hang", "executed": True, "count": 1, "rate": 1.0,
}  # fmt: skip


async def start(rehearsal: Rehearsal) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "zohosyncd", "sync", CONNECTION, "--config", str(rehearsal.folder),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
    await process.wait()


async def killed_first_sync(folder: Path, *, people: int, kills: int, seed: int, hang: int) -> None:
    """Kill the first sync at random moments; every second time while Zoho has executed a POST and nobody read the answer.

    ``hang``: how many of the kills must have met such a POST.
    """
    chance = random.Random(seed)
    async with rehearse(folder, people=people, seed=seed) as rehearsal:
        before = await rehearsal.state()
        hung = 0
        for number in range(kills):
            if number % 2:
                await rehearsal.faults("zoho_crm", HANG_EXECUTED)
            posts = await creates(rehearsal)
            process = await start(rehearsal)
            if number % 2:
                hung += await until_a_post_hangs(rehearsal, posts, process)
                await asyncio.sleep(chance.uniform(0, 0.1))
            else:
                await asyncio.sleep(chance.uniform(0.3, 1.6))
            await kill(process)
            await rehearsal.faults("zoho_crm")
        for _ in range(6):
            report = await rehearsal.sync()
            if report["converged"] and report["writes"] == {"left": 0, "right": 0}:
                break
        assert report["converged"], report
        assert report["writes"] == {"left": 0, "right": 0}
        assert await rehearsal.duplicates() == {"zoho": 0, "book": 0}
        after = await rehearsal.state()
        kept = {each["id"] for each in after["apps"]["zoho_crm"]["Contacts"]}
        assert {each["id"] for each in before["apps"]["zoho_crm"]["Contacts"]} <= kept
        keyless = [each for each in after["apps"]["zoho_crm"]["Contacts"] if not each["Email"] and not each["Phone"]]
        names = [(each["First_Name"], each["Last_Name"], each["Mobile"], each["Date_of_Birth"]) for each in keyless]
        assert len(names) == len(set(names)), "somebody without a key was created twice"
        assert hung >= hang, f"only {hung} kills met a POST without an answer"


async def creates(rehearsal: Rehearsal) -> int:
    numbers = (await rehearsal.calls()).get("zoho_crm", {})
    return sum(each["calls"] for name, each in numbers.items() if name.startswith("POST /crm/v8/"))


async def until_a_post_hangs(rehearsal: Rehearsal, before: int, process: asyncio.subprocess.Process) -> bool:
    """True once a POST has been executed whose answer will not come."""
    for _ in range(1500):
        if await creates(rehearsal) > before:
            return True
        if process.returncode is not None:
            return False
        await asyncio.sleep(0.02)
    return False


async def test_a_killed_first_sync_goes_on_where_it_was(tmp_path: Path) -> None:
    await killed_first_sync(tmp_path, people=80, kills=4, seed=3, hang=1)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_twenty_kills_of_a_first_sync(tmp_path: Path) -> None:
    await killed_first_sync(tmp_path, people=16000, kills=26, seed=4, hang=10)
