"""HubSpot CRM, contacts of CRM v3.

options     the keys of an account           oauth       the login, and how a consent is asked for
judge       what HubSpot's errors mean       wire        the way of every call
client      one function per call            lists_wire  the same for lists
fields      properties -> schema             records     contacts <-> values
times       moments and days                 rows        rows of answers -> records
reading     contacts by id, and merges       probe       creates without an answer
cursor      a place in the feed              feed        changes and deletions
standing    read again before a write        writing     batches of values
outcomes    rows of an answer -> results     opt_outs    subscriptions of addresses
lists       who is in which list             connector   the port
"""

from zohosyncd.connectors.hubspot.client import MOST
from zohosyncd.connectors.hubspot.connector import open_account
from zohosyncd.connectors.hubspot.fields import lists_with
from zohosyncd.connectors.hubspot.oauth import oauth_app
from zohosyncd.connectors.hubspot.options import HubSpotOptions
from zohosyncd.connectors.offers import Capability, Offers
from zohosyncd.connectors.tools import ConnectorSpec

OFFERS = Offers(
    containers=lists_with(None),
    owner=True,
    consent="flag",
    created=True,
    feed="since",
    together=MOST,
    finds=True,
    without={
        Capability.GUARD: "HubSpot has no guard; contacts are read once more just before each write",
        Capability.OWN_IDS: "HubSpot gives the ids; a create without an answer is looked for before it is sent again",
        Capability.PUSH: "its webhooks are set up by hand, in the settings of an app; changes are polled",
    },
)

SPEC = ConnectorSpec("hubspot", "HubSpot", HubSpotOptions, open_account, OFFERS, None, oauth_app)

__all__ = ["SPEC"]
