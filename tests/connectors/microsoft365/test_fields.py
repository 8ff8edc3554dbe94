"""Values and rows of contacts: laws of the way there and back."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zohosyncd.connectors.microsoft365.birthdays import day_of, moment_of_day
from zohosyncd.connectors.microsoft365.fields import SCHEMA, SELECT, is_whole, record_of, value_of
from zohosyncd.connectors.microsoft365.naming import PARTS as NAME_PARTS
from zohosyncd.connectors.microsoft365.patch import body_of, unwritable
from zohosyncd.core.errors import DataError
from zohosyncd.core.name_sets import as_value
from zohosyncd.core.record import Postal, Value, Values
from zohosyncd.core.schema import FieldType
from zohosyncd.sandbox.microsoft.contact import empty, read

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), min_size=1).filter(lambda each: each.strip())
DAYS = st.dates().map(str)
PARTS = st.just("") | TEXT
KINDS: dict[FieldType, st.SearchStrategy[Value]] = {
    FieldType.TEXT: TEXT,
    FieldType.URL: TEXT,
    FieldType.EMAIL: st.integers(0, 999).map(lambda n: f"p{n}@example.com"),
    FieldType.PHONE: st.integers(0, 999).map(lambda n: f"+49 30 {n}"),
    FieldType.DATE: st.dates().filter(lambda day: day.year not in {1604} and day.year < 4501).map(str),
    FieldType.ADDRESS: st.builds(Postal, PARTS, PARTS, PARTS, PARTS, PARTS).filter(lambda each: each != Postal()),
    FieldType.NAMES: st.lists(TEXT, max_size=4).map(as_value),
}
WRITABLE = [each for each in SCHEMA if each.writable]
VALUES = st.fixed_dictionaries({}, optional={each.name: st.none() | KINDS[each.type] for each in WRITABLE})


def stored(body: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the service makes of a body: it reads JSON, and replaces each property that is named as a whole."""
    given, _ = read(json.loads(json.dumps(body)))
    return {**(before or empty()), **given, "id": "x"}


def lists_closed_up(values: Values) -> Values:
    """The same, with the places of lists filled from the front: a list has no gaps."""
    closed = dict(values)
    for listed in ("emailAddresses", "businessPhones", "homePhones"):
        names = sorted(name for name in values if name.startswith(f"{listed}."))
        filled = [values[name] for name in names if values[name]]
        closed |= dict(zip(names, [*filled, *[None] * (len(names) - len(filled))], strict=True))
    return closed


def all_of(values: Values) -> Values:
    return lists_closed_up({each.name: values.get(each.name) for each in WRITABLE})


def same(one: Values, other: Values) -> bool:
    """Whether they are equal, where nothing is () or None. Names that only the display name tells are left out."""
    told = () if any(one[part] for part in NAME_PARTS) else ("givenName", "surname")
    return all((one[name] or None) == (other[name] or None) for name in one if name not in told)


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_what_is_made_is_shown(values: Values) -> None:
    row = stored(body_of(values, None))
    assert same(all_of(values), {each.name: value_of(row, each.name) for each in WRITABLE})


NAMED = VALUES.map(lambda values: {**values, "givenName": values.get("givenName") or "Ann"})


@given(NAMED, VALUES)
@settings(max_examples=150, deadline=None)
def test_what_is_changed_is_shown_and_the_rest_stays(values: Values, patch: Values) -> None:
    row = stored(body_of(values, None))
    after = stored(body_of(patch, row), row)
    wished = all_of({**{each.name: value_of(row, each.name) for each in WRITABLE}, **patch})
    shown = {each.name: value_of(after, each.name) for each in WRITABLE}
    for name in ("displayName", "fileAs"):
        if name not in patch:  # they follow the parts of the name
            wished = {**wished, name: shown[name]}
    for name in ("categories",):
        if patch.get(name):  # another case is the same name, in the spelling that is there
            folded = [sorted(each.value.casefold() for each in side[name] or ()) for side in (wished, shown)]
            assert folded[0] == folded[1]
            wished = {**wished, name: shown[name]}
    assert same(wished, shown)


@given(NAMED)
@settings(max_examples=50, deadline=None)
def test_a_patch_of_what_is_there_changes_nothing(values: Values) -> None:
    row = stored(body_of(values, None))
    shown = {each.name: value_of(row, each.name) for each in WRITABLE}
    again = stored(body_of(shown, row), row)
    assert again == row | {each: again[each] for each in ("displayName", "fileAs")}


@given(DAYS)
def test_a_day_comes_back_from_every_moment_that_stands_for_it(day: str) -> None:
    if day.startswith("1604") or day >= "4500":
        return
    assert day_of(moment_of_day(day)) == day


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("1980-03-05T11:59:00Z", "1980-03-05"),  # Outlook on the web
        ("1980-03-05T12:00:00Z", "1980-03-05"),
        ("1980-03-05T00:00:00Z", "1980-03-05"),  # the reference
        ("1980-03-04T23:00:00Z", "1980-03-05"),  # midnight in Berlin
        ("1980-03-04T13:00:00Z", "1980-03-05"),  # in Nouméa
        ("1980-03-05T05:00:00Z", "1980-03-05"),  # in New York
        ("1980-03-05T10:00:00Z", "1980-03-05"),  # in Honolulu
        ("1980-03-05T00:00:00+01:00", "1980-03-05"),
        ("1980-03-05T11:59:00.0000000Z", "1980-03-05"),
        ("1980-03-05", "1980-03-05"),
        ("1604-03-05T11:59:00Z", "--03-05"),  # a phone, without a year
        ("1604-02-29T00:00:00Z", "--02-29"),
        ("4501-01-01T00:00:00Z", None),
    ],
)
def test_a_birthday_is_the_day_that_somebody_meant(moment: str, day: str | None) -> None:
    assert day_of(moment) == day


@pytest.mark.parametrize(
    "moment", ["soon", "1980-03-05T11:59:00", "", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00Z"]
)
def test_a_birthday_that_is_none_is_said_to_be_so(moment: str) -> None:
    with pytest.raises(DataError):
        day_of(moment)


def test_a_birthday_without_its_year_is_not_written() -> None:
    with pytest.raises(DataError):
        body_of({"birthday": "--03-05"}, None)


def test_names_that_stand_beside_addresses_stay() -> None:
    row = stored({
        "emailAddresses": [
            {"address": "ann@example.com", "name": "Ann (work)"},
            {"address": "old@example.com", "name": "old@example.com"},
            {"address": "lost@example.com,", "name": "no address any more"},
        ]
    })  # fmt: skip
    body = body_of({"emailAddresses.1": "new@example.com", "emailAddresses.2": "two@example.com"}, row)
    assert body["emailAddresses"] == [
        {"address": "new@example.com", "name": "Ann (work)"},
        {"address": "two@example.com"},
        {"name": "no address any more"},
    ]
    assert body_of({"emailAddresses.1": None}, row)["emailAddresses"] == [
        {"address": "old@example.com", "name": "old@example.com"},
        {"name": "no address any more"},
    ]


def test_phones_keep_their_places_in_their_lists() -> None:
    row = stored({"businessPhones": ["1", "2"], "homePhones": ["3"], "mobilePhone": "4"})
    assert body_of({"businessPhones.2": "5"}, row) == {"businessPhones": ["1", "5"]}
    assert body_of({"homePhones.2": "6", "mobilePhone": None}, row) == {"homePhones": ["3", "6"], "mobilePhone": None}
    assert body_of({"businessPhones.1": None}, row) == {"businessPhones": ["2"]}


@pytest.mark.parametrize(
    ("shown", "patch", "sent"),
    [
        ("Ann Miller", {"surname": "Stone"}, "Ann Stone"),
        ("Miller, Ann", {"surname": "Stone"}, "Stone, Ann"),
        ("Ann Eva Miller", {"middleName": None}, "Ann Miller"),
        ("Dr. Ann Eva Miller Jr.", {"givenName": "Anna"}, "Dr. Anna Eva Miller Jr."),
        ("The boss", {"surname": "Stone"}, "The boss"),
        ("The boss", {"jobTitle": "x"}, "The boss"),
        ("Ann Miller", {"displayName": "Annie", "surname": "Stone"}, "Annie"),
        ("Ann Miller", {"givenName": None, "middleName": None, "surname": None, "title": None}, None),
    ],
)
def test_a_display_name_that_was_made_of_the_parts_follows_them(shown: str, patch: Values, sent: str | None) -> None:
    parts = {"title": "Dr.", "givenName": "Ann", "middleName": "Eva", "surname": "Miller", "generation": "Jr."}
    row = stored({**parts, "displayName": shown})
    assert body_of(patch, row)["displayName"] == sent


@pytest.mark.parametrize(
    ("row", "given_name", "surname"),
    [
        ({"displayName": "Ann Miller"}, "Ann", "Miller"),
        ({"displayName": "Miller, Ann"}, "Ann", "Miller"),
        ({"displayName": "Plumber"}, "Plumber", None),
        ({"displayName": "ACME", "companyName": "Acme "}, None, None),
        ({"displayName": "a@x.org", "emailAddresses": [{"address": "A@x.org"}]}, None, None),
        ({"displayName": "+49 30 1", "mobilePhone": "+49 30 1"}, None, None),
        ({"displayName": "Ann Miller", "surname": "Stone"}, None, "Stone"),
        ({"displayName": "Dr. Who", "title": "Dr."}, None, None),
    ],
)
def test_a_contact_without_parts_of_a_name_shows_those_of_its_display_name(
    row: dict[str, Any], given_name: str | None, surname: str | None
) -> None:
    assert (value_of(row, "givenName"), value_of(row, "surname")) == (given_name, surname)


def test_the_first_part_that_changes_brings_the_others_with_it() -> None:
    row = stored({"displayName": "Ann Miller"})
    body = body_of({"surname": "Stone"}, row)
    assert body == {"givenName": "Ann", "surname": "Stone", "displayName": "Ann Stone"}
    assert value_of(stored(body, row), "givenName") == "Ann"
    assert body_of({"jobTitle": "x"}, row) == {"jobTitle": "x", "displayName": "Ann Miller"}


def test_the_name_under_which_a_contact_is_filed_is_sent_only_where_a_name_changes() -> None:
    row = stored({"givenName": "Ann", "surname": "Miller", "fileAs": "Miller, Ann", "displayName": "Ann Miller"})
    assert "fileAs" not in body_of({"jobTitle": "x"}, row)
    assert body_of({"surname": "Stone"}, row)["fileAs"] == "Stone, Ann"
    own = {**row, "fileAs": "ACME (Ann)"}
    assert body_of({"surname": "Stone"}, own)["fileAs"] == "ACME (Ann)"


def test_every_part_of_an_address_is_named_and_what_we_do_not_know_stays() -> None:
    row = {**stored({}), "homeAddress": {"street": "a", "city": "b", "postOfficeBox": "7"}}
    assert body_of({"homeAddress": Postal("c")}, row)["homeAddress"] == {
        "postOfficeBox": "7", "street": "c", "city": None, "state": None, "postalCode": None, "countryOrRegion": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [{"givenName": 7}, {"emailAddresses": "x"}, {"emailAddresses": [{"address": 7}]}, {"emailAddresses": ["x"]},
     {"businessPhones": [7]}, {"businessPhones": {}}, {"businessAddress": "x"}, {"businessAddress": {"street": 7}},
     {"birthday": 7}, {"categories": [None]}, {"createdDateTime": "soon"}, {"lastModifiedDateTime": "soon"}],
)  # fmt: skip
def test_a_row_of_another_shape_is_no_record(wrong: dict[str, Any]) -> None:
    row = {**dict.fromkeys(SELECT), **wrong, "id": "x"}
    with pytest.raises(DataError) as caught:
        record_of(row, tuple(SCHEMA.fields))
    assert "x" not in str(caught.value).split()


def test_a_row_is_whole_with_all_that_was_asked_for() -> None:
    row = {**dict.fromkeys(SELECT), "id": "x", "@odata.etag": 'W/"1"'}
    assert is_whole(row)
    for name in (*SELECT, "@odata.etag"):
        assert not is_whole({key: value for key, value in row.items() if key != name})


def test_what_cannot_be_written_is_named() -> None:
    assert unwritable({"givenName": "x", "createdDateTime": "x"}) == "createdDateTime"
    assert unwritable({"nothing": "x"}) == "nothing"
    assert unwritable({"emailAddresses.3": "x", "homePhones.2": "x"}) is None
    assert unwritable({"emailAddresses.4": "x"}) == "emailAddresses.4"
