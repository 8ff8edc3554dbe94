"""Names of people: joined for apps that have one name field, split only where nothing else is known."""

import re
from typing import Final

from zohosyncd.core.spelling import fold_compatible, squeeze

# fmt: off
_PARTICLES: Final = frozenset({
    "von", "vom", "van", "vander", "der", "den", "de", "del", "della", "delle", "degli", "di",
    "da", "das", "do", "dos", "du", "des", "la", "le", "ter", "ten", "te", "zu", "zum", "zur",
    "bin", "binti", "bint", "ibn", "al", "el", "af", "av", "ben", "bat", "st.", "san", "santa",
    "mac",
})
# fmt: on
# fmt: off
_TITLES: Final = frozenset({
    "jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "phd", "ph.d.", "md", "m.d.", "mba", "esq",
    "esq.", "msc", "m.sc.", "bsc", "b.sc.", "dr", "dr.",
})
# fmt: on
_EAST_ASIAN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff々〆・ー\s]+")


def is_east_asian(text: str) -> bool:
    """Whether the text is written in Han, Kana or Hangul alone, where the family name comes first."""
    return not text.isascii() and _EAST_ASIAN.fullmatch(text) is not None


def name_order(given: str, additional: str, family: str) -> tuple[str, str, str]:
    """The names of the parts in the order in which they are spoken: family first for East Asian names."""
    together = given + additional + family
    if together and is_east_asian(together):
        return ("family", "given", "additional")
    return ("given", "additional", "family")


def full_name(given: str, additional: str = "", family: str = "", *, prefix: str = "", suffix: str = "") -> str:
    """One full name of its parts, single spaces between them; "" if all are empty."""
    parts = {"given": given, "additional": additional, "family": family}
    ordered = [parts[name] for name in name_order(given, additional, family)]
    return squeeze(" ".join((prefix, *ordered, suffix)))


def split_full_name(text: str) -> tuple[str, str]:
    """Given and family name of a full name, for apps that give nothing else.

    "Family, Given" is turned round; particles belong to the family name ("Ludwig van Beethoven"); an East Asian
    name with a space has the family name first, without one it cannot be split. A single word is a given name:
    no family name is invented.

    Returns:
        (given, family), each "" where there is none.
    """
    text = squeeze(text)
    comma = _turned(text)
    if comma is not None:
        return comma
    words = text.split(" ")
    if len(words) == 1:
        return text, ""
    if is_east_asian(text):
        return " ".join(words[1:]), words[0]
    start = len(words) - 1
    while start > 1 and words[start - 1].casefold() in _PARTICLES:
        start -= 1
    return " ".join(words[:start]), " ".join(words[start:])


def spoken(text: str) -> str:
    """A full name in the order in which it is spoken: "Schmidt, Anna" becomes "Anna Schmidt"."""
    text = squeeze(text)
    comma = _turned(text)
    return f"{comma[0]} {comma[1]}" if comma is not None else text


def casefold_name(text: str) -> str:
    """A name for comparison in match keys: NFKC, case folded, single spaces."""
    return fold_compatible(text)


def _turned(text: str) -> tuple[str, str] | None:
    if text.count(",") != 1:
        return None
    family, _, given = (part.strip() for part in text.partition(","))
    if not family or not given or given.casefold() in _TITLES:
        return None
    return given, family
