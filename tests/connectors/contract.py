"""What every connector promises, as tests: subclass :class:`ConnectorContract` and give it a ``bench`` fixture.

A :class:`Bench` is a connector, an empty object of its app, and the hands of a person who uses the app without us.
What an app cannot do is missing from the bench or denied by the capabilities, and the tests that need it are skipped.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from zohosyncd.connectors.offers import Tells
from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.core.dates import moment_of
from zohosyncd.core.errors import CursorExpired, UsageError
from zohosyncd.core.name_sets import as_value, names_of
from zohosyncd.core.record import Owner, Record, Values
from zohosyncd.core.schema import SEMANTICS, FieldType
from zohosyncd.ports.connector import (
    Conflict,
    Connector,
    Done,
    Found,
    Listed,
    Missing,
    Moved,
    Page,
    Refused,
    Removed,
    Upserted,
    WriteKind,
    WriteOp,
    WriteResult,
)
from zohosyncd.ports.marks import Marks
from zohosyncd.sandbox.world import World


@dataclass(frozen=True)
class Bench:
    """A connector and a person at the same app.

    Attributes:
        connector, ref: what is tested, and an object without records.
        person: values of a contact with this given name, family name and e-mail, as the app can store them.
        text: name of a plain text field (a job title) that ``person`` does not fill.
        create, edit, delete: what a person does in the app: values (names among them) -> id; id and values; id.
        everything: all that the app keeps of a record, in comparable parts, mapped by us or not.
        strange: a person makes a record with much that we do not map; its id.
        own_parts: parts of ``everything`` that any write may move (a time of change).
        wait: let this many seconds pass in the app.
        lose_cursors: the app forgets all cursors given out, None where that cannot be arranged.
        fill: a person makes n records; None where that takes too long. ``page``: most changes of one page.
        object_name: a name by which ``resolve`` finds ``ref``.
        guarded: an update with an old version is refused although versions are not exact.
        world: the simulated world in which the app lives, for :mod:`tests.connectors.http_faults`; None elsewhere.
        api: the paths (as a pattern) of the app's own requests, without those of its login server.
        silent: kinds of writes ("create", "update", "delete") whose good answer is an empty one with status 200, so that
            an empty answer of somebody else's cannot be told from it.
        renews: a login that is refused once can be renewed (a token, not a password).
        ownerless: the app has owners, and records without one.
    """

    connector: Connector
    ref: str
    person: Callable[[str, str, str], Values]
    text: str
    create: Callable[[Values], Awaitable[str]]
    edit: Callable[[str, Values], Awaitable[None]]
    delete: Callable[[str], Awaitable[None]]
    everything: Callable[[str], Awaitable[Mapping[str, Any]]]
    strange: Callable[[], Awaitable[str]]
    wait: Callable[[float], Awaitable[None]]
    object_name: str
    own_parts: frozenset[str] = frozenset()
    lose_cursors: Callable[[], Awaitable[None]] | None = None
    fill: Callable[[int], Awaitable[Sequence[str]]] | None = None
    page: int = 0
    guarded: bool = False
    world: World | None = None
    api: str = "*"
    silent: frozenset[str] = frozenset()
    renews: bool = False
    ownerless: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.ann, self.text)

    @property
    def ann(self) -> Values:
        return self.person("Ann", "Miller", "ann@example.com")

    @property
    def bob(self) -> Values:
        return self.person("Bob", "Stone", "bob@example.com")

    async def read(self, record_id: str, *more: str) -> Record:
        (answer,) = await self.connector.fetch(self.ref, (*self.fields, *more), [record_id])
        assert isinstance(answer, Found), answer
        return answer.record

    async def write_one(self, op: WriteOp) -> WriteResult:
        (result,) = await self.connector.write(self.ref, [op])
        return result

    async def add(self, values: Values) -> str:
        result = await self.write_one(creation(values))
        assert isinstance(result, Done), result
        return result.id


@dataclass
class Mirror:
    """What a reader of the feed knows: the values of every record, by id."""

    bench: Bench
    values: dict[str, Values] = field(default_factory=dict)
    cursor: str | None = None
    pages: list[Page] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)

    async def follow(self, *, restart: bool = False) -> "Mirror":
        """Read the feed to its present end, or everything anew."""
        self.pages, self.seen, self.removed = [], [], set()
        start = None if restart else self.cursor
        async for page in self.bench.connector.changes(self.bench.ref, self.bench.fields, start):
            self.pages.append(page)
            await self._apply(page)
            self.cursor = page.cursor
        assert self.pages, "a pass has at least one page"
        assert [page.complete for page in self.pages] == [False] * (len(self.pages) - 1) + [True]
        assert len({page.full for page in self.pages}) == 1
        assert self.pages[0].full or start is not None
        if self.pages[-1].full:
            self.values = {each: values for each, values in self.values.items() if each in self.seen}
        return self

    async def _apply(self, page: Page) -> None:
        listed: list[str] = []
        for change in page.changes:
            match change:
                case Upserted(record):
                    self.values[record.id] = record.values
                    self.seen.append(record.id)
                case Listed(record_id):
                    listed.append(record_id)
                    self.seen.append(record_id)
                case Removed(record_id) | Moved(record_id):
                    self.values.pop(record_id, None)
                    self.removed.add(record_id)
                case _:
                    raise AssertionError(change)
        for answer in await self.bench.connector.fetch(self.bench.ref, self.bench.fields, listed) if listed else ():
            if isinstance(answer, Found):
                self.values[answer.record.id] = answer.record.values
            else:
                self.values.pop(answer.id, None)


def creation(values: Values) -> WriteOp:
    return WriteOp(uuid.uuid4().hex, WriteKind.CREATE, "", values)


def update(known: Record, patch: Values) -> WriteOp:
    return WriteOp(uuid.uuid4().hex, WriteKind.UPDATE, known.id, patch, known)


def deletion(known: Record) -> WriteOp:
    return WriteOp(uuid.uuid4().hex, WriteKind.DELETE, known.id, {}, known)


async def names_field(bench: Bench) -> str:
    """The field that shows which containers of the best kind a record is in."""
    containers = (await bench.connector.schema(bench.ref)).containers
    if not containers:
        pytest.skip("the app has no containers")
    return next(iter(containers.values())).field


def holds(values: Values, wanted: Values) -> bool:
    """Whether all wanted values are there; nothing and "" are the same."""
    return all((values[name] or None) == (wanted[name] or None) for name in wanted)


class ConnectorContract:
    """The promises of ports.connector.Connector."""

    # Who and what

    async def test_an_account_knows_who_it_is(self, bench: Bench) -> None:
        first, second = await bench.connector.check(), await bench.connector.check()
        assert first.identity
        assert first.identity == second.identity

    async def test_an_object_is_found_by_its_name_and_a_wrong_name_is_answered_with_those_that_exist(
        self, bench: Bench
    ) -> None:
        assert await bench.connector.resolve(bench.object_name) == bench.ref
        assert await bench.connector.resolve(bench.ref) == bench.ref
        assert bench.ref in await bench.connector.objects()
        with pytest.raises(UsageError) as caught:
            await bench.connector.resolve("No such object")
        assert bench.object_name in str(caught.value)

    async def test_the_schema_names_the_fields_and_what_they_mean(self, bench: Bench) -> None:
        schema = await bench.connector.schema(bench.ref)
        assert set(bench.fields) <= set(schema.fields)
        assert {each.semantic for each in schema} - {""} <= set(SEMANTICS)
        assert schema.meaning("family_name") or schema.meaning("full_name")
        assert schema.meaning("emails")

    async def test_what_the_schema_says_beside_its_fields_points_to_fields_of_their_kinds(self, bench: Bench) -> None:
        schema = await bench.connector.schema(bench.ref)
        named = {each.field: FieldType.NAMES for each in schema.containers.values()}
        named |= {schema.owner: FieldType.OWNER, schema.created: FieldType.MOMENT}
        if schema.consent is not None:
            named |= {schema.consent.state: FieldType.CHOICE, schema.consent.at: FieldType.MOMENT}
        named.pop("", None)
        assert {name: schema.fields[name].type for name in named} == named
        assert all(schema.fields[each.field].writable for each in schema.containers.values())

    # Reads

    async def test_an_empty_object_is_read_completely(self, bench: Bench) -> None:
        mirror = await Mirror(bench).follow()
        assert mirror.values == {}
        await mirror.follow()
        assert mirror.values == {}

    async def test_every_id_is_answered_exactly_once(self, bench: Bench) -> None:
        ann, bob = await bench.create(bench.ann), await bench.create(bench.bob)
        gone = await bench.create(bench.person("Carl", "Gone", "carl@example.com"))
        await bench.delete(gone)
        answers = await bench.connector.fetch(bench.ref, bench.fields, [ann, gone, bob, ann])
        assert sorted(type(each).__name__ for each in answers) == ["Found", "Found", "Missing"]
        assert {each.record.id for each in answers if isinstance(each, Found)} == {ann, bob}
        assert [each.id for each in answers if isinstance(each, Missing)] == [gone]

    async def test_a_fetch_of_nothing_answers_nothing(self, bench: Bench) -> None:
        assert await bench.connector.fetch(bench.ref, bench.fields, []) == []

    async def test_only_the_fields_asked_for_are_read(self, bench: Bench) -> None:
        ann = await bench.create(bench.ann)
        (answer,) = await bench.connector.fetch(bench.ref, [bench.text], [ann])
        assert isinstance(answer, Found)
        assert set(answer.record.values) == {bench.text}

    async def test_after_a_full_read_there_are_only_echoes(self, bench: Bench) -> None:
        await bench.create(bench.ann)
        await bench.create(bench.bob)
        mirror = await Mirror(bench).follow()
        before = dict(mirror.values)
        assert len(before) == 2
        await mirror.follow()
        assert mirror.values == before
        assert not mirror.removed

    async def test_a_pass_can_be_repeated_from_any_of_its_pages(self, bench: Bench) -> None:
        ids = [await bench.create(bench.person(f"P{n}", "Page", f"p{n}@example.com")) for n in range(7)]
        mirror = await Mirror(bench).follow()
        first = list(mirror.pages)
        await bench.wait(2)
        await bench.edit(ids[2], {bench.text: "changed"})
        await bench.delete(ids[4])
        await mirror.follow()
        await mirror.follow(restart=True)
        truth = dict(mirror.values)
        assert len(truth) == 6
        for page in first:
            mirror.cursor = page.cursor
            await mirror.follow()
            await mirror.follow()
            if not bench.connector.capabilities.reports_deletions:
                await mirror.follow(restart=True)
            assert mirror.values == truth

    async def test_many_records_come_in_pages_and_all_of_them_come(self, bench: Bench) -> None:
        if bench.fill is None:
            pytest.skip("filling takes too long here")
        ids = set(await bench.fill(2 * bench.page + 1))
        mirror = await Mirror(bench).follow()
        assert set(mirror.values) == ids
        assert len(mirror.pages) >= 3
        assert all(page.full for page in mirror.pages)

    async def test_a_lost_cursor_says_so_and_a_full_read_leads_to_the_same_end(self, bench: Bench) -> None:
        if bench.lose_cursors is None:
            pytest.skip("cursors cannot be lost here")
        ann, bob = await bench.create(bench.ann), await bench.create(bench.bob)
        mirror = await Mirror(bench).follow()
        await bench.wait(2)
        await bench.edit(ann, {bench.text: "Director"})
        await bench.delete(bob)
        await bench.lose_cursors()
        if bench.connector.capabilities.feed == "token":
            with pytest.raises(CursorExpired):
                await mirror.follow()
        await mirror.follow(restart=True)
        assert set(mirror.values) == {ann}
        assert mirror.values[ann][bench.text] == "Director"

    # What a person does arrives

    async def test_a_persons_new_record_arrives(self, bench: Bench) -> None:
        mirror = await Mirror(bench).follow()
        ann = await bench.create(bench.ann)
        await bench.wait(2)
        await mirror.follow()
        assert holds(mirror.values[ann], bench.ann)

    async def test_a_persons_edit_arrives(self, bench: Bench) -> None:
        ann = await bench.create(bench.ann)
        mirror = await Mirror(bench).follow()
        await bench.wait(2)
        await bench.edit(ann, {bench.text: "Director"})
        await bench.wait(2)
        await mirror.follow()
        assert mirror.values[ann][bench.text] == "Director"
        assert holds(mirror.values[ann], bench.ann)

    async def test_a_persons_deletion_arrives_where_the_app_reports_deletions(self, bench: Bench) -> None:
        ann, bob = await bench.create(bench.ann), await bench.create(bench.bob)
        mirror = await Mirror(bench).follow()
        await bench.wait(2)
        await bench.delete(ann)
        await bench.wait(2)
        await mirror.follow()
        if bench.connector.capabilities.reports_deletions:
            assert ann in mirror.removed
        await mirror.follow(restart=True)
        assert set(mirror.values) == {bob}

    # Writes

    async def test_what_was_created_can_be_read(self, bench: Bench) -> None:
        ann = await bench.add(bench.ann)
        assert holds((await bench.read(ann)).values, bench.ann)

    async def test_unicode_survives(self, bench: Bench) -> None:
        strange = bench.person("Zoë 木 🦊", "Ö'Brien-Łódź; a, b\\c", "zoe+木@example.com".replace("木", "x"))
        record_id = await bench.add({**strange, bench.text: "Ｄｉｒéctor; \\n, and\u00a0more"})
        record = await bench.read(record_id)
        assert holds(record.values, strange)
        assert record.values[bench.text] == "Ｄｉｒéctor; \\n, and\u00a0more"

    async def test_what_was_updated_can_be_read(self, bench: Bench) -> None:
        known = await bench.read(await bench.add(bench.ann))
        result = await bench.write_one(update(known, {bench.text: "Director"}))
        assert isinstance(result, Done), result
        assert result.id == known.id
        after = await bench.read(known.id)
        assert after.values[bench.text] == "Director"
        assert holds(after.values, bench.ann)

    async def test_a_field_can_be_emptied(self, bench: Bench) -> None:
        known = await bench.read(await bench.add({**bench.ann, bench.text: "Director"}))
        assert isinstance(await bench.write_one(update(known, {bench.text: None})), Done)
        assert not (await bench.read(known.id)).values[bench.text]

    async def test_what_was_deleted_is_gone(self, bench: Bench) -> None:
        if not bench.connector.capabilities.deletable:
            pytest.skip("records cannot be deleted here")
        known = await bench.read(await bench.add(bench.ann))
        assert isinstance(await bench.write_one(deletion(known)), Done)
        (answer,) = await bench.connector.fetch(bench.ref, bench.fields, [known.id])
        assert answer == Missing(known.id)

    async def test_each_op_has_its_result_in_order(self, bench: Bench) -> None:
        size = min(bench.connector.capabilities.batch, 5)
        people = [bench.person(f"Given{n}", f"Family{n}", f"p{n}@example.com") for n in range(size)]
        results = await bench.connector.write(bench.ref, [creation(each) for each in people])
        assert len(results) == size
        for person, result in zip(people, results, strict=True):
            assert isinstance(result, Done), result
            assert holds((await bench.read(result.id)).values, person)

    async def test_one_bad_op_does_not_harm_the_others(self, bench: Bench) -> None:
        size = min(bench.connector.capabilities.batch, 3)
        known = [
            await bench.read(await bench.add(bench.person(f"Given{n}", "Family", f"p{n}@example.com")))
            for n in range(size)
        ]
        await bench.delete(known[0].id)
        results = await bench.connector.write(bench.ref, [update(each, {bench.text: "new"}) for each in known])
        assert isinstance(results[0], Conflict), results[0]
        assert results[0].gone
        for record, result in zip(known[1:], results[1:], strict=True):
            assert isinstance(result, Done)
            assert (await bench.read(record.id)).values[bench.text] == "new"

    async def test_a_patch_leaves_everything_else_as_it_is(self, bench: Bench) -> None:
        record_id = await bench.strange()
        before = await bench.everything(record_id)
        known = await bench.read(record_id)
        result = await bench.write_one(update(known, {bench.text: "Director"}))
        assert isinstance(result, Done), result
        after = await bench.everything(record_id)
        moved = {part for part in before.keys() | after.keys() if before.get(part) != after.get(part)}
        assert moved - bench.own_parts == {bench.text}

    async def test_an_old_version_never_wins(self, bench: Bench) -> None:
        if not (bench.connector.capabilities.exact_versions or bench.guarded):
            pytest.skip("this app does not guard updates")
        known = await bench.read(await bench.add(bench.ann))
        await bench.wait(2)
        await bench.edit(known.id, {bench.text: "Typed by a person"})
        result = await bench.write_one(update(known, {bench.text: "Sent by us"}))
        assert result == Conflict(gone=False)
        if bench.connector.capabilities.deletable:
            assert await bench.write_one(deletion(known)) == Conflict(gone=False)
        assert (await bench.read(known.id)).values[bench.text] == "Typed by a person"

    async def test_deleting_what_is_gone_is_a_conflict(self, bench: Bench) -> None:
        if not bench.connector.capabilities.deletable:
            pytest.skip("records cannot be deleted here")
        known = await bench.read(await bench.add(bench.ann))
        await bench.delete(known.id)
        assert await bench.write_one(deletion(known)) == Conflict(gone=True)

    # Containers, owners, creation

    async def test_names_that_a_person_gives_are_read(self, bench: Bench) -> None:
        field = await names_field(bench)
        ann = await bench.create({**bench.ann, field: as_value(["First, of all", "Second"])})
        assert names_of((await bench.read(ann, field)).values[field]) == ("First, of all", "Second")
        bob = await bench.create(bench.bob)
        assert (await bench.read(bob, field)).values[field] == ()

    async def test_a_record_is_created_with_names(self, bench: Bench) -> None:
        field = await names_field(bench)
        ann = await bench.add({**bench.ann, field: as_value(["Trade fair", "Ünïque"])})
        record = await bench.read(ann, field)
        assert names_of(record.values[field]) == ("Trade fair", "Ünïque")
        assert holds(record.values, bench.ann)

    async def test_names_are_written_as_a_whole_set_beside_other_values(self, bench: Bench) -> None:
        field = await names_field(bench)
        ann = await bench.add({**bench.ann, field: as_value(["Old", "Kept"])})
        for names, text in ((["Kept", "New"], "Director"), ([], None), (["Last"], None)):
            patch: Values = {field: as_value(names), **({bench.text: text} if text else {})}
            result = await bench.write_one(update(await bench.read(ann, field), patch))
            assert isinstance(result, Done), result
            assert not result.left
            record = await bench.read(ann, field)
            assert set(names_of(record.values[field])) == set(names)
            assert record.values[bench.text] == "Director"

    async def test_a_name_in_another_case_is_the_same_name(self, bench: Bench) -> None:
        field = await names_field(bench)
        known = await bench.read(await bench.add({**bench.ann, field: as_value(["Trade Fair"])}), field)
        assert isinstance(await bench.write_one(update(known, {field: as_value(["TRADE FAIR", "VIP"])})), Done)
        assert names_of((await bench.read(known.id, field)).values[field]) == ("Trade Fair", "VIP")

    async def test_a_name_that_somebody_adds_before_the_write_survives_or_stops_it(self, bench: Bench) -> None:
        field = await names_field(bench)
        known = await bench.read(await bench.add({**bench.ann, field: as_value(["Old"])}), field)
        await bench.wait(2)
        await bench.edit(known.id, {field: as_value(["Old", "Theirs"])})
        result = await bench.write_one(update(known, {field: as_value(["New"])}))
        assert isinstance(result, Done | Conflict), result
        after = set(names_of((await bench.read(known.id, field)).values[field]))
        assert after == ({"Theirs", "New"} if isinstance(result, Done) else {"Old", "Theirs"})

    async def test_more_or_longer_names_than_a_record_can_have_are_refused_whole(self, bench: Bench) -> None:
        field = await names_field(bench)
        (limits,) = [
            each for each in (await bench.connector.schema(bench.ref)).containers.values() if each.field == field
        ]
        wrong = [["x" * (limits.max_length + 1)]] if limits.max_length is not None else []
        wrong += [[f"Name {n}" for n in range(limits.most + 1)]] if limits.most is not None else []
        known = await bench.read(await bench.add(bench.ann), field)
        for names in wrong:
            result = await bench.write_one(update(known, {bench.text: "x", field: as_value(names)}))
            assert isinstance(result, Refused), result
            assert result.field == field
        assert (await bench.read(known.id, field)).values == known.values

    async def test_an_owner_is_read_and_given_to_somebody_else(self, bench: Bench) -> None:
        schema = await bench.connector.schema(bench.ref)
        if not schema.owner:
            pytest.skip("records have no owner here")
        assert schema.owners is not None
        known = await bench.read(await bench.add(bench.ann), schema.owner)
        before = known.values[schema.owner]
        assert before in schema.owners or (bench.ownerless and before is None)
        other = next(each for each in schema.owners if each != before)
        for meant in (other, Owner("", email=other.email.upper())):
            assert isinstance(await bench.write_one(update(known, {schema.owner: meant})), Done)
            assert (await bench.read(known.id, schema.owner)).values[schema.owner] == other
        made = await bench.add({**bench.bob, schema.owner: other})
        assert (await bench.read(made, schema.owner)).values[schema.owner] == other

    async def test_somebody_unknown_owns_nothing(self, bench: Bench) -> None:
        schema = await bench.connector.schema(bench.ref)
        if not schema.owner:
            pytest.skip("records have no owner here")
        known = await bench.read(await bench.add(bench.ann), schema.owner)
        nobody = () if bench.ownerless else (None,)
        for meant in (Owner("987654321"), Owner("", email="nobody@example.com"), *nobody):
            result = await bench.write_one(update(known, {schema.owner: meant, bench.text: "x"}))
            assert isinstance(result, Refused), result
            assert result.field == schema.owner
        assert (await bench.read(known.id, schema.owner)).values == known.values

    async def test_creation_is_a_moment_that_no_edit_moves(self, bench: Bench) -> None:
        field = (await bench.connector.schema(bench.ref)).created
        if not field:
            pytest.skip("the app does not say when a record was made")
        ann = await bench.add(bench.ann)
        before = (await bench.read(ann, field)).values[field]
        assert isinstance(before, str)
        assert before.endswith("+00:00")
        assert moment_of(before) is not None
        await bench.wait(60)
        await bench.edit(ann, {bench.text: "Director"})
        assert (await bench.read(ann, field)).values[field] == before

    # The capabilities tell the truth

    async def test_what_the_app_offers_is_what_a_live_account_has(self, bench: Bench) -> None:
        spec = BY_NAME.get(bench.connector.app)
        if spec is None:
            pytest.skip("it is not among the apps")
        offers, has, schema = spec.offers, bench.connector.capabilities, await bench.connector.schema(bench.ref)
        told = {"deletions": (offers.deletions, has.reports_deletions), "changed": (offers.changed, has.modified_times)}
        for what, (said, live) in told.items():
            assert said is Tells.SERVER or (said is Tells.ALWAYS) == live, what
        feeds = {offers.feed, "list"} if offers.deletions is Tells.SERVER else {offers.feed}
        assert has.feed in feeds
        assert (offers.deletable, offers.finds, offers.own_ids) == (has.deletable, has.finds, has.client_ids)
        assert offers.push == (has.push is not None)
        assert offers.together == (has.per_request or has.batch)
        assert offers.guard == (has.exact_versions or bench.guarded)
        assert schema.containers.keys() <= offers.containers.keys()
        assert offers.owner or not schema.owner
        assert offers.created or not schema.created
        consent = "states" if schema.consent is not None else "flag" if schema.meaning("opted_out") else "none"
        assert offers.consent == consent or consent == "none"

    async def test_client_ids_a_repeated_create_makes_no_second_record(self, bench: Bench) -> None:
        if not bench.connector.capabilities.client_ids:
            pytest.skip("the app chooses the ids")
        op = creation(bench.ann)
        first, second = await bench.write_one(op), await bench.write_one(op)
        assert isinstance(first, Done)
        assert isinstance(second, Done)
        assert first.id == second.id
        assert set((await Mirror(bench).follow()).values) == {first.id}

    async def test_marks_a_record_is_found_by_the_op_that_made_it(self, bench: Bench) -> None:
        if not bench.connector.capabilities.marks:
            pytest.skip("new records carry no mark of ours")
        assert isinstance(bench.connector, Marks)
        ops = [creation(bench.ann), creation(bench.ann), creation(bench.bob)]
        made = [await bench.write_one(op) for op in ops[:2]]
        assert all(isinstance(each, Done) for each in made)
        found = await bench.connector.made_by(bench.ref, bench.fields, [op.op_id for op in ops])
        assert {op_id: [each.id for each in records] for op_id, records in found.items()} == {
            op.op_id: [done.id] for op, done in zip(ops, made, strict=False) if isinstance(done, Done)
        }
        assert all(holds(each.values, bench.ann) for records in found.values() for each in records)

    async def test_exact_versions_move_with_every_change_and_never_without_one(self, bench: Bench) -> None:
        if not bench.connector.capabilities.exact_versions:
            pytest.skip("versions are coarse here")
        ann = await bench.add(bench.ann)
        versions = [(await bench.read(ann)).version, (await bench.read(ann)).version]
        assert versions[0] == versions[1] is not None
        await bench.edit(ann, {bench.text: "one"})
        versions.append((await bench.read(ann)).version)
        await bench.edit(ann, {bench.text: "two"})
        versions.append((await bench.read(ann)).version)
        assert len(set(versions)) == 3

    async def test_returned_records_are_what_a_read_shows(self, bench: Bench) -> None:
        created = await bench.write_one(creation(bench.ann))
        assert isinstance(created, Done)
        shown = await bench.read(created.id)
        if not bench.connector.capabilities.returns_record:
            assert created.stored is None
            return
        assert created.stored is not None
        assert holds(created.stored.values, bench.ann)
        assert created.stored.version == shown.version
        changed = await bench.write_one(update(shown, {bench.text: "Director"}))
        assert isinstance(changed, Done)
        assert changed.stored is not None
        shown = await bench.read(created.id)
        assert {name: changed.stored.values[name] for name in bench.fields} == dict(shown.values)
        assert changed.stored.version == shown.version

    async def test_modified_times_are_there_or_not_as_said(self, bench: Bench) -> None:
        record = await bench.read(await bench.create(bench.ann))
        if bench.connector.capabilities.modified_times:
            assert record.modified is not None
        mirror = [
            change.record
            async for page in bench.connector.changes(bench.ref, bench.fields, None)
            for change in page.changes
            if isinstance(change, Upserted)
        ]
        if bench.connector.capabilities.modified_times:
            assert all(each.modified is not None for each in mirror)

    async def test_whole_records_are_refused_without_the_record_just_read(self, bench: Bench) -> None:
        if not bench.connector.capabilities.whole_records:
            pytest.skip("this app is patched")
        known = await bench.read(await bench.add(bench.ann))
        bare = WriteOp(uuid.uuid4().hex, WriteKind.UPDATE, known.id, {bench.text: "x"}, None)
        assert isinstance(await bench.write_one(bare), Refused)
        assert not (await bench.read(known.id)).values[bench.text]

    async def test_created_since_finds_the_newest_records_first(self, bench: Bench) -> None:
        capabilities = bench.connector.capabilities
        if capabilities.client_ids:
            pytest.skip("creates are found by their ids")
        old = await bench.create(bench.ann)
        await bench.wait(60)
        first = await bench.read(await bench.create(bench.bob))
        await bench.wait(2)
        last = await bench.create(bench.person("Carl", "Last", "carl@example.com"))
        await bench.wait(capabilities.settle)
        if first.modified is None:
            pytest.skip("no times to ask with")
        found = [
            each.id
            async for page in bench.connector.created_since(bench.ref, bench.fields, first.modified)
            for each in page.records
        ]
        assert found == [last, first.id]
        assert old not in found

    async def test_a_batch_above_the_limit_or_of_mixed_kinds_is_a_mistake_of_the_caller(self, bench: Bench) -> None:
        known = await bench.read(await bench.add(bench.ann))
        with pytest.raises(ValueError, match="kind"):
            await bench.connector.write(bench.ref, [creation(bench.bob), update(known, {bench.text: "x"})])

    async def test_who_has_an_address_is_found_at_once_however_it_is_spelt(self, bench: Bench) -> None:
        if not bench.connector.capabilities.finds:
            assert await bench.connector.find(bench.ref, ["ann@example.com"]) is None
            return
        strange = "o'neil&co+x@example.com"
        people = {each: bench.person("Given", "Family", each) for each in ("Ann@Example.com", strange, "z@example.com")}
        ids = {address: await bench.create(values) for address, values in people.items()}
        asked = ["nobody@example.com", "ann@example.com", strange]
        found = await bench.connector.find(bench.ref, asked)
        assert found is not None
        assert {*found} == {ids["Ann@Example.com"], ids[strange]}
        assert await bench.connector.find(bench.ref, ["nobody@example.com"]) == []
        gone = await bench.read(ids[strange])
        await bench.delete(gone.id)
        assert await bench.connector.find(bench.ref, [strange]) == []
        assert len(await bench.connector.find(bench.ref, ["ann@example.com"] * 50) or ()) == 1
