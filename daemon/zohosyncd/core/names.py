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
_SALUTATIONS: Final = frozenset({
    "dr", "dr.", "prof", "prof.", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "miss", "mx", "mx.", "sir", "dame", "lady",
    "lord", "herr", "frau", "dipl.-ing.", "ing.", "mag.", "hr.", "fr.", "monsieur", "madame", "mme", "mlle",
    "don", "doña", "dom", "señor", "señora", "sr.", "sra.", "signor", "signora", "sig.", "pan", "pani", "rev.",
})
# fmt: on
_INITIAL: Final = re.compile(r"[^\W\d_](?:\.-?[^\W\d_])*\.?").fullmatch
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


def clear_split(text: str) -> tuple[str, str] | None:
    """Given and family name of a full name where the name itself tells them apart, None where that would be guessed.

    It tells: by a comma, by a particle in small letters behind one given name, by there being two words (given name
    first, in Latin letters too); initials and titles before it belong to the given name, degrees behind it to the
    family name. "Gabriel García Márquez" does not tell, nor does "Anna Maria Schmidt". A single word is a given name,
    a particle and a word are a family name.

    Returns:
        (given, family), each "" where there is none. Joined again they are the name in the order of speech.
    """
    text = squeeze(text)
    comma = _turned(text)
    if comma is not None:
        return comma
    words = text.split(" ")
    if is_east_asian(text):
        if len(words) > 2:
            return None
        return (words[1], words[0]) if len(words) == 2 else (text, "")
    end = len(words)
    while end > 1 and words[end - 1].casefold().strip(",") in _TITLES:
        end -= 1
    start = 0
    while start < end - 1 and words[start].casefold() in _SALUTATIONS:
        start += 1
    family = _family_at(words, start, end)
    if family is None:
        return None
    return " ".join(words[:family]), " ".join(words[family:])


def _family_at(words: list[str], start: int, end: int) -> int | None:
    """Where the family name begins in the words between salutations and titles, None where that is unclear."""
    core = range(start, end)
    particles = [at for at in core if words[at].casefold() in _PARTICLES and at < end - 1]
    if end - start == 1:
        # "Madonna", but "Frau Schmidt", and "Plato PhD" says nothing.
        return start if start else (end if end == len(words) else None)
    if particles and particles[0] == start and words[start] in _PARTICLES:
        return start if particles == list(range(start, end - 1)) else None
    inner = [at for at in particles if at > start]
    if any(words[at] not in _PARTICLES for at in inner):
        return None  # "Van" in capitals may be a given name ("Nguyen Van An") as well as a particle ("Van Damme")
    first = inner[0] if inner else end - 1
    if inner != list(range(first, end - 1)):
        return None
    given = [at for at in range(start, first) if not _INITIAL(words[at])]
    return first if len(given) <= 1 else None


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
