"""``connections.d/NAME.toml``: a pair of objects that is kept the same, and its rules.

Wherever a side is named, the account's name is accepted too; what is loaded only says left and right.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from zohosyncd.core.schema import SEMANTICS
from zohosyncd.core.side import Direction, Side, Winner
from zohosyncd.settings.nearest import nearest, one_of
from zohosyncd.settings.values import Duration, Table, mistake

MATCH_PARTS: Final = ("email", "phone", "family_name", "given_name", "full_name", "company")
"""What two records can be matched by; several joined by + must all be equal. The same as in core.keys, which would
bring in the table of the world's phone numbers."""

DIRECTIONS: Final = (Direction.LEFT_TO_RIGHT, Direction.RIGHT_TO_LEFT)

RESERVED: Final = ("left", "right", "both", *(winner.value for winner in Winner))
"""Names that an account cannot have, because they mean something else where a side is named."""


def _parse_match(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise mistake("expected text", hint='such as "email" or "phone+family_name"')
    if "=" in value:
        return _parse_field_match(value)
    parts = tuple(part.strip() for part in value.split("+"))
    for part in parts:
        if part not in MATCH_PARTS:
            raise mistake(f'cannot match by "{part}"', hint=nearest(part, MATCH_PARTS) or one_of(MATCH_PARTS))
    if len(set(parts)) != len(parts):
        raise mistake("names the same thing twice")
    if not {"email", "phone"} & set(parts):
        raise mistake("names alone tell nobody apart", hint=f'add email or phone, such as "{"+".join(parts)}+phone"')
    return "+".join(parts)


def _parse_field_match(value: str) -> str:
    left, _, right = (part.strip() for part in value.partition("="))
    if not left or not right or "=" in right:
        raise mistake("expected a field of either side", hint='such as "Customer_Number=X-CUSTOMER"')
    return f"{left}={right}"


def _parse_semantic(value: object) -> str:
    if not isinstance(value, str) or value not in SEMANTICS:
        hint = (nearest(value, SEMANTICS) if isinstance(value, str) else "") or one_of(SEMANTICS)
        raise mistake("is no pair of the default mapping", hint=hint)
    return value


def _parse_region(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Z]{2}", value):
        return value
    guess = value.upper() if isinstance(value, str) and re.fullmatch(r"[A-Za-z]{2}", value) else "DE"
    raise mistake("expected a country code of two capital letters", hint=f'such as "{guess}"')


def _parse_deletion(value: object) -> object:
    if value == "tag":
        raise mistake('"tag" is not supported by this version', hint='"off" is the nearest: deleted records stay there')
    return value


class Place(Table):
    """One side of a connection: an object of an account."""

    account: str = Field(min_length=1, description="name of a file in accounts.d")
    object: str | None = Field(
        default=None, min_length=1, description="what is synced there; the app's contacts where it is missing"
    )


class FieldPair(Table):
    """One ``[[fields]]`` table: a pair beside the default mapping."""

    left: str = Field(min_length=1, description="field of the left side, by the app's own name")
    right: str = Field(min_length=1, description="field of the right side, by the app's own name")
    direction: Direction = Field(default=Direction.BOTH, strict=False, description="which way its values travel")
    winner: Winner | None = Field(
        default=None, strict=False, description="who wins a clash of this field; the connection's winner if missing"
    )


class MappingChanges(Table):
    """The ``[mapping]`` table."""

    without: tuple[Annotated[str, BeforeValidator(_parse_semantic)], ...] = Field(
        default=(), strict=False, description="pairs of the default mapping that are switched off"
    )


Deletion = Annotated[Literal["off", "delete"], BeforeValidator(_parse_deletion)]


class Deletions(Table):
    """The ``[deletions]`` table: what a deletion on one side does on the other."""

    left_to_right: Deletion = Field(default="off", description="what a deletion on the left does on the right")
    right_to_left: Deletion = Field(default="off", description="what a deletion on the right does on the left")

    def towards(self, side: Side) -> Literal["off", "delete"]:
        """What a deletion on the other side does on this one."""
        return self.left_to_right if side is Side.RIGHT else self.right_to_left


class Limit(Table):
    """A limit of the guard. It trips above the larger of the two; ``percent = 100`` never trips."""

    more_than: int = Field(default=10, ge=0, description="number of records")
    percent: float = Field(default=2.0, ge=0, le=100, description="part of the connection's links")


class CreateLimit(Limit):
    """The limit for creates, which are more common and less harmful than the rest."""

    more_than: int = Field(default=500, ge=0, description="number of records")
    percent: float = Field(default=20.0, ge=0, le=100, description="part of the connection's links")


class Guard(Table):
    """The ``[guard]`` table: what a run may do, counted with the last 24 hours, before a person is asked."""

    deletes: Limit = Field(default=Limit(), description="deleted records")
    blanks: Limit = Field(default=Limit(), description="records that lose the value of a field")
    creates: CreateLimit = Field(default=CreateLimit(), description="created records, after the first sync")


class Connection(Table):
    """One file of ``connections.d``. ``name`` is the file's name and no key of the file."""

    name: str
    left: Place = Field(description='one side: { account = "NAME", object = "OBJECT" }')
    right: Place = Field(description='the other side: { account = "NAME", object = "OBJECT" }')
    direction: Direction = Field(default=Direction.BOTH, strict=False, description="which way values travel")
    enabled: bool = Field(default=True, description="whether it runs")
    every: Duration = Field(default=60.0, ge=0.1, le=86400, description="wished interval between two polls")
    match: tuple[Annotated[str, BeforeValidator(_parse_match)], ...] = Field(
        default=("email", "phone+family_name"),
        strict=False,
        description="by what two records are the same person; the first that says anything decides",
    )
    create_without_email: bool = Field(default=False, description="whether records without e-mail are created across")
    winner: Winner = Field(default=Winner.NEWEST, strict=False, description="who wins a true clash of one field")
    first_sync_winner: Winner = Field(
        default=Winner.NEWEST, strict=False, description="the same for the first sync; winner if missing"
    )
    first_sync: Literal["approve", "auto"] = Field(
        default="approve", description="whether the first sync waits for approval"
    )
    phone_region: Annotated[str, BeforeValidator(_parse_region)] | None = Field(
        default=None, description="country whose phone numbers stand there without +"
    )
    fields: tuple[FieldPair, ...] = Field(default=(), strict=False, description="pairs beside the default mapping")
    mapping: MappingChanges = Field(default=MappingChanges(), description="changes of the default mapping")
    deletions: Deletions = Field(default=Deletions(), description="what deletions do on the other side")
    guard: Guard = Field(default=Guard(), description="limits above which a person is asked")

    def place(self, side: Side) -> Place:
        """The object on this side."""
        return self.left if side is Side.LEFT else self.right

    @property
    def accounts(self) -> frozenset[str]:
        """The names of the accounts of both sides."""
        return frozenset((self.left.account, self.right.account))

    @field_validator("match")
    @classmethod
    def _some_match(cls, match: tuple[str, ...]) -> tuple[str, ...]:
        if not match:
            raise mistake("may not be an empty list", hint='leave the key out, or write ["email"]')
        return match

    @model_validator(mode="before")
    @classmethod
    def _say_left_and_right(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        translated = _sides_for_names(values)
        if translated.get("winner") in tuple(Winner):
            translated.setdefault("first_sync_winner", translated["winner"])
        return translated

    @model_validator(mode="after")
    def _consistent(self) -> "Connection":
        if self.left.account == self.right.account and (self.left.object or "") == (self.right.object or ""):
            raise mistake("both sides are the same object", key="right", hint="name another account or another object")
        twice = _first_twice((pair.left, pair.right) for pair in self.fields)
        if twice is not None:
            raise mistake("the same pair stands there twice", key=f"fields.{twice}", hint="remove one of them")
        for index, pair in enumerate(self.fields):
            if pair.direction.narrow(self.direction) is None:
                hint = f"the connection goes {self.direction}, and a pair can only narrow that"
                raise mistake("values of this pair could never travel", key=f"fields.{index}.direction", hint=hint)
        return self


def _first_twice(keys: Iterable[tuple[str, str]]) -> int | None:
    seen = set()
    for index, key in enumerate(keys):
        if key in seen:
            return index
        seen.add(key)
    return None


def _sides_for_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same file with ``left`` and ``right`` where it names an account instead of a side."""
    left, right = (_account_of(values.get(side.value)) for side in (Side.LEFT, Side.RIGHT))
    result = dict(values)
    if left is None or right is None or left == right:
        return result
    words = {left: "left", right: "right", f"{left}_to_{right}": "left_to_right", f"{right}_to_{left}": "right_to_left"}
    _translate_values(result, words)
    if isinstance(result.get("fields"), list):
        result["fields"] = [_translate_pair(pair, words) for pair in result["fields"]]
    if isinstance(result.get("deletions"), dict):
        result["deletions"] = _translate_keys(result["deletions"], words)
    return result


def _account_of(place: Any) -> str | None:
    account = place.get("account") if isinstance(place, dict) else None
    return account if isinstance(account, str) else None


def _translate_pair(pair: Any, words: Mapping[str, str]) -> Any:
    if not isinstance(pair, dict):
        return pair
    result = _translate_keys(pair, words)
    _translate_values(result, words)
    return result


def _translate_values(table: dict[str, Any], words: Mapping[str, str]) -> None:
    for key in ("winner", "first_sync_winner", "direction"):
        value = table.get(key)
        if isinstance(value, str):
            table[key] = words.get(value, value)


def _translate_keys(table: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    # A key that stands there under both names keeps its own, and is then refused as unknown.
    return {(words[key] if key in words and words[key] not in table else key): value for key, value in table.items()}
