"""Who is who: recognises the scene's people in what the apps hold, and counts whom somebody created twice."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .people import Person, ascii_letters

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Traits:
    """What a record or a card says about who it is, in one spelling."""

    emails: frozenset[str]
    phones: frozenset[str]
    name: str


@dataclass
class Recogniser:
    """Addresses and numbers that one person alone has, and names of their own, each with that person's number."""

    _emails: dict[str, int] = field(default_factory=dict)
    _phones: dict[str, int] = field(default_factory=dict)
    _names: dict[str, int] = field(default_factory=dict)

    def learn(self, person: Person) -> None:
        """Take in one person of the scene."""
        for email in (None if person.shares_email else person.email, person.second_email):
            if email:
                self._emails[email.casefold()] = person.number
        for phone in (person.mobile, person.office):
            if phone:
                self._phones[_ending(phone)] = person.number
        if not person.namesake:
            self._names[_plain(f"{person.given} {person.family}")] = person.number

    def who(self, traits: Traits) -> int | None:
        """The person that this is: by address, else by number, else by name; None for a stranger."""
        for kind, known in ((traits.emails, self._emails), (traits.phones, self._phones)):
            found = sorted({known[value] for value in kind if value in known})
            if found:
                return found[0]
        return self._names.get(traits.name)


def count_duplicates(
    state: Mapping[str, Any], truth: Mapping[int, tuple[str | None, str | None]], people: Iterable[Person]
) -> dict[str, int]:
    """How many records too many each side has of people of the scene.

    A record counts that was not there at the start, of a person who already stood on that side, be it since the start
    or by another new record. Records of strangers do not count.

    Args:
        state: the answer of ``GET /_sandbox/state``.
        truth: by person, the Zoho id and the href of the card at the start, None where there was none.
        people: the people of the scene.

    Returns:
        ``{"zoho": n, "book": n}``.
    """
    recogniser = Recogniser()
    for person in people:
        recogniser.learn(person)
    apps = state["apps"]
    records = {record["id"]: record for record in apps.get("zoho_crm", {}).get("Contacts", [])}
    texts = {href: text for book in apps.get("carddav", {}).values() for href, text in book.items()}
    in_zoho = {key: of_record(record) for key, record in _strangers(records, truth, 0)}
    in_book = {key: of_card(text) for key, text in _strangers(texts, truth, 1)}
    return {
        "zoho": _too_many(recogniser, in_zoho, {number for number, seeded in truth.items() if seeded[0] in records}),
        "book": _too_many(recogniser, in_book, {number for number, seeded in truth.items() if seeded[1] in texts}),
    }


def _strangers(
    found: Mapping[str, Any], truth: Mapping[int, tuple[str | None, str | None]], side: int
) -> Iterator[tuple[str, Any]]:
    seeded = {places[side] for places in truth.values()}
    return ((key, value) for key, value in found.items() if key not in seeded)


def _too_many(recogniser: Recogniser, new: Mapping[str, Traits], standing: set[int]) -> int:
    too_many = 0
    for key in sorted(new):
        number = recogniser.who(new[key])
        if number is None:
            continue
        too_many += number in standing
        standing.add(number)
    return too_many


def of_record(record: Mapping[str, Any]) -> Traits:
    """The traits of a Zoho record."""
    emails = [record.get(name) for name in ("Email", "Secondary_Email")]
    phones = [record.get(name) for name in ("Phone", "Mobile", "Home_Phone", "Other_Phone")]
    return _traits(emails, phones, f"{record.get('First_Name') or ''} {record.get('Last_Name') or ''}")


def of_card(text: str) -> Traits:
    """The traits of a vCard."""
    found: dict[str, list[str]] = {"EMAIL": [], "TEL": [], "N": [], "FN": []}
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        head, _, value = line.partition(":")
        name = head.partition(";")[0].rpartition(".")[2].upper()
        if name in found:
            found[name].append(re.split(r"(?<=[\"a-z]):", line, maxsplit=1)[-1] if '"' in head else value)
    names = re.split(r"(?<!\\);", found["N"][0])[:2] if found["N"] else found["FN"][:1]
    return _traits(found["EMAIL"], found["TEL"], " ".join(names))


def _traits(emails: Iterable[str | None], phones: Iterable[str | None], name: str) -> Traits:
    return Traits(
        frozenset(email.strip().casefold() for email in emails if email),
        frozenset(ending for phone in phones if phone and len(ending := _ending(phone)) == 9),
        _plain(name),
    )


def _ending(phone: str) -> str:
    """The last nine digits, equal in every way of writing a number."""
    return re.sub(r"\D", "", phone)[-9:]


def _plain(name: str) -> str:
    """The words of a name in plain letters, in no order."""
    return " ".join(sorted(_WORD.findall(ascii_letters(name).casefold())))
