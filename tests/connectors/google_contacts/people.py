"""Persons as the People API shows them, with much in them that we do not map; and any number of made-up ones."""

from typing import Any, Final

from hypothesis import strategies as st

from zohosyncd.connectors.google_contacts.fields import ADDRESSES, BIRTHDAY, EMAILS, NICKNAME, NOTES, PHONES, URLS
from zohosyncd.core.record import Item, Postal, Value

SOURCE: Final = {"source": {"type": "CONTACT", "id": "4a5b"}}
FIRST: Final = {**SOURCE, "primary": True, "sourcePrimary": True}

LABELS: Final = {"contactGroups/a1": "Customers", "contactGroups/b2": "Trade fair", "contactGroups/starred": "starred"}

RICH: Final[dict[str, Any]] = {
    "resourceName": "people/c42",
    "etag": "%EgUBAgMEBQ==",
    "metadata": {
        "sources": [
            {"type": "CONTACT", "id": "4a5b", "etag": "#AbCd=", "updateTime": "2026-11-24T12:00:00.123456Z"},
            {"type": "PROFILE", "id": "1099"},
        ],
        "objectType": "PERSON",
    },
    "names": [
        {
            "metadata": FIRST, "displayName": "Dr. Ann Maria Miller", "displayNameLastFirst": "Miller, Dr. Ann Maria",
            "unstructuredName": "Dr. Ann Maria Miller", "givenName": "Ann", "middleName": "Maria",
            "familyName": "Miller", "honorificPrefix": "Dr.", "phoneticFamilyName": "MIL-ler",
        }
    ],
    "nicknames": [{"metadata": SOURCE, "value": "Annie"}, {"metadata": FIRST, "value": "Mim", "type": "DEFAULT"}],
    "emailAddresses": [
        {"metadata": SOURCE, "value": "ann@home.example", "type": "home", "formattedType": "Home"},
        {"metadata": FIRST, "value": "ann@work.example", "type": "work", "displayName": "Ann at work"},
        {"metadata": SOURCE, "value": "ann@club.example", "type": "Chess club", "formattedType": "Chess club"},
        {"metadata": {"source": {"type": "PROFILE", "id": "1099"}}, "value": "theirs@profile.example"},
    ],
    "phoneNumbers": [
        {"metadata": FIRST, "value": "0171 2345678", "canonicalForm": "+491712345678", "type": "workMobile"},
        {"metadata": SOURCE, "value": "030 1", "type": "workFax", "formattedType": "Work Fax"},
    ],
    "urls": [{"metadata": FIRST, "value": "https://ann.example/blog", "type": "blog", "formattedType": "Blog"}],
    "addresses": [
        {
            "metadata": SOURCE, "type": "home", "streetAddress": "Side St 2", "city": "Bonn", "poBox": "77",
            "formattedValue": "Side St 2\n77\nBonn",
        },
        {
            "metadata": FIRST, "type": "work", "formattedType": "Work", "formattedValue": "Main St 1\nFloor 3\nBerlin",
            "streetAddress": "Main St 1", "extendedAddress": "Floor 3", "city": "Berlin", "postalCode": "10115",
            "country": "Germany", "countryCode": "DE",
        },
    ],
    "organizations": [
        {"metadata": SOURCE, "name": "Old Inc", "title": "Clerk", "endDate": {"year": 2019}},
        {
            "metadata": FIRST, "name": "ACME", "title": "Queen", "department": "Court", "current": True, "type": "work",
            "jobDescription": "reigns", "domain": "acme.example",
        },
    ],
    "birthdays": [{"metadata": FIRST, "date": {"year": 1980, "month": 3, "day": 5}, "text": "3/5/1980"}],
    "biographies": [{"metadata": FIRST, "value": "Likes tea.\nTwo lines.", "contentType": "TEXT_PLAIN"}],
    "userDefined": [
        {"metadata": FIRST, "key": "customer", "value": "C-1"}, {"metadata": SOURCE, "key": "shoe", "value": "39"},
    ],
    "memberships": [
        {"metadata": SOURCE, "contactGroupMembership": {"contactGroupId": "a1", "contactGroupResourceName": each}}
        for each in ("contactGroups/a1", "contactGroups/myContacts", "contactGroups/zz")
    ] + [{"domainMembership": {"inViewerDomain": True}}],
    "relations": [{"metadata": FIRST, "person": "Bob", "type": "spouse"}],
    "events": [{"metadata": FIRST, "date": {"month": 6, "day": 1}, "type": "anniversary"}],
    "clientData": [{"metadata": SOURCE, "key": "other-tool", "value": "7"}],
}  # fmt: skip
"""Somebody of whom much is known; what lists say in no order is in an unusual one."""

_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).map(str.strip)
texts = _texts.filter(bool)
"""One line, as people type it: nothing in front of it or behind it."""

labels = st.sampled_from(["", "work", "home", "other"])
phone_labels = st.sampled_from(["", "work", "home", "other", "mobile", "fax"])


def items(of: st.SearchStrategy[str], label: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[Item, ...] | None]:
    found = st.lists(st.builds(Item, of, label), max_size=4, unique_by=lambda each: each.value)
    return found.map(lambda each: tuple(each) or None)


days = st.dates().map(lambda day: day.isoformat())
yearless = days.map(lambda day: f"--{day[5:]}")
postal = st.builds(Postal, *[st.one_of(st.just(""), texts)] * 5).map(lambda each: None if each == Postal() else each)

_OPTIONAL = st.one_of(st.none(), texts)
_FIELDS: dict[str, st.SearchStrategy[Value]] = {
    **{f"names.{each}": _OPTIONAL for each in ("givenName", "familyName", "middleName", "honorificPrefix",
                                               "honorificSuffix")},
    NICKNAME: _OPTIONAL,
    EMAILS: items(texts, labels),
    PHONES: items(texts, phone_labels),
    URLS: items(texts, labels),
    **{f"organizations.{each}": _OPTIONAL for each in ("name", "title", "department")},
    BIRTHDAY: st.one_of(st.none(), days, yearless),
    NOTES: _OPTIONAL,
    ADDRESSES: postal,
    "userDefined.customer": _OPTIONAL,
    "userDefined.a.b": _OPTIONAL,
}  # fmt: skip

values: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries(_FIELDS)
"""A value for each of these fields, nothing among them."""

patches: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries({}, optional=_FIELDS)
"""Values for some of them."""
