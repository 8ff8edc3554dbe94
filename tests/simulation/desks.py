"""What people see and do at their screens: Zoho's pages and the address books, read and edited without our code."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from zohosyncd.sandbox.wire import Request, Response
from zohosyncd.sandbox.world import World

Shown = frozenset[str]
"""What stands in a field: one text at most, or the items of a set; phones by their last seven digits."""

TEXTS = ("title", "notes", "family", "given")
SETS = ("phones", "emails")
FIELDS = (*TEXTS, *SETS)
GROUPS = {"Wholesale": "B2B", "Retail": "B2C"}
"""What a card says for a customer group of Zoho's, where the configuration pairs the two."""


@dataclass(frozen=True)
class Entry:
    """One record at a desk. ``marker``: the date of birth, by which the simulation knows who it is."""

    id: str
    marker: str
    values: Mapping[str, Shown]
    tags: frozenset[str] = frozenset()
    """Tags of a contact, categories of a card."""
    out: bool = False
    """Whether a contact has opted out."""
    source: str = ""
    """The lead source of a contact."""
    owner: str = ""
    """The e-mail of a contact's owner."""
    by_human: bool = True
    """Whether a human has made it."""


@dataclass(frozen=True)
class Person:
    """Somebody, before anybody has edited anything. Dates of birth are unique."""

    marker: str
    given: str
    family: str
    email: str = ""
    phone: str = ""


def control(world: World, path: str, body: Mapping[str, Any]) -> Any:
    answer = world.handle(Request("POST", f"/_sandbox/{path}", body=json.dumps(body).encode()))
    assert isinstance(answer, Response)
    assert answer.status < 400, answer.body
    return json.loads(answer.body)


class Desk(Protocol):
    """One side, as its people have it."""

    name: str

    def entries(self) -> list[Entry]: ...
    def create(self, person: Person, texts: Mapping[str, str]) -> None: ...
    def edit(self, record: str, field: str, value: str) -> None: ...
    def regroup(self, record: str, group: str) -> None: ...
    def delete(self, record: str) -> None: ...


class ZohoDesk:
    """Contacts in Zoho's pages."""

    name = "zoho"
    _text: ClassVar[Mapping[str, str]] = {
        "title": "Title",
        "notes": "Description",
        "family": "Last_Name",
        "given": "First_Name",
    }

    def __init__(self, world: World) -> None:
        self._world = world

    def entries(self) -> list[Entry]:
        return [self._entry(each) for each in self._world.apps["zoho_crm"].state()["Contacts"]]

    def create(self, person: Person, texts: Mapping[str, str]) -> None:
        values = {"First_Name": person.given, "Last_Name": person.family, "Date_of_Birth": person.marker}
        values |= {"Email": person.email} if person.email else {}
        values |= {"Mobile": person.phone} if person.phone else {}
        self._edit({"create": values | {self._text[name]: text for name, text in texts.items()}})

    def edit(self, record: str, field: str, value: str) -> None:
        name = {"phones": "Phone", "emails": "Email", **self._text}[field]
        self._edit({"id": record, "set": {name: value}})

    def tag(self, record: str, tags: Iterable[str]) -> None:
        self._edit({"id": record, "set": {"Tag": sorted(tags)}})

    def opt_out(self, record: str) -> None:
        self._edit({"id": record, "set": {"Email_Opt_Out": True}})

    def set(self, record: str, field: str, value: str) -> None:
        self._edit({"id": record, "set": {field: value}})

    def regroup(self, record: str, group: str) -> None:
        self.set(record, "Customer_Group", group)

    def delete(self, record: str) -> None:
        self._edit({"id": record, "delete": True})

    def _edit(self, command: Mapping[str, Any]) -> None:
        control(self._world, "edit", {"app": "zoho_crm", "object": "Contacts", **command})

    def _entry(self, record: Mapping[str, Any]) -> Entry:
        values = {name: _shown(record[field]) for name, field in self._text.items()}
        phones = (record[name] for name in ("Phone", "Mobile", "Home_Phone", "Other_Phone"))
        values["phones"] = frozenset(number(each) for each in phones if each)
        values["emails"] = frozenset(each.lower() for each in (record["Email"], record["Secondary_Email"]) if each)
        values["group"] = _shown(record["Customer_Group"])
        tags = frozenset(each["name"] for each in record["Tag"] or ())
        return Entry(
            record["id"], record["Date_of_Birth"] or "", values, tags, bool(record["Email_Opt_Out"]),
            record["Lead_Source"] or "", record["Owner"].get("email", ""),
            record["Created_By"]["name"] != "Sync Robot",
        )  # fmt: skip


class BookDesk:
    """The cards of one address book."""

    _text: ClassVar[Mapping[str, str]] = {"title": "TITLE", "notes": "NOTE"}

    def __init__(self, world: World, user: str) -> None:
        self.name = user
        self.path = f"/{user}/contacts/"
        self._world = world

    def entries(self) -> list[Entry]:
        cards = self._world.apps["carddav"].state()[self.path]
        return [self._entry(href, text) for href, text in cards.items()]

    def create(self, person: Person, texts: Mapping[str, str]) -> None:
        lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{self.name}-{person.marker}", *_name(person.family, person.given)]
        lines += [f"EMAIL:{person.email.upper()}"] if person.email else []
        lines += [f"TEL;TYPE=CELL:{person.phone.replace(' ', '')}"] if person.phone else []
        lines += [f"{self._text[name]}:{text}" for name, text in texts.items()]
        self._edit({"create": {"vcard": "\r\n".join([*lines, f"BDAY:{person.marker}", "END:VCARD", ""])}})

    def edit(self, record: str, field: str, value: str) -> None:
        lines = list(_lines(self._world.apps["carddav"].state()[self.path][record]))
        if field in ("family", "given"):
            now = self._entry(record, "\r\n".join(lines)).values
            names = {each: next(iter(now[each]), "") for each in ("family", "given")} | {field: value}
            lines = _without(lines, "N", "FN")
            lines[2:2] = _name(names["family"], names["given"])
        elif field in SETS:
            name = {"phones": "TEL", "emails": "EMAIL"}[field]
            first = next((at for at, line in enumerate(lines) if _property(line)[0] == name), None)
            if first is None:
                lines.insert(-1, f"{name}:{value}")
            else:
                lines[first] = f"{lines[first].partition(':')[0]}:{value}"
        else:
            lines = _without(lines, self._text[field])
            lines.insert(-1, f"{self._text[field]}:{value}")
        self._edit({"id": record, "set": {"vcard": "\r\n".join([*lines, ""])}})

    def tag(self, record: str, tags: Iterable[str]) -> None:
        lines = _without(list(_lines(self._world.apps["carddav"].state()[self.path][record])), "CATEGORIES")
        if tags:
            lines.insert(-1, f"CATEGORIES:{','.join(sorted(tags))}")
        self._edit({"id": record, "set": {"vcard": "\r\n".join([*lines, ""])}})

    def regroup(self, record: str, group: str) -> None:
        lines = _without(list(_lines(self._world.apps["carddav"].state()[self.path][record])), "X-GROUP")
        lines.insert(-1, f"X-GROUP:{GROUPS.get(group, group)}")
        self._edit({"id": record, "set": {"vcard": "\r\n".join([*lines, ""])}})

    def delete(self, record: str) -> None:
        self._edit({"id": record, "delete": True})

    def _edit(self, command: Mapping[str, Any]) -> None:
        control(self._world, "edit", {"app": "carddav", "object": self.path, **command})

    def _entry(self, href: str, text: str) -> Entry:
        found: dict[str, list[str]] = {}
        for line in _lines(text):
            name, value = _property(line)
            found.setdefault(name, []).append(value)
        family, given = [*found.get("N", [""])[0].split(";"), ""][:2]
        values = {name: _shown(next(iter(found.get(line, [])), "")) for name, line in self._text.items()}
        values |= {"family": _shown(family), "given": _shown(given)}
        values["phones"] = frozenset(number(each) for each in found.get("TEL", []) if each)
        values["emails"] = frozenset(each.lower() for each in found.get("EMAIL", []) if each)
        values["group"] = _shown(group_of(next(iter(found.get("X-GROUP", [])), "")))
        born = next(iter(found.get("BDAY", [])), "").replace("-", "")
        marker = f"{born[:4]}-{born[4:6]}-{born[6:]}" if born else ""
        tags = frozenset(tag for line in found.get("CATEGORIES", []) for tag in line.split(",") if tag)
        return Entry(href, marker, values, tags, by_human=href == f"{self.path}{self.name}-{marker}.vcf")


def group_of(word: str) -> str:
    return next((name for name, each in GROUPS.items() if each == word), word)


def number(text: str) -> str:
    return "".join(each for each in text if each.isdigit())[-7:]


def _shown(text: str | None) -> Shown:
    return frozenset((text.strip(),)) if text and text.strip() else frozenset()


def _lines(text: str) -> Iterator[str]:
    yield from text.replace("\r\n ", "").replace("\n ", "").splitlines()


def _property(line: str) -> tuple[str, str]:
    head, _, value = line.partition(":")
    name = head.partition(";")[0].rpartition(".")[2].upper()
    return name, value.replace("\\,", ",").replace("\\;", ";")


def _without(lines: list[str], *names: str) -> list[str]:
    return [line for line in lines if _property(line)[0] not in names]


def _name(family: str, given: str) -> list[str]:
    return [f"N:{family};{given};;;", f"FN:{given} {family}"]
