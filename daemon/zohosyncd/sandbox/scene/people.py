"""Invented people: each follows from the seed and a number alone, so a hundred thousand cost no memory."""

import random
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .words import CITIES, COMPANIES, FAMILY, GIVEN, NOTES, ODD_FAMILY, ODD_GIVEN, STREETS, TITLES

Stands = Literal["both", "zoho", "book"]
_PATTERN: tuple[Stands, ...] = ("both",) * 25 + ("zoho",) * 14 + ("book",) * 11
_PLAIN = len(GIVEN) * len(FAMILY)
_STRIDE = 7_919
# Numbers that the German regulator keeps for films and books, with four digits added; the unassigned 555 of the USA.
_GERMAN = ("3023125", "6990009", "4066969", "2214710", "8999998")
_AMERICAN = (
    "201",
    "202",
    "303",
    "404",
    "405",
    "206",
    "207",
    "208",
    "209",
    "210",
    "312",
    "213",
    "314",
    "215",
    "216",
    "217",
    "218",
    "219",
)
_SPECIAL = 12  # from this many people on there are namesakes and shared addresses
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "o", "ı": "i", "Ø": "O"}
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is, before either side spells it in its own way. Phones are E.164."""

    number: int
    stands: Stands
    given: str
    family: str
    email: str | None
    second_email: str | None
    mobile: str | None
    office: str | None
    company: str | None
    title: str | None
    birthday: str | None
    street: str | None
    city: tuple[str, str, str, str] | None
    note: str | None
    namesake: bool = False
    shares_email: bool = False
    odd: bool = False

    @property
    def in_zoho(self) -> bool:
        """Whether this person stands in Zoho at the start."""
        return self.stands != "book"

    @property
    def in_book(self) -> bool:
        """Whether this person stands in the address book at the start."""
        return self.stands != "zoho"


@lru_cache(maxsize=4_096)
def ascii_letters(text: str) -> str:
    """A text in plain letters: umlauts written out, accents gone."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text.translate(_UMLAUTS))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def person(seed: int, number: int, people: int) -> Person:
    """Person ``number`` of ``people``."""
    chance = random.Random(f"person/{seed}/{number}")
    given, family = _name(seed, number)
    special = _role(number, people)
    odd = special == "" and number % 40 == 17
    if odd:
        given, family = (
            ODD_GIVEN[number // 40 % len(ODD_GIVEN)],
            f"{ODD_FAMILY[number // 7 % len(ODD_FAMILY)]} {family}",
        )
    stands = _PATTERN[(number * 7 + seed) % len(_PATTERN)]
    if special:
        stands = "both" if special == "namesake" or number // 2 % 2 == 0 else "zoho"
        if special == "namesake":
            given, family = _name(seed, number - number % 2)
    email = None if special == "" and chance.random() < 0.12 else _address(given, family, number, chance)
    if special == "shared":
        pair = number - number % 2
        email = f"family.{ascii_letters(_name(seed, pair)[1]).lower().replace(chr(39), '')}{pair}@example.net"
    mobile = _phone(number, 0, german=chance.random() < 0.6) if email is None or chance.random() < 0.7 else None
    return Person(
        number=number,
        stands=stands,
        given=given,
        family=family,
        email=email,
        second_email=f"private{number}@example.net" if email and chance.random() < 0.15 else None,
        mobile=mobile,
        office=_phone(number, 1, german=chance.random() < 0.6) if chance.random() < 0.4 else None,
        company=chance.choice(COMPANIES) if chance.random() < 0.7 else None,
        title=_title(chance, odd=odd),
        birthday=_birthday(chance) if chance.random() < 0.3 else None,
        street=f"{chance.choice(STREETS)} {chance.randrange(1, 200)}" if chance.random() < 0.5 else None,
        city=chance.choice(CITIES) if chance.random() < 0.6 else None,
        note=_note(chance, odd=odd),
        namesake=special == "namesake",
        shares_email=special == "shared",
        odd=odd,
    )  # fmt: skip


def _role(number: int, people: int) -> str:
    """The first four are two pairs of namesakes; a few pairs after them share an address."""
    if people < _SPECIAL:
        return ""
    if number < 4:
        return "namesake"
    return "shared" if number < 4 + 2 * max(2, min(people // 500, 50)) else ""


def _name(seed: int, number: int) -> tuple[str, str]:
    """A pair of names that nobody else has (the namesakes apart): a walk over all pairs, then double names."""
    turn, place = divmod(number, _PLAIN)
    place = (place * _STRIDE + seed * 31) % _PLAIN
    given, family = GIVEN[place % len(GIVEN)], place // len(GIVEN)
    if turn == 0:
        return given, FAMILY[family]
    return given, f"{FAMILY[family]}-{FAMILY[(family + turn) % len(FAMILY)]}"


def _address(given: str, family: str, number: int, chance: random.Random) -> str:
    plain = "".join(
        sign
        for sign in ascii_letters(f"{given}.{family}").lower()
        if sign.isascii() and (sign.isalnum() or sign == ".")
    )
    return f"{plain.strip('.')[:40].strip('.') or 'contact'}{number}@example.{chance.choice(('com', 'org', 'net'))}"


def _phone(number: int, which: int, *, german: bool) -> str:
    place = number * 2 + which
    if german and place < len(_GERMAN) * 10_000:
        return f"+49{_GERMAN[place % len(_GERMAN)]}{place // len(_GERMAN):04}"
    area, line = _AMERICAN[place % len(_AMERICAN)], place // len(_AMERICAN)
    return f"+1{area}555{line:04}" if line < 10_000 else f"+1{area}556{line - 10_000:04}"


def _birthday(chance: random.Random) -> str:
    return f"{chance.randrange(1940, 2006)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"


def _title(chance: random.Random, *, odd: bool) -> str | None:
    if odd and chance.random() < 0.3:
        return " and ".join(chance.choices(TITLES, k=9))
    return chance.choice(TITLES) if chance.random() < 0.5 else None


def _note(chance: random.Random, *, odd: bool) -> str | None:
    if odd and chance.random() < 0.5:
        return "Ünïcödé, semicolons; commas, backslashes \\ and “quotes” – " * chance.randrange(5, 60) + "🌍"
    return chance.choice(NOTES) if chance.random() < 0.25 else None
