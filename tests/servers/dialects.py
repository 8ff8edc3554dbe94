"""vCards in the dialects that Google, Apple and Outlook export, written from a list of people.

Independent of the daemon's own vCard code, so that a misunderstanding does not stand on both sides. A card is a
function of its person and the seed alone.
"""

import quopri
import random
import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_PHOTO: Final = (
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQ"
    "CgwSExIQEw8QEBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AKp//2Q=="
)
Lines = list[str]


@dataclass(frozen=True)
class Person:
    """Who is to be written.

    Attributes:
        emails, phones: (label, text) with labels work, home, mobile, other.
        birthday: YYYY-MM-DD, --MM-DD or "".
        address: street, city, region, code, country; () for none.
    """

    given: str
    family: str
    emails: Sequence[tuple[str, str]] = ()
    phones: Sequence[tuple[str, str]] = ()
    company: str = ""
    department: str = ""
    title: str = ""
    birthday: str = ""
    address: Sequence[str] = ()
    website: str = ""
    note: str = ""


def cards(people: Iterable[Person], seed: int = 1) -> list[tuple[str, str]]:
    """File name and text of a card for each person, the dialects mixed."""
    written = []
    for number, person in enumerate(people):
        chance = random.Random(f"{seed}/{number}")
        uid = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        dialect = DIALECTS[chance.choice(sorted(DIALECTS))]
        written.append((f"{uid}.vcf", "".join(_folded(line) for line in dialect(person, uid, chance))))
    return written


def google(person: Person, uid: str, chance: random.Random) -> Lines:
    """Google Contacts, 3.0: grouped properties with X-ABLabel for anything unusual, CATEGORIES, no PRODID."""
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"FN:{_esc(_joined(person))}", _n(person), f"UID:{uid}"]
    group = 0
    for place, (label, email) in enumerate(person.emails):
        if label in {"work", "home"}:
            lines.append(f"EMAIL;TYPE=INTERNET;TYPE={label.upper()}{';TYPE=PREF' if not place else ''}:{email}")
        else:
            group += 1
            lines += [f"item{group}.EMAIL;TYPE=INTERNET:{email}", f"item{group}.X-ABLabel:{label.title()}"]
    for label, phone in person.phones:
        kind = {"mobile": "CELL", "work": "WORK", "home": "HOME"}.get(label)
        if kind:
            lines.append(f"TEL;TYPE={kind}:{phone}")
        else:
            group += 1
            lines += [f"item{group}.TEL:{phone}", f"item{group}.X-ABLabel:{label.title()}"]
    if person.address:
        street, city, region, code, country = map(_esc, person.address)
        group += 1
        lines.append(f"item{group}.ADR;TYPE=WORK:;;{street};{city};{region};{code};{country}")
        lines.append(f"item{group}.X-ABLabel:")
    lines += _work(person)
    if person.birthday:
        lines.append(f"BDAY:{person.birthday.replace('-', '') if person.birthday[0] != '-' else person.birthday}")
    if person.website:
        group += 1
        website = person.website.replace(":", "\\:")
        lines += [f"item{group}.URL:{website}", f"item{group}.X-ABLabel:_$!<HomePage>!$_"]
    if person.note:
        lines.append(f"NOTE:{_esc(person.note)}")
    if chance.random() < 0.3:
        lines.append("PHOTO:https://lh3.googleusercontent.com/contacts/" + "A" * 80)
    return [*lines, "CATEGORIES:myContacts", "END:VCARD"]


def apple(person: Person, uid: str, chance: random.Random) -> Lines:
    """Apple Contacts, 3.0: lower case type lists with pref, itemN groups with X-ABADR, embedded photos, REV."""
    lines = ["BEGIN:VCARD", "VERSION:3.0", "PRODID:-//Apple Inc.//macOS 14.5//EN", _n(person)]
    lines += [f"FN:{_esc(_joined(person))}", *_work(person)]
    for place, (label, email) in enumerate(person.emails):
        kind = label.upper() if label in {"work", "home"} else "OTHER"
        lines.append(f"EMAIL;type=INTERNET;type={kind}{';type=pref' if not place else ''}:{email}")
    for label, phone in person.phones:
        kind = {"mobile": "CELL", "work": "WORK", "home": "HOME"}.get(label, "OTHER")
        lines.append(f"TEL;type={kind};type=VOICE;type=pref:{phone}")
    if person.address:
        street, city, region, code, country = map(_esc, person.address)
        lines += [f"item1.ADR;type=WORK;type=pref:;;{street};{city};{region};{code};{country}", "item1.X-ABADR:de"]
    if person.website:
        lines += [f"item2.URL;type=pref:{person.website}", "item2.X-ABLabel:_$!<HomePage>!$_"]
    if person.note:
        lines.append(f"NOTE:{_esc(person.note)}")
    if person.birthday.startswith("--"):
        lines.append(f"BDAY;X-APPLE-OMIT-YEAR=1604:1604-{person.birthday[2:]}")
    elif person.birthday:
        lines.append(f"BDAY:{person.birthday}")
    if chance.random() < 0.3:
        lines.append(f"PHOTO;ENCODING=b;TYPE=JPEG:{_PHOTO}")
    return [*lines, "X-PHONETIC-LAST-NAME:", "REV:2026-10-01T08:00:00Z", f"UID:{uid}", "END:VCARD"]


def outlook(person: Person, uid: str, chance: random.Random) -> Lines:
    """Outlook, told to write 3.0: bare types, quoted-printable texts, a LABEL beside the address, X-MS properties."""
    lines = ["BEGIN:VCARD", "VERSION:3.0", _quoted("N", f"{_esc(person.family)};{_esc(person.given)};;;")]
    shown = f"{person.family}, {person.given}" if person.given and person.family else _joined(person)
    lines += [_quoted("FN", _esc(shown)), *_work(person)]
    kinds = {"mobile": "CELL,VOICE", "work": "WORK,VOICE", "home": "HOME,VOICE"}
    lines += [f"TEL;TYPE={kinds.get(label, 'VOICE')}:{phone}" for label, phone in person.phones]
    for place, (_, email) in enumerate(person.emails):
        lines.append(f"EMAIL;TYPE={'PREF,' if not place else ''}INTERNET:{email}")
    if person.address:
        street, city, region, code, country = map(_esc, person.address)
        lines.append(f"ADR;TYPE=WORK,PREF:;;{street};{city};{region};{code};{country}")
    if person.birthday and not person.birthday.startswith("--"):
        lines.append(f"BDAY:{person.birthday.replace('-', '')}")
    if person.website:
        lines.append(f"URL;TYPE=WORK:{person.website}")
    if person.note:
        lines.append(_quoted("NOTE", _esc(person.note)))
    lines += ["X-MS-OL-DEFAULT-POSTAL-ADDRESS:2", "X-MS-CARDPICTURE;TYPE=JPEG;ENCODING=b:" + _PHOTO]
    return [*lines[: -1 if chance.random() < 0.7 else None], f"UID:{uid}", "REV:20261001T080000Z", "END:VCARD"]


def modern(person: Person, uid: str, chance: random.Random) -> Lines:
    """Version 4.0: tel URIs, PREF, quoted type lists, KIND."""
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"UID:urn:uuid:{uid}", "KIND:individual", f"FN:{_esc(_joined(person))}"]
    lines += [_n(person), *_work(person)]
    for place, (label, email) in enumerate(person.emails):
        kind = f";TYPE={label}" if label in {"work", "home"} else ""
        lines.append(f"EMAIL{kind};PREF={place + 1}:{email}")
    for label, phone in person.phones:
        kind = {"mobile": "cell", "work": "work", "home": "home"}.get(label, "voice")
        if phone.startswith("+"):
            number = "".join(sign for sign in phone if sign in "+0123456789")
            lines.append(f'TEL;VALUE=uri;TYPE="{kind},voice":tel:{number}')
        else:
            lines.append(f"TEL;TYPE={kind}:{phone}")
    if person.address:
        street, city, region, code, country = map(_esc, person.address)
        lines.append(f"ADR;TYPE=work:;;{street};{city};{region};{code};{country}")
    if person.birthday:
        lines.append(f"BDAY:{person.birthday if person.birthday[0] == '-' else person.birthday.replace('-', '')}")
    if person.website:
        lines.append(f"URL:{person.website}")
    if person.note:
        lines.append(f"NOTE:{_esc(person.note)}")
    if chance.random() < 0.3:
        lines.append(f"PHOTO:data:image/jpeg;base64,{_PHOTO}")
    return [*lines, "X-SOCIALPROFILE;TYPE=mastodon:https://social.example/@someone", "END:VCARD"]


Dialect = Callable[[Person, str, random.Random], Lines]
DIALECTS: Final[dict[str, Dialect]] = {"google": google, "apple": apple, "outlook": outlook, "modern": modern}


def _n(person: Person) -> str:
    return f"N:{_esc(person.family)};{_esc(person.given)};;;"


def _joined(person: Person) -> str:
    return f"{person.given} {person.family}".strip()


def _work(person: Person) -> Lines:
    lines = []
    if person.company:
        lines.append(f"ORG:{_esc(person.company)};{_esc(person.department)}")
    if person.title:
        lines.append(f"TITLE:{_esc(person.title)}")
    return lines


def _esc(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").replace("\n", "\\n")


def _quoted(name: str, value: str) -> str:
    """Quoted-printable where there is something to quote, on one line: 3.0 folds it like any other."""
    if value.isascii():
        return f"{name}:{value}"
    coded = quopri.encodestring(value.encode(), quotetabs=False).decode().replace("=\n", "")
    return f"{name};CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{coded}"


def _folded(line: str) -> str:
    """Folded at 75 octets between characters (RFC 6350, 3.2), and never inside a quoted-printable one."""
    signs = re.findall(r"=[0-9A-F]{2}|.", line) if "QUOTED-PRINTABLE" in line else line
    pieces, piece, size = [], "", 0
    for sign in signs:
        width = len(sign.encode())
        if size + width > 75:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + sign, size + width
    return "\r\n".join([*pieces, piece]) + "\r\n"
