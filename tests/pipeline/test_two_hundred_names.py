"""The promise about names, through a whole round trip: one app keeps the parts of a name, the other one full name.

Changing one part on one side changes only that part on the other; where it is unclear which part is meant, nothing is
guessed, and the operator is told.
"""

from tests.core.lens.test_two_hundred_names import LINES
from tests.pipeline.bench import Bench, Connection
from zohosyncd.core.names import full_name, is_east_asian
from zohosyncd.core.record import Value
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.side import SIDES, Side, Winner
from zohosyncd.supervisor.explain import explain

PARTS = Schema.of(
    Field("given", FieldType.TEXT, semantic="given_name"),
    Field("additional", FieldType.TEXT, semantic="additional_name"),
    Field("family", FieldType.TEXT, semantic="family_name"),
    Field("email", FieldType.EMAIL, semantic="emails"),
    Field("title", FieldType.TEXT, semantic="title"),
)
WHOLE = Schema.of(
    Field("name", FieldType.TEXT, semantic="full_name"),
    Field("mail", FieldType.EMAIL, semantic="emails"),
    Field("role", FieldType.TEXT, semantic="title"),
)
Parts = dict[str, str]


def other(parts: Parts) -> str:
    return "優" if is_east_asian(full_name(**parts)) else "Quirin"


async def everybody(bench: Bench) -> Connection:
    crm, book = await bench.account("crm", PARTS), await bench.account("book", WHOLE)
    for number, (parts, _told) in enumerate(LINES):
        crm.app.create({**{name: text or None for name, text in parts.items()}, "email": f"p{number}@x.org"})
    connection = await bench.connect("crm-book", crm, book, winner=Winner.LEFT)
    await bench.until_quiet()
    return connection


def split(bench: Bench) -> dict[str, tuple[str, Parts]]:
    """By e-mail: the record's id and its parts."""
    return {
        str(values["email"]): (record, {name: str(values.get(name) or "") for name in LINES[0][0]})
        for record, values in bench.crm.app.state().items()
    }


def joined(bench: Bench) -> dict[str, tuple[str, Value]]:
    """By e-mail: the record's id and its full name."""
    return {str(values["mail"]): (record, values.get("name")) for record, values in bench.book.app.state().items()}


async def test_everybody_is_joined_and_comes_to_rest(bench: Bench) -> None:
    connection = await everybody(bench)
    names = joined(bench)
    for number, (parts, _told) in enumerate(LINES):
        assert names[f"p{number}@x.org"][1] == full_name(**parts)
    assert await connection.world.store.quarantined(connection.plan.id) == []
    before = bench.written()
    for record, _name in names.values():
        bench.book.app.edit(record, {"role": "seen"})
    await bench.until_quiet()
    assert bench.written() == before + len(LINES), "the roles and no name"
    assert [parts for _record, parts in split(bench).values()] == [parts for parts, _told in LINES]


async def test_one_part_changed_here_is_another_full_name_there(bench: Bench) -> None:
    await everybody(bench)
    changed: dict[str, Parts] = {}
    for number, (email, (record, parts)) in enumerate(split(bench).items()):
        part = list(parts)[number % len(parts)]
        changed[email] = {**parts, part: other(parts)}
        bench.crm.app.edit(record, {part: other(parts)})
    await bench.until_quiet()
    assert {email: name for email, (_record, name) in joined(bench).items()} == {
        email: full_name(**parts) for email, parts in changed.items()
    }
    assert {email: parts for email, (_record, parts) in split(bench).items()} == changed


async def test_one_part_changed_there_changes_that_part_alone_here_or_is_told(bench: Bench) -> None:
    connection = await everybody(bench)
    before, names = split(bench), joined(bench)
    wished: dict[str, Parts] = {}
    for number, (email, (_record, parts)) in enumerate(before.items()):
        filled = [part for part in parts if parts[part]]
        wished[email] = {**parts, filled[number % len(filled)]: other(parts)}
        bench.book.app.edit(names[email][0], {"name": full_name(**wished[email]), "role": "seen"})
    await bench.until_quiet()
    told = {each.record_id for each in await connection.world.store.quarantined(connection.plan.id)}
    for email, (_record, parts) in split(bench).items():
        assert joined(bench)[email][1] == full_name(**wished[email]), "what a person typed stays"
        if names[email][0] in told:
            assert parts == before[email][1]
            assert sum(map(bool, parts.values())) == 1, "only a name of one part leaves it open which one is new"
        else:
            assert parts == wished[email]
    assert {values["title"] for values in bench.crm.app.state().values()} == {"seen"}


async def test_two_parts_changed_at_once_are_not_guessed_and_explained(bench: Bench) -> None:
    connection = await everybody(bench)
    before, names = split(bench), joined(bench)
    both = [email for email, (_record, parts) in before.items() if parts["given"] and parts["family"]]
    for email in both:
        east = is_east_asian(full_name(**before[email][1]))
        bench.book.app.edit(names[email][0], {"name": "優 優子" if east else "Xaver Yps Zyx", "role": "seen"})
    await bench.until_quiet()
    assert {email: parts for email, (_record, parts) in split(bench).items()} == {
        email: parts for email, (_record, parts) in before.items()
    }
    refused = await connection.world.store.quarantined(connection.plan.id)
    assert {(each.side, each.record_id) for each in refused} == {(Side.RIGHT, names[email][0]) for email in both}
    assert {each.message for each in refused} == {"it is not clear which part of the full name changed"}
    person = (
        await explain(
            connection.world, connection.plan, both[0], {side: connection.runner.floor(side) for side in SIDES}
        )
    )["persons"][0]
    assert person["quarantined"][0]["message"] == "it is not clear which part of the full name changed"


async def test_who_is_new_there_gets_parts_only_where_the_name_tells_them(bench: Bench) -> None:
    crm, book = await bench.account("crm", PARTS), await bench.account("book", WHOLE)
    connection = await bench.connect("crm-book", crm, book, winner=Winner.LEFT)
    await bench.until_quiet()
    for number, (parts, _told) in enumerate(LINES):
        book.app.create({"name": full_name(**parts), "mail": f"p{number}@x.org"})
    await bench.until_quiet()
    refused = {each.record_id: each for each in await connection.world.store.quarantined(connection.plan.id)}
    made, names = split(bench), joined(bench)
    for number, (parts, told) in enumerate(LINES):
        email = f"p{number}@x.org"
        own = made[email][1]
        if names[email][0] in refused:
            assert told is None
            assert not any(own.values())
            assert "family name begins" in refused[names[email][0]].message
        elif told is not None:
            assert (own["given"], own["family"]) == told
        else:
            assert full_name(**own) == full_name(**parts)
