"""A place in the feed of contacts, as the text that the pipeline keeps for us."""

from typing import Final

import msgspec

from zohosyncd.core.errors import CursorExpired

_VERSION: Final = 1


class Pass(msgspec.Struct, frozen=True, omit_defaults=True):
    """A pass under way. Moments of changes are milliseconds since 1970, as HubSpot has them.

    Attributes:
        started: the server's clock at its first request, seconds since 1970.
        after: the next page of a complete read, or of the list of archived contacts.
        lower: changes are looked for from this moment on.
        at, behind: while so many contacts changed in one moment that no page shows all of them: that moment, and the id
            behind which the next page of it begins.
        archived: the list of archived contacts is being read.
    """

    started: float
    after: str = ""
    lower: int = 0
    at: int | None = None
    behind: str = ""
    archived: bool = False


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The place: up to when everything is known, and the pass that goes on from there.

    Attributes:
        since: a complete pass began at this moment of the server's clock; None = there was none yet.
        deleted_since: up to when deletions are known; None = like ``since``.
        under_way: the pass that was interrupted, None between passes.
        version: of this form.
    """

    since: float | None = None
    deleted_since: float | None = None
    under_way: Pass | None = None
    version: int = _VERSION

    @property
    def full(self) -> bool:
        """Whether the present pass reads everything."""
        return self.since is None

    @property
    def deletions_known(self) -> float:
        """Up to when deletions are known."""
        return (self.since or 0.0) if self.deleted_since is None else self.deleted_since

    def text(self) -> str:
        """The cursor as text."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def parse(cls, text: str | None) -> "Cursor":
        """Read what :meth:`text` wrote; None = the beginning.

        Raises:
            CursorExpired: it is not a cursor of this form.
        """
        if text is None:
            return cls()
        try:
            cursor = msgspec.json.decode(text, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise CursorExpired("the stored place in the feed cannot be read") from None
        if cursor.version != _VERSION:
            raise CursorExpired("the stored place in the feed has another form")
        return cursor
