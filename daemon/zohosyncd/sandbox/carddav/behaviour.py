"""What real address book servers do differently from each other, as switches."""

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Behaviour:
    """The switches of one simulated server; they may be changed while it runs.

    Attributes:
        well_known: how ``/.well-known/carddav`` answers: by a redirect to the context root (RFC 6764, 5), as if it
            were the context root, or with 404.
        sync_collection: whether the report of RFC 6578 exists; without it only getctag and the etag list remain.
        page: the largest number of rows in one answer to sync-collection or addressbook-query.
        stale_token_status: status that goes with ``DAV:valid-sync-token`` (RFC 6578, 3.2; servers use 403 or 412).
        token_life: seconds after its last use at which a sync token is forgotten; ``None``: never.
        answer_etag_on_put: whether a successful PUT shows the new ETag. Servers that rewrite cards should not
            (RFC 6352, 6.3.2.3); some do nevertheless.
        reserialise: whether cards are stored in the server's own order, spelling and folding.
        unique_uids: whether a second card with the same UID is refused (RFC 6352, 6.3.2.1).
        versions: the vCard versions that are announced and accepted.
        max_resource_size: the largest card in octets.
        lists_itself: whether sync-collection also lists the collection, with an etag.
        crlf_in_reports: whether CR LF survives in reports. Servers that write CR unescaped lose it (XML 1.0, 2.11).
        delete_status: status of a successful DELETE of a card.
    """

    well_known: Literal["redirect", "straight", "none"] = "redirect"
    sync_collection: bool = True
    page: int = 10_000
    stale_token_status: Literal[403, 412] = 403
    token_life: float | None = None
    answer_etag_on_put: bool = True
    reserialise: bool = False
    unique_uids: bool = True
    versions: tuple[str, ...] = ("3.0", "4.0")
    max_resource_size: int = 1_000_000
    lists_itself: bool = False
    crlf_in_reports: bool = True
    delete_status: Literal[200, 204] = 204
