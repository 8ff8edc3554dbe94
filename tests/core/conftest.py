"""Two small apps that differ as real ones do: slots here, a list there; short fields here, long ones there."""

import pytest

from zohosyncd.core.mapping import ContactMapping, compile_mapping
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.side import Direction

CRM = Schema.of(
    Field("First", FieldType.TEXT, semantic="given_name"),
    Field("Last", FieldType.TEXT, semantic="family_name", required=True),
    Field("Title", FieldType.TEXT, semantic="title", max_length=10),
    Field("Email", FieldType.EMAIL, semantic="emails", slot=0),
    Field("Email2", FieldType.EMAIL, semantic="emails", slot=1),
    Field("Born", FieldType.DATE, semantic="birthday"),
)
BOOK = Schema.of(
    Field("given", FieldType.TEXT, semantic="given_name"),
    Field("family", FieldType.TEXT, semantic="family_name"),
    Field("title", FieldType.TEXT, semantic="title"),
    Field("EMAIL", FieldType.EMAILS, semantic="emails"),
    Field("BDAY", FieldType.DATE, semantic="birthday", yearless=True),
)


@pytest.fixture(scope="session")
def mapping() -> ContactMapping:
    return compile_mapping(CRM, BOOK, direction=Direction.BOTH, region="DE")


@pytest.fixture(scope="session")
def left_to_right() -> ContactMapping:
    return compile_mapping(CRM, BOOK, direction=Direction.LEFT_TO_RIGHT, region="DE")
