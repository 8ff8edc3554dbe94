"""Rounds of changes in a folder: pages with opaque links, and all that the vendor's pages warn of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from zohosyncd.sandbox.parts.history import Revision
from zohosyncd.sandbox.parts.tokens import NotGood, Tokens
from zohosyncd.sandbox.wire import Clock, Response

from .answers import GraphError, bad, ok
from .asked import Asked
from .behaviour import Behaviour
from .contact import Contact
from .mailbox import Folder
from .odata import Query, select
from .reading import shown

_TYPE = "#microsoft.graph.contact"
_SKIP, _DELTA = "$skiptoken", "$deltatoken"


@dataclass(frozen=True, slots=True)
class Round:
    """What a link stands for.

    Attributes:
        folder: its id. after: the round tells what came after this change; 0 = everything that there is.
        upto: and up to this one; None in a link to the next round. at: so many rows have been shown.
        empty: so many pages without rows come first. select: the properties, as they were asked for at first.
    """

    folder: str
    after: int
    select: frozenset[str] | None
    upto: int | None = None
    at: int = 0
    empty: int = 0


class Rounds:
    """All rounds of a service."""

    def __init__(self, clock: Clock, seed: int, behaviour: Behaviour) -> None:
        self._clock, self._behaviour = clock, behaviour
        self._tokens = Tokens(clock, seed)

    def forget(self) -> None:
        """All links given out until now are forgotten."""
        self._tokens.forget("link")

    def page(self, asked: Asked, folder: Folder) -> Response:
        """One page of a round. Raises GraphError."""
        wanted = self._wanted(asked, folder)
        rows = self._rows(folder, wanted)
        size = min(asked.size or self._behaviour.page, self._behaviour.page)
        shown_now = [] if wanted.empty else rows[wanted.at : wanted.at + size]
        body: dict[str, Any] = {
            "@odata.context": f"{asked.base}/v1.0/$metadata#Collection(contact)",
            "value": [self._row(asked, folder, wanted, each) for each in shown_now],
        }
        if wanted.empty or wanted.at + size < len(rows):
            following = replace(wanted, at=wanted.at + len(shown_now), empty=max(wanted.empty - 1, 0))
            body["@odata.nextLink"] = self._link(asked, _SKIP, following)
        else:
            ended = Round(wanted.folder, wanted.upto or 0, wanted.select)
            body["@odata.deltaLink"] = self._link(asked, _DELTA, ended)
        return ok(body)

    def nothing(self, asked: Asked, folder: Folder) -> Response:
        """A round in which nothing has happened, and after which nothing is lost."""
        given = {name.lower(): value for name, value in asked.query.items()}
        content = self._taken(asked, given.get(_DELTA) or given.get(_SKIP)) if given.keys() & {_DELTA, _SKIP} else None
        ended = Round(folder.id, content.after if content else 0, content.select if content else select(asked.query))
        return ok({"value": [], "@odata.deltaLink": self._link(asked, _DELTA, ended)})

    def _wanted(self, asked: Asked, folder: Folder) -> Round:
        given = {name.lower(): value for name, value in asked.query.items()}
        link = given.keys() & {_SKIP, _DELTA}
        if not link:
            if others := given.keys() - {"$select"}:
                raise bad("RequestBroker--ParseUri", f"'{sorted(others)[0]}' is not supported with a change query.")
            return self._begun(Round(folder.id, 0, select(asked.query)), folder)
        if len(given) > 1:
            raise bad("BadRequest", "A link is used as it was given.")
        content = self._taken(asked, given[link.pop()])
        if content.folder != folder.id:
            raise bad("BadRequest", "Badly formed token.")
        return content if content.upto is not None else self._begun(content, folder)

    def _begun(self, content: Round, folder: Folder) -> Round:
        """A round that begins now, and ends with what shows by now."""
        visible = folder.contacts.number_at(self._clock.now() - self._behaviour.delay)
        upto = max(visible, content.after)
        return replace(content, upto=upto, empty=self._behaviour.empty_pages)

    def _taken(self, asked: Asked, token: str | None) -> Round:
        content = self._tokens.take("link", token or "")
        if isinstance(content, Round):
            return content
        if content is NotGood.UNKNOWN:
            raise bad("BadRequest", "Badly formed token.")
        message = "The sync state generation is not found; generation=149;[highest=157][157][155][156]."
        match self._behaviour.forgotten:
            case "gone":
                raise GraphError(410, "SyncStateNotFound", message)
            case "anew":
                headers = {"Location": f"{asked.address}?$deltaToken="}
                raise GraphError(410, "resyncRequired", "Resync is required.", headers)
            case _:
                raise bad("syncStateNotFound", message)

    def _rows(self, folder: Folder, wanted: Round) -> Sequence[Revision[Contact]]:
        history, upto = folder.contacts, wanted.upto or 0
        if wanted.after:
            return history.changes(max(wanted.after - self._behaviour.replays, 0), upto)
        rows = history.shown(upto)
        if self._behaviour.removed_at_first:
            rows += [each for each in history.changes(0, upto) if each.value is None]
        return rows

    def _row(self, asked: Asked, folder: Folder, wanted: Round, each: Revision[Contact]) -> dict[str, Any]:
        box, key = asked.box, int(each.id)
        if each.value is None:
            place = box.where(key)
            reason = "changed" if place is not None and place.trash else "deleted"
            number = box.id_of(key, immutable=asked.immutable)
            return {"@odata.type": _TYPE, "id": number, "@removed": {"reason": reason}}
        chosen = wanted.select
        if self._behaviour.sparse and wanted.after:
            chosen = each.value.touched if chosen is None else chosen & each.value.touched
        row = shown(box, each.value, folder, immutable=asked.immutable, query=Query(chosen))
        return {"@odata.type": _TYPE, **row}

    def _link(self, asked: Asked, kind: str, content: Round) -> str:
        token = self._tokens.give("link", content, life=self._behaviour.token_life)
        return f"{asked.address}?{kind}={token}"
