"""Errors as the vendor writes them (RFC 7807): a title that says what kind, a detail, and the fields concerned."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from zohosyncd.sandbox.parts.answers import answer
from zohosyncd.sandbox.wire import Response

MEDIA: Final = "application/problem+json; charset=utf-8"
_TYPE: Final = "https://mailchimp.com/developer/marketing/docs/errors/"
_FIELDS: Final = "The resource submitted could not be validated. For field-specific details, see the 'errors' array."

FieldError = tuple[str, str]
"""A field and what is wrong with it."""


class Problem(Exception):
    """A call is refused."""

    def __init__(self, status: int, title: str, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status, self.title, self.detail, self.errors = status, title, detail, tuple(errors)

    def response(self, seed: int) -> Response:
        """The answer."""
        instance = hashlib.md5(f"{seed}{self.title}{self.detail}".encode(), usedforsecurity=False).hexdigest()
        body: dict[str, Any] = {
            "type": _TYPE,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": f"{instance[:8]}-{instance[8:12]}-{instance[12:16]}-{instance[16:20]}-{instance[20:]}",
        }
        if self.errors:
            body["errors"] = [{"field": field, "message": message} for field, message in self.errors]
        return answer(self.status, body, media=MEDIA)


def invalid(*errors: FieldError, detail: str = _FIELDS) -> Problem:
    """The body is not as it has to be."""
    return Problem(400, "Invalid Resource", detail, errors)


def not_found() -> Problem:
    """There is nothing at this path."""
    return Problem(404, "Resource Not Found", "The requested resource could not be found.")


def wrong_method() -> Problem:
    """There is something, and it cannot be asked like this."""
    detail = "The requested method and resource are not compatible. See the Allow header for this resource's methods."
    return Problem(405, "Method Not Allowed", detail)


def compliance(address: str) -> Problem:
    """Only the person can subscribe again."""
    detail = f"{address} is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be"
    return Problem(400, "Member In Compliance State", f"{detail} subscribed.")


def forgotten(address: str) -> Problem:
    """Permanently deleted."""
    detail = f"{address} was permanently deleted and cannot be re-imported. The contact must re-subscribe to get back"
    return Problem(400, "Forgotten Email Not Subscribed", f"{detail} on the list.")


def exists(address: str) -> Problem:
    """There is such a member."""
    detail = f"{address} is already a list member. Use PUT to insert or update list members."
    return Problem(400, "Member Exists", detail)
