"""One request to a mailbox, its headers and body read."""

import re
from dataclasses import dataclass
from typing import Any

from zohosyncd.sandbox.parts.answers import given
from zohosyncd.sandbox.wire import Request

from .answers import GraphError, bad
from .mailbox import Mailbox

_SIZE = re.compile(r"odata\.maxpagesize=(\d+)", re.IGNORECASE)
_IMMUTABLE = re.compile(r'IdType="ImmutableId"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to a mailbox.

    Attributes:
        box: whose it is. base: the address before the path. request: as it came.
        rest: the parts of the path below the mailbox.
    """

    box: Mailbox
    base: str
    request: Request
    rest: tuple[str, ...]

    @property
    def query(self) -> dict[str, str]:
        """The query options by name."""
        found: dict[str, str] = {}
        for name, value in self.request.query:
            if name in found:
                raise bad("BadRequest", f"The query parameter '{name}' is given twice.")
            found[name] = value
        return found

    @property
    def immutable(self) -> bool:
        """Whether ids that last are asked for; of this request alone, whatever was asked for before."""
        return _IMMUTABLE.search(self.request.headers.get("prefer", "")) is not None

    @property
    def size(self) -> int | None:
        """The largest page that is asked for."""
        found = _SIZE.search(self.request.headers.get("prefer", ""))
        return max(1, int(found[1])) if found else None

    @property
    def match(self) -> str | None:
        """The entity tag that the contact has to have."""
        return self.request.headers.get("if-match")

    @property
    def address(self) -> str:
        """The address without the query."""
        return f"{self.base}{self.request.path}"

    def body(self) -> Any:
        """The JSON of the body. Raises GraphError."""
        media = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != "application/json":
            raise GraphError(415, "RequestBodyRead", "A Content-Type of application/json is required with a body.")
        try:
            return given(self.request)
        except ValueError:
            raise bad("BadRequest", "Unable to read JSON request payload.") from None
