"""Zoho CRM, REST API v8.

options     the keys of an account           places      the nine data centres
oauth       the login                        judge       what Zoho's errors mean
consent     how a consent is asked for       scopes      what is asked for, and why
client      the wire: one function per call  times       moments with an offset
fields      fields metadata -> schema        meanings    of the standard fields
records     records <-> values               completing  what lists leave out
cursor      a place in the feed              feed        changes and deletions
writing     batches of values                tagging     tags, in calls of their own
credits     prices, editions and limits
company     fields of a contact's Account    reading     records with many fields
leads       those that were converted        lookups     names -> records of other modules
ringing     notifications, pure              watch       channels, on the wire
outcomes    rows of an answer -> results     connector   the port
listing     pages of lists                   queries     more records by COQL
bulk        all of them by one job           bulk_rows   the rows of its file
bulk_wire   the calls of a job               long_reads  which of these is cheapest
"""

from zohosyncd.connectors.offers import Capability, Offers
from zohosyncd.connectors.tools import ConnectorSpec
from zohosyncd.connectors.zoho_crm.connector import MOST_ROWS, open_account
from zohosyncd.connectors.zoho_crm.consent import oauth_app
from zohosyncd.connectors.zoho_crm.fields import tags_with
from zohosyncd.connectors.zoho_crm.options import ZohoOptions
from zohosyncd.connectors.zoho_crm.ringing import HOOK

OFFERS = Offers(
    containers=tags_with(None),
    owner=True,
    consent="flag",
    created=True,
    push=True,
    feed="since",
    together=MOST_ROWS,
    without={
        Capability.GUARD: "its times are whole seconds; records are read just before they are written",
        Capability.OWN_IDS: "Zoho gives the ids; a create without an answer is looked for before it is sent again",
        Capability.FINDS: "its search lags behind; everybody is known from the change feed",
    },
)
"""Leads have the same; Accounts have no consent."""

SPEC = ConnectorSpec("zoho_crm", "Zoho CRM", ZohoOptions, open_account, OFFERS, HOOK, oauth_app)

__all__ = ["SPEC"]
