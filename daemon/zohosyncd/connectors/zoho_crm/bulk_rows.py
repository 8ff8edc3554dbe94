"""The rows of a Bulk Read file as a list shows them, a piece at a time. Pure.

A file has text in its cells, where a list has typed values, and not all kinds of fields look the same in both. Only
those are asked for that surely do: plain texts, addresses and numbers of one form, flags, moments, choices whose
translation is the word itself, the company by its name, and the owner by id. What cannot be told from a cell is left
out of the row, which says "not read". A file that is not what was asked for is refused as a whole.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from zohosyncd.connectors.zoho_crm.company import LOOKUP
from zohosyncd.connectors.zoho_crm.fields import EMPTY_CHOICE, OWNER, TAG, FieldInfo, ModuleSchema
from zohosyncd.connectors.zoho_crm.reading import Row
from zohosyncd.connectors.zoho_crm.records import MODIFIED
from zohosyncd.core.errors import ContractBroken

COMPANY_ID: Final = f"{LOOKUP}.id"
COMPANY_NAME: Final = f"{LOOKUP}.Account_Name"
SAMPLE: Final = 50
"""Rows that are compared with a list: as many as one call shows."""

_TEXTS: Final = frozenset(
    {"text", "textarea", "bigint", "autonumber", "email", "phone", "website", "date", "datetime", "picklist"}
)
_NUMBERS: Final = frozenset({"integer", "double", "currency", "percent"})
_FLAGS: Final = {"true": True, "false": False}
_LONGEST_CELL: Final = 1_000_000
_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, csv.Error, UnicodeDecodeError, NotImplementedError, RuntimeError
)  # fmt: skip
"""What the standard library says of a file that is not what it should be; RuntimeError: it is encrypted."""


class Columns:
    """What is asked for of a module, and how its cells are read.

    Args:
        module: API name. infos, schema: its fields.
    """

    def __init__(self, module: str, infos: Sequence[FieldInfo], schema: ModuleSchema) -> None:
        apart = {TAG} | schema.rich | schema.single
        shown = [each for each in infos if each.visible is not False and each.api_name not in apart]
        self._kinds = {each.api_name: each.data_type for each in shown if _is_alike(each)}
        self._company = module == "Contacts" and any(
            each.api_name == LOOKUP and each.data_type == "lookup" for each in shown
        )
        self._owner = any(each.api_name == OWNER and each.data_type == "ownerlookup" for each in shown)

    def offer(self, fields: Sequence[str]) -> bool:
        """Whether all of these fields look the same in a file and in a list."""
        return MODIFIED in self._kinds and all(self._offers(name) for name in fields)

    def asked(self, fields: Sequence[str]) -> list[str]:
        """The columns to ask for; the id comes by itself."""
        names = [name for name in dict.fromkeys((MODIFIED, *fields)) if name not in {"id", LOOKUP}]
        return [*names, COMPANY_ID, COMPANY_NAME] if LOOKUP in fields else names

    def rows(self, archive: bytes, fields: Sequence[str]) -> Iterator[Row]:
        """The rows of a zipped file, unpacked as they are asked for, in the shape that a query has.

        Raises:
            ContractBroken: it is no such file, or has not the columns asked for.
        """
        asked = self.asked(fields)
        try:
            with zipfile.ZipFile(io.BytesIO(archive)) as packed, packed.open(_only(packed)) as member:
                csv.field_size_limit(_LONGEST_CELL)
                table = csv.reader(io.TextIOWrapper(member, "utf-8-sig", newline=""), strict=True)
                places = _places(next(table, []), asked)
                width = max(places.values()) + 1
                for cells in table:
                    if len(cells) < width:
                        raise ContractBroken("a row of a bulk file lacks cells")
                    yield self._row({name: cells[place] for name, place in places.items()})
        except _DAMAGED as error:
            raise ContractBroken(f"a bulk file cannot be read ({type(error).__name__})") from None

    def _offers(self, name: str) -> bool:
        special = (name == LOOKUP and self._company) or (name == OWNER and self._owner)
        return name == "id" or name in self._kinds or special

    def _row(self, cells: Mapping[str, str]) -> Row:
        row: Row = {"id": cells["id"]}
        for name, cell in cells.items():
            if name == OWNER and self._owner:
                row[name] = {"id": cell} if cell else None
            elif name in self._kinds and not (self._kinds[name] == "boolean" and not cell):
                # An empty flag says neither yes nor no, and a list has no such: it was not read.
                row[name] = _value(cell, self._kinds[name])
        if COMPANY_ID in cells:
            row[LOOKUP] = {"id": cells[COMPANY_ID]} if cells[COMPANY_ID] else None
            row[COMPANY_NAME] = cells.get(COMPANY_NAME) or None
        return row


def telling(rows: Sequence[Row]) -> list[Row]:
    """Rows that between them show every field filled, and everything that a file may spell otherwise; at most 50."""
    chosen: list[Row] = []
    seen: set[str] = set()
    for row in rows:
        marks = {mark for name, value in row.items() for mark in _marks(name, value)}
        if not marks <= seen:
            chosen.append(row)
            seen |= marks
        if len(chosen) == SAMPLE:
            return chosen
    rest = [row for row in rows if not any(row is each for each in chosen[:SAMPLE])]
    return [*chosen, *islice(rest, SAMPLE - len(chosen))]


def _marks(name: str, value: Any) -> Iterator[str]:
    if value is None or value == "":
        return
    yield f"{name}={value}" if isinstance(value, bool) else name
    if not isinstance(value, str):
        return
    if not value.isascii():
        yield "other letters"
    if value != value.strip():
        yield "blanks around"
    if value[0] in "=+-@'":
        yield f"begins with {value[0]}"
    yield from (f"has {sign!r}" for sign in '\n\r"\\&<;,' if sign in value)


def _is_alike(info: FieldInfo) -> bool:
    if info.data_type == "picklist":
        words = [each for each in info.pick_list_values or () if each.actual_value != EMPTY_CHOICE]
        return all(each.display_value in {None, each.actual_value} for each in words)
    return info.data_type in _TEXTS or info.data_type in _NUMBERS or info.data_type == "boolean"


def _only(packed: zipfile.ZipFile) -> str:
    names = [name for name in packed.namelist() if name.casefold().endswith(".csv")]
    if len(names) != 1:
        raise ContractBroken("a bulk file is to have one table, and has none or several")
    return names[0]


def _places(header: Sequence[str], asked: Sequence[str]) -> dict[str, int]:
    """Where each column stands. The id is called ``Id``, all others as they were asked for."""
    found = {name.strip(): place for place, name in enumerate(header)}
    number = next((place for name, place in found.items() if name.casefold() == "id"), None)
    missing = [name for name in asked if name not in found]
    if number is None or missing:
        raise ContractBroken(f"a bulk file lacks columns: {', '.join(missing) or 'Id'}")
    return {"id": number, **{name: found[name] for name in asked}}


def _value(cell: str, kind: str) -> Any:
    if cell == "":
        return None
    if kind == "boolean":
        if cell.casefold() not in _FLAGS:
            raise ContractBroken("a flag in a bulk file is neither true nor false")
        return _FLAGS[cell.casefold()]
    if kind in _NUMBERS:
        return _number(cell)
    return cell


def _number(cell: str) -> int | float:
    digits = cell.removeprefix("-")
    if digits.isascii() and digits.isdecimal() and len(digits) <= 18:
        return int(cell)
    whole, point, part = digits.partition(".")
    if not (point and whole.isdecimal() and part.isdecimal() and digits.isascii()):
        raise ContractBroken("a number in a bulk file is written in a form of its own")
    number = float(cell)
    return int(number) if number.is_integer() and len(whole) <= 15 else number
