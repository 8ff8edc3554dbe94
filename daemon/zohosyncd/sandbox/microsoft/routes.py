"""From the path of a request to what answers it; rights are checked on the way."""

from collections.abc import Mapping

from zohosyncd.sandbox.parts.oauth_habits import Access
from zohosyncd.sandbox.wire import Clock, Request, Response

from .answers import GraphError, bad, denied, not_found, ok
from .asked import Asked
from .behaviour import Behaviour
from .delta import Rounds
from .mailbox import Folder, Mailbox
from .reading import contacts, folder_row, folders, found_in, one
from .writing import Writer

SCOPE_PREFIX = "https://graph.microsoft.com/"
_WRITES = frozenset({"POST", "PATCH", "DELETE"})


class Routes:
    """Answers requests to mailboxes."""

    def __init__(self, boxes: Mapping[str, Mailbox], clock: Clock, behaviour: Behaviour, rounds: Rounds) -> None:
        self._boxes, self._clock, self._behaviour, self._rounds = boxes, clock, behaviour, rounds

    def asked(self, request: Request, access: Access, base: str) -> Asked:
        """A request with its mailbox. Raises GraphError."""
        parts = [part for part in request.path.split("/") if part][1:]
        match parts:
            case ["me", *rest]:
                if access.machine:
                    raise bad("BadRequest", "/me request is only valid with delegated authentication flow.")
                return Asked(self._boxes[access.user], base, request, tuple(rest))
            case ["users", user, *rest]:
                box = self._boxes.get(user.lower()) or next(
                    (each for each in self._boxes.values() if each.user_id == user), None
                )
                if not access.machine and (box is None or box.user != access.user):
                    raise denied()
                if box is None:
                    raise GraphError(404, "ErrorInvalidUser", "The requested user is invalid.")
                return Asked(box, base, request, tuple(rest))
            case _:
                raise bad("BadRequest", "Resource not found for the segment.")

    def answer(self, asked: Asked, access: Access) -> Response:
        """Answer a request. Raises GraphError."""
        rights = self._behaviour.roles if access.machine else access.scopes
        rights = frozenset(each.removeprefix(SCOPE_PREFIX) for each in rights)
        if not asked.rest:
            return _me(asked, rights)
        needed = {"Contacts.ReadWrite"} if asked.request.method in _WRITES else {"Contacts.ReadWrite", "Contacts.Read"}
        if not needed & rights:
            raise denied()
        match asked.rest:
            case ["contacts", *rest]:
                return self._in_folder(asked, asked.box.contacts, rest, named=False)
            case ["contactFolders"] if asked.request.method == "POST":
                return _new_folder(asked, asked.box.contacts)
            case ["contactFolders"]:
                return folders(asked, asked.box.contacts)
            case ["contactFolders", name, *rest]:
                return self._below(asked, asked.box.folder(name), rest)
            case _:
                raise bad("BadRequest", f"Resource not found for the segment '{asked.rest[0]}'.")

    def _below(self, asked: Asked, folder: Folder, rest: list[str]) -> Response:
        match asked.request.method, rest:
            case "GET", []:
                return ok(folder_row(folder))
            case "GET", ["childFolders"]:
                return folders(asked, folder)
            case "POST", ["childFolders"]:
                return _new_folder(asked, folder)
            case _, ["childFolders", name, *more]:
                child = asked.box.folder(name)
                if child.parent != folder.id:
                    raise not_found()
                return self._below(asked, child, more)
            case _, ["contacts", *more]:
                return self._in_folder(asked, folder, more, named=True)
            case _:
                raise bad("BadRequest", "Resource not found for the segment.")

    def _in_folder(self, asked: Asked, folder: Folder, rest: list[str], *, named: bool) -> Response:
        writer = Writer(asked, self._behaviour, self._clock.now())
        match asked.request.method, rest:
            case "GET", []:
                return contacts(asked, folder, self._behaviour.conditions)
            case "POST", []:
                return writer.create(folder)
            case "GET", ["delta" | "delta()"]:
                return self._rounds.page(asked, folder)
            case method, [contact_id] if method in {"GET", "PATCH", "DELETE"}:
                # By a path that names no folder a contact is found wherever it is.
                place = folder if named else None
                contact, where = found_in(asked, place, contact_id, elsewhere=self._behaviour.elsewhere)
                match method:
                    case "GET":
                        return one(asked, contact, where)
                    case "PATCH":
                        return writer.change(contact, where)
                    case _:
                        return writer.delete(contact, where)
            case _, [] | [_]:
                raise GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the target.")
            case _:
                raise bad("BadRequest", "Resource not found for the segment.")


def _me(asked: Asked, rights: frozenset[str]) -> Response:
    if asked.request.method != "GET":
        raise GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    if not rights & {"User.Read", "User.Read.All"}:
        text = "Insufficient privileges to complete the operation."
        raise GraphError(403, "Authorization_RequestDenied", text)
    box = asked.box
    known = {
        "id": box.user_id, "userPrincipalName": box.user, "displayName": box.name, "mail": box.user,
        "usageLocation": box.country,
    }  # fmt: skip
    wanted = [each.strip() for each in asked.query.get("$select", ",".join(known)).split(",")]
    return ok({name: known.get(name) for name in wanted})


def _new_folder(asked: Asked, parent: Folder) -> Response:
    body = asked.body()
    name = body.get("displayName") if isinstance(body, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise bad("ErrorInvalidArgument", "A folder needs a displayName.")
    taken = {each.name for each in asked.box.folders.values() if each.parent == parent.id}
    if name in taken:
        raise GraphError(409, "ErrorFolderExists", "A folder with the specified name already exists.")
    return ok(folder_row(asked.box.new_folder(name, parent.id)), 201)
