"""Whether a difference is one that servers make by themselves: other case or spacing, cut short, dropped."""

import re
import unicodedata
from typing import Final

from zohosyncd.core.countries import canonical_country
from zohosyncd.core.record import Item, Owner, Postal, Value
from zohosyncd.core.spelling import fold_compatible

_NUMBER: Final = re.compile(r"[\d\s()+./\-–;,#x]*(?:ext[.=]?)?[\d\s()+./\-–]*").fullmatch
_TRUNK: Final = re.compile(r"\(0+\)").sub
_DECIMALS: Final = 9
_FEWEST_DIGITS: Final = 5
_LONGEST_PREFIX: Final = 4
"""A country code has at most three digits (ITU-T E.164 6.2.1), a trunk or access digit may stand before it."""


def may_be_normalised(sent: Value, shown: Value) -> bool:
    """Whether an app may have stored ``sent`` as ``shown`` without anybody having edited it.

    Case, spacing, punctuation, the digits of a phone number with or without its country, the beginning of the text
    (cut), missing elements of a set, nothing at all (dropped). Of sets and addresses every part has to pass; a country
    may be shown by its code. An owner is the same whatever else the app tells of them.
    """
    if sent == shown or is_empty(shown):
        return True
    if is_empty(sent):
        return False
    if isinstance(sent, tuple) and isinstance(shown, tuple):
        return _items(sent, shown)
    if isinstance(sent, Postal) and isinstance(shown, Postal):
        plain = all(_text(getattr(sent, part), getattr(shown, part)) for part in ("street", "city", "region", "code"))
        return plain and (_text(sent.country, shown.country) or _same_country(sent.country, shown.country))
    if isinstance(sent, Owner) and isinstance(shown, Owner):
        return sent.id == shown.id if sent.id else _names_owner(sent, shown)
    if isinstance(sent, bool) or isinstance(shown, bool):
        return False
    if isinstance(sent, int | float) and isinstance(shown, int | float):
        return any(round(sent, decimals) == round(shown, _DECIMALS) for decimals in range(_DECIMALS + 1))
    if isinstance(sent, str | int | float) and isinstance(shown, str | int | float):
        return _text(str(sent), str(shown))
    return False


def is_empty(value: Value) -> bool:
    """Whether a value says nothing."""
    return value is None or value == () or value == Postal() or (isinstance(value, str) and not value.strip())


def _names_owner(sent: Owner, shown: Owner) -> bool:
    """An owner that was named by e-mail address or name is shown with everything that the app knows of them."""
    named = sent.email or sent.name
    return bool(named) and fold_compatible(named) == fold_compatible(shown.email if sent.email else shown.name)


def _same_country(sent: str, shown: str) -> bool:
    """A name for which the app shows the code, or another name of it."""
    return canonical_country(sent) == canonical_country(shown)


def _items(sent: tuple[Item, ...], shown: tuple[Item, ...]) -> bool:
    """Each shown item comes from a sent one of its own; sent ones may be missing."""
    left = [item.value for item in sent]
    waiting = []
    for item in shown:
        if item.value in left:
            left.remove(item.value)
        else:
            waiting.append(item.value)
    for text in waiting:
        # The shortest that fits: a longer one may have been cut to another of the shown texts.
        origin = next((each for each in sorted(left, key=len) if _text(each, text)), None)
        if origin is None:
            return False
        left.remove(origin)
    return True


def _text(sent: str, shown: str) -> bool:
    if sent == shown or not shown.strip():
        return True
    core, shown_core = _letters(sent), _letters(shown)
    if not shown_core:
        return not core or sent.strip().startswith(shown.strip())
    return core.startswith(shown_core) or _same_number(sent, shown)


def _letters(text: str) -> str:
    """Letters, digits and marks alone, without regard to case and compatibility forms."""
    return "".join(c for c in fold_compatible(text) if unicodedata.category(c)[0] in "LNM")


def _same_number(sent: str, shown: str) -> bool:
    """The same digits, with or without country code, access code and trunk zero."""
    if not _NUMBER(sent.lower()) or not _NUMBER(shown.lower()):
        return False
    short, long = sorted((_digits(sent), _digits(shown)), key=len)
    if len(short) < _FEWEST_DIGITS:
        return short == long
    return long.endswith(short) and len(long) - len(short) <= _LONGEST_PREFIX


def _digits(text: str) -> str:
    return "".join(c for c in _TRUNK("", text) if c.isdigit()).lstrip("0")
