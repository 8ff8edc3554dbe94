"""IF: what a rule asks of a record. A clause says exactly one thing; several in a list must all be true."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from zohosyncd.settings.comparisons import (
    COMPARISONS,
    After,
    Before,
    Contains,
    Empty,
    Exists,
    Greater,
    In,
    Is,
    IsNot,
    Less,
    NotIn,
    StartsWith,
)
from zohosyncd.settings.shapes import Chooser, Shape
from zohosyncd.settings.values import SOME, Kind, Moment, Text, not_empty

Container = Literal["tags", "labels", "groups", "lists", "categories"]
"""What an app calls the things that any number of its records can be put into."""


class OwnedBy(Shape):
    """``{ owner = "ann@example.org" }``: who the record belongs to."""

    sign: ClassVar[str] = "owner"
    owner: Text = Field(description="the owner's name, e-mail or id", examples=["ann@example.org"])


class OptedOut(Shape):
    """``{ opted_out = false }``: whether the person has opted out of e-mail."""

    sign: ClassVar[str] = "opted_out"
    opted_out: bool = Field(description="whether the person has opted out of e-mail", examples=[False])


class Has(Shape):
    """``{ has = "labels", value = "CRM" }``: the record is in this tag, label, group, list or category."""

    sign: ClassVar[str] = "has"
    has: Container = Field(description="what the app calls it", examples=["labels"])
    value: Text = Field(description="its name", examples=["CRM"])


class HasNot(Shape):
    """``{ has_not = "labels", value = "Private" }``: the record is not in it."""

    sign: ClassVar[str] = "has_not"
    has_not: Container = Field(description="what the app calls it", examples=["labels"])
    value: Text = Field(description="its name", examples=["Private"])


class AfterDate(Shape):
    """``{ after = "2026-01-01" }``."""

    sign: ClassVar[str] = "after"
    after: Moment = Field(description="later than this", examples=["2026-01-01"])


class BeforeDate(Shape):
    """``{ before = "2026-01-01" }``."""

    sign: ClassVar[str] = "before"
    before: Moment = Field(description="earlier than this", examples=["2027-01-01"])


_PERIODS = Chooser(
    noun="a period",
    shapes={each.sign: each for each in (AfterDate, BeforeDate)},
    example='{ after = "2026-01-01" }',
    twice="write two clauses, one for each",
)

Period = Annotated[
    Annotated[AfterDate, Tag("<AfterDate>")] | Annotated[BeforeDate, Tag("<BeforeDate>")],
    Discriminator(_PERIODS.tag),
    BeforeValidator(_PERIODS.check),
    Kind('{ after = "DATE" } or { before = "DATE" }'),
]
"""After a date, or before it."""


class Created(Shape):
    """``{ created = { after = "2026-01-01" } }``: when the app says that the record was created."""

    sign: ClassVar[str] = "created"
    created: Period = Field(
        description="when the record was created", examples=[{"after": "2026-01-01"}, {"before": "2027-01-01"}]
    )


class Changed(Shape):
    """``{ changed = { after = "2026-01-01" } }``: when the app says that the record was last changed."""

    sign: ClassVar[str] = "changed"
    changed: Period = Field(
        description="when the record was last changed", examples=[{"after": "2026-01-01"}, {"before": "2027-01-01"}]
    )


_GROUP = [[{"owner": "ann@example.org"}, {"owner": "ben@example.org"}]]


class AnyOf(Shape):
    """``{ any = [ ... ] }``: at least one of these clauses is true."""

    sign: ClassVar[str] = "any"
    any_: Annotated[tuple["Clause", ...], BeforeValidator(not_empty)] = Field(
        alias="any",
        strict=False,
        json_schema_extra=SOME,
        description="clauses of which one must be true",
        examples=_GROUP,
    )


class AllOf(Shape):
    """``{ all = [ ... ] }``: all of these clauses are true."""

    sign: ClassVar[str] = "all"
    all_: Annotated[tuple["Clause", ...], BeforeValidator(not_empty)] = Field(
        alias="all",
        strict=False,
        json_schema_extra=SOME,
        description="clauses that must all be true",
        examples=[[{"opted_out": False}, {"field": "Email", "exists": True}]],
    )


class Not(Shape):
    """``{ not = { ... } }``: this clause is false. A clause that cannot be told stays so."""

    sign: ClassVar[str] = "not"
    not_: "Clause" = Field(
        alias="not", description="a clause that must be false", examples=[{"has": "labels", "value": "Private"}]
    )


CLAUSES: Final[tuple[type[Shape], ...]] = (
    *COMPARISONS, OwnedBy, OptedOut, Has, HasNot, Created, Changed, AnyOf, AllOf, Not,
)  # fmt: skip
"""Every shape that a clause can have."""

_BY_SIGN: Final[Mapping[str, type[Shape]]] = {each.sign: each for each in CLAUSES}

_CHOOSER = Chooser(
    noun="a clause",
    shapes=_BY_SIGN,
    example='{ field = "Lead_Source", is = "Web" }',
    twice="a clause says one thing: write two clauses, which must both be true, or any = [ ... ]",
)

Clause = Annotated[
    Annotated[Is, Tag("<Is>")]
    | Annotated[IsNot, Tag("<IsNot>")]
    | Annotated[In, Tag("<In>")]
    | Annotated[NotIn, Tag("<NotIn>")]
    | Annotated[Contains, Tag("<Contains>")]
    | Annotated[StartsWith, Tag("<StartsWith>")]
    | Annotated[Exists, Tag("<Exists>")]
    | Annotated[Empty, Tag("<Empty>")]
    | Annotated[Before, Tag("<Before>")]
    | Annotated[After, Tag("<After>")]
    | Annotated[Greater, Tag("<Greater>")]
    | Annotated[Less, Tag("<Less>")]
    | Annotated[OwnedBy, Tag("<OwnedBy>")]
    | Annotated[OptedOut, Tag("<OptedOut>")]
    | Annotated[Has, Tag("<Has>")]
    | Annotated[HasNot, Tag("<HasNot>")]
    | Annotated[Created, Tag("<Created>")]
    | Annotated[Changed, Tag("<Changed>")]
    | Annotated[AnyOf, Tag("<AnyOf>")]
    | Annotated[AllOf, Tag("<AllOf>")]
    | Annotated[Not, Tag("<Not>")],
    Discriminator(_CHOOSER.tag),
    BeforeValidator(_CHOOSER.check),
    Kind("a clause", "clauses"),
]
"""One thing that a rule asks of a record."""

for _recursive in (AnyOf, AllOf, Not):
    _recursive.model_rebuild()

EXAMPLES: Final = [
    {"field": "Lead_Source", "is": "Web"},
    {"field": "Lead_Source", "is_not": "Cold Call"},
    {"field": "Lead_Source", "in": ["Web", "Advertisement"]},
    {"field": "Lead_Source", "not_in": ["Cold Call", "Trade Show"]},
    {"field": "Account_Name", "contains": "GmbH"},
    {"field": "Phone", "starts_with": "+49"},
    {"field": "Email", "exists": True},
    {"field": "Fax", "empty": True},
    {"field": "Date_of_Birth", "before": "2000-01-01"},
    {"field": "Last_Visit", "after": "2025-12-31"},
    {"field": "Revenue", "greater": 100},
    {"field": "Revenue", "less": 100000},
    {"owner": "${user}"},
    {"opted_out": False},
    {"has": "tags", "value": "Customer"},
    {"has_not": "tags", "value": "Private"},
    {"created": {"after": "2026-01-01"}},
    {"changed": {"before": "2027-01-01"}},
    {"any": [{"owner": "Ann"}, {"owner": "Ben"}]},
    {"all": [{"opted_out": False}, {"field": "Email", "exists": True}]},
    {"not": {"has": "tags", "value": "Private"}},
]
"""One of every shape."""
