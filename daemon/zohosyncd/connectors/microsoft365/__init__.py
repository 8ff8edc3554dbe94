"""Contacts of Microsoft 365 and Outlook.com, over Microsoft Graph v1.0.

options     the keys of an account           login       Microsoft's login server, scopes
judge       what Graph's errors mean         client      the wire: one function per call
batch       twenty requests in one           fields      schema, rows -> values
birthdays   days in a property for moments   patch       values -> the body of a write
feed        rounds of changes                reading     point reads, searches, lists
writing     batches of writes                recent      what we saw ourselves a short while ago
mailbox     what is known of one             naming      parts of a name, names of parts
connector   the port
"""

from zohosyncd.connectors.microsoft365.batch import MOST
from zohosyncd.connectors.microsoft365.connector import open_account
from zohosyncd.connectors.microsoft365.fields import SCHEMA
from zohosyncd.connectors.microsoft365.login import oauth_app
from zohosyncd.connectors.microsoft365.options import MicrosoftOptions
from zohosyncd.connectors.offers import Capability, Offers
from zohosyncd.connectors.tools import ConnectorSpec

OFFERS = Offers(
    containers=SCHEMA.containers,
    created=True,
    feed="token",
    together=MOST,
    guard=True,
    finds=True,
    without={
        Capability.OWNER: "contacts belong to the mailbox",
        Capability.CONSENT: "Outlook keeps no consent; an opt-out can travel there as a category",
        Capability.OWN_IDS: "Outlook chooses them; each new contact carries a mark of ours, by which it is found again",
        Capability.PUSH: "subscriptions end within days and say only that something changed; it is polled",
    },
)
"""What accounts have."""

SPEC = ConnectorSpec("microsoft365", "Microsoft 365", MicrosoftOptions, open_account, OFFERS, oauth=oauth_app)

__all__ = ["SPEC"]
