"""How a CardDAV account is opened."""

from typing import Final

from zohosyncd.connectors.carddav.client import DavClient
from zohosyncd.connectors.carddav.connector import CardDavConnector
from zohosyncd.connectors.carddav.options import CardDavOptions
from zohosyncd.connectors.tools import ConnectorSpec, Tools
from zohosyncd.transport.auth import BasicAuth
from zohosyncd.transport.client import Client


def open_account(options: CardDavOptions, tools: Tools) -> CardDavConnector:
    """The connector of one account; no request is sent yet."""
    url = str(options.url)
    password = tools.secret(options.password).reveal()
    http = Client(
        tools.account,
        tools.sender,
        BasicAuth(options.username, password),
        origins=[url],
        clock=tools.clock,
        entropy=tools.entropy,
        limits=tools.limits(options),
        observer=tools.observer,
    )
    return CardDavConnector(
        DavClient(http, url),
        url,
        tools.clock,
        concurrency=options.concurrency,
        settle=options.settle,
        custom=options.custom,
    )


SPEC: Final = ConnectorSpec("carddav", "CardDAV", CardDavOptions, open_account)
