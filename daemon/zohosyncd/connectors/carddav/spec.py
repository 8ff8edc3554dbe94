"""How a CardDAV account is opened."""

from typing import Final

from zohosyncd.connectors.carddav.client import DavClient
from zohosyncd.connectors.carddav.connector import CardDavConnector
from zohosyncd.connectors.carddav.fields import SCHEMA
from zohosyncd.connectors.carddav.options import CardDavOptions
from zohosyncd.connectors.offers import Offers, Tells
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


OFFERS: Final = Offers(containers=SCHEMA.containers, changed=Tells.SERVER, deletions=Tells.SERVER)
"""Times of change and reports of deletions (RFC 6578) are the server's matter; cards know no owner and no consent."""

SPEC: Final = ConnectorSpec("carddav", "CardDAV", CardDavOptions, open_account, OFFERS)
