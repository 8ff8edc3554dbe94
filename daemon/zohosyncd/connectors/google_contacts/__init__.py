"""Google Contacts, by the People API.

options     the keys of an account            oauth      login, consent and scopes
judge       what Google's errors mean         client     the wire: one function per call
fields      the fields of a contact           labels     what an e-mail or a phone is for
person      a contact's JSON: its parts       values     what it shows, as values
items       e-mails, phones and web sites     patch      whole fields with some of them changed
groups      labels by name                    recent     what we saw ourselves a short while ago
reading     point reads                       feed       all contacts, then changes
writing     batches                           outcomes   what became of each contact
newcomers   who was typed in just now         probe      creates without an answer
connector   the port
"""

from typing import Final

from zohosyncd.connectors.google_contacts.client import MOST_AT_ONCE
from zohosyncd.connectors.google_contacts.connector import open_account
from zohosyncd.connectors.google_contacts.fields import LABELS, MEMBERSHIPS
from zohosyncd.connectors.google_contacts.oauth import oauth_app
from zohosyncd.connectors.google_contacts.options import GoogleOptions
from zohosyncd.connectors.offers import Capability, Offers
from zohosyncd.connectors.tools import ConnectorSpec
from zohosyncd.core.schema import Containers

OFFERS: Final = Offers(
    containers={LABELS: Containers(field=MEMBERSHIPS)},
    feed="token",
    together=MOST_AT_ONCE,
    guard=True,
    without={
        Capability.CREATED: "Google tells when a contact was changed, not when it was made",
        Capability.OWNER: "a contact belongs to its mailbox",
        Capability.CONSENT: "a contact has no place for it; labels can stand for it",
        Capability.OWN_IDS: "Google chooses the ids; what was made without an answer is looked for among the newest",
        Capability.FINDS: "the search shows thirty contacts at most, some minutes late; all contacts are read instead",
        Capability.PUSH: "the People API calls nobody; it is asked",
    },
)

SPEC: Final = ConnectorSpec("google_contacts", "Google Contacts", GoogleOptions, open_account, OFFERS, oauth=oauth_app)

__all__ = ["SPEC"]
