"""Mailing lists of Mailman 3, over the REST API of its core (3.1; tried with core 3.3.10).

::

    options     the keys of an account
    client      the calls, one method each
    fields      members and requests -> records: pure
    feed        everybody, each time
    reading     point reads, who has an address
    writing     subscribe, change, unsubscribe
    connector   the port

It imports core, ports, settings and transport, and no other connector.
"""

from typing import Final

from zohosyncd.connectors.mailman.connector import open_account
from zohosyncd.connectors.mailman.options import MailmanOptions
from zohosyncd.connectors.offers import Capability, Offers, Tells
from zohosyncd.connectors.tools import ConnectorSpec

OFFERS: Final = Offers(
    consent="states",
    changed=Tells.NEVER,
    deletions=Tells.NEVER,
    finds=True,
    without={
        Capability.FEED: "Mailman tells no changes; the whole list is read and compared each time",
        Capability.DELETIONS: "whoever is gone from the list is found by reading it, and proven by a point read",
        Capability.CREATED: "it does not tell when somebody subscribed",
        Capability.CHANGED: "it does not tell when a subscription was changed; let one side win clashes",
        Capability.CONTAINERS: "each list is an object of its own, and members have no tags",
        Capability.OWNER: "nobody owns a subscription; owners are those of the list",
        Capability.TOGETHER: "its API takes one subscription a call",
        Capability.GUARD: "it ignores If-Match; members are read just before they are written",
        Capability.OWN_IDS: "it gives the ids; but an address subscribes to a list only once",
        Capability.PUSH: "its core calls nobody",
    },
)

SPEC: Final = ConnectorSpec("mailman", "Mailman", MailmanOptions, open_account, OFFERS)

__all__ = ["SPEC"]
