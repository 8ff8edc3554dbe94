"""Somebody at an address book."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.worlds.person import Person
from zohosyncd.sandbox.carddav.app import CardDavApp
from zohosyncd.sandbox.world import World

_BOOK = "/ann/contacts/"
_PLAIN = {"company": "ORG", "title": "TITLE", "birthday": "BDAY", "notes": "NOTE"}


class BookDesk:
    """An address book over CardDAV. Its person types whole cards, and knows no escapes."""

    object = _BOOK
    holds = frozenset(
        {"given", "family", "emails", "phones", "street", "city", "code", "country", *_PLAIN},
    )
    settles = 0.0
    normalisation: tuple[str, Sequence[Mapping[str, Any]]] = (_BOOK, ({"field": "TEL", "do": "phone"},))

    def __init__(self, world: World, url: str, name: str = "book") -> None:
        self.name = name
        self._url = url
        self.app = CardDavApp(world.time, world.seed, users={"ann": "sandbox-password"})
        self._made = 0
        world.add(self.app)

    def account(self, folder: Path) -> str:
        (folder / "secrets/book-password").write_text("sandbox-password\n")
        (folder / "secrets/book-password").chmod(0o600)
        return (
            f'app = "carddav"\nurl = "{self._url}/"\nallow_http = true\nusername = "ann"\n'
            f'password = "file:{folder}/secrets/book-password"\n'
        )

    def add(self, person: Person) -> str:
        self._made += 1
        href = f"{_BOOK}typed-{self._made}.vcf"
        self.app.load(_BOOK, {href: "\r\n".join(_card(person, f"typed-{self._made}", [])) + "\r\n"})
        return href

    def change(self, record_id: str, **values: Any) -> None:
        text = self.app.state()[_BOOK][record_id]
        lines = _unfolded(text)
        uid = next(line.partition(":")[2] for line in lines if line.startswith("UID"))
        kept = [line for line in lines if _name(line) not in _MINE]
        person = Person(**{**vars(_person(text)), **values})
        self.app.edit(
            {"object": _BOOK, "id": record_id, "set": {"vcard": "\r\n".join(_card(person, uid, kept)) + "\r\n"}}
        )

    def opt_out(self, record_id: str) -> None:
        raise NotImplementedError("a card knows no consent")

    def remove(self, record_id: str) -> None:
        self.app.edit({"object": _BOOK, "id": record_id, "delete": True})

    def people(self) -> dict[str, Person]:
        return {href: _person(text) for href, text in self.app.state()[_BOOK].items()}


_MINE = {"BEGIN", "END", "VERSION", "UID", "N", "FN", "EMAIL", "TEL", "ADR", *_PLAIN.values()}


def _unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").replace("\n ", "").splitlines()


def _name(line: str) -> str:
    return line.partition(":")[0].partition(";")[0].rpartition(".")[2].upper()


def _card(person: Person, uid: str, more: Sequence[str]) -> list[str]:
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"N:{person.family};{person.given};;;"]
    lines.append(f"FN:{person.given} {person.family}")
    lines += [f"EMAIL;TYPE=INTERNET,WORK:{each}" for each in person.emails]
    lines += [f"TEL;TYPE=WORK,VOICE:{each}" for each in person.phones]
    if person.street or person.city or person.code or person.country:
        lines.append(f"ADR;TYPE=WORK:;;{person.street};{person.city};;{person.code};{person.country}")
    lines += [f"{name}:{value}" for field, name in _PLAIN.items() if (value := getattr(person, field))]
    return [*lines, *more, "END:VCARD"]


def _person(text: str) -> Person:
    found: dict[str, list[str]] = {}
    for line in _unfolded(text):
        found.setdefault(_name(line), []).append(line.partition(":")[2].replace("\\,", ",").replace("\\;", ";"))
    family, given = [*found.get("N", [";"])[0].split(";"), ""][:2]
    address = [*found.get("ADR", [""])[0].split(";"), *[""] * 7]
    plain = {field: found.get(name, [""])[0].rstrip(";") for field, name in _PLAIN.items()}
    return Person(
        given=given,
        family=family,
        emails=tuple(found.get("EMAIL", ())),
        phones=tuple(found.get("TEL", ())),
        street=address[2],
        city=address[3],
        code=address[5],
        country=address[6],
        **plain,
    )
