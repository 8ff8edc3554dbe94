"""Which fields can be mapped to which, through which lenses, and in which direction.

A :class:`Fit` is a possible pair; a :class:`Misfit` says why there is none. Directions follow from the types alone:
what may be written and what the operator wishes is decided in ``core.mapping``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from zohosyncd.core.emails import canonical_email
from zohosyncd.core.lens import Canon, Lens
from zohosyncd.core.lens.address import PARTS, AddressLens, AddressPart, AddressPartsLens, address_canon
from zohosyncd.core.lens.boolean import BooleanLens, boolean_canon
from zohosyncd.core.lens.choice import ChoiceLens
from zohosyncd.core.lens.date import DateLens, date_canon
from zohosyncd.core.lens.email import email_canon, email_lens, invalid_email
from zohosyncd.core.lens.items import ItemsCanon, ItemsLens, Key
from zohosyncd.core.lens.joined_name import JoinedName, NamePart, name_canon
from zohosyncd.core.lens.moment import MomentLens, moment_canon
from zohosyncd.core.lens.number import NumberLens, number_canon
from zohosyncd.core.lens.phone import PhoneCanon, phone_lens
from zohosyncd.core.lens.shown import SHOWN, ShownLens
from zohosyncd.core.lens.slots import Slot, SlotsLens
from zohosyncd.core.lens.text import TextLens, anything, fold_canon, lines_canon, text_canon
from zohosyncd.core.lens.url import canonical_url, url_canon, url_lens
from zohosyncd.core.schema import Field, FieldType
from zohosyncd.core.side import Direction, Side

T = FieldType
_SINGLE: Final = {T.EMAILS: T.EMAIL, T.PHONES: T.PHONE, T.URLS: T.URL}
_TEXTUAL: Final = (T.TEXT, T.EMAIL, T.PHONE, T.URL, T.CHOICE)


@dataclass(frozen=True, slots=True)
class Fit:
    """Two lenses that show the same, how their views are compared, and which way values can go.

    Attributes:
        lenses: the left and the right lens.
        canon: how the views are compared.
        direction: what the types allow.
        reason: why that is not both ways, "" if it is.
    """

    lenses: tuple[Lens, Lens]
    canon: Canon
    direction: Direction = Direction.BOTH
    reason: str = ""

    @property
    def multi(self) -> bool:
        """Whether it is merged as a set of items."""
        return isinstance(self.canon, ItemsCanon)


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why two fields cannot be mapped to each other."""

    reason: str


def fit_fields(left: Field, right: Field, region: str) -> Fit | Misfit:
    """The pair of two single fields that an operator names, or that mean the same.

    Args:
        left: field of the left app.
        right: field of the right app.
        region: country of phone numbers without country code, "" if unknown.
    """
    for field in (left, right):
        if field.type is T.OTHER:
            return Misfit(f"{field.name} is of a kind that cannot be synced")
    if left.type in _SINGLE or right.type in _SINGLE:
        return fit_sets([left], [right], region)
    types = {left.type, right.type}
    if T.ADDRESS in types:
        return Misfit(_incompatible(left, right)) if len(types) > 1 else _address_fields(left, right)
    if len(types) == 1 and not types & (SHOWN.keys() - {T.MOMENT}):
        return _same_type(left, right, region)
    if types <= set(_TEXTUAL):
        return _textual(left, right, region)
    if T.TEXT in types and types & {T.NUMBER, T.DATE}:
        return _to_text(left, right)
    if T.TEXT in types and types & SHOWN.keys():
        return _shown_as_text(left, right)
    return Misfit(_incompatible(left, right))


def fit_sets(left: Sequence[Field], right: Sequence[Field], region: str) -> Fit | Misfit:
    """A set of items on both sides: one multi-valued field, or several single ones as slots."""
    kinds = {_SINGLE.get(field.type, field.type) for field in (*left, *right)} - {T.TEXT}
    kind = kinds.pop() if len(kinds) == 1 else None
    keys: dict[FieldType, Key] = {
        T.EMAIL: canonical_email,
        T.PHONE: PhoneCanon(region).key,
        T.URL: canonical_url,
    }
    if kind is None or kind not in keys:
        return Misfit(_incompatible(left[0], right[0]))
    key = keys[kind]
    return Fit((_set_lens(left, key), _set_lens(right, key)), ItemsCanon(key))


def is_multi(field: Field) -> bool:
    """Whether the field holds a set of items by itself."""
    return field.type in _SINGLE


def nearest(name: str, names: Sequence[str]) -> str:
    """The most similar name in quotes for a message, "" if none is near."""
    lowered = {each.casefold(): each for each in names}
    found = get_close_matches(name.casefold(), lowered, n=1, cutoff=0.6)
    return f'"{lowered[found[0]]}"' if found else ""


def _incompatible(left: Field, right: Field) -> str:
    return f"{left.name} ({left.type}) and {right.name} ({right.type}) hold different kinds of values"


def _address_fields(left: Field, right: Field) -> Fit:
    return Fit((AddressLens(left.name), AddressLens(right.name)), address_canon)


def _same_type(left: Field, right: Field, region: str) -> Fit:
    if left.semantic == right.semantic == "notes":
        return Fit((_notes_lens(left), _notes_lens(right)), lines_canon)
    lens, canon = _scalar(left.type, region)
    return Fit((lens(left), lens(right)), canon)


def _textual(left: Field, right: Field, region: str) -> Fit | Misfit:
    """A text field holds what any of these fields holds; the other side refuses, by record, what is none of it."""
    types = {left.type, right.type}
    if T.TEXT not in types:
        return Misfit(_incompatible(left, right))
    lens, canon = _scalar((types - {T.TEXT}).pop(), region)
    return Fit((lens(left), lens(right)), canon)


def _to_text(left: Field, right: Field) -> Fit:
    """Numbers and dates can be written as text; a text cannot always be read back."""
    source = Side.RIGHT if left.type is T.TEXT else Side.LEFT
    special = right if source is Side.RIGHT else left
    text = left if source is Side.RIGHT else right
    if special.type is T.NUMBER:
        lens: Lens = NumberLens(special.name, as_text=True)
        canon: Canon = number_canon
        word = "number"
    else:
        lens, canon, word = DateLens(special.name, special.yearless), date_canon, "date"
    shown: Lens = TextLens(text.name, canon, text.max_length, cuts=False, required=text.required)
    lenses = (lens, shown) if source is Side.LEFT else (shown, lens)
    direction = Direction.LEFT_TO_RIGHT if source is Side.LEFT else Direction.RIGHT_TO_LEFT
    return Fit(lenses, canon, direction, f"{text.name} is text and cannot always be read as a {word}")


def _shown_as_text(left: Field, right: Field) -> Fit:
    """An owner, a moment or names, written as text on the other side and never read back."""
    source = Side.RIGHT if left.type is T.TEXT else Side.LEFT
    special, text = (left, right) if source is Side.LEFT else (right, left)
    word, show = SHOWN[special.type]
    lens: Lens = ShownLens(special.name, show)
    shown: Lens = TextLens(text.name, text_canon, text.max_length, cuts=False, required=text.required)
    lenses = (lens, shown) if source is Side.LEFT else (shown, lens)
    direction = Direction.LEFT_TO_RIGHT if source is Side.LEFT else Direction.RIGHT_TO_LEFT
    return Fit(lenses, text_canon, direction, f"{special.name} is {word}, which a text can only show")


def _scalar(kind: FieldType, region: str) -> tuple[Callable[[Field], Lens], Canon]:
    """The lens for fields of a pair of this type, and how its views are compared."""
    known: dict[FieldType, tuple[Callable[[Field], Lens], Canon]] = {
        T.TEXT: (_text_lens, text_canon),
        T.EMAIL: (email_lens, email_canon),
        T.PHONE: (lambda field: phone_lens(field, region), PhoneCanon(region)),
        T.URL: (url_lens, url_canon),
        T.CHOICE: (choice_lens, fold_canon),
        T.DATE: (lambda field: DateLens(field.name, field.yearless, field.required), date_canon),
        T.BOOLEAN: (lambda field: BooleanLens(field.name), boolean_canon),
        T.NUMBER: (lambda field: NumberLens(field.name, required=field.required), number_canon),
        T.MOMENT: (lambda field: MomentLens(field.name, field.required), moment_canon),
    }
    return known[kind]


def _text_lens(field: Field) -> Lens:
    return TextLens(field.name, text_canon, field.max_length, required=field.required)


def _notes_lens(field: Field) -> Lens:
    return TextLens(field.name, lines_canon, field.max_length, required=field.required)


def choice_lens(field: Field) -> Lens:
    """A choice, or the text field on the other side of one: compared without regard to case, cut nowhere."""
    if field.type is T.CHOICE:
        return ChoiceLens(field.name, field.choices, field.required)
    return TextLens(field.name, fold_canon, field.max_length, cuts=False, required=field.required)


def _set_lens(fields: Sequence[Field], key: Key) -> Lens:
    if len(fields) == 1 and fields[0].type in _SINGLE:
        return ItemsLens(fields[0].name, key)
    return SlotsLens(tuple(_slot(field) for field in fields), key)


def _slot(field: Field) -> Slot:
    invalid = invalid_email if field.type is T.EMAIL else anything
    return Slot(field.name, field.item_label, field.max_length, field.writable, field.required, invalid)


def fit_addresses(left: Sequence[Field], right: Sequence[Field]) -> Fit | Misfit:
    """An address on both sides: one field, or fields for its parts; only the parts that both know are compared."""
    known = [_parts_of(fields) for fields in (left, right)]
    common = tuple(part for part in PARTS if all(part in parts for parts in known))
    if not common:
        return Misfit("the two addresses have no part in common")
    lenses = tuple(_address_lens(fields, common) for fields in (left, right))
    return Fit((lenses[0], lenses[1]), address_canon)


def _parts_of(fields: Sequence[Field]) -> tuple[str, ...]:
    return PARTS if _whole(fields) else tuple(field.part for field in fields)


def _whole(fields: Sequence[Field]) -> Field | None:
    return next((field for field in fields if field.type is T.ADDRESS), None)


def _address_lens(fields: Sequence[Field], common: tuple[str, ...]) -> Lens:
    whole = _whole(fields)
    if whole is not None:
        return AddressLens(whole.name, common)
    found = {field.part: AddressPart(field.part, field.name, field.max_length, field.required) for field in fields}
    return AddressPartsLens(tuple(found[part] for part in common))


def fit_full_name(parts: Sequence[Field], full: Field, *, parts_side: Side) -> Fit:
    """Given (and additional) and family name on ``parts_side``, one full name on the other."""
    named = {field.semantic: NamePart(field.name, field.max_length, field.required) for field in parts}
    joined = JoinedName(named["given_name"], named["family_name"], named.get("additional_name"))
    whole = TextLens(full.name, name_canon, full.max_length, cuts=False, required=full.required)
    lenses: tuple[Lens, Lens] = (joined, whole) if parts_side is Side.LEFT else (whole, joined)
    return Fit(lenses, name_canon)
