"""Persons as records, and the point reads of the port."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from zohosyncd.connectors.google_contacts.client import MOST_AT_ONCE, PeopleClient, PersonAnswer
from zohosyncd.connectors.google_contacts.fields import MEMBERSHIPS, mask_of, person_fields
from zohosyncd.connectors.google_contacts.groups import Groups
from zohosyncd.connectors.google_contacts.newcomers import Newcomers
from zohosyncd.connectors.google_contacts.person import Person, id_of, modified_of, source_of, version_of
from zohosyncd.connectors.google_contacts.recent import Recent
from zohosyncd.connectors.google_contacts.values import values_of
from zohosyncd.core.errors import Unavailable
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Fetched, Found, Missing, Moved, Unreadable
from zohosyncd.transport.decode import UNCLEAR
from zohosyncd.transport.together import together

_DAMAGED: Final = "a text in it cannot be decoded"


def mask_for(fields: Iterable[str]) -> str:
    """What has to be read of a person for these fields of ours."""
    return mask_of(person_fields(fields) | {"metadata"})


class Reader:
    """Reads persons of one mailbox."""

    def __init__(self, client: PeopleClient, groups: Groups, recent: Recent, newcomers: Newcomers) -> None:
        self.client = client
        self.recent = recent
        self.groups = groups
        self.newcomers = newcomers

    async def know_labels(self, fields: Iterable[str], people: Iterable[Person]) -> None:
        """Make sure that the labels of these people have names, if labels are asked for."""
        if MEMBERSHIPS in fields:
            await self.groups.know(people)

    def record(self, person: Person, fields: Iterable[str]) -> Record | Unreadable:
        """A person as a record; ``native`` is its JSON."""
        if _is_damaged(person):
            return Unreadable(id_of(person), version_of(person), _DAMAGED)
        values = values_of(person, fields, self.groups.labels)
        return Record(id_of(person), values, version_of(person), modified_of(person), person)

    async def fetch(self, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
        """Read these contacts, each id answered once."""
        wanted = list(dict.fromkeys(ids))
        chunks = [wanted[start : start + MOST_AT_ONCE] for start in range(0, len(wanted), MOST_AT_ONCE)]
        mask = mask_for(fields)
        read = await together(partial(self.client.people, mask, chunk) for chunk in chunks)
        by_id = {each.requested: each for answers in read for each in answers if each.requested}
        for each in wanted:
            # Absence from an answer is no evidence: ask for the contact itself.
            if each not in by_id or (by_id[each].person is None and not by_id[each].is_missing):
                person = await self.client.person(mask, each)
                by_id[each] = PersonAnswer(dict(person) if person is not None else None, each, 200 if person else 404)
        people = [person for each in by_id.values() if (person := each.person) is not None]
        await self.know_labels(fields, people)
        answers = [self._answer(by_id[each], fields) for each in wanted]
        for answer in answers:
            match answer:
                case Found(record):
                    self.recent.saw(record)
                case Missing(id_) | Moved(id_):
                    self.recent.lost(id_)
                case Unreadable():
                    pass
        return answers

    async def fetch_listed(self, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:
        """Read contacts that a list shows, each id answered once.

        Somebody of them may be gone by now, but not everybody: an answer that shows nobody at all, not even somebody
        who was there a moment ago, is none.

        Raises:
            Unavailable: nobody is shown. The RemoteError tree otherwise.
        """
        if not ids:
            return []
        witness = self.recent.witness(frozenset(ids))
        answers = await self.fetch(fields, [*ids, witness] if witness else ids)
        if all(isinstance(each, Missing) for each in answers):
            raise Unavailable("Google finds none of the contacts that its list shows")
        return [each for each in answers if (each.record.id if isinstance(each, Found) else each.id) != witness]

    def _answer(self, answer: PersonAnswer, fields: Sequence[str]) -> Fetched:
        person = answer.person
        if person is None or source_of(person) is None:
            return Missing(answer.requested)  # a profile may be left of somebody who is no contact any more
        name = id_of(person)
        if name and name != answer.requested:
            return Moved(answer.requested, name)
        record = self.record(person, fields)
        return Found(record) if isinstance(record, Record) else record


def _is_damaged(value: Any) -> bool:
    match value:
        case Mapping():
            return any(_is_damaged(each) for each in value.values())
        case list():
            return any(_is_damaged(each) for each in value)
        case _:
            return value is UNCLEAR
