"""Creating, changing and deleting contacts."""

from zohosyncd.sandbox.wire import Response

from .answers import ok, stale
from .asked import Asked
from .behaviour import Behaviour
from .contact import Contact, read
from .mailbox import Folder
from .reading import shown


class Writer:
    """Writes of one request."""

    def __init__(self, asked: Asked, behaviour: Behaviour, now: float) -> None:
        self._asked, self._behaviour, self._now = asked, behaviour, now

    def create(self, folder: Folder) -> Response:
        """Make a contact in a folder."""
        given, extended = read(self._asked.body())
        made = self._asked.box.create(folder, given, extended, self._now)
        return self._answer(made, folder, 201)

    def change(self, contact: Contact, folder: Folder) -> Response:
        """Change the properties that are named; each is replaced as a whole."""
        given, extended = read(self._asked.body())
        self._checked(contact)
        after = self._asked.box.change(contact.key, given, extended, self._now, renames=self._behaviour.renames)
        return self._answer(after, folder, 200)

    def delete(self, contact: Contact, folder: Folder) -> Response:
        """Put a contact into Deleted Items; one that is there already goes for ever."""
        self._checked(contact)
        if folder.trash:
            self._asked.box.purge(contact.key, self._now)
        else:
            self._asked.box.move(contact.key, self._asked.box.trash, self._now)
        return Response(204)

    def _checked(self, contact: Contact) -> None:
        wanted = self._asked.match
        if self._behaviour.if_match and wanted not in {None, "*", self._asked.box.etag(contact)}:
            raise stale()

    def _answer(self, contact: Contact, folder: Folder, status: int) -> Response:
        return ok(shown(self._asked.box, contact, folder, immutable=self._asked.immutable), status)
