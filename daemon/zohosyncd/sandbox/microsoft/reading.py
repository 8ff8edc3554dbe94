"""Lists of contacts and folders, and single ones."""

from typing import Any
from urllib.parse import quote, urlencode

from zohosyncd.sandbox.wire import Response

from .answers import bad, not_found, ok
from .asked import Asked
from .contact import EXTENDED, Contact, shown_moments
from .mailbox import Folder, Mailbox
from .odata import Query, parsed, sort_key

_LIST = frozenset({"$select", "$filter", "$orderby", "$top", "$skip", "$expand", "$count"})
_ONE = frozenset({"$select", "$expand"})


def shown(
    box: Mailbox, contact: Contact, folder: Folder, *, immutable: bool, query: Query | None = None
) -> dict[str, Any]:
    """A contact as answers show it."""
    everything = {
        **shown_moments(contact),
        "changeKey": box.change_key(contact),
        "parentFolderId": box.spelled(folder),
        **contact.values,
    }
    row: dict[str, Any] = {"@odata.etag": box.etag(contact), "id": box.id_of(contact.key, immutable=immutable)}
    wanted = query.select if query is not None else None
    row |= {name: value for name, value in everything.items() if wanted is None or name in wanted}
    if query is not None and query.expand in contact.extended:
        row[EXTENDED] = [{"id": query.expand, "value": contact.extended[query.expand]}]
    return row


def contacts(asked: Asked, folder: Folder, conditions: int) -> Response:
    """A page of the contacts of a folder. ``conditions``: most of them in a filter."""
    query = parsed(asked.query, _LIST)
    if query.conditions > conditions:
        raise bad("ErrorInvalidRestriction", "The restriction or sort order is too complex for this operation.")
    found = [each for each in asked.box.everybody(folder) if query.test is None or query.test(each)]
    name, down = query.order or ("displayName", False)
    found.sort(key=sort_key(name), reverse=down)
    if asked.size is not None and "$top" not in asked.query:
        query = Query(**{**_fields(query), "top": asked.size})
    rows = found[query.skip : query.skip + query.top]
    context = f"{asked.base}/v1.0/$metadata#users('{quote(asked.box.user)}')/contacts"
    body: dict[str, Any] = {"@odata.context": context}
    if asked.query.get("$count", "").lower() == "true":
        body["@odata.count"] = len(found)
    body["value"] = [shown(asked.box, each, folder, immutable=asked.immutable, query=query) for each in rows]
    if query.skip + query.top < len(found):
        options = {**asked.query, "$top": str(query.top), "$skip": str(query.skip + query.top)}
        body["@odata.nextLink"] = f"{asked.address}?{urlencode(options, quote_via=quote)}"
    return ok(body)


def _fields(query: Query) -> dict[str, Any]:
    return {name: getattr(query, name) for name in Query.__dataclass_fields__}


def found_in(asked: Asked, folder: Folder | None, contact_id: str, *, elsewhere: bool) -> tuple[Contact, Folder]:
    """A contact by an id of either kind, and the folder that it is in. Raises GraphError.

    Args:
        folder: that the path names; None where it names none. elsewhere: whether it may be in another one by now.
    """
    key = asked.box.key_of(contact_id)
    place = asked.box.where(key) if key is not None else None
    contact = asked.box.get(key) if key is not None else None
    if contact is None or place is None or not (elsewhere or folder is None or place is folder):
        raise not_found()
    return contact, place


def one(asked: Asked, contact: Contact, folder: Folder) -> Response:
    """A single contact."""
    query = parsed(asked.query, _ONE)
    context = f"{asked.base}/v1.0/$metadata#users('{quote(asked.box.user)}')/contacts/$entity"
    row = shown(asked.box, contact, folder, immutable=asked.immutable, query=query)
    return ok({"@odata.context": context, **row})


def folders(asked: Asked, parent: Folder) -> Response:
    """The folders below one; the default folder is not in its own list."""
    found = [each for each in asked.box.folders.values() if each.parent == parent.id and not each.trash]
    query = parsed(asked.query, frozenset({"$top", "$skip"}))
    body: dict[str, Any] = {"value": [folder_row(each) for each in found[query.skip : query.skip + query.top]]}
    if query.skip + query.top < len(found):
        options = {"$top": str(query.top), "$skip": str(query.skip + query.top)}
        body["@odata.nextLink"] = f"{asked.address}?{urlencode(options, quote_via=quote)}"
    return ok(body)


def folder_row(folder: Folder) -> dict[str, str]:
    """A folder as answers show it."""
    return {"id": folder.id, "parentFolderId": folder.parent, "displayName": folder.name}
