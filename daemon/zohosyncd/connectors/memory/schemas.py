"""Schemas for in-memory apps: in the manner of a CRM (slots), an address book (lists), a mailing app (members)."""

from typing import Final

from zohosyncd.core.consent import ConsentState
from zohosyncd.core.record import Owner
from zohosyncd.core.schema import ConsentFields, Containers, Field, FieldType, Schema

OWNERS: Final = (
    Owner("u1", "Ann Keller", "ann.keller@crm.example"),
    Owner("u2", "Ben Roe", "ben.roe@crm.example"),
    Owner("u3", "Cleo Hart", "cleo.hart@crm.example"),
)
"""Who can own records of an app with :data:`SLOTS_SCHEMA`; the first one gets what nobody else is given."""

SLOTS_SCHEMA: Final = Schema.of(
    Field("First", FieldType.TEXT, semantic="given_name", max_length=40),
    Field("Last", FieldType.TEXT, semantic="family_name", required=True, max_length=80),
    Field("Email", FieldType.EMAIL, semantic="emails", slot=0, max_length=100),
    Field("Second_Email", FieldType.EMAIL, semantic="emails", slot=1, max_length=100),
    Field("Phone", FieldType.PHONE, semantic="phones", slot=0, item_label="work"),
    Field("Mobile", FieldType.PHONE, semantic="phones", slot=1, item_label="mobile"),
    Field("Company", FieldType.TEXT, semantic="company"),
    Field("Title", FieldType.TEXT, semantic="title"),
    Field("Birthday", FieldType.DATE, semantic="birthday"),
    Field("Notes", FieldType.TEXT, semantic="notes"),
    Field("Street", FieldType.TEXT, semantic="address", part="street"),
    Field("City", FieldType.TEXT, semantic="address", part="city"),
    Field("Region", FieldType.TEXT, semantic="address", part="region"),
    Field("Code", FieldType.TEXT, semantic="address", part="code"),
    Field("Country", FieldType.TEXT, semantic="address", part="country"),
    Field("Opted_Out", FieldType.BOOLEAN, semantic="opted_out"),
    Field("Custom", FieldType.TEXT),
    Field("Tags", FieldType.NAMES),
    Field("Owner", FieldType.OWNER),
    Field("Created", FieldType.MOMENT, writable=False),
    containers={"tags": Containers(max_length=25, field="Tags", most=10)},
    owner="Owner",
    owners=OWNERS,
    created="Created",
)
"""Every e-mail and phone has a field of its own, the address is five fields, a last name is required; records have
tags, an owner, a time of creation and a flag for opt-outs."""

LISTS_SCHEMA: Final = Schema.of(
    Field("given", FieldType.TEXT, semantic="given_name"),
    Field("family", FieldType.TEXT, semantic="family_name"),
    Field("emails", FieldType.EMAILS, semantic="emails"),
    Field("phones", FieldType.PHONES, semantic="phones"),
    Field("urls", FieldType.URLS, semantic="websites"),
    Field("company", FieldType.TEXT, semantic="company"),
    Field("title", FieldType.TEXT, semantic="title"),
    Field("birthday", FieldType.DATE, semantic="birthday", yearless=True),
    Field("note", FieldType.TEXT, semantic="notes"),
    Field("address", FieldType.ADDRESS, semantic="address"),
    Field("custom", FieldType.TEXT),
    Field("labels", FieldType.NAMES),
    containers={"labels": Containers(field="labels")},
)
"""E-mails, phones and web sites are lists, the address is one value, nothing is required; there are labels, and neither
owners nor consent."""

MEMBERS_SCHEMA: Final = Schema.of(
    Field("email", FieldType.EMAIL, semantic="emails", required=True),
    Field("first", FieldType.TEXT, semantic="given_name"),
    Field("last", FieldType.TEXT, semantic="family_name"),
    Field("phone", FieldType.PHONE, semantic="phones"),
    Field("custom", FieldType.TEXT),
    Field("state", FieldType.CHOICE, choices=tuple(ConsentState)),
    Field("state_at", FieldType.MOMENT, writable=False),
    Field("state_source", FieldType.TEXT, writable=False),
    Field("tags", FieldType.NAMES),
    Field("added", FieldType.MOMENT, writable=False),
    containers={"tags": Containers(max_length=100, field="tags")},
    created="added",
    consent=ConsentFields(
        "state",
        (ConsentState.SUBSCRIBED, ConsentState.UNSUBSCRIBED, ConsentState.PENDING, ConsentState.TRANSACTIONAL),
        "state_at",
        "state_source",
    ),
)
"""A member is an e-mail address with a state of consent, the time and the source of its last change, and tags."""
