"""What a person does in Outlook, as commands; there are no limits of the API there."""

from collections.abc import Mapping
from typing import Any

from .answers import GraphError
from .behaviour import Behaviour
from .contact import birthday_of, read
from .mailbox import Folder, Mailbox
from .reading import shown

_VERBS = ("create", "set", "delete", "move", "restore", "purge", "folder")


class Edits:
    """Carries out commands. An object is ``USER/FOLDER``; without it, the first user's contacts."""

    def __init__(self, boxes: Mapping[str, Mailbox], behaviour: Behaviour) -> None:
        self._boxes, self._behaviour = boxes, behaviour

    def place(self, name: str | None) -> tuple[Mailbox, Folder]:
        """The folder of a name; ``ValueError`` tells those that there are."""
        box = next(iter(self._boxes.values()))
        user, _, folder_name = (name or f"{box.user}/{box.contacts.name}").partition("/")
        found = self._boxes.get(user)
        folder = found.folder_named(folder_name or "Contacts") if found is not None else None
        if found is None or folder is None:
            known = [f"{each.user}/{one.name}" for each in self._boxes.values() for one in each.folders.values()]
            raise ValueError(f"no such object: {name!r}; known: {', '.join(known)}")
        return found, folder

    def carry_out(self, command: Mapping[str, Any], now: float) -> dict[str, Any]:
        """Do it and answer the contact. ``ValueError`` says what is wrong."""
        verbs = [each for each in _VERBS if command.get(each)]
        if len(verbs) != 1:
            raise ValueError(f"say exactly one of {', '.join(_VERBS)}")
        box, folder = self.place(command.get("object"))
        try:
            return self._done(verbs[0], command, box, folder, now)
        except GraphError as error:
            raise ValueError(error.message) from None

    def _done(self, verb: str, command: Mapping[str, Any], box: Mailbox, folder: Folder, now: float) -> dict[str, Any]:
        if verb == "folder":
            made = box.new_folder(str(command["folder"]))
            return {"id": made.id, "object": f"{box.user}/{made.name}"}
        if verb == "create":
            given, extended = read(self._typed(command["create"]))
            return shown(box, box.create(folder, given, extended, now), folder, immutable=True)
        key = box.key_of(str(command.get("id")))
        if key is None or box.get(key) is None:
            raise ValueError("no such contact")
        match verb:
            case "set":
                given, extended = read(self._typed(command["set"]))
                box.change(key, given, extended, now, renames=False)
            case "move":
                box.move(key, self.place(f"{box.user}/{command['move']}")[1], now)
            case "restore":
                box.move(key, box.contacts, now)
            case "delete":
                box.move(key, box.trash, now)
            case _:
                box.purge(key, now)
                return {"id": command["id"], "deleted": True}
        contact, place = box.get(key), box.where(key)
        if contact is None or place is None:
            raise ValueError("no such contact")
        return shown(box, contact, place, immutable=True)

    def _typed(self, values: Any) -> Any:
        """A person types a day, and Outlook makes a moment of it."""
        if not isinstance(values, Mapping):
            raise TypeError("create and set take an object of properties")
        birthday = values.get("birthday")
        if isinstance(birthday, str) and len(birthday) == 10:
            moment = birthday_of(birthday, self._behaviour.birthdays, self._behaviour.zone)
            return {**values, "birthday": moment}
        return dict(values)
