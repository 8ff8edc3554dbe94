"""N and FN: the parts of a name, and the one line that shows them together."""

from collections.abc import Callable
from typing import Final, NamedTuple

from zohosyncd.core.names import full_name, split_full_name
from zohosyncd.core.spelling import squeeze


class Name(NamedTuple):
    """The parts of N in the order of the card (RFC 6350 section 6.2.2)."""

    family: str = ""
    given: str = ""
    additional: str = ""
    prefix: str = ""
    suffix: str = ""


PARTS: Final = tuple(f"N.{part}" for part in Name._fields)
"""The field names of the parts, in the same order."""

_Form = Callable[[Name], str]

_FORMS: Final[tuple[_Form, ...]] = (
    lambda name: full_name(name.given, name.additional, name.family, prefix=name.prefix, suffix=name.suffix),
    lambda name: full_name(name.given, name.additional, name.family),
    lambda name: full_name(name.given, "", name.family),
    lambda name: squeeze(f"{name.family}, {name.given}") if name.family and name.given else "",
    lambda name: squeeze(f"{name.family} {name.given}"),
    lambda name: squeeze(f"{name.given} {name.family}"),
)
"""The ways in which address books join the parts into FN, the usual one first."""


def shown_name(name: Name, formatted: str, others: frozenset[str]) -> Name:
    """The parts that a card shows: those of N, or those that FN can be split into where N is empty.

    Args:
        name: the parts of N.
        formatted: FN.
        others: what else FN may repeat (the company, an e-mail address), squeezed and case folded: that is no name.
    """
    if any(part.strip() for part in name) or not formatted.strip():
        return name
    if squeeze(formatted).casefold() in others:
        return name
    given, family = split_full_name(formatted)
    return Name(family, given)


def joined(name: Name) -> str:
    """The full name of new cards."""
    return _FORMS[0](name)


def rejoined(before: Name, after: Name, formatted: str) -> str | None:
    """FN after a change of the parts, in the form that it had; None where a person wrote it otherwise."""
    if not formatted.strip():
        return joined(after)
    shown = squeeze(formatted)
    for form in _FORMS:
        if form(before) == shown:
            return form(after) or joined(after)
    return None
