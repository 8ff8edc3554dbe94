"""Cards in the dialects of the big address books are read as the people they were written from, through real servers."""

import asyncio
import time
import uuid
from pathlib import Path

import pytest

from tests.servers import real
from tests.servers.dialects import DIALECTS, Person, cards
from zohosyncd.connectors.carddav import SPEC
from zohosyncd.connectors.carddav.options import CardDavOptions
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.record import Item, Postal, Values
from zohosyncd.ports.connector import Upserted
from zohosyncd.settings.secrets import Secret
from zohosyncd.transport.wire import AiohttpSender

GIVEN = ("Anna", "Jörg", "Zoë", "李", "Søren", "Mary Jane", "François")
FAMILY = ("Müller", "O'Brien", "van der Berg", "小龙", "Łódzki", "Smith, Jr.", "Nuñez; y Ruiz")


class WallClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Chance:
    def new_id(self) -> str:
        return uuid.uuid4().hex

    def uniform(self, low: float, high: float) -> float:
        return (low + high) / 2


def people(count: int) -> list[Person]:
    return [
        Person(
            GIVEN[n % 7],
            f"{FAMILY[n // 7 % 7]} {n}",
            [("work", f"p{n}@example.com"), ("home", f"p{n}@home.example")][: n % 3],
            [("mobile", f"+49 171 555{n:04d}"), ("work", f"+49 30 555{n:04d}")][: n % 4],
            company="Ünïon Çompany GmbH, Berlin" if n % 2 else "",
            department="R;D" if n % 4 == 1 else "",
            title="Leiterin, Einkauf" if n % 5 == 0 else "",
            birthday=("1980-02-29", "", "1975-12-01")[n % 3],
            address=("Straße des 17. Juni 1", "Berlin", "BE", "10623", "Germany") if n % 6 == 0 else (),
            website=f"https://example.com/?a={n}&b=1" if n % 7 == 0 else "",
            note="Zeile eins\nZeile zwei, lang genug, dass sie auf jeden Fall gefaltet werden muss; äöüß"
            if n % 4 == 0
            else "",
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("count", [200, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("server", [real.radicale, real.xandikos], ids=["radicale", "xandikos"])
async def test_cards_show_the_people_they_were_written_from(server: object, count: int, tmp_path: Path) -> None:
    wanted = people(count)
    async with server(tmp_path, cards(wanted)) as book, AiohttpSender() as sender:  # type: ignore[operator]
        keys = {"url": f"{book.url}/", "username": real.USER, "password": "env:PASSWORD", "allow_http": True}
        tools = Tools("book", sender, WallClock(), Chance(), lambda _: Secret(real.PASSWORD))
        connector = SPEC.open(CardDavOptions.model_validate(keys), tools)
        await connector.check()
        fields = list((await connector.schema(book.path)).fields)
        found: dict[object, Values] = {}
        async for page in connector.changes(book.path, fields, None):
            for change in page.changes:
                assert isinstance(change, Upserted), change
                values = change.record.values
                found[values["N.given"], values["N.family"]] = values
    assert len(found) == count
    for person in wanted:
        _agree(person, found[person.given, person.family])


def _agree(person: Person, values: Values) -> None:
    assert _texts(values["EMAIL"]) == [email for _, email in person.emails]
    assert [_digits(phone) for phone in _texts(values["TEL"])] == [_digits(phone) for _, phone in person.phones]
    assert (values["ORG"] or "", values["ORG.unit"] or "") == (person.company, person.department)
    assert (values["TITLE"] or "") == person.title
    assert (values["BDAY"] or "") == person.birthday
    assert values["ADR"] == (Postal(*person.address) if person.address else None)
    assert _texts(values["URL"]) == ([person.website] if person.website else [])
    assert (values["NOTE"] or "") == person.note


def _texts(value: object) -> list[str]:
    return [item.value for item in value if isinstance(item, Item)] if isinstance(value, tuple) else []


def _digits(phone: str) -> str:
    return "".join(sign for sign in phone if sign in "+0123456789")


def test_all_dialects_are_among_a_thousand_cards() -> None:
    texts = "".join(text for _, text in cards(people(1000)))
    assert len(DIALECTS) == 4
    for sign in ("myContacts", "-//Apple Inc.", "X-MS-OL", "VERSION:4.0", "QUOTED-PRINTABLE", "\r\n ", "item1."):
        assert sign in texts
