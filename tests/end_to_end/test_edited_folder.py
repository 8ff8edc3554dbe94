"""Random edits of a configuration's folder, good and bad, while it is in force and people edit what it syncs."""

from pathlib import Path

import pytest

from tests.end_to_end.edited_folder import EVERY, Firm
from zohosyncd.supervisor.daemon import Daemon


def walk(firm: Firm, edits: int) -> None:
    """So many edits, each judged; then everything is as in the beginning, and has to be at rest as then."""

    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(400)
        assert not firm.strange_books(daemon)
        before, began = await firm.quiet(daemon), firm.clock.elapsed
        for _ in range(edits):
            firm.edit()
            if firm.chance.random() < 0.2:
                firm.edit()  # a burst
            firm.somebody_edits(daemon)
            await firm.reload(daemon)
            await firm.clock.sleep(firm.chance.choice((0.0, 0.3, 5.0, 30.0, 60.0)))
            firm.somebody_edits(daemon)
        untouched = set(firm.always)
        assert firm.gaps("zoho", began) < 1.3 * EVERY or not untouched
        for user in untouched:
            assert firm.gaps(user, began) < 1.3 * EVERY
            ends = daemon.connections[f"zoho-{user}"].plan
            assert ends is not None
            assert ends.right.feed.tally.full_reads == 1
        firm.restore()
        await firm.reload(daemon)
        await firm.clock.sleep(1000)
        assert not firm.wrong, "\n".join([*firm.done, *firm.wrong])
        assert not firm.strange_books(daemon), "\n".join([*firm.done, *firm.strange_books(daemon)])
        assert await firm.quiet(daemon) == before, "\n".join(firm.done)

    firm.day(story)
    print(f"{firm.applied} applied, {firm.refused} refused, {len(firm.always)} never touched")


@pytest.mark.parametrize("seed", [2, 6])
def test_a_walk_of_edits_loses_doubles_restarts_and_leaks_nothing(seed: int, tmp_path: Path) -> None:
    walk(Firm(tmp_path, seed, many=5), 12)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_two_hundred_edits_of_fifty_connections(tmp_path: Path) -> None:
    firm = Firm(tmp_path, 7, many=50)
    walk(firm, 200)
    assert firm.applied > 50
    assert firm.refused > 30
