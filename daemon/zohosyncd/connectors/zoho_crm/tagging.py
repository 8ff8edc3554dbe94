"""Tags of records: what a write changes of them, and the two actions that change it.

Whether ``Tag`` may stand among the fields of an insert or update is not documented, so it never does: tags are added
and removed by their own calls, after the record is there. Both name only what differs from what was read just before,
so a tag that somebody adds meanwhile stays, and repeating a call changes nothing. Removing comes first: a record that
holds its ten tags then has room.

Whether they move Modified_Time is not documented either. Where they do not, the feed does not see that a person has
changed nothing but tags, and a rule over tags waits for the record's next other change or for the daily sweep.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from zohosyncd.connectors.zoho_crm.client import TagAction, ZohoClient
from zohosyncd.connectors.zoho_crm.fields import LONGEST_TAG, MOST_TAGS, TAG
from zohosyncd.connectors.zoho_crm.outcomes import results_of
from zohosyncd.connectors.zoho_crm.records import Unwritable
from zohosyncd.core.errors import RemoteError
from zohosyncd.core.name_sets import difference, names_of
from zohosyncd.core.spelling import fold
from zohosyncd.ports.connector import Done, NotSent, Refused, WriteKind, WriteOp, WriteResult
from zohosyncd.transport.sender import Answered

MOST_TAGGED: Final = 500
"""Records of one call."""


@dataclass(frozen=True, slots=True)
class TagChange:
    """The tags that a record is given, and those that are taken from it."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def tag_change(op: WriteOp) -> TagChange:
    """What an op changes of a record's tags.

    Raises:
        Unwritable: a name is too long, there are too many, or nobody has read which ones are there.
    """
    if TAG not in op.patch or op.kind is WriteKind.DELETE:
        return TagChange()
    wished = names_of(op.patch[TAG])
    if any(len(name) > LONGEST_TAG for name in wished):
        raise Unwritable("TAG_TOO_LONG", f"a tag of Zoho has at most {LONGEST_TAG} characters", TAG)
    if len(wished) > MOST_TAGS:
        raise Unwritable("TOO_MANY_TAGS", f"a record in Zoho has at most {MOST_TAGS} tags", TAG)
    if op.kind is WriteKind.CREATE:
        return TagChange(added=wished)
    if op.known is None or TAG not in op.known.values:
        raise Unwritable("KNOWN_TAGS_NEEDED", "a change of tags needs the tags as they were read just before", TAG)
    added, removed = difference(op.known.values[TAG], op.patch[TAG])
    return TagChange(added, removed)


async def with_tags(
    client: ZohoClient,
    module: str,
    ops: Sequence[WriteOp],
    results: Mapping[int, WriteResult],
    changes: Mapping[int, TagChange],
) -> dict[int, WriteResult]:
    """Change tags where the values have arrived, and answer what became of both.

    A result says Done where all of an op was carried out, Done with ``left`` where its tags were not but something else
    was, and what the tag call said where that was all there was to do.

    Args:
        ops: what was asked for, at most 500. results: what became of their values, by place in ``ops``; of an op
            without any, Done. changes: by place.

    Raises:
        RemoteError: the first tag call failed, and nothing at all was carried out.
    """
    begun = {place for place, op in enumerate(ops) if op.kind is WriteKind.CREATE or op.patch.keys() - {TAG}}
    failed: dict[int, WriteResult] = {}
    ids = {place: result.id for place, result in results.items() if isinstance(result, Done) and changes.get(place)}
    trouble: RemoteError | None = None
    for action, names, places in _calls(changes, ids):
        going = [place for place in places if place not in failed]
        if trouble is not None:
            failed |= dict.fromkeys(going, NotSent(trouble.message))
        elif going:
            try:
                answers = await _call(client, module, action, names, [ids[place] for place in going])
            except RemoteError as error:
                if not begun:
                    raise
                trouble, answers = error, [NotSent(error.message)] * len(going)
            failed |= {place: each for place, each in zip(going, answers, strict=True) if not isinstance(each, Done)}
            begun |= set(going) - failed.keys()
    return {place: _combined(result, failed.get(place), begun=place in begun) for place, result in results.items()}


def _calls(
    changes: Mapping[int, TagChange], ids: Mapping[int, str]
) -> list[tuple[TagAction, tuple[str, ...], list[int]]]:
    """One call for all records that lose, or gain, the same tags."""
    groups: dict[tuple[TagAction, frozenset[str]], tuple[tuple[str, ...], list[int]]] = {}
    for place in ids:
        for action, names in _actions(changes[place]):
            groups.setdefault((action, frozenset(map(fold, names))), (names, []))[1].append(place)
    order = sorted(groups, key=lambda key: key[0] == "add_tags")
    return [(key[0], *groups[key]) for key in order]


def _actions(change: TagChange) -> list[tuple[TagAction, tuple[str, ...]]]:
    found: list[tuple[TagAction, tuple[str, ...]]] = [("remove_tags", change.removed), ("add_tags", change.added)]
    return [(action, names) for action, names in found if names]


async def _call(
    client: ZohoClient, module: str, action: TagAction, names: Sequence[str], ids: Sequence[str]
) -> list[WriteResult]:
    answer = await client.change_tags(module, action, names, ids)
    if not isinstance(answer, Answered):
        return [answer for _ in ids]
    asked = [WriteOp("", WriteKind.UPDATE, each) for each in ids]
    return [replace(each, field=TAG) if isinstance(each, Refused) else each for each in results_of(answer, asked)]


def _combined(result: WriteResult, failed: WriteResult | None, *, begun: bool) -> WriteResult:
    if failed is None or not isinstance(result, Done):
        return result
    return replace(result, left=(TAG,)) if begun else failed
