"""Address books over CardDAV (RFC 6352): any server that speaks it, from Radicale to a hosted mailbox.

::

    href, bodies, multistatus          paths, request bodies, answers: pure
    client, discovery                  the calls, one method each; from the configured address to the books (RFC 6764)
    fields, naming, labels             what a card shows: pure
    patch, item_lines, categories      a card with some of it changed: pure
    feed, reading, writing             the parts of the port that take more than one call
    connector, options, spec           the port; an account's keys; how an account is opened
    vcard                              the line-preserving card

It imports core, ports, settings and transport, and no other connector.
"""

from zohosyncd.connectors.carddav.spec import SPEC

__all__ = ["SPEC"]
