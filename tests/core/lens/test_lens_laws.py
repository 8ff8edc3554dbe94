"""The laws of every lens: GetPut, PutGet up to canon, canon idempotent."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.emails import canonical_email
from zohosyncd.core.lens import Canon, Lens
from zohosyncd.core.lens.address import AddressLens, AddressPart, AddressPartsLens, address_canon
from zohosyncd.core.lens.boolean import BooleanLens, boolean_canon
from zohosyncd.core.lens.choice import ChoiceLens
from zohosyncd.core.lens.date import DateLens, date_canon
from zohosyncd.core.lens.email import email_canon, email_lens
from zohosyncd.core.lens.items import ItemsCanon, ItemsLens, distinct, items_of
from zohosyncd.core.lens.joined_name import JoinedName, NamePart, name_canon
from zohosyncd.core.lens.moment import MomentLens, moment_canon
from zohosyncd.core.lens.number import NumberLens, number_canon
from zohosyncd.core.lens.phone import PhoneCanon, phone_lens
from zohosyncd.core.lens.slots import Slot, SlotsLens
from zohosyncd.core.lens.text import TextLens, fold_canon, lines_canon, text_canon
from zohosyncd.core.lens.url import canonical_url, url_canon, url_lens
from zohosyncd.core.record import Item, Postal
from zohosyncd.core.schema import Field, FieldType

STRANGE = [
    "",
    " ",
    "\u00a0",
    "e\u0301",
    "é",
    "ＡＢ",
    "ß",
    "SS",
    "İ",
    "\u0345",
    "ΐ",
    "\u200b",
    "\u202a+49 30 1\u202c",
    "山田",
    "태양",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "ﬁ",
    "\r\n",
    "\x1f",
    "\u0600",
    "Å",
    "\u212b",
    "①",
    "٣",
    "Ա",
    "\u1e9e",
]
text = st.one_of(
    st.text(max_size=12),
    st.lists(st.one_of(st.sampled_from(STRANGE), st.text(max_size=3)), max_size=5).map("".join),
    st.lists(st.sampled_from(["Anna", "Maria", "von", "Schmidt", "Schmidt,", "太郎", "山田", " "]), max_size=4).map(
        " ".join
    ),
)
phone = st.one_of(
    text,
    st.text(alphabet="0123456789+-/() x.;=etEXT*#", max_size=20),
    st.sampled_from(["+49 30 123456", "030/123456", "0049 (30) 123456 ext. 7", "+4930123456;ext=7", "tel:030123456"]),
)
email = st.one_of(
    text,
    st.sampled_from(
        ["a@b.de", " A@B.DE ", "a@straße.de", "a@STRASSE.de", "ann@例え。jp", "a@xn--r8jz45g.jp", "no mail", "a@b"]
    ),
)
url = st.one_of(
    text, st.sampled_from(["http://A.de/", "https://a.de", "a.de/Path/", "HTTP://", "mailto:x@y.de", "a.de?q=/"])
)
date = st.one_of(
    text,
    st.dates().map(str),
    st.sampled_from(
        ["--03-05", "--0305", "19800305", "1980-03-05", "1980-03-05T10:00:00Z", "--02-29", "1981-02-29", "1980-13-01"]
    ),
)
moment = st.one_of(
    text,
    st.sampled_from(
        ["2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z", "2026-10-25T00:30:00.9+00:00", "2026-10-25T02:30:00",
         "2026-10-25", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-12:00"]
    ),
)  # fmt: skip
number = st.one_of(
    st.none(), st.integers(), st.floats(allow_nan=True), st.sampled_from(["7", "0047", "4.50", "x", "²"])
)
postal = st.builds(Postal, text, text, text, text, text)


def items(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[Item, ...]]:
    return st.lists(st.builds(Item, values, st.sampled_from(["", "work", "home", "mobile"])), max_size=5).map(tuple)


def fields(**values: st.SearchStrategy) -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries(values)


def maybe(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(st.none(), values)


@dataclass(frozen=True)
class Case:
    name: str
    lens: Lens
    canon: Canon
    values: st.SearchStrategy
    views: st.SearchStrategy


PHONES = PhoneCanon("DE")
SLOTS = SlotsLens(
    (Slot("Phone", "work", 30), Slot("Mobile", "mobile", 30), Slot("Fixed", "home", 30, writable=False)), PHONES.key
)
CASES = [
    Case("text", TextLens("t"), text_canon, fields(t=maybe(text)), maybe(text)),
    Case("short text", TextLens("t", max_length=4), text_canon, fields(t=maybe(text)), maybe(text)),
    Case("required text", TextLens("t", required=True), text_canon, fields(t=maybe(text)), maybe(text)),
    Case("notes", TextLens("t", lines_canon), lines_canon, fields(t=maybe(text)), maybe(text)),
    Case(
        "phone",
        phone_lens(Field("t", FieldType.PHONE, max_length=15), "DE"),
        PHONES,
        fields(t=maybe(phone)),
        maybe(phone),
    ),
    Case("email", email_lens(Field("t", FieldType.EMAIL)), email_canon, fields(t=maybe(email)), maybe(email)),
    Case("email in text", email_lens(Field("t", FieldType.TEXT)), email_canon, fields(t=maybe(email)), maybe(email)),
    Case("url", url_lens(Field("t", FieldType.URL)), url_canon, fields(t=maybe(url)), maybe(url)),
    Case(
        "choice",
        ChoiceLens("t", ("Web", "Trade Fair")),
        fold_canon,
        fields(t=maybe(st.sampled_from(["Web", "x"]))),
        maybe(st.one_of(text, st.sampled_from(["web ", "TRADE fair"]))),
    ),
    Case("boolean", BooleanLens("t"), boolean_canon, fields(t=maybe(st.booleans())), maybe(st.booleans())),
    Case("number", NumberLens("t"), number_canon, fields(t=number), number),
    Case("date", DateLens("t", yearless=True), date_canon, fields(t=maybe(date)), maybe(date)),
    Case("date with year", DateLens("t"), date_canon, fields(t=maybe(date)), maybe(date)),
    Case("moment", MomentLens("t"), moment_canon, fields(t=maybe(moment)), maybe(moment)),
    Case("address", AddressLens("t"), address_canon, fields(t=maybe(postal)), maybe(postal)),
    Case(
        "address parts",
        AddressPartsLens(
            tuple(
                AddressPart(part, part, 200 if part == "city" else None)
                for part in ("street", "city", "region", "code", "country")
            )
        ),
        address_canon,
        fields(**{part: maybe(text) for part in ("street", "city", "region", "code", "country")}),
        maybe(postal),
    ),
    Case("e-mails", ItemsLens("t", canonical_email), ItemsCanon(canonical_email), fields(t=items(email)), items(email)),
    Case("phones", ItemsLens("t", PHONES.key), ItemsCanon(PHONES.key), fields(t=items(phone)), items(phone)),
    Case("web sites", ItemsLens("t", canonical_url), ItemsCanon(canonical_url), fields(t=items(url)), items(url)),
    Case(
        "full name",
        JoinedName(NamePart("g"), NamePart("f")),
        name_canon,
        fields(g=maybe(text), f=maybe(text)),
        maybe(text),
    ),
    Case(
        "full name of three parts",
        JoinedName(NamePart("g"), NamePart("f", required=True), NamePart("a")),
        name_canon,
        fields(g=maybe(text), f=maybe(text), a=maybe(text)),
        maybe(text),
    ),
]
SLOT_CASE = Case(
    "slots",
    SLOTS,
    ItemsCanon(PHONES.key),
    fields(Phone=maybe(phone), Mobile=maybe(phone), Fixed=maybe(phone)),
    items(phone),
)
every = pytest.mark.parametrize("case", [*CASES, SLOT_CASE], ids=lambda case: case.name)


@every
@given(data=st.data())
def test_writing_back_what_is_shown_changes_nothing(case: Case, data: st.DataObject) -> None:
    values = data.draw(case.values)
    assert case.lens.put(case.lens.get(values), values) == {}


@every
@given(data=st.data())
def test_what_was_written_is_shown(case: Case, data: st.DataObject) -> None:
    values, view = data.draw(case.values), data.draw(case.views)
    after = {**values, **case.lens.put(view, values)}
    if case.lens.refuses(view, values) is not None:
        assert after == values
        return
    shown = case.lens.get(after)
    assert (
        case.canon(shown) == case.canon(view)
        or case.lens.shows_part(shown, view)
        or case.lens.shows_part(view, shown)
        or _slots_full(case, shown, view)
    )


def _slots_full(case: Case, shown, view) -> bool:
    """Slots show what they can: nothing else than the view and what may not be written."""
    if case is not SLOT_CASE:
        return False
    wanted = distinct(items_of(view), PHONES.key)
    writable = [item for item in items_of(shown) if item.label != "home"]
    fits = [item for item in wanted.values() if len(item.value) <= 30]
    full = len(writable) == 2 or {PHONES.key(item.value) for item in fits} <= {PHONES.key(i.value) for i in shown}
    return full and all(PHONES.key(item.value) in wanted for item in writable if PHONES.key(item.value))


@every
@given(data=st.data())
def test_writing_twice_is_writing_once(case: Case, data: st.DataObject) -> None:
    values, view = data.draw(case.values), data.draw(case.views)
    after = {**values, **case.lens.put(view, values)}
    assert case.lens.put(view, after) == {}


@every
@given(data=st.data())
def test_the_comparable_form_is_its_own_comparable_form(case: Case, data: st.DataObject) -> None:
    canon = case.canon(data.draw(case.views))
    assert case.canon(canon) == canon  # type: ignore[arg-type]
    hash(canon)


@every
def test_nothing_is_nothing_however_it_is_spelled(case: Case) -> None:
    assert case.canon(None) == case.canon(()) == case.canon("") is None


@every
@given(data=st.data())
def test_only_own_fields_are_written(case: Case, data: st.DataObject) -> None:
    values, view = data.draw(case.values), data.draw(case.views)
    patch = case.lens.put(view, values)
    assert isinstance(patch, Mapping)
    assert set(patch) <= set(case.lens.fields)
    assert all(patch[name] != values[name] for name in patch)


@every
@given(data=st.data())
def test_a_new_record_can_be_made_of_every_view_that_is_not_refused(case: Case, data: st.DataObject) -> None:
    empty = dict.fromkeys(case.lens.fields)
    view = data.draw(case.views)
    shown = case.lens.get({**empty, **case.lens.put(view, empty)})
    if case.lens.refuses(view) is None and case is not SLOT_CASE:
        assert case.canon(shown) == case.canon(view) or case.lens.shows_part(shown, view)
