"""One API call, its query and body taken apart once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from .answers import CallError, bad_parameter
from .times import instant

PAGE = 200


@dataclass(frozen=True, slots=True)
class Call:
    """A call after authorisation. Header names are lower case; of repeated query names the last counts."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def number(self, name: str, default: int, *, largest: int | None = None) -> int:
        """A whole number from the query, at least 1."""
        text = self.query.get(name)
        if text is None:
            return default
        if not text.isdecimal() or int(text) < 1 or (largest is not None and int(text) > largest):
            raise bad_parameter(name)
        return int(text)

    def time(self, header: str) -> int | None:
        """A moment from a header, whole seconds."""
        text = self.headers.get(header)
        if text is None:
            return None
        moment = instant(text)
        if moment is None:
            raise bad_parameter(header, "invalid date format: expected yyyy-MM-ddTHH:mm:ss+HH:mm")
        return moment

    def json(self) -> dict[str, Any]:
        """The body as a JSON object, whatever its Content-Type says."""
        try:
            found = msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise CallError(400, "INVALID_DATA", "body is not in valid JSON format") from error
        if not isinstance(found, dict):
            raise CallError(400, "INVALID_DATA", "body", {"expected_data_type": "jsonobject"})
        return found
