"""Phone numbers: compared as E.164, kept as they were typed."""

import re
from functools import lru_cache
from typing import Final

import phonenumbers

from zohosyncd.core.spelling import fold_compatible

NORMALISER: Final = 1
"""Grows when the form of an unchanged number changes, so that keys of different versions are never compared."""

_CLEAN: Final = re.compile(
    # Country codes without surprises between "+" and the national number: no trunk digit survives in this form.
    r"\+(?:1[2-9]\d{9}|(?:3[0-469]|4[013-9]|5[1-46-8]|6[0-6]|8[1246]|9[0-58])[1-9]\d{6,9})",
    re.ASCII,
).fullmatch
_SPACED: Final = re.compile(r"\+\d[\d ().\-/]*", re.ASCII).fullmatch
_SPACING: Final = {ord(sign): None for sign in " ().-/"}
_LETTER: Final = re.compile(r"[^\W\d_]").search
_E164: Final = re.compile(r"\+\d+(;ext=\d+)?", re.ASCII).fullmatch


def canonical_phone(text: str, region: str) -> str:
    """The form in which numbers are compared: "+4930123456", with an extension "+4930123456;ext=12" (RFC 3966).

    Args:
        text: the number as it was typed.
        region: two-letter country of numbers without country code, "" if unknown.

    Returns:
        E.164 with extension; where the text cannot be read as a number, its digits (a number of unknown country) or
        the text itself without regard to case and spacing.
    """
    if _CLEAN(text):
        return text
    if _SPACED(text) and _CLEAN(digits := text.translate(_SPACING)):
        return digits
    return _canonical(text, region)


def is_e164(canonical: str) -> bool:
    """Whether what :func:`canonical_phone` gave is a number with its country, and not an unread text."""
    return _E164(canonical) is not None


@lru_cache(maxsize=4096)
def _canonical(text: str, region: str) -> str:
    text = fold_compatible(text)
    number = _parsed(text, region)
    if number is not None:
        return number
    digits = "".join(character for character in text if character.isdigit())
    if not digits or _LETTER(text):
        return text
    digits = "+" + digits if text.startswith("+") else digits
    return _parsed(digits, region) or digits


def _parsed(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else plain
