"""The contacts of an account: every address once, an own id after a merge, a bin that keeps for 90 days."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from zohosyncd.sandbox.parts.history import History
from zohosyncd.sandbox.parts.normaliser import Normaliser, normalise
from zohosyncd.sandbox.wire import Clock

from .properties import ALL, STAGES, Invalid, Property, iso, stored
from .refusals import Refusal, exists, invalid, not_found
from .setup import HubSpotSetup

_ORDER = {value: place for place, (value, _) in enumerate(STAGES)}
OPTOUT, MORE_EMAILS, MERGED = "hs_email_optout", "hs_additional_emails", "hs_merged_object_ids"


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact: what is set of it, and its times in milliseconds since 1970."""

    id: str
    values: Mapping[str, str]
    created: int
    updated: int
    archived_at: int | None = None
    merged_into: str = ""

    def shows(self, name: str) -> str | None:
        """The value of a property, None where it is not set."""
        match name:
            case "hs_object_id":
                return self.id
            case "createdate":
                return iso(self.created)
            case "lastmodifieddate":
                return iso(self.updated)
            case "hs_full_name_or_email":
                full = " ".join(filter(None, (self.values.get("firstname"), self.values.get("lastname"))))
                return full or self.values.get("email")
            case "num_associated_deals":
                return None
            case _:
                return self.values.get(name)

    @property
    def emails(self) -> list[str]:
        """All addresses, the first one first."""
        found = [self.values.get("email", ""), *self.values.get(MORE_EMAILS, "").split(";")]
        return [each for each in found if each]


@dataclass
class Contacts:
    """All contacts. ``owners``: ids of those who may own one."""

    clock: Clock
    seed: int
    setup: HubSpotSetup
    owners: tuple[str, ...]
    history: History[Contact] = field(default_factory=History)
    properties: dict[str, Property] = field(default_factory=lambda: dict(ALL))
    normalisers: list[Normaliser] = field(default_factory=list)
    opted_out: set[str] = field(default_factory=set)
    """Addresses that take no e-mails, whether a contact has them or not."""

    moved: dict[str, str] = field(default_factory=dict)
    _by_email: dict[str, str] = field(default_factory=dict)
    _late: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(f"hubspot/{self.seed}")

    def now(self) -> int:
        """The present moment in milliseconds since 1970."""
        return int(self.clock.now() * 1000)

    # --- finding -------------------------------------------------------------------------------------------------

    def live(self) -> Iterator[Contact]:
        """All contacts that are not archived, in the order of their ids."""
        return iter(sorted((each for _, each in self.history.items() if each.archived_at is None), key=by_id))

    def bin(self) -> Iterator[Contact]:
        """Those that are archived and still kept, in no useful order."""
        oldest = self.now() - self.setup.kept_days * 86_400_000
        shown = (each for _, each in self.history.items() if each.archived_at is not None)
        kept = (each for each in shown if (each.archived_at or 0) > oldest)
        return iter(sorted((each for each in kept if self.setup.merged_in_bin or not each.merged_into), key=by_id))

    def named(self, key: str, id_property: str = "hs_object_id", *, merged: bool = True) -> Contact | None:
        """The contact with this id, or this value of a unique property. ``merged``: or with the id before a merge."""
        if id_property == "email":
            key = self._by_email.get(key.strip().lower(), "")
        elif id_property not in {"hs_object_id", ""}:
            raise Refusal(400, "VALIDATION_ERROR", f"{id_property} is not a unique property")
        while merged and key in self.moved:
            key = self.moved[key]
        found = self.history.get(key)
        return found if found is not None and found.archived_at is None else None

    def required(self, key: str, id_property: str = "hs_object_id") -> Contact:
        """As :meth:`named`; raises Refusal where there is none."""
        found = self.named(key, id_property)
        if found is None:
            raise not_found()
        return found

    # --- changing ------------------------------------------------------------------------------------------------

    def create(self, given: Mapping[str, Any], *, by_person: bool = False) -> Contact:
        """A new contact. Raises Refusal."""
        values = self._checked(given, by_person=by_person)
        if not any(values.get(name) for name in ("email", "firstname", "lastname")):
            raise Refusal(400, "VALIDATION_ERROR", "At least one of email, firstname or lastname must be specified")
        email = values.get("email", "")
        if email in self.setup.blocked and email:
            raise invalid([("email", "EMAIL_BLOCKED", "The address was deleted for privacy and cannot be used")])
        if email in self._by_email:
            raise exists(self._by_email[email])
        values = {name: value for name, value in values.items() if value}
        if email in self.opted_out:
            values[OPTOUT] = "true"
        now = self.now()
        return self.put(Contact(self.new_id(), values, now, now))

    def update(self, found: Contact, given: Mapping[str, Any], *, by_person: bool = False) -> Contact:
        """Change some properties; the others stay. Raises Refusal."""
        values = self._checked(given, by_person=by_person)
        holder = self._by_email.get(values.get("email", ""))
        if holder is not None and holder != found.id:
            raise exists(holder)
        if _backwards(found.values.get("lifecyclestage", ""), values.get("lifecyclestage", "")):
            del values["lifecyclestage"]  # without a word
        after = {name: value for name, value in {**found.values, **values}.items() if value}
        if values.get("email") in self.opted_out:
            after[OPTOUT] = "true"
        return self.put(replace(found, values=after, updated=self._later(found)))

    def archive(self, found: Contact) -> None:
        """Into the bin."""
        self.put(replace(found, archived_at=self.now()))

    def restore(self, record_id: str) -> Contact:
        """Out of the bin; its last change is what it was. Raises ValueError."""
        found = self.history.get(record_id)
        if found is None or found.archived_at is None or found.merged_into:
            raise ValueError("no such contact is archived")
        return self.put(replace(found, archived_at=None))

    def forget(self, found: Contact) -> None:
        """Delete for privacy: nothing stays but that the addresses are not to be used."""
        self.setup.blocked.update(found.emails)
        self._drop(found)
        self.history.remove(found.id, self.clock.now())

    def merge(self, primary: Contact, other: Contact) -> Contact:
        """Two contacts become one, whose id is a new one where the account works like that."""
        if primary.id == other.id:
            raise Refusal(400, "VALIDATION_ERROR", "Cannot merge a contact with itself")
        now = self.now()
        survivor_id = self.new_id() if self.setup.merge_makes_id else primary.id
        gone = [each for each in (primary, other) if each.id != survivor_id]
        values = {**other.values, **primary.values}
        values[MORE_EMAILS] = ";".join(dict.fromkeys([*primary.emails[1:], *other.emails]))
        before = [*primary.values.get(MERGED, "").split(";"), *other.values.get(MERGED, "").split(";")]
        ids = dict.fromkeys([*(each.id for each in (primary, other)), *filter(None, before)])
        values[MERGED] = ";".join(each for each in ids if each != survivor_id)
        for each in gone:
            self._drop(each)
            self.moved[each.id] = survivor_id
            self.history.put(each.id, replace(each, archived_at=now, merged_into=survivor_id), self.clock.now())
        kept = {name: value for name, value in values.items() if value}
        return self.put(Contact(survivor_id, kept, primary.created, max(now, primary.updated + 1)))

    def touch(self, record_id: str) -> None:
        """Something beside its properties has changed that moves the time of its last change."""
        if (found := self.history.get(record_id)) is not None:
            self.put(replace(found, updated=self._later(found)))

    def opt_out(self, email: str, lag: float) -> None:
        """This address takes no e-mails from now on; the property follows after so many seconds."""
        self.opted_out.add(email)
        self._late.append((self.clock.now() + lag, email))
        self.settle()

    def opt_in(self, email: str) -> None:
        """This address takes e-mails again."""
        self.opted_out.discard(email)
        self._show_consent(email, "")

    def settle(self) -> None:
        """What was decided about addresses reaches their contacts."""
        due = [email for at, email in self._late if at <= self.clock.now()]
        self._late = [(at, email) for at, email in self._late if at > self.clock.now()]
        for email in due:
            if email in self.opted_out:
                self._show_consent(email, "true")

    def put(self, contact: Contact) -> Contact:
        """Store a state of a contact."""
        before = self.history.get(contact.id)
        if before is not None:
            self._drop(before)
        if contact.archived_at is None:
            self._by_email.update(dict.fromkeys(contact.emails, contact.id))
        self.history.put(contact.id, contact, self.clock.now())
        return contact

    def new_id(self) -> str:
        """An id; newer ones are not always larger."""
        while True:
            made = str(self._chance.randrange(10**10, 10**12))
            if self.history.newest(made) is None:
                return made

    def _show_consent(self, email: str, shown: str) -> None:
        found = self.named(email, "email")
        if found is not None and found.values.get("email") == email and found.values.get(OPTOUT, "") != shown:
            values = (
                {**found.values, OPTOUT: shown}
                if shown
                else {name: value for name, value in found.values.items() if name != OPTOUT}
            )
            self.put(replace(found, values=values, updated=self._later(found)))

    def _later(self, found: Contact) -> int:
        return max(self.now(), found.updated + 1)

    def _drop(self, found: Contact) -> None:
        for email in found.emails:
            if self._by_email.get(email) == found.id:
                del self._by_email[email]

    def _checked(self, given: Mapping[str, Any], *, by_person: bool) -> dict[str, str]:
        if not isinstance(given, Mapping):
            raise Refusal(400, "VALIDATION_ERROR", "Invalid input JSON: properties must be an object")
        values, problems = {}, []
        for name, value in given.items():
            known = self.properties.get(name)
            if known is None:
                problems.append((name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
                continue
            if not isinstance(value, str | int | float):
                problems.append((name, "INVALID_VALUE", f"the value of {name} is not a text"))
                continue
            try:
                free = replace(known, read_only=False) if by_person else known
                text = str(value).lower() if isinstance(value, bool) else str(value)
                values[name] = stored(free, text, self.owners)
            except Invalid as error:
                problems.append((name, error.code, error.message))
        if problems:
            raise invalid(problems)
        texts = {name: value or None for name, value in values.items()}
        return {name: value or "" for name, value in normalise(self.normalisers, texts).items()}


def by_id(contact: Contact) -> int:
    """The order of ids."""
    return int(contact.id)


def _backwards(now: str, wished: str) -> bool:
    return bool(now and wished) and _ORDER.get(wished, 0) < _ORDER.get(now, 0)
