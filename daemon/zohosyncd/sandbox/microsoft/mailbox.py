"""A mailbox: contact folders, the contacts in them, their two kinds of ids, and change keys."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from zohosyncd.sandbox.parts.history import History
from zohosyncd.sandbox.parts.normaliser import Normaliser, normalise

from .answers import not_found
from .contact import NAMES, Contact, empty, filed, named

DELETED = "Deleted Items"


@dataclass(slots=True)
class Folder:
    """A folder. ``trash``: it is where deleted contacts go, and no folder of contacts. ``parent``: id of its parent."""

    id: str
    name: str
    parent: str
    trash: bool = False
    contacts: History[Contact] = field(default_factory=History)
    rules: list[Normaliser] = field(default_factory=list)


class Mailbox:
    """One user's contacts. ``user``: the principal name; ``user_id``, ``name``: what ``/me`` tells."""

    def __init__(self, user: str, seed: int) -> None:
        self.user = user
        self._seed = f"{seed}/{user}"
        digest = hashlib.sha256(self._seed.encode()).hexdigest()
        self.user_id = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
        self.name = user.partition("@")[0].title()
        self.country: str | None = "DE"
        self.spells = False
        root = self._id("AAMkAD", "root")
        self.folders: dict[str, Folder] = {}
        self.contacts = self.new_folder("Contacts", root)
        self.trash = Folder(self._id("AAMkAD", "trash"), DELETED, root, trash=True)
        self.folders[self.trash.id] = self.trash
        self.changes = 0
        self._keys = 0
        self._moves: dict[int, int] = {}
        self._where: dict[int, str] = {}
        self._by_id: dict[str, int] = {}

    # --- folders ----------------------------------------------------------------------------------------------

    def new_folder(self, name: str, parent: str | None = None) -> Folder:
        """Make a folder; below the default one where no other is named."""
        made = Folder(self._id("AAMkAD", f"folder/{len(self.folders)}"), name, parent or self.contacts.id)
        self.folders[made.id] = made
        return made

    def folder(self, name: str) -> Folder:
        """A folder by its id, or by the well-known name of the default one. Raises GraphError."""
        if name.lower() == "contacts":
            return self.contacts
        found = self.folders.get(name) or self.folders.get(f"AAMkAD{name[6:]}")
        if found is None or found.trash:
            raise not_found()
        return found

    def spelled(self, folder: Folder) -> str:
        """A folder's id as contacts name it: ids of one thing may be spelled in two ways."""
        return f"AQMkAD{folder.id[6:]}" if self.spells else folder.id

    def folder_named(self, name: str) -> Folder | None:
        """A folder as people call it."""
        return next((each for each in self.folders.values() if each.name == name), None)

    # --- ids --------------------------------------------------------------------------------------------------

    def id_of(self, key: int, *, immutable: bool) -> str:
        """The id of a contact: the one that lasts, or the one that a move changes."""
        name = f"lasting/{key // 2}" if immutable else f"moving/{key // 2}/{self._moves.get(key, 0)}"
        made = self._id("AAkALg" if immutable else "AAMkAD", name)
        # Ids differ in nothing but upper and lower case at times: whoever folds them takes one for another.
        return made if key % 2 == 0 else made[:6] + made[6:].swapcase()

    def key_of(self, contact_id: str) -> int | None:
        """Whose id it is now; None for nobody's."""
        return self._by_id.get(contact_id)

    def where(self, key: int) -> Folder | None:
        """The folder that a contact is in; None where there is no such contact any more."""
        place = self._where.get(key)
        return None if place is None else self.folders[place]

    def etag(self, contact: Contact) -> str:
        """The entity tag of this state."""
        return f'W/"{self.change_key(contact)}"'

    def change_key(self, contact: Contact) -> str:
        """The change key of this state."""
        mark = hashlib.sha256(self._seed.encode()).digest()[:8]
        return urlsafe_b64encode(
            b"\x11\x00\x00\x00\x16\x00\x00\x00" + mark + contact.change.to_bytes(5, "big")
        ).decode()

    # --- contacts ---------------------------------------------------------------------------------------------

    def get(self, key: int) -> Contact | None:
        """A contact as it is now, wherever it is."""
        place = self.where(key)
        return None if place is None else place.contacts.get(str(key))

    def create(self, folder: Folder, given: Mapping[str, Any], extended: Mapping[str, str], now: float) -> Contact:
        """Make a contact."""
        self._keys += 1
        key = self._keys
        values = empty() | normalise(folder.rules, dict(given))
        values["displayName"] = values["displayName"] or named(values)
        values["fileAs"] = values["fileAs"] or filed(values)
        made = Contact(key, values, self._next(), now, now, dict(extended), frozenset(given))
        self._put(folder, made, now)
        return made

    def change(
        self, key: int, given: Mapping[str, Any], extended: Mapping[str, str], now: float, *, renames: bool
    ) -> Contact:
        """Change a contact. ``renames``: the display name is made anew where it is not given."""
        folder, before = self.where(key), self.get(key)
        if folder is None or before is None:
            raise not_found()
        values = dict(before.values) | normalise(folder.rules, dict(given))
        if "displayName" not in given and (renames or not values["displayName"]):
            values["displayName"] = named(values)
        if "fileAs" not in given and set(NAMES) & set(given):
            values["fileAs"] = filed(values)
        after = replace(
            before, values=values, change=self._next(), modified=now, extended={**before.extended, **extended},
            touched=frozenset(given),
        )  # fmt: skip
        self._put(folder, after, now)
        return after

    def move(self, key: int, to: Folder, now: float) -> Contact:
        """Put a contact into another folder: its changing id and its change key are others then."""
        before, folder = self.get(key), self.where(key)
        if before is None or folder is None:
            raise not_found()
        self._by_id.pop(self.id_of(key, immutable=False), None)
        self._moves[key] = self._moves.get(key, 0) + 1
        folder.contacts.remove(str(key), now)
        after = replace(before, change=self._next(), modified=now, touched=frozenset())
        self._put(to, after, now)
        return after

    def purge(self, key: int, now: float) -> None:
        """Take a contact out of the mailbox for ever."""
        folder = self.where(key)
        if folder is None:
            raise not_found()
        folder.contacts.remove(str(key), now)
        self.changes += 1
        self._by_id = {each: number for each, number in self._by_id.items() if number != key}
        del self._where[key]

    def everybody(self, folder: Folder) -> Iterator[Contact]:
        """All contacts of a folder, oldest first."""
        return (contact for _, contact in folder.contacts.items())

    def _put(self, folder: Folder, contact: Contact, now: float) -> None:
        folder.contacts.put(str(contact.key), contact, now)
        self._where[contact.key] = folder.id
        for immutable in (True, False):
            self._by_id[self.id_of(contact.key, immutable=immutable)] = contact.key

    def _next(self) -> int:
        self.changes += 1
        return self.changes

    def _id(self, prefix: str, name: str) -> str:
        digest = hashlib.sha512(f"{self._seed}/{name}".encode()).digest()
        return prefix + urlsafe_b64encode(digest[:47]).decode()
