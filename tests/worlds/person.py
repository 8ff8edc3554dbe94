"""People as anybody would describe them, in the words of no app; and when two descriptions are the same."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from random import Random
from typing import Final


@dataclass(frozen=True)
class Person:
    """Somebody in an app. What an app cannot hold is empty there. ``birthday``: YYYY-MM-DD or --MM-DD."""

    given: str = ""
    family: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    company: str = ""
    title: str = ""
    street: str = ""
    city: str = ""
    code: str = ""
    country: str = ""
    birthday: str = ""
    notes: str = ""
    out: bool = False


DETAILS: Final = tuple(each.name for each in fields(Person) if each.name not in {"emails", "out"})
"""What people change about each other; the e-mail addresses say who somebody is."""

ONE_FIELD: Final = dict.fromkeys(("street", "city", "code", "country"), "address") | {"given": "name", "family": "name"}
"""What apps keep, and the daemon merges, as one thing: two people who type into two parts of it contradict."""


def _folded(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


def _digits(numbers: tuple[str, ...]) -> frozenset[str]:
    return frozenset("".join(filter(str.isdigit, each))[-7:] for each in numbers)


_FOLDS: Final[dict[str, Callable[..., object]]] = {
    "emails": lambda each: frozenset(address.casefold() for address in each),
    "phones": _digits,
    "birthday": str,
    "out": bool,
}


def alike(name: str, one: object, other: object) -> bool:
    """Whether two apps show the same, as far as spelling goes that apps are known to change."""
    fold = _FOLDS.get(name, _folded)
    return fold(one) == fold(other)


GIVEN = ("Ann", "Bob", "Chloé", "Dmitri", "Ελένη", "Fatima", "Günther", "Håkon", "Ian", "José", "木")
FAMILY = ("Miller", "Stone", "O'Neil", "Łódzki", "van der Berg", "Sørensen", "García López", "Иванова", "Smith-Jones")
CITIES = (("Berlin", "10115", "Germany"), ("Hamburg", "20095", "Germany"), ("Dublin", "D02", "Ireland"))


def somebody(chance: Random, number: int) -> Person:
    """A person whom no other number has: the address is theirs alone."""
    city, code, country = chance.choice(CITIES)
    home = chance.random() < 0.5
    return Person(
        given=chance.choice(GIVEN),
        family=f"{chance.choice(FAMILY)} {_letters(number)}",
        emails=(f"p{number}@example.org",),
        phones=(f"+49 30 {2000000 + number}",) if chance.random() < 0.6 else (),
        company=f"Company {number % 97}" if chance.random() < 0.5 else "",
        title=chance.choice(("", "Buyer", "Head of Purchasing", "Engineer")),
        street=f"{number} Main Street" if home else "",
        city=city if home else "",
        code=code if home else "",
        country=country if home else "",
        birthday=f"19{number % 60 + 40}-{number % 12 + 1:02d}-{number % 28 + 1:02d}" if chance.random() < 0.3 else "",
        notes=f"Met in {chance.choice(('spring', 'autumn'))}" if chance.random() < 0.3 else "",
        out=chance.random() < 0.05,
    )


def typed(chance: Random, name: str, number: int) -> object:
    """What somebody types into a field."""
    match name:
        case "phones":
            return (f"+49 40 {3000000 + number}",)
        case "birthday":
            return f"1985-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
        case "country":
            return chance.choice(("Germany", "Ireland", "France"))
        case "family" | "given":
            return f"Typed {_letters(number)}"
        case _:
            return f"typed {number}"


def _letters(number: int) -> str:
    text = ""
    while True:
        text = chr(97 + number % 26) + text
        number //= 26
        if not number:
            return text.capitalize()
