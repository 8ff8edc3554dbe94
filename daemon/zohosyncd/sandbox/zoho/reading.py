"""Reads of records: the list with its pages and tokens, one record, the deleted list."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Any

from zohosyncd.sandbox.wire import Response

from .answers import CallError, answer, bad_parameter, missing_parameter, nothing
from .call import PAGE, Call
from .crm import Crm
from .store import Entry, Gone, Table

PAGES, TOKEN_LIFE = 10, 86_400
Key = int | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a page token goes on: after a key, or after so many records.

    ``user``: whose token it is; ``binding``: module, parameters and header of the call that it came from.
    """

    user: int
    binding: object
    expires: float
    page: int
    served: int
    after: Key | None
    skip: int
    previous: str | None


@dataclass
class Bookmarks:
    """All page tokens that were given out."""

    seed: int
    _held: dict[str, Bookmark] = field(default_factory=dict)
    _count: int = 0

    def keep(self, bookmark: Bookmark, now: float) -> str:
        """Make a token."""
        if len(self._held) > 10_000:
            self._held = {token: kept for token, kept in self._held.items() if kept.expires > now - TOKEN_LIFE}
        self._count += 1
        token = hashlib.sha256(f"{self.seed}/page/{self._count}".encode()).hexdigest() * 2
        self._held[token] = bookmark
        return token

    def open(self, token: str, user: int, binding: object, now: float, reach: int) -> Bookmark:
        """The place of a token, if it is alive, of this user and used with the same parameters."""
        found = self._held.get(token)
        if found is None or found.user != user:
            raise bad_parameter("page_token")
        if found.expires <= now:
            details = {"api_name": "page_token", "json_path": "$.query.page_token"}
            raise CallError(400, "EXPIRED_VALUE", "Page token expired", details)
        if found.binding != binding:
            message = "The page_token given seems to be invalid or input param is added or altered or deleted"
            raise CallError(400, "TOKEN_BOUND_DATA_MISMATCH", message, {"param_name": "page_token"})
        if found.served >= reach:
            message = f"You can only get upto {reach} records using page_token param"
            raise CallError(400, "PAGINATION_LIMIT_EXCEEDED", message, {"param_name": "page_token"})
        return found


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list call asks for."""

    names: list[str]
    per_page: int
    sort_by: str
    descending: bool
    since: int | None
    ids: frozenset[int] | None
    converted: frozenset[bool] = frozenset({False})

    def key(self, entry: Entry) -> Key:
        """The key of a record in this order."""
        return (entry.modified, entry.number) if self.sort_by == "Modified_Time" else entry.number


def one(crm: Crm, table: Table, call: Call, number: int) -> Response:
    """``GET /{module}/{id}``."""
    entry = table.rows.get(number)
    if entry is None:
        return nothing()
    since = call.time("if-modified-since")
    if since is not None and entry.modified < since:
        return nothing(304)
    asked = call.query.get("fields")
    names = crm.all_names(table) if asked is None else crm.known(table, asked.split(","))
    return answer({"data": [crm.alone(entry, names)]})


def listing(crm: Crm, table: Table, call: Call, bookmarks: Bookmarks) -> Response:
    """``GET /{module}``: pages of at most 200, ten by number, the rest by token."""
    asked = _asked(crm, table, call)
    mark = _place(crm, table, call, bookmarks)
    walk = (each for each in _walk(table, asked, mark.after) if (each.number in crm.converted) in asked.converted)
    chosen = islice(walk, mark.skip, None)
    entries = list(islice(chosen, asked.per_page + 1))
    more = len(entries) > asked.per_page
    del entries[asked.per_page :]
    if not entries:
        return nothing(304 if asked.since is not None and mark.page == 1 else 204)
    info = _info(crm, asked, mark, entries, more=more, bookmarks=bookmarks)
    return answer({"data": [crm.listed(table, entry, asked.names) for entry in entries], "info": info})


def _asked(crm: Crm, table: Table, call: Call) -> Listing:
    query = call.query
    if not query.get("fields"):
        raise missing_parameter("fields")
    names = [name.strip() for name in query["fields"].split(",")]
    if len(names) > 50:
        raise CallError(
            400, "LIMIT_EXCEEDED", "cannot ask for more than 50 fields", {"limit": 50, "param_name": "fields"}
        )
    sort_by, order = query.get("sort_by", "id"), query.get("sort_order", "desc")
    if sort_by not in {"id", "Created_Time", "Modified_Time"}:
        raise bad_parameter("sort_by")
    if order not in {"asc", "desc"}:
        raise bad_parameter("sort_order")
    if "cvid" in query and "sort_by" in query:
        raise CallError(400, "AMBIGUITY_DURING_PROCESSING", "cvid and sort_by exclude each other", {})
    return Listing(
        crm.known(table, names),
        call.number("per_page", PAGE, largest=PAGE),
        sort_by,
        order == "desc",
        call.time("if-modified-since"),
        ids_in(call, crm.setup.ids_characters) if "ids" in query else None,
        _converted(query.get("converted", "false")),
    )


def _converted(asked: str) -> frozenset[bool]:
    """Which leads are shown: those that were not converted, those that were, or both."""
    known = {"false": frozenset({False}), "true": frozenset({True}), "both": frozenset({False, True})}
    if asked not in known:
        raise bad_parameter("converted")
    return known[asked]


def ids_in(call: Call, longest: int) -> frozenset[int]:
    """The ids that a read names."""
    text = call.query["ids"]
    if len(text) > longest:
        raise CallError(400, "LIMIT_EXCEEDED", "too many ids", {"maximum_length": longest, "param_name": "ids"})
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() for part in parts):
        raise bad_parameter("ids")
    return frozenset(map(int, parts))


def _place(crm: Crm, table: Table, call: Call, bookmarks: Bookmarks) -> Bookmark:
    query, now, user = call.query, crm.now(), crm.me.number
    bound = frozenset((name, value) for name, value in query.items() if name not in {"page", "page_token"})
    binding = (table.module.name, bound, call.headers.get("if-modified-since"))
    if token := query.get("page_token"):
        if "page" in query:
            raise CallError(
                400, "AMBIGUITY_DURING_PROCESSING", "page and page_token exclude each other", {"param_name": "page"}
            )
        return bookmarks.open(token, user, binding, now, crm.setup.token_reach)
    page = call.number("page", 1)
    if page > PAGES:
        message = "cannot fetch more than 2000 records with page: use page_token"
        raise CallError(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", message, {"limit": PAGES * PAGE})
    skip = (page - 1) * call.number("per_page", PAGE, largest=PAGE)
    mark = Bookmark(user, binding, now + TOKEN_LIFE, page, skip, None, skip, None)
    if page == 1:
        return mark
    before = skip // (page - 1) * (page - 2)
    previous = bookmarks.keep(Bookmark(user, binding, now + TOKEN_LIFE, page - 1, before, None, before, None), now)
    return Bookmark(user, binding, now + TOKEN_LIFE, page, skip, None, skip, previous)


def _walk(table: Table, asked: Listing, after: Key | None) -> Iterator[Entry]:
    """The records that are asked for in their order, beginning behind a key."""
    rows = table.rows
    if asked.ids is not None:
        return _among(asked, [rows[number] for number in asked.ids if number in rows], after)
    since = asked.since
    if isinstance(after, tuple) or (after is None and asked.sort_by == "Modified_Time"):
        return (rows[number] for _, number in _changed(table, asked, after))
    if since is not None:
        few = max(1_000, len(rows) // 20)
        changed = list(islice(table.changes.up((since, -1)), few + 1))
        if len(changed) <= few:
            return _among(asked, [rows[number] for _, number in changed], after)
    numbers = table.ids.down(after) if asked.descending else table.ids.up(after)
    return (rows[number] for number in numbers if since is None or rows[number].modified >= since)


def _changed(table: Table, asked: Listing, after: tuple[int, int] | None) -> Iterable[tuple[int, int]]:
    bound = (0 if asked.since is None else asked.since, -1)
    if asked.descending:
        return takewhile(lambda key: key > bound, table.changes.down(after))
    return table.changes.up(bound if after is None else max(after, bound))


def _among(asked: Listing, entries: list[Entry], after: Key | None) -> Iterator[Entry]:
    entries.sort(key=asked.key, reverse=asked.descending)
    for entry in entries:
        key = asked.key(entry)
        beyond = after is None or (key < after if asked.descending else key > after)  # type: ignore[operator]
        if beyond and (asked.since is None or entry.modified >= asked.since):
            yield entry


def _info(
    crm: Crm, asked: Listing, mark: Bookmark, entries: list[Entry], *, more: bool, bookmarks: Bookmarks
) -> dict[str, Any]:
    now, token, expiry = crm.now(), None, None
    if more:
        served, here = mark.served + len(entries), None
        if mark.page >= 1:
            here = bookmarks.keep(mark, now)
        following = Bookmark(
            mark.user, mark.binding, now + TOKEN_LIFE, mark.page + 1, served, asked.key(entries[-1]), 0, here
        )
        token, expiry = bookmarks.keep(following, now), crm.stamp(int(following.expires))
    return {
        "call": False,
        "per_page": asked.per_page,
        "next_page_token": token,
        "count": len(entries),
        "sort_by": asked.sort_by,
        "page": mark.page,
        "previous_page_token": mark.previous,
        "page_token_expiry": expiry,
        "sort_order": "desc" if asked.descending else "asc",
        "email": False,
        "more_records": more,
    }


def deleted(crm: Crm, table: Table, call: Call) -> Response:
    """``GET /{module}/deleted``: newest first, by page number alone."""
    kind = call.query.get("type", "all")
    if kind not in {"all", "recycle", "permanent"}:
        raise CallError(
            400, "PATTERN_NOT_MATCHED", "Please check whether the input values are correct", {"param_name": "type"}
        )
    since, per_page, page = (
        call.time("if-modified-since"),
        call.number("per_page", PAGE, largest=PAGE),
        call.number("page", 1),
    )
    found = islice(_gone(crm, table, kind, since), (page - 1) * per_page, page * per_page + 1)
    rows = list(found)
    if not rows:
        return nothing()
    info = {"per_page": per_page, "count": min(len(rows), per_page), "page": page, "more_records": len(rows) > per_page}
    return answer({"data": [_gone_row(crm, table, gone) for gone in rows[:per_page]], "info": info})


def _gone(crm: Crm, table: Table, kind: str, since: int | None) -> Iterator[Gone]:
    now = crm.now()
    for when, number in table.deletions.down():
        gone = table.gone[number]
        where = gone.kind(now)
        if where is None or (since is not None and when < since):
            return
        if kind in {"all", where}:
            yield gone


def _gone_row(crm: Crm, table: Table, gone: Gone) -> dict[str, Any]:
    permanent = gone.kind(crm.now()) == "permanent"
    by, creator = crm.user(gone.by), crm.user(gone.entry.created_by)
    return {
        "deleted_by": None if permanent or by is None else by.short(),
        "id": str(gone.entry.number),
        "display_name": None if permanent else crm.called(table, gone.entry),
        "type": gone.kind(crm.now()),
        "created_by": None if permanent or creator is None else creator.short(),
        "deleted_time": crm.stamp(gone.when),
    }
