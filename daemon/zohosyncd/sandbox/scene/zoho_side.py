"""How Zoho has the people: its own spelling, phone formats and times."""

import random
from typing import Any

from .people import Person, ascii_letters
from .words import COMPANIES

_BASE = 5_545_974_000_000_000_000
_LEAD_SOURCES = ("Web Download", "Trade Show", "Cold Call", "Partner", "Advertisement")
_DAY = 86_400
_OWNERS = (293_002, 293_002, 293_003, 293_005, 293_006)
_TAGS = (("Newsletter", 0.2), ("Trade fair 2026", 0.1), ("VIP", 0.05))
_INDUSTRIES = ("Education", "Manufacturing", "Technology")
_GROUPS = ("Wholesale", "Retail", "Press", "Partner")


def record_id(number: int) -> int:
    """The id of a person's record."""
    return _BASE + 2_000_000 + number * 7


def accounts(start: float) -> list[dict[str, Any]]:
    """The companies, as records of Accounts."""
    created = int(start) - 720 * _DAY
    return [
        {
            "id": account_id(name), "Account_Name": name, "Created_Time": created, "Modified_Time": created,
            "Website": f"https://www.company{place}.example", "Industry": _INDUSTRIES[place % len(_INDUSTRIES)],
            "Phone": f"+49 30 23125{place:03}", "Billing_City": ("Berlin", "Hamburg", "Munich")[place % 3],
        }
        for place, name in enumerate(COMPANIES)
    ]  # fmt: skip


def account_id(name: str) -> int:
    """The id of a company's record."""
    return _BASE + 1_500_000 + COMPANIES.index(name) * 11


def record(seed: int, person: Person, people: int, start: float) -> dict[str, Any]:
    """A person's record of Contacts, for a world that begins at ``start`` (seconds since 1970)."""
    chance = random.Random(f"zoho/{seed}/{person.number}")
    created, modified = _times(person.number, people, int(start), chance)
    given, family = _spelling(person, chance)
    values: dict[str, Any] = {
        "id": record_id(person.number),
        "Created_Time": created,
        "Modified_Time": modified,
        "First_Name": given,
        "Last_Name": family,
        "Email": person.email,
        "Secondary_Email": person.second_email if chance.random() < 0.5 else None,
        "Mobile": formatted(person.mobile, chance),
        "Phone": formatted(person.office, chance),
        "Title": person.title if person.title and len(person.title) <= 100 else None,
        "Date_of_Birth": person.birthday,
        "Mailing_Street": person.street,
        "Description": person.note,
        "Lead_Source": chance.choice(_LEAD_SOURCES) if chance.random() < 0.5 else None,
        "Email_Opt_Out": chance.random() < 0.03,
    }
    if person.city is not None:
        city, state, code, country = person.city
        values |= {
            "Mailing_City": city,
            "Mailing_State": state or None,
            "Mailing_Zip": code,
            "Mailing_Country": country,
        }
    if person.company is not None:
        values["Account_Name"] = {"id": account_id(person.company)}
    return values | _business(seed, person.number)


def _business(seed: int, number: int) -> dict[str, Any]:
    """Owner, tags and custom fields, from a chance of their own, so that everything else is as it was without them."""
    chance = random.Random(f"business/{seed}/{number}")
    tags = [tag for tag, share in _TAGS if chance.random() < share]
    return {
        "Owner": {"id": _BASE + chance.choice(_OWNERS)},
        "Tag": tags,
        "Customer_Number": f"C-{10_000 + number}" if chance.random() < 0.4 else None,
        "Customer_Group": chance.choice(_GROUPS) if chance.random() < 0.4 else None,
        "Language": chance.choice(("de", "en", "fr")) if chance.random() < 0.3 else None,
        "Key_Account": chance.random() < 0.1,
    }


def _spelling(person: Person, chance: random.Random) -> tuple[str | None, str]:
    """Whoever is found by phone and family name alone keeps that name as it is."""
    given, family = person.given[:40], person.family[:80]
    if person.email is None or person.shares_email or person.namesake:
        return given, family
    way = chance.random()
    if way < 0.10:
        return ascii_letters(given), ascii_letters(family)
    if way < 0.18:
        return given, family.upper()[:80]
    if way < 0.20 and len(family) <= 40:
        return family, given
    if way < 0.22:
        return None, f"{given} {family}"[:80]
    return given, family


def formatted(phone: str | None, chance: random.Random) -> str | None:
    """One of the ways in which people write a number into Zoho."""
    if phone is None:
        return None
    if phone.startswith("+1"):
        area, rest = phone[2:5], f"{phone[5:8]}-{phone[8:]}"
        return chance.choice((phone, f"+1 {area}-{rest}", f"+1 ({area}) {rest}", f"+1 {area} {phone[5:8]} {phone[8:]}"))
    digits = phone[3:]
    area = digits[:3] if digits.startswith("221") else digits[:2]
    line = digits[len(area) :]
    return chance.choice(
        (phone, f"+49 {area} {line}", f"0{area} {line}", f"(0{area}) {line[:5]}-{line[5:]}", f"+49 ({area}) {line}")
    )


def _times(number: int, people: int, start: int, chance: random.Random) -> tuple[int, int]:
    """The first third came in one import, hundreds in a second, and was never touched; the others came one by one."""
    begin = start - 700 * _DAY
    burst = people // 3
    if number < burst:
        created = begin + number // 250
        return created, created
    created = begin + _DAY + (number - burst) * (680 * _DAY // max(people, 1))
    return created, chance.randrange(created, start - 3_600)
