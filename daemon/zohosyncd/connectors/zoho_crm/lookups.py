"""Lookups are written by name: which record of the other module is meant, found by a query and remembered for a while.

A name is compared without regard to case and spacing, and means a record only where one alone has it. A company that is
not there is made an Account where the operator wants that, by an upsert: repeating it makes no second one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from zohosyncd.connectors.zoho_crm.client import ZohoClient, ZohoRefusal
from zohosyncd.connectors.zoho_crm.fields import ModuleSchema
from zohosyncd.core.errors import ContractBroken, PermissionLacking
from zohosyncd.core.spelling import fold, squeeze
from zohosyncd.ports.connector import NotSent, Refused, Unknown, WriteKind, WriteOp
from zohosyncd.ports.world import Clock
from zohosyncd.transport.decode import json_as

ACCOUNTS: Final = "Accounts"
_KEPT: Final = 300.0
"""Seconds that an answer is remembered: what a name stands for may be renamed or deleted."""

_MOST_NAMES: Final = 50
_MOST_ROWS: Final = 200
_NAMES: Final = {
    "Accounts": "Account_Name", "Contacts": "Full_Name", "Leads": "Full_Name", "Vendors": "Vendor_Name",
    "Products": "Product_Name", "Deals": "Deal_Name", "Campaigns": "Campaign_Name",
}  # fmt: skip
"""The field that records are called by; "Name" in modules of the org's own."""

_UNSAFE: Final = frozenset("'\"\\%_")
"""How these stand in a quoted text is not documented: a pattern leaves them open."""

_TOO_MANY: Final = frozenset({"one", "another"})

Meant = str | Refused | NotSent
"""A record's id, or why a name means none."""


class _Details(msgspec.Struct, frozen=True):
    id: str = ""


class _Row(msgspec.Struct, frozen=True):
    status: str = ""
    details: _Details = _Details()


class _Rows(msgspec.Struct, frozen=True):
    data: list[_Row]


@dataclass
class Lookups:
    """What names mean in the modules of one org. ``creates``: whether unknown companies are made Accounts."""

    client: ZohoClient
    clock: Clock
    creates: bool = False
    _known: dict[tuple[str, str], tuple[float, str]] = field(default_factory=dict)

    async def meant_by(self, ops: Sequence[WriteOp], schema: ModuleSchema) -> dict[tuple[str, str], Meant]:
        """What the names in the patches mean, by module and folded name."""
        wanted: dict[str, dict[str, str]] = {}
        for op in ops:
            for name in op.patch.keys() & schema.targets.keys() if op.kind is not WriteKind.DELETE else ():
                value = op.patch[name]
                if isinstance(value, str) and value.strip():
                    wanted.setdefault(schema.targets[name], {}).setdefault(fold(value), squeeze(value))
        found: dict[tuple[str, str], Meant] = {}
        for module, names in wanted.items():
            found |= {(module, key): meant for key, meant in (await self._meant(module, names)).items()}
        return found

    def forget(self, module: str, name: str) -> None:
        """Zoho does not know the record that this name stood for."""
        self._known.pop((module, fold(name)), None)

    async def _meant(self, module: str, names: Mapping[str, str]) -> dict[str, Meant]:
        now = self.clock.monotonic()
        found: dict[str, Meant] = {}
        for key in names:
            until, record_id = self._known.get((module, key), (0.0, ""))
            if now < until:
                found[key] = record_id
        asked = {key: name for key, name in names.items() if key not in found}
        if not asked:
            return found
        try:
            ids = await self._asked(module, asked)
        except (PermissionLacking, ZohoRefusal):
            reason = "the login may not look names up: it needs the scope ZohoCRM.coql.READ"
            return found | dict.fromkeys(asked, Refused("LOOKUP_NOT_ALLOWED", "", reason))
        except ContractBroken as error:
            return found | dict.fromkeys(asked, NotSent(error.message))
        unknown = {key: name for key, name in asked.items() if not ids[key]}
        found |= {key: _one(ids[key]) for key in asked if ids[key]}
        if module == ACCOUNTS and self.creates and unknown:
            found |= await self._created(unknown)
        else:
            reason = "no record of this name is there to point to: make it in Zoho"
            found |= dict.fromkeys(unknown, Refused("NO_SUCH_RECORD", "", reason))
        for key in asked:
            if isinstance(meant := found[key], str):
                self._known[module, key] = (now + _KEPT, meant)
        return found

    async def _asked(self, module: str, names: Mapping[str, str]) -> dict[str, set[str]]:
        """The ids of the records of each name."""
        column = _NAMES.get(module, "Name")
        found: dict[str, set[str]] = {key: set() for key in names}
        for condition, asked in _conditions(column, list(names.values())):
            # Names are quoted, and hold nothing that could end the quotes.
            text = f"select id, {column} from {module} where {condition} limit {_MOST_ROWS}"  # noqa: S608
            page = await self.client.query(text)
            if page.more:
                for key in map(fold, asked):
                    found[key] |= _TOO_MANY
            for row in page.rows:
                key = fold(str(row.get(column) or ""))
                if key in found and isinstance(row.get("id"), str):
                    found[key].add(row["id"])
        return found

    async def _created(self, names: Mapping[str, str]) -> dict[str, Meant]:
        rows = [{"Account_Name": name} for name in names.values()]
        answer = await self.client.upsert(ACCOUNTS, rows, ["Account_Name"])
        if isinstance(answer, NotSent | Unknown):
            return dict.fromkeys(names, NotSent(answer.reason))
        try:
            made = json_as(_Rows, answer.body, what="answer to an upsert").data
        except ContractBroken as error:
            return dict.fromkeys(names, NotSent(error.message))
        ids = [row.details.id if row.status == "success" else "" for row in made] + [""] * (len(names) - len(made))
        refused = Refused("COMPANY_NOT_CREATED", "", "Zoho does not make an Account of this name")
        return {key: record_id or refused for key, record_id in zip(names, ids, strict=False)}


def body_with(
    body: Mapping[str, Any], schema: ModuleSchema, meant: Mapping[tuple[str, str], Meant]
) -> tuple[dict[str, Any], list[Refused], NotSent | None]:
    """A row whose lookups point to records, those that point nowhere, and whether one has to wait."""
    row, refused, waiting = dict(body), [], None
    for name in body.keys() & schema.targets.keys():
        value = body[name]
        if not isinstance(value, str) or not value.strip():
            row[name] = None
            continue
        found = meant[schema.targets[name], fold(value)]
        if isinstance(found, NotSent):
            waiting = found
        elif isinstance(found, Refused):
            refused.append(Refused(found.code, name, found.message))
            del row[name]
        else:
            row[name] = {"id": found}
    return row, refused, waiting


def _one(ids: Collection[str]) -> Meant:
    if len(ids) == 1:
        return next(iter(ids))
    return Refused("AMBIGUOUS_NAME", "", "several records have this name: merge or rename them in Zoho")


def _conditions(column: str, names: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Conditions that the records of all these names meet, each with the names that it is about."""
    plain = [name for name in names if _UNSAFE.isdisjoint(name)]
    for start in range(0, len(plain), _MOST_NAMES):
        some = plain[start : start + _MOST_NAMES]
        listed = ", ".join(f"'{name}'" for name in some)
        yield f"{column} in ({listed})", some
    for name in names:
        if not _UNSAFE.isdisjoint(name):
            yield f"{column} like '{''.join('%' if sign in _UNSAFE else sign for sign in name)}'", [name]
