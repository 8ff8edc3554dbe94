"""What Zoho accepts in a field, and what it makes of it before it stores it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .schema import Field
from .times import instant

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"._-][^\s@<>()\[\],;:\\\"]*\.[^\W\d_][\w-]+")
_PHONE = re.compile(
    r"\+?(?![.-])(?:[.-]? ?[0-9A-Za-z]++| ?\([0-9A-Za-z](?:[ .-]?[0-9A-Za-z])*+\)[ -]?)++(?:[,;]+[0-9A-Za-z]+)*[;#]?"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


_AS_GIVEN = frozenset({"subform", "fileupload", "imageupload", "consent_lookup", "hologram"})


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a value is refused: the details of an INVALID_DATA error."""

    details: Mapping[str, Any]


def accept(f: Field, value: Any) -> Any:
    """The value as it would be stored (None empties the field), or a `Misfit`; not for lookups and owners."""
    if value is None:
        return None
    if f.kind == "boolean":
        return value if isinstance(value, bool) else _expected(f, "boolean")
    if f.kind in _AS_GIVEN:
        return tuple(value) if isinstance(value, list) else value
    if f.kind == "multiselectpicklist":
        chosen = value if isinstance(value, list) and all(isinstance(each, str) for each in value) else None
        return _expected(f, "jsonarray") if chosen is None else tuple(chosen) or None
    if f.kind in {"integer", "double", "currency", "percent"}:
        return value if isinstance(value, int | float) and not isinstance(value, bool) else _expected(f, f.kind)
    if not isinstance(value, str):
        return _expected(f, "text" if f.kind in {"textarea", "picklist"} else f.kind)
    text = value.strip()
    if not text:
        return None
    if f.kind == "datetime":
        moment = instant(text)
        return _expected(f, "datetime") if moment is None else moment
    if len(text) > f.length:
        return Misfit({"api_name": f.name, "maximum_length": f.length})
    return text if _well_formed(f.kind, text) else _expected(f, f.kind)


def _well_formed(kind: str, text: str) -> bool:
    if kind == "email":
        return _EMAIL.fullmatch(text) is not None
    if kind == "phone":
        return _PHONE.fullmatch(text) is not None
    if kind == "date":
        return _DATE.fullmatch(text) is not None and _is_day(text)
    if kind == "bigint":
        return re.fullmatch(r"-?\d{1,18}", text) is not None
    return True


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _expected(f: Field, kind: str) -> Misfit:
    return Misfit({"api_name": f.name, "expected_data_type": kind})
