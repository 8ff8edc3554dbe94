"""A place in the feed of a module, as the text that the pipeline keeps for us."""

from typing import Final

import msgspec

from zohosyncd.core.errors import CursorExpired

_VERSION: Final = 1


class Job(msgspec.Struct, frozen=True, omit_defaults=True):
    """A job of Bulk Read, which shows what was changed from the border on up to a moment.

    Attributes:
        id: Zoho's, "" before the job is created. until: that moment; 0.0 until it is chosen.
        shown: so many rows of its file have been shown. looks: how often it has been looked at.
        begun, due: when it was created and when it is to be looked at, by our clock.
    """

    id: str = ""
    until: float = 0.0
    shown: int = 0
    looks: int = 0
    begun: float = 0.0
    due: float = 0.0


class Pass(msgspec.Struct, frozen=True, omit_defaults=True):
    """A pass under way.

    Attributes:
        started: the server's clock at its first request.
        lower: changes are asked for from this moment on; None = from the beginning.
        border: largest Modified_Time read in this pass.
        token: page token of the next page; it is bound to ``lower``.
        after: id of the last record read at ``border``, while the pass goes on by queries; "0" before the first one.
        near: it began close to the last one, and leaves what is older to a second look.
        upper: the second look ends before this moment; None while the first look is taken.
        rows: how many rows a complete read has read by lists and queries.
        job: the job that shows the next records; None where lists and queries do.
        deleted_page: number of the next page of the deleted list, 0 while records are read.
        deleted_lower: the deleted list is asked for from this moment on.
    """

    started: float
    lower: float | None = None
    border: float | None = None
    token: str | None = None
    after: str | None = None
    near: bool = False
    upper: float | None = None
    rows: int = 0
    job: Job | None = None
    deleted_page: int = 0
    deleted_lower: float = 0.0


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """The place: up to when everything is known, and the pass that goes on from there.

    Attributes:
        since: a complete pass began at this moment of the server's clock; None = there was none yet.
        under_way: the pass that was interrupted, None between passes.
        settled: what was changed before this moment has been looked at long after it; None = an overlap before since.
        deleted_since: up to when the deleted list is known; None = like ``since``.
        version: of this form.
    """

    since: float | None = None
    under_way: Pass | None = None
    settled: float | None = None
    deleted_since: float | None = None
    version: int = _VERSION

    @property
    def full(self) -> bool:
        """Whether the present pass reads everything."""
        return self.since is None

    @property
    def deletions_known(self) -> float:
        """Up to when the deleted list is known; 0.0 before the first complete pass."""
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
