"""What a connector asks of the client: one HTTP call and what may come back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One call, with everything that decides how it is sent and judged.

    Attributes:
        method: GET, POST, PROPFIND ...
        url: absolute, already percent-encoded.
        template: the path with its variable parts named, such as ``/crm/v8/{module}``: the only part of the address
            that metrics and logs show.
        headers: beside those of the login.
        body: bytes, b"" for none.
        accept: statuses that the connector understands; they are handed over as they are, redirects included.
        content: what a body must be: ``json`` and ``xml`` refuse a page of HTML, ``any`` takes everything.
        timeout: seconds for one try, None = the account's limit.
        deadline: seconds over all tries and waits, None = the retry policy's.
        max_bytes: largest decompressed answer that is read.
        login: whether the login's headers are sent with it.
        cost: what it costs in the app's own credits; without meaning where the app counts none.
        heavy: whether it falls under the app's smaller limit of heavy calls at once.
    """

    method: str
    url: str
    template: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    accept: frozenset[int] = frozenset({200})
    content: Literal["json", "xml", "any"] = "any"
    timeout: float | None = None
    deadline: float | None = None
    max_bytes: int = 64 * MEBIBYTE
    login: bool = True
    cost: int = 1
    heavy: bool = False
