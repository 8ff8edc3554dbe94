"""Lists that contacts are in: their names as values, and the calls that put contacts in and take them out.

Only static lists can be written; active ones find their members by themselves and are shown. A static list that is
asked for and does not exist is made. A change of lists is no change of the contact's properties: HubSpot does not
promise that it moves the time of its last change, so a rule over lists may wait for the contact's next other change,
or for the daily sweep.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from zohosyncd.connectors.hubspot.client import MOST
from zohosyncd.connectors.hubspot.fields import ACTIVE, LISTS
from zohosyncd.connectors.hubspot.lists_wire import ListInfo, ListsWire
from zohosyncd.core.errors import RemoteError
from zohosyncd.core.name_sets import as_value, difference, names_of
from zohosyncd.core.record import Value
from zohosyncd.core.spelling import fold, squeeze
from zohosyncd.ports.connector import Done, NotSent, Refused, Unknown, WriteKind, WriteOp, WriteResult
from zohosyncd.transport.sender import Answered
from zohosyncd.transport.together import together

MOST_MEMBERS: Final = 500
"""Contacts of one call; HubSpot takes more, but one answer has to be read for all of them."""

_DYNAMIC: Final = "DYNAMIC"


@dataclass(frozen=True, slots=True)
class Change:
    """The lists that a contact is put into, and those that it is taken out of, by name."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


@dataclass
class Lists:
    """The lists of one account, remembered until a name or an id is met that is not among them."""

    wire: ListsWire
    known: dict[str, ListInfo] = field(default_factory=dict)

    async def load(self) -> None:
        """Read which lists there are."""
        self.known = {str(each.list_id): each for each in await self.wire.lists()}

    @property
    def names(self) -> list[str]:
        """Of the static lists."""
        return [each.name for each in self.known.values() if each.processing_type != _DYNAMIC]

    def static(self, name: str) -> str:
        """The id of the static list of this name, "" for none."""
        wanted = fold(name)
        static = ((key, each) for key, each in self.known.items() if each.processing_type != _DYNAMIC)
        return next((key for key, each in static if fold(each.name) == wanted), "")

    async def values(self, fields: Iterable[str], ids: Sequence[str]) -> dict[str, dict[str, Value]]:
        """What lists these contacts are in, as values of the fields that were asked for."""
        asked = {LISTS, ACTIVE} & set(fields)
        if not asked or not ids:
            return {}
        chunks = [ids[start : start + MOST] for start in range(0, len(ids), MOST)]
        found: dict[str, list[str]] = {}
        for each in await together(partial(self.wire.memberships, chunk) for chunk in chunks):
            found |= each
        if any(one not in self.known for each in found.values() for one in each):
            await self.load()
        return {each: self._shown(found.get(each, ()), asked) for each in ids}

    def _shown(self, list_ids: Iterable[str], asked: set[str]) -> dict[str, Value]:
        lists = [self.known[each] for each in list_ids if each in self.known]
        shown = {
            LISTS: [each.name for each in lists if each.processing_type != _DYNAMIC],
            ACTIVE: [each.name for each in lists if each.processing_type == _DYNAMIC],
        }
        return {name: as_value(shown[name]) for name in asked}

    # --- writing -------------------------------------------------------------------------------------------------

    async def written(
        self, ops: Sequence[WriteOp], results: Mapping[int, WriteResult], changes: Mapping[int, Change]
    ) -> dict[int, WriteResult]:
        """Change lists where the other values have arrived, and answer what became of both.

        Args:
            ops: what was asked for. results: what became of their values, by place in ``ops``; of an op without any,
                Done. changes: by place.

        Raises:
            RemoteError: the first call failed, and nothing at all was carried out.
        """
        ids = {place: each.id for place, each in results.items() if isinstance(each, Done) and changes.get(place)}
        begun = {place for place, op in enumerate(ops) if op.kind is WriteKind.CREATE or op.patch.keys() - {LISTS}}
        failed: dict[int, WriteResult] = {}
        trouble: RemoteError | None = None
        for way, name, places in _calls(changes, ids):
            going = [place for place in places if place not in failed]
            if trouble is not None:
                failed |= dict.fromkeys(going, NotSent(trouble.message))
            elif going:
                try:
                    outcome = await self._change(way, name, [ids[place] for place in going])
                except RemoteError as error:
                    if not begun:
                        raise
                    trouble, outcome = error, NotSent(error.message)
                if outcome is not None:
                    failed |= dict.fromkeys(going, outcome)
                else:
                    begun |= set(going)
        return {place: _combined(each, failed.get(place), begun=place in begun) for place, each in results.items()}

    async def _change(self, way: str, name: str, ids: Sequence[str]) -> WriteResult | None:
        """None where it was done."""
        list_id = self.static(name)
        if not list_id and (way == "add" or not self.known):
            await self.load()
            list_id = self.static(name)
        if not list_id:
            if way == "remove":
                return None  # nobody is in a list that is not there
            made = await self._new(name)
            if not isinstance(made, str):
                return made
            list_id = made
        answer = await self.wire.change_members(list_id, way, ids)
        if not isinstance(answer, Answered):
            return answer
        if answer.status == 200:
            return None
        if answer.status == 404:
            self.known.pop(list_id, None)
        return Refused("LIST_NOT_CHANGED", LISTS, "HubSpot does not change who is in this list")

    async def _new(self, name: str) -> str | NotSent | Unknown | Refused:
        made = await self.wire.new_list(squeeze(name))
        if isinstance(made, ListInfo):
            self.known[str(made.list_id)] = made
            return str(made.list_id)
        if isinstance(made, Answered):
            reason = "HubSpot does not make a static list of this name: is there an active one that is called so?"
            return Refused("LIST_NOT_CREATED", LISTS, reason)
        return made


def change_of(op: WriteOp) -> Change:
    """What an op changes of a contact's lists; raises ValueError where nobody has read which ones it is in."""
    if LISTS not in op.patch or op.kind is WriteKind.DELETE:
        return Change()
    if op.kind is WriteKind.CREATE:
        return Change(added=names_of(op.patch[LISTS]))
    if op.known is None or LISTS not in op.known.values:
        raise ValueError("a change of lists needs the lists as they were read just before")
    return Change(*difference(op.known.values[LISTS], op.patch[LISTS]))


def _calls(changes: Mapping[int, Change], ids: Mapping[int, str]) -> list[tuple[str, str, list[int]]]:
    """One call for all contacts that leave, or join, the same list; leaving comes first."""
    groups: dict[tuple[str, str], tuple[str, list[int]]] = {}
    for place in ids:
        for way, names in (("remove", changes[place].removed), ("add", changes[place].added)):
            for name in names:
                groups.setdefault((way, fold(name)), (name, []))[1].append(place)
    order = sorted(groups, key=lambda key: key[0] == "add")
    return [(key[0], *groups[key]) for key in order]


def _combined(result: WriteResult, failed: WriteResult | None, *, begun: bool) -> WriteResult:
    if failed is None or not isinstance(result, Done):
        return result
    if isinstance(failed, Refused) and begun:
        return replace(result, refused=(*result.refused, failed))
    return replace(result, left=(*result.left, LISTS)) if begun else failed
