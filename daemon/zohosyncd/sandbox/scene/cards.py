"""How the address book has the people: vCards in the dialects that Google, Apple and Outlook export, 3.0 and 4.0."""

import base64
import hashlib
import random
import unicodedata
from collections.abc import Callable
from typing import Final

from .people import Person, ascii_letters

BOOK: Final = "/ann/contacts/"
_WIDTH: Final = 74
_LETTERS = str.maketrans({"\\": "\\\\", ",": "\\,", ";": "\\;", "\n": "\\n"})
Lines = list[str]


def href(seed: int, number: int) -> str:
    """Where a person's card lies."""
    return f"{BOOK}{uid(seed, number)}.vcf"


def uid(seed: int, number: int) -> str:
    """The UID of a person's card."""
    digest = hashlib.sha256(f"card/{seed}/{number}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def card(seed: int, person: Person) -> str:
    """A person's card, with CRLF line ends and folded lines."""
    chance = random.Random(f"card/{seed}/{person.number}")
    dialect: Callable[[Person, Lines, random.Random], Lines] = chance.choice((_google, _apple, _outlook, _plain))
    names = _names(person, chance)
    version = "4.0" if dialect is _plain else "3.0"
    lines = [
        "BEGIN:VCARD",
        f"VERSION:{version}",
        *dialect(person, names, chance),
        f"UID:{uid(seed, person.number)}",
        "END:VCARD",
    ]
    if person.odd and person.email and chance.random() < 0.3:
        lines = [unicodedata.normalize("NFD", line) for line in lines]
    return "".join(map(_folded, lines))


def team(seed: int, members: list[int]) -> tuple[str, str]:
    """A group card, which is no person: its href and text."""
    key = uid(seed, -1)
    lines = ["BEGIN:VCARD", "VERSION:3.0", "PRODID:-//Apple Inc.//macOS 14.5//EN", "N:Trade fair;;;;", "FN:Trade fair"]
    lines.append("X-ADDRESSBOOKSERVER-KIND:group")
    lines += [f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{uid(seed, member)}" for member in members]
    return f"{BOOK}{key}.vcf", "".join(map(_folded, [*lines, f"UID:{key}", "END:VCARD"]))


def _escaped(text: str) -> str:
    return text.translate(_LETTERS)


def _folded(line: str) -> str:
    """At most 75 octets a line, never inside a character (RFC 6350, 3.2)."""
    octets = line.encode()
    pieces, start = [], 0
    while len(octets) - start > _WIDTH:
        end = start + _WIDTH
        while octets[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(octets[start:end].decode())
        start = end
    return "\r\n ".join([*pieces, octets[start:].decode()]) + "\r\n"


def _names(person: Person, chance: random.Random) -> Lines:
    """N and FN. The family name changes only where an address of one's own tells who it is."""
    given, family = person.given, person.family
    free = person.email is not None and not person.shares_email and not person.namesake
    way = chance.random()
    if free and way < 0.10:
        given, family = ascii_letters(given), ascii_letters(family)
    elif free and way < 0.15:
        given = f"{given[:1]}."
    elif free and person.stands == "book" and way < 0.17:
        family = ""
    shown = chance.choice((f"{given} {family}", f"{family}, {given}", f"{family} {given}")) if family else given
    prefix = chance.choice(("", "", "", "Dr."))
    return [f"N:{_escaped(family)};{_escaped(given)};;{prefix};", f"FN:{_escaped(shown.strip())}"]


def _emails(person: Person, chance: random.Random) -> list[str]:
    found = [address for address in (person.email, person.second_email) if address]
    if chance.random() < 0.2:
        found = [address.replace("@example", "@Example").capitalize() for address in found]
    return found[::-1] if chance.random() < 0.2 else found


def _phone(phone: str, chance: random.Random) -> str:
    """One of the ways in which address books write a number."""
    if phone.startswith("+1"):
        return chance.choice(
            (phone, f"+1 {phone[2:5]} {phone[5:8]} {phone[8:]}", f"+1-{phone[2:5]}-{phone[5:8]}-{phone[8:]}")
        )
    digits = phone[3:]
    area = digits[:3] if digits.startswith("221") else digits[:2]
    line = digits[len(area) :]
    return chance.choice(
        (phone, f"0{area}/{line}", f"0{area} {line[:5]} {line[5:]}", f"+49 (0){area} {line}", f"0049 {area} {line}")
    )


def _address(person: Person) -> str | None:
    if person.city is None:
        return None
    city, state, code, country = person.city
    return ";".join(map(_escaped, ("", "", person.street or "", city, state, code, country)))


def _google(person: Person, names: Lines, chance: random.Random) -> Lines:
    kinds = ("HOME", "WORK")
    lines = [names[1], names[0]]
    lines += [f"EMAIL;TYPE=INTERNET;TYPE={kinds[n % 2]}:{address}" for n, address in enumerate(_emails(person, chance))]
    if person.mobile:
        lines.append(f"TEL;TYPE=CELL:{_phone(person.mobile, chance)}")
    if person.office:
        lines.append(f"TEL;TYPE=WORK:{_phone(person.office, chance)}")
    if postal := _address(person):
        lines.append(f"ADR;TYPE=WORK:{postal}")
    lines += _rest(person, birthday="{}")
    return [*lines, "CATEGORIES:myContacts"]


def _apple(person: Person, names: Lines, chance: random.Random) -> Lines:
    lines = ["PRODID:-//Apple Inc.//macOS 14.5//EN", *names]
    for n, address in enumerate(_emails(person, chance), 1):
        preferred = ";type=pref" if n == 1 else ""
        lines += [
            f"item{n}.EMAIL;type=INTERNET{preferred}:{address}",
            f"item{n}.X-ABLabel:{'_$!<Work>!$_' if n == 1 else 'Privat'}",
        ]
    if person.mobile:
        lines.append(f"TEL;type=CELL;type=VOICE;type=pref:{_phone(person.mobile, chance)}")
    if person.office:
        lines.append(f"TEL;type=WORK;type=VOICE:{_phone(person.office, chance)}")
    if postal := _address(person):
        lines += [f"item9.ADR;type=WORK;type=pref:{postal}", "item9.X-ABADR:de"]
    if chance.random() < 0.2:
        picture = base64.b64encode(bytes(chance.randrange(256) for _ in range(180))).decode()
        lines.append(f"PHOTO;ENCODING=b;TYPE=JPEG:{picture}")
    if person.birthday and chance.random() < 0.3:
        lines.append(f"BDAY;X-APPLE-OMIT-YEAR=1604:1604{person.birthday[4:]}")
    return lines + _rest(person, birthday="" if lines[-1].startswith("BDAY") else "{}")


def _outlook(person: Person, names: Lines, chance: random.Random) -> Lines:
    lines = [*names]
    for n, address in enumerate(_emails(person, chance)):
        lines.append(f"EMAIL;TYPE={'PREF,INTERNET' if n == 0 else 'INTERNET'}:{address}")
    if person.mobile:
        lines.append(f"TEL;TYPE=CELL,VOICE:{_phone(person.mobile, chance)}")
    if person.office:
        lines.append(f"TEL;TYPE=WORK,VOICE:{_phone(person.office, chance)}")
    if postal := _address(person):
        lines.append(f"ADR;TYPE=WORK,PREF:{postal}")
    lines += _rest(person, birthday="{}")
    lines.append("X-MS-OL-DEFAULT-POSTAL-ADDRESS:2")
    if chance.random() < 0.3:
        lines.append("X-OUTLOOK-LABEL;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Hauptstra=C3=9Fe 5=2C Berlin")
    return [*lines, "REV:20240305T101112Z"]


def _plain(person: Person, names: Lines, chance: random.Random) -> Lines:
    """A 4.0 card as Nextcloud or a phone writes it: URIs, preferences, the property groups of the RFC."""
    lines = [names[1], names[0], "KIND:individual"]
    for n, address in enumerate(_emails(person, chance), 1):
        lines.append(f"EMAIL;TYPE=work;PREF={n}:{address}")
    if person.mobile:
        number = person.mobile
        uri = f"tel:{number[:3]}-{number[3:]}" if chance.random() < 0.5 else ""
        lines.append(f'TEL;VALUE=uri;TYPE="cell,voice":{uri}' if uri else f"TEL;TYPE=cell:{_phone(number, chance)}")
    if person.office:
        lines.append(f"TEL;TYPE=work:{_phone(person.office, chance)}")
    if postal := _address(person):
        lines.append(f'ADR;TYPE=work;LABEL="by the river":{postal}')
    lines += _rest(person, birthday="{}" if chance.random() < 0.5 else "compact")
    return [*lines, "X-SOCIALPROFILE;TYPE=mastodon:https://social.example.org/@someone", "REV:20250110T080000Z"]


def _rest(person: Person, *, birthday: str) -> Lines:
    lines = []
    if person.company:
        lines.append(f"ORG:{_escaped(person.company)}")
    if person.title:
        lines.append(f"TITLE:{_escaped(person.title)}")
    if person.birthday and birthday:
        lines.append(f"BDAY:{person.birthday.replace('-', '') if birthday == 'compact' else person.birthday}")
    if person.note:
        lines.append(f"NOTE:{_escaped(person.note)}")
    return lines
