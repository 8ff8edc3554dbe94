"""What does not come through the API: the records at the start, and what people do in Zoho's own pages."""

from collections.abc import Iterable, Mapping
from typing import Any

from .crm import Crm
from .merging import convert, merge
from .store import Entry, Table
from .tag_list import Tag
from .tags import MOST, Refusal, checked, put
from .writing import RowError, Writer


class Edits:
    """Edits by the org's second user, with workflows, as a person's edits have them."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._by = crm.users[1].number

    def load(self, module: str, records: Iterable[Mapping[str, Any]]) -> None:
        """Fill an empty module with records that have ``id`` and, in seconds, ``Created_Time``, ``Modified_Time``."""
        table = self._table(module)
        writer = Writer(self._crm, table, self._by, by_hand=True)
        last = 0

        def entries() -> Iterable[Entry]:
            nonlocal last
            for record in records:
                number = int(record["id"])
                last = max(last, number)
                values = {name: value for name, value in self._meant(writer, record).items() if value is not None}
                created, modified = int(record["Created_Time"]), int(record["Modified_Time"])
                yield Entry(number, created, modified, self._by, self._by, values)

        table.load(entries())
        self._crm.above(last)

    def everything(self, table: Table) -> list[dict[str, Any]]:
        """All records with all fields."""
        names = list(table.module.fields)
        return [self._crm.render(table.rows[number], names) for number in table.ids.up()]

    def carry_out(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """``create``, ``set``, ``merge``, ``convert``, ``delete`` or ``restore``; answers the record."""
        table = self._table(str(command.get("object", "Contacts")))
        if isinstance(created := command.get("create"), Mapping):
            return self._create(table, created)
        given = str(command.get("id", ""))
        number = int(given) if given.isdecimal() else 0
        if command.get("restore") is True and number in table.gone and number not in table.rows:
            return self._shown(table, self._crm.restore(table, number, self._by))
        entry = table.rows.get(number)
        if entry is None:
            message = f"no such record in {table.module.name}: {given!r}"
            raise ValueError(message)
        if isinstance(values := command.get("set"), Mapping):
            self._strangers(table, values)
            cleaned = self._meant(Writer(self._crm, table, self._by, by_hand=True), values)
            if "Tag" in cleaned:
                put(self._crm, table, entry, cleaned.pop("Tag") or (), self._by)
            if cleaned or not values:
                self._crm.change(table, entry, cleaned, self._by, workflows=True)
            return self._shown(table, entry)
        if command.get("delete") is True:
            shown = self._shown(table, entry)
            table.remove(number, self._crm.second(), self._by)
            return shown
        if isinstance(others := command.get("merge"), Mapping):
            merge(self._crm, table, entry, {int(each): list(names) for each, names in others.items()}, self._by)
            return self._shown(table, entry)
        if command.get("convert") is True and table.module.name == "Leads":
            return self._shown(self._crm.tables["Contacts"], convert(self._crm, entry, self._by))
        message = "an edit needs one of create, set, merge: {id: [fields]}, convert: true, delete: true, restore: true"
        raise ValueError(message)

    def _create(self, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
        self._strangers(table, values)
        cleaned = self._meant(Writer(self._crm, table, self._by, by_hand=True), values)
        for name, f in table.module.fields.items():
            if f.mandatory and cleaned.get(name) is None:
                message = f"{name} is mandatory"
                raise ValueError(message)
        return self._shown(table, self._crm.create(table, cleaned, self._by, workflows=True))

    def _meant(self, writer: Writer, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values as they would be stored. A person names tags by their names, and an owner by e-mail address or id."""
        given = dict(values)
        if isinstance(owner := given.get("Owner"), str):
            given["Owner"] = {"id": str(self._crm.user_named(owner).number)}
        names = given.pop("Tag", None)
        cleaned = self._cleaned(writer, given)
        if "Tag" in values:
            cleaned["Tag"] = self._tags(writer.table, names)
        return cleaned

    def _tags(self, table: Table, names: Any) -> tuple[Tag, ...] | None:
        given = [tag.get("name") if isinstance(tag, Mapping) else tag for tag in names or ()]
        try:
            checked_names = [checked(name, "Tag") for name in given]
        except Refusal as refusal:
            message = f"Zoho would refuse this tag: {refusal.error['details']}"
            raise ValueError(message) from refusal
        if len(checked_names) > MOST:
            message = f"a record can have {MOST} tags"
            raise ValueError(message)
        return self._crm.tags[table.module.name].all(checked_names) or None

    def _cleaned(self, writer: Writer, values: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return writer.clean(0, dict(values))
        except RowError as refusal:
            message = f"Zoho would refuse this: {refusal.error['code']} {refusal.error['details']}"
            raise ValueError(message) from refusal

    def _strangers(self, table: Table, values: Mapping[str, Any]) -> None:
        wrong = [
            name
            for name in values
            if name not in table.module.fields or (table.module.fields[name].system and name != "Tag")
        ]
        if wrong:
            message = f"no such field of {table.module.name} that a person can edit: {', '.join(map(str, wrong))}"
            raise ValueError(message)

    def _shown(self, table: Table, entry: Entry) -> dict[str, Any]:
        return self._crm.render(entry, list(table.module.fields))

    def _table(self, name: str) -> Table:
        table = self._crm.tables.get(name)
        if table is None:
            message = f"no such object: {name!r}; known: {', '.join(self._crm.tables)}"
            raise ValueError(message)
        return table
