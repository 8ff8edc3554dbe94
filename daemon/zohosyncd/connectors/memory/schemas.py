"""Two schemas for in-memory apps: one in the manner of a CRM (slots), one in the manner of an address book (lists)."""

from typing import Final

from zohosyncd.core.schema import Field, FieldType, Schema

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
)
"""Every e-mail and phone has a field of its own, the address is five fields, a last name is required."""

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
)
"""E-mails, phones and web sites are lists, the address is one value, nothing is required."""
