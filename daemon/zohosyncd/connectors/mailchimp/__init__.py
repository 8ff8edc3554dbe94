"""Mailchimp, Marketing API 3.0: the members of audiences, with their consent.

::

    options     the keys of an account            login       an API key and its data centre
    judge       what the app's errors mean        client      the wire: one method per call
    fields      merge fields -> schema            values      values <-> what the API has
    members     records of what lists show        pages       lists that change while they are read
    feed        changes, in a window of time      cursor      a place in it
    creating    new members                       updating    one call for each member that changes
    tagging     tags, in calls of their own       outcomes    refusals -> results
    connector   the port

It imports core, ports, settings and transport, and no other connector.
"""

from typing import Final

from zohosyncd.connectors.mailchimp.connector import BATCH, open_account
from zohosyncd.connectors.mailchimp.fields import CONTAINERS
from zohosyncd.connectors.mailchimp.options import MailchimpOptions
from zohosyncd.connectors.offers import Capability, Offers, Tells
from zohosyncd.connectors.tools import ConnectorSpec

OFFERS: Final = Offers(
    containers=CONTAINERS,
    consent="states",
    deletions=Tells.NEVER,
    feed="since",
    together=BATCH,
    finds=True,
    without={
        Capability.DELETIONS: "only archiving shows among the changes; what is deleted for ever is found by the daily "
        "complete read",
        Capability.CREATED: "Mailchimp tells when a member consented and was changed, not when it was added",
        Capability.OWNER: "members have no owner",
        Capability.GUARD: "Mailchimp takes every change; records are read just before they are written",
        Capability.OWN_IDS: "who added a member is not told; a create without an answer is looked for first",
        Capability.PUSH: "its webhooks are not used; it is polled",
    },
)
"""New members go together in one request; each that changes has a request of its own."""

SPEC: Final = ConnectorSpec("mailchimp", "Mailchimp", MailchimpOptions, open_account, OFFERS)

__all__ = ["SPEC"]
