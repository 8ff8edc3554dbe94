"""A place in the feed of an audience, as the text that the pipeline keeps for us."""

from typing import Final

import msgspec

from zohosyncd.core.errors import CursorExpired

_VERSION: Final = 1


class Pass(msgspec.Struct, frozen=True, omit_defaults=True):
    """A pass under way.

    Attributes:
        started: the server's clock at its first request.
        border: everything that was changed before this second has been read; None at the beginning.
        archived: whether what is left is to ask for archived members.
    """

    started: float
    border: float | None = None
    archived: bool = False


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The place: up to when everything is known, and the pass that goes on from there.

    Attributes:
        since: a complete pass began at this moment of the server's clock; None = there was none yet.
        archived_since: up to when archived members are known; None = like ``since``.
        under_way: the pass that was interrupted, None between passes.
        version: of this form.
    """

    since: float | None = None
    archived_since: float | None = None
    under_way: Pass | None = None
    version: int = _VERSION

    @property
    def full(self) -> bool:
        """Whether the present pass reads everything."""
        return self.since is None

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
