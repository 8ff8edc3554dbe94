"""A poll that finds nothing must cost the same whatever the size of the account: processor time and requests."""

import asyncio
from pathlib import Path

import pytest

from tests.bench.sandbox import Sandbox
from tests.bench.spent import Spent
from zohosyncd.supervisor.daemon import open_daemon

SIZES = (2_000, 20_000)
POLLS = 20
OVERLAP = 1.0
"""Seconds that Zoho's feed reads again each time. It is two minutes by default: until then each poll reads what the
first sync wrote."""


async def quiet_polls(folder: Path, people: int) -> tuple[Spent, float]:
    """What one poll takes after a first sync of so many people, and how many requests it makes."""
    with Sandbox(folder, people):
        account = folder / "accounts.d/zoho.toml"
        account.write_text(f'{account.read_text()}\noverlap = "{OVERLAP:.0f}s"\n')
        async with open_daemon(folder, serving=False) as daemon:
            for _ in range(3):  # the first sync, and until its own writes have been seen
                report = (await daemon.commands.sync("zoho-book"))["zoho-book"]
                await asyncio.sleep(OVERLAP + 2.0)
            assert report["converged"]
            calls, before = daemon.calls.calls, Spent.now()
            for _ in range(POLLS):
                report = (await daemon.commands.sync("zoho-book"))["zoho-book"]
                assert report["writes"] == {"left": 0, "right": 0}
            spent = Spent.now() - before
            return spent, (daemon.calls.calls - calls) / POLLS


@pytest.mark.bench
@pytest.mark.timeout(1200)
async def test_a_poll_that_finds_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    requests = set()
    for people in SIZES:
        spent, calls = await quiet_polls(tmp_path / str(people), people)
        requests.add(calls)
        with capsys.disabled():
            print(
                f"\na poll of {people} people that finds nothing: {calls:.1f} requests, "
                f"{1000 * spent.main / POLLS:.1f} ms of processor time on the main thread, "
                f"{1000 * spent.storage / POLLS:.1f} ms in the storage threads"
            )
    assert len(requests) == 1, "the number of requests depends on the size of the account"
