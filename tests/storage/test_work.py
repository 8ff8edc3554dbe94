"""Lists of ids: complete, and of so few lengths that the driver need not keep hundreds of statements prepared."""

from tests.storage.world import World, shown
from zohosyncd.storage.work import CHUNK, chunks


def test_lists_of_ids_have_few_lengths_and_lack_nobody() -> None:
    lengths = set()
    for count in range(1, 1000):
        parts = list(chunks(range(count)))
        lengths |= {len(part) for part in parts}
        assert {each for part in parts for each in part} == set(range(count))
    assert len(lengths) <= 6
    assert max(lengths) == CHUNK
    assert list(chunks([])) == []


async def test_as_many_ids_are_answered_as_were_asked_for(world: World) -> None:
    ids = [str(number) for number in range(CHUNK + 60)]
    await world.see(*(shown(each) for each in ids))
    for count in (1, 2, 10, 11, CHUNK - 1, CHUNK, CHUNK + 1, CHUNK + 60):
        assert sorted(await world.store.rows(world.left, ids[:count])) == sorted(ids[:count])
