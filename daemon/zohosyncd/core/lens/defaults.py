"""The pairs of two schemas that follow from what their fields mean."""

from collections.abc import Sequence
from typing import Final

from zohosyncd.core.lens.fit import Fit, Misfit, fit_addresses, fit_fields, fit_full_name, fit_sets, is_multi
from zohosyncd.core.schema import SEMANTICS, Field, Schema
from zohosyncd.core.side import Side

_SETS: Final = ("emails", "phones", "websites")
_NAMES: Final = ("given_name", "family_name", "full_name", "additional_name")
_OWN_RULES: Final = ("opted_out",)
"""Consent has its own rules and directions: it is never merged as a plain field."""


def default_fits(left: Schema, right: Schema, region: str) -> dict[str, Fit | Misfit]:
    """The possible pairs by semantic name, in the order of :data:`SEMANTICS`; those that cannot be, with the reason."""
    found: dict[str, Fit | Misfit] = _names(left, right, region)
    for semantic in SEMANTICS:
        if semantic in _NAMES or semantic in _OWN_RULES:
            continue
        ours, theirs = left.meaning(semantic), right.meaning(semantic)
        if ours and theirs:
            found[semantic] = _fit(semantic, ours, theirs, region)
    return found


def _fit(semantic: str, ours: Sequence[Field], theirs: Sequence[Field], region: str) -> Fit | Misfit:
    if semantic == "address":
        return fit_addresses(ours, theirs)
    if semantic in _SETS and any(len(fields) > 1 or is_multi(fields[0]) for fields in (ours, theirs)):
        return fit_sets(_slots(ours), _slots(theirs), region)
    return fit_fields(ours[0], theirs[0], region)


def _slots(fields: Sequence[Field]) -> Sequence[Field]:
    """One multi-valued field stands for all: beside it, single fields of the same meaning only repeat its items."""
    several = [field for field in fields if is_multi(field)]
    return several[:1] or fields


def _names(left: Schema, right: Schema, region: str) -> dict[str, Fit | Misfit]:
    """Name parts where both sides have them; else the parts of one side against the full name of the other."""
    found: dict[str, Fit | Misfit] = {}
    sides = ((Side.LEFT, left, right), (Side.RIGHT, right, left))
    for side, schema, other in sides:
        full = other.meaning("full_name")
        if _has_parts(schema) and full and not _has_some_part(other):
            parts = [field for name in _NAMES if name != "full_name" for field in schema.meaning(name)[:1]]
            found["full_name"] = fit_full_name(parts, full[0], parts_side=side)
            return found
    for name in _NAMES:
        ours, theirs = left.meaning(name), right.meaning(name)
        if ours and theirs and not (name == "full_name" and found):
            found[name] = fit_fields(ours[0], theirs[0], region)
    return found


def _has_parts(schema: Schema) -> bool:
    return bool(schema.meaning("given_name") and schema.meaning("family_name"))


def _has_some_part(schema: Schema) -> bool:
    return bool(schema.meaning("given_name") or schema.meaning("family_name"))
