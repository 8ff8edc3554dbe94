"""What Zoho is said to offer is what a live account has."""

from typing import Any

from zohosyncd.connectors.offers import Tells
from zohosyncd.connectors.zoho_crm import SPEC


async def test_the_offers_are_those_of_a_live_account(org: Any) -> None:
    schema, capabilities, offers = await org.connector.schema("Contacts"), org.connector.capabilities, SPEC.offers
    limits = {
        word: (each.creatable, each.max_length, each.field, each.most) for word, each in schema.containers.items()
    }
    assert limits == {
        word: (each.creatable, each.max_length, each.field, each.most) for word, each in offers.containers.items()
    }
    assert offers.owner == bool(schema.owner)
    assert offers.created == bool(schema.created)
    assert (offers.consent == "flag") == (schema.consent is None and bool(schema.meaning("opted_out")))
    assert (offers.changed is Tells.ALWAYS) == capabilities.modified_times
    assert (offers.deletions is Tells.ALWAYS) == capabilities.reports_deletions
    assert offers.deletable == capabilities.deletable


async def test_accounts_have_no_consent(org: Any) -> None:
    assert not (await org.connector.schema("Accounts")).meaning("opted_out")
