"""What CardDAV is said to offer is what an address book has."""

from zohosyncd.connectors.carddav import SPEC
from zohosyncd.connectors.carddav.fields import SCHEMA


def test_the_offers_are_those_of_a_card() -> None:
    offers = SPEC.offers
    assert offers.containers == SCHEMA.containers
    assert (offers.owner, offers.created) == (bool(SCHEMA.owner), bool(SCHEMA.created))
    assert (offers.consent == "none") == (SCHEMA.consent is None and not SCHEMA.meaning("opted_out"))
