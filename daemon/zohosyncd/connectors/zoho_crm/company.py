"""Fields of a contact's company, as fields of the contact that are only read: ``Account_Name.Website``.

A contact names its Account by id; the Accounts of a page are read together, fifty by one call, and only when such a
field is asked for. A change of the Account is no change of its contacts, so the feed does not see it: it arrives with
the contact's own next change, or with the daily complete read.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from zohosyncd.connectors.zoho_crm.client import ZohoClient
from zohosyncd.connectors.zoho_crm.fields import FieldInfo, ModuleSchema, schema_of
from zohosyncd.connectors.zoho_crm.reading import Row, rows_by_id
from zohosyncd.core.schema import Field, FieldType, Schema

LOOKUP: Final = "Account_Name"
MODULE: Final = "Accounts"
_PREFIX: Final = f"{LOOKUP}."
_READ: Final = frozenset(
    {FieldType.TEXT, FieldType.PHONE, FieldType.EMAIL, FieldType.URL, FieldType.DATE, FieldType.BOOLEAN,
     FieldType.NUMBER, FieldType.CHOICE}
)  # fmt: skip


def has_company(module: str, schema: Schema) -> bool:
    """Whether records of this module name an Account."""
    return module == "Contacts" and LOOKUP in schema.fields


def with_company(schema: ModuleSchema, infos: Sequence[FieldInfo]) -> ModuleSchema:
    """The schema with the Account's fields.

    Args:
        schema: of Contacts. infos: the metadata of Accounts.
    """
    account = schema_of(MODULE, infos)
    known = [
        each for each in account if each.type in _READ and each.writable and each.name not in {LOOKUP, *account.rich}
    ]
    theirs = {each.name: each for each in map(_of_company, known)}
    hidden = {f"{_PREFIX}{name}" for name in account.hidden}
    return replace(schema, fields={**schema.fields, **theirs}, hidden=schema.hidden | hidden)


def own(fields: Sequence[str]) -> list[str]:
    """The fields to ask for of the contact itself, among them the one that names its Account where that is needed."""
    names = [name for name in fields if not name.startswith(_PREFIX)]
    return names if len(names) == len(fields) or LOOKUP in names else [*names, LOOKUP]


async def joined(client: ZohoClient, fields: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """Rows of contacts with what was asked for of their Accounts.

    Without an Account its fields are empty. Of an Account that the login may not see they are missing: not read.
    """
    asked = [name.removeprefix(_PREFIX) for name in fields if name.startswith(_PREFIX)]
    if not asked:
        return list(rows)
    ids = {named: None for row in rows if (named := _account_of(row)) is not None}
    accounts = await rows_by_id(client, MODULE, asked, ids)
    return [{**row, **_shown(row, asked, accounts)} for row in rows]


def _shown(row: Row, asked: Sequence[str], accounts: dict[str, Row]) -> dict[str, Any]:
    if LOOKUP not in row:
        return {}
    named = _account_of(row)
    if named is None:
        return dict.fromkeys((f"{_PREFIX}{name}" for name in asked), None)
    account = accounts.get(named, {})
    return {f"{_PREFIX}{name}": account[name] for name in asked if name in account}


def _account_of(row: Row) -> str | None:
    match row.get(LOOKUP):
        case {"id": str() as number}:
            return number
        case _:
            return None


def _of_company(field: Field) -> Field:
    return Field(
        f"{_PREFIX}{field.name}", field.type, f"Company: {field.label or field.name}", writable=False,
        choices=field.choices,
    )  # fmt: skip
