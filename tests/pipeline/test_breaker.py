"""Another tool that undoes our write every time: the third time within a day the field is held, and only the field."""

from tests.pipeline.bench import Bench, Connection
from zohosyncd.connectors.memory import MemoryApp
from zohosyncd.core.side import Side
from zohosyncd.ports.store import HoldReason

DAY = 86_400.0


class Fight:
    """Two tools, one a side, that each insist on a title of their own."""

    def __init__(self, bench: Bench, connection: Connection, contact: str, card: str) -> None:
        self.bench, self.connection = bench, connection
        self.contact, self.card = contact, card
        self.held = {(Side.LEFT, contact, HoldReason.OSCILLATION, "title")}

    @classmethod
    async def begin(cls, bench: Bench) -> "Fight":
        connection = await bench.pair()
        contact = bench.crm.app.create({"First": "Ann", "Last": "Both", "Email": "ann@example.org"})
        await bench.until_quiet()
        (card,) = bench.book.app.state()
        return cls(bench, connection, contact, card)

    async def once(self) -> None:
        """The CRM's tool sets its title, then the book's tool the other; the daemon runs after each."""
        await self.edit(self.bench.crm.app, self.contact, Title="Low")
        await self.edit(self.bench.book.app, self.card, title="High")

    async def edit(self, app: MemoryApp, record_id: str, **values: str) -> None:
        await self.bench.clock.sleep(60.0)
        app.edit(record_id, values)
        await self.connection.run()

    def sent(self) -> tuple[int, int]:
        """How often the CRM and the book were given the other's title by us."""
        to_crm = sum(write.values.get("Title") == "High" for write in self.bench.crm.app.writes)
        return to_crm, sum(write.values.get("title") == "Low" for write in self.bench.book.app.writes)


async def test_the_same_value_is_not_written_a_third_time_within_a_day(bench: Bench) -> None:
    fight = await Fight.begin(bench)
    for times in (1, 2):
        await fight.once()
        assert fight.sent() == (times, times)
        assert await fight.connection.held() == set()
    for _ in range(3):
        await fight.once()
        assert fight.sent() == (2, 2)
        assert await fight.connection.held() == fight.held
    await bench.until_quiet()


async def test_other_fields_go_on_both_ways(bench: Bench) -> None:
    fight = await Fight.begin(bench)
    for _ in range(3):
        await fight.once()
    await fight.edit(bench.book.app, fight.card, title="High", company="New")
    await fight.edit(bench.crm.app, fight.contact, Notes="met")
    await bench.until_quiet()
    assert bench.everybody("crm", "Title", "Company", "Notes") == [("Low", "New", "met")]
    assert bench.everybody("book", "title", "company", "note") == [("High", "New", "met")]
    assert await fight.connection.held() == fight.held


async def test_a_new_value_is_not_fought_over(bench: Bench) -> None:
    fight = await Fight.begin(bench)
    for _ in range(3):
        await fight.once()
    await fight.edit(bench.book.app, fight.card, title="Queen")
    await bench.until_quiet()
    assert bench.everybody("crm", "Title") == [("Queen",)]
    assert await fight.connection.held() == set()


async def test_a_day_later_it_is_tried_again(bench: Bench) -> None:
    fight = await Fight.begin(bench)
    for _ in range(3):
        await fight.once()
    await bench.clock.sleep(DAY)
    await fight.edit(bench.book.app, fight.card, company="New")
    await bench.until_quiet()
    assert fight.sent() == (2, 3)
    assert bench.everybody("crm", "Title", "Company") == [("Low", "New")]
    assert bench.everybody("book", "title", "company") == [("Low", "New")]
    assert await fight.connection.held() == set()


async def test_two_people_are_not_taken_for_one_fight(bench: Bench) -> None:
    fight = await Fight.begin(bench)
    for _ in range(2):
        await fight.once()
    bench.crm.app.create({"First": "Bob", "Last": "Else", "Email": "bob@example.org", "Title": "Low"})
    await bench.until_quiet()
    assert bench.everybody("book", "given", "title") == [("Ann", "High"), ("Bob", "Low")]
