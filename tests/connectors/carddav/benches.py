"""A contract bench over any CardDAV server: a person who reads and writes whole cards, without our code."""

import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from tests.connectors.contract import Bench
from zohosyncd.connectors.carddav.connector import CardDavConnector
from zohosyncd.core.record import Item, Value, Values
from zohosyncd.sandbox.world import World

STRANGE = "\r\n".join(
    [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "PRODID:-//Apple Inc.//Mac OS X 10.15//EN",
        "UID:strange-{uid}",
        "X-PHONETIC-FIRST-NAME:An",
        "N:Miller;Ann;Maria,Eva;Dr.;",
        "FN:Dr. Ann Maria Eva Miller",
        "item1.EMAIL;type=INTERNET;type=pref:ann@example.com",
        "item1.X-ABLabel:Invoices",
        "EMAIL;TYPE=INTERNET,HOME:ann@home.example",
        "TEL;TYPE=CELL,VOICE;X-FLAG=yes:+1 (555) 010-0001",
        "item2.ADR;TYPE=HOME:;;12 Main St;Springfield;IL;62701;USA",
        "item2.X-ABADR:us",
        "ADR;TYPE=WORK:PO 7;Floor 2;1 Side St;Town;;;",
        "CATEGORIES:Friends,Golf",
        "IMPP;X-SERVICE-TYPE=Skype:skype:ann",
        "PHOTO;ENCODING=b;TYPE=JPEG:" + "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkS",
        "X-CUSTOM;X-PARAM=1:kept as it is",
        "NOTE:line one\\nline two\\, with a comma",
        "END:VCARD",
        "",
    ]
)


class Hands(Protocol):
    """What a person's own address book app does to the server."""

    async def put(self, href: str, card: str) -> None: ...

    async def get(self, href: str) -> str: ...

    async def delete(self, href: str) -> None: ...


def person(given: str, family: str, email: str) -> Values:
    return {"N.given": given, "N.family": family, "EMAIL": (Item(email, "work"),)}


def card_of(values: Values, uid: str, version: str = "3.0") -> str:
    """A card as an address book app would write it."""
    given, family = _escaped(values.get("N.given")), _escaped(values.get("N.family"))
    emails = values.get("EMAIL")
    lines = ["BEGIN:VCARD", f"VERSION:{version}", f"UID:{uid}", f"FN:{given} {family}", f"N:{family};{given};;;"]
    for item in emails if isinstance(emails, tuple) else ():
        lines.append(f"EMAIL;TYPE=INTERNET,{item.label.upper()}:{item.value}")
    if values.get("TITLE"):
        lines.append(f"TITLE:{_escaped(values['TITLE'])}")
    if names := values.get("CATEGORIES"):
        lines.append(f"CATEGORIES:{_listed(names)}")
    return "\r\n".join([*lines, "END:VCARD", ""])


def parts_of(card: str) -> dict[str, Any]:
    """The lines of a card without their order: values by name, group and parameters."""
    parts: dict[str, Any] = {}
    for line in re.sub(r"\r?\n[ \t]", "", card).splitlines():
        head, _, value = line.partition(":")
        name, *params = head.split(";")
        key = ";".join([name.upper(), *sorted(param.upper() for param in params)])
        parts.setdefault(key, []).append(value)
    return {key: sorted(values) for key, values in parts.items()}


def card_bench(
    connector: CardDavConnector,
    ref: str,
    hands: Hands,
    wait: Callable[[float], Awaitable[None]],
    *,
    object_name: str,
    lose_cursors: Callable[[], Awaitable[None]] | None = None,
    fill: Callable[[int], Awaitable[Sequence[str]]] | None = None,
    page: int = 100,
    version: str = "3.0",
    world: World | None = None,
) -> Bench:
    """A bench whose person edits the book through ``hands``, in cards of that version."""

    async def create(values: Values) -> str:
        uid = str(uuid.uuid4())
        await hands.put(f"{ref}{uid}.vcf", card_of(values, uid, version))
        return f"{ref}{uid}.vcf"

    async def edit(href: str, values: Values) -> None:
        ((name, value),) = values.items()
        assert name in {"TITLE", "CATEGORIES"}
        line = f"{name}:{_listed(value) if name == 'CATEGORIES' else _escaped(value)}"
        card = re.sub(rf"^{name}:.*\r?\n", "", await hands.get(href), flags=re.MULTILINE)
        await hands.put(href, card.replace("END:VCARD", f"{line}\r\nEND:VCARD"))

    async def everything(href: str) -> Mapping[str, Any]:
        return parts_of(await hands.get(href))

    async def strange() -> str:
        href = f"{ref}strange-{uuid.uuid4()}.vcf"
        card = STRANGE.replace("{uid}", uuid.uuid4().hex).replace("VERSION:3.0", f"VERSION:{version}")
        await hands.put(href, card)
        return href

    return Bench(
        connector=connector,
        ref=ref,
        person=person,
        text="TITLE",
        create=create,
        edit=edit,
        delete=hands.delete,
        everything=everything,
        strange=strange,
        wait=wait,
        object_name=object_name,
        own_parts=frozenset({"REV"}),
        lose_cursors=lose_cursors,
        fill=fill,
        page=page,
        world=world,
        silent=frozenset({"update", "delete"}),
    )


def _listed(names: Value) -> str:
    return ",".join(_escaped(item.value) for item in names) if isinstance(names, tuple) else ""


def _escaped(text: object) -> str:
    return re.sub(r"([\\,;])", r"\\\1", str(text or "")).replace("\n", "\\n")
