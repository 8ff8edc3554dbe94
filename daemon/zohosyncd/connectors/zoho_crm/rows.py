"""Rows of a page, as Zoho's JSON has them: strictly read, with a gap where a single value is damaged."""

from typing import Annotated, Any, TypeVar

import msgspec

from zohosyncd.core.errors import ContractBroken
from zohosyncd.transport.decode import UNCLEAR, json_as, json_with_gaps

T = TypeVar("T")

Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer that has a place in our records."""

Shown = None | bool | Whole | float | str | list[Any] | dict[str, Any]


class Info(msgspec.Struct, frozen=True):
    """Where a page stands. ``more_records`` has no default: without it nobody knows whether the list is complete."""

    more_records: bool
    next_page_token: str | None = None


class Listing(msgspec.Struct, frozen=True):
    """A page of records."""

    data: list[dict[str, Any]]
    info: Info | None = None


class Deletion(msgspec.Struct, frozen=True):
    """A row of the deleted list; names in it are not read."""

    id: str
    deleted_time: str | None = None


class Deletions(msgspec.Struct, frozen=True):
    """A page of the deleted list."""

    data: list[Deletion]
    info: Info


class _Strict(msgspec.Struct, frozen=True):
    data: list[dict[str, Shown]]
    info: Info | None = None


def listing_of(body: bytes, *, what: str) -> Listing:
    """Read a page; a value in it that cannot be read is UNCLEAR, so that it keeps no other record from being read.

    Args:
        body: of an answer with status 200. what: names it in the error.

    Raises:
        ContractBroken: it is no page of records.
    """
    try:
        strict = json_as(_Strict, body, what=what)
    except ContractBroken as broken:
        page = _around_gaps(Listing, body, what, broken)
        return Listing([_by_field(row) for row in page.data], page.info)
    return Listing(strict.data, strict.info)


def deletions_of(body: bytes, *, what: str) -> Deletions:
    """Read a page of the deleted list; what cannot be read of the names in it does not matter.

    Raises:
        ContractBroken: it is no page of the deleted list.
    """
    try:
        return json_as(Deletions, body, what=what)
    except ContractBroken as broken:
        return _around_gaps(Deletions, body, what, broken)


def _around_gaps(kind: type[T], body: bytes, what: str, broken: ContractBroken) -> T:
    try:
        return msgspec.convert(json_with_gaps(body, what=what), kind)
    except (ContractBroken, msgspec.ValidationError):
        raise broken from None


def _by_field(row: dict[str, Any]) -> dict[str, Any]:
    """A row in which a field with a gap anywhere inside is one gap: half of a list of tags is no list of tags."""
    return {name: UNCLEAR if _has_gap(value) else value for name, value in row.items()}


def _has_gap(value: Any) -> bool:
    match value:
        case dict():
            return any(map(_has_gap, value.values()))
        case list():
            return any(map(_has_gap, value))
        case _:
            return value is UNCLEAR
