"""How a CardDAV account is opened."""

from typing import Final

from zohosyncd.connectors.carddav.client import DavClient
from zohosyncd.connectors.carddav.connector import CardDavConnector
from zohosyncd.connectors.carddav.fields import SCHEMA
from zohosyncd.connectors.carddav.options import CardDavOptions
from zohosyncd.connectors.offers import Capability, Offers, Tells
from zohosyncd.connectors.tools import ConnectorSpec, Tools
from zohosyncd.transport.auth import BasicAuth


def open_account(options: CardDavOptions, tools: Tools) -> CardDavConnector:
    """The connector of one account; no request is sent yet."""
    url = str(options.url)
    password = tools.secret(options.password).reveal()
    http = tools.client(BasicAuth(options.username, password), [url], options)
    return CardDavConnector(
        DavClient(http, url),
        url,
        tools.clock,
        concurrency=options.concurrency,
        settle=options.settle,
        custom=options.custom,
    )


OFFERS: Final = Offers(
    containers=SCHEMA.containers,
    changed=Tells.SERVER,
    deletions=Tells.SERVER,
    feed="token",
    guard=True,
    own_ids=True,
    finds=True,
    without={
        Capability.DELETIONS: "told by servers with sync-collection (RFC 6578); the others are listed",
        Capability.CREATED: "neither cards nor servers tell it",
        Capability.CHANGED: "told by servers with getlastmodified",
        Capability.OWNER: "a card belongs to its book",
        Capability.CONSENT: "a card has no place for it; categories can stand for it",
        Capability.TOGETHER: "a PUT carries one card; several are on their way at the same time",
        Capability.PUSH: "CardDAV servers call nobody; they are asked",
    },
)

SPEC: Final = ConnectorSpec("carddav", "CardDAV", CardDavOptions, open_account, OFFERS)
