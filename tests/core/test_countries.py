"""A country is the same by its code and by its names."""

import pytest

from zohosyncd.core.countries import canonical_country
from zohosyncd.core.lens.address import AddressLens, AddressPart, AddressPartsLens, address_canon
from zohosyncd.core.normalised import may_be_normalised
from zohosyncd.core.record import Postal


@pytest.mark.parametrize(
    ("text", "code"),
    [("DE", "DE"), (" germany", "DE"), ("Deutschland", "DE"), ("ÖSTERREICH", "AT"), ("usa", "US"), ("U.S.A.", "US"),
     ("United  States", "US"), ("Bosnia and Herzegovina", "BA"), ("Côte d'Ivoire", "CI"), ("uk", "GB")],
)  # fmt: skip
def test_names_and_codes(text: str, code: str) -> None:
    assert canonical_country(text) == code


@pytest.mark.parametrize("text", ["", "Atlantis", "XX", "Germany (West)"])
def test_what_is_no_country_stays_what_it_is(text: str) -> None:
    assert canonical_country(text) == text.lower()


def test_an_address_is_the_same_whichever_way_its_country_is_written() -> None:
    assert address_canon(Postal(country="Germany")) == address_canon(Postal(country="DE"))
    assert address_canon(Postal(city="DE")) != address_canon(Postal(city="Germany"))
    assert address_canon(Postal(country="Germany")) != address_canon(Postal(country="France"))


def test_a_name_is_not_replaced_by_its_code_nor_the_other_way_round() -> None:
    whole = AddressLens("adr")
    assert whole.put(Postal(city="Berlin", country="DE"), {"adr": Postal(city="Berlin", country="Germany")}) == {}
    parts = AddressPartsLens((AddressPart("city", "City"), AddressPart("country", "Country")))
    assert parts.put(Postal(city="Bonn", country="DE"), {"City": "Berlin", "Country": "Germany"}) == {"City": "Bonn"}
    assert parts.put(Postal(city="Berlin", country="FR"), {"City": "Berlin", "Country": "Germany"}) == {"Country": "FR"}


def test_a_code_for_a_name_is_what_servers_make_of_it() -> None:
    assert may_be_normalised(Postal("1 Main St", country="Germany"), Postal("1 Main St", country="DE"))
    assert not may_be_normalised(Postal("1 Main St", country="Germany"), Postal("1 Main St", country="FR"))
    assert not may_be_normalised(Postal("1 Main St", country="Germany"), Postal("2 Side St", country="DE"))
