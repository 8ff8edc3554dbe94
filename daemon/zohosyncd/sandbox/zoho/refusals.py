"""How Zoho says that there were too many calls: one status, several spellings, and not always why."""

from typing import Final, Literal, get_args

from zohosyncd.sandbox.wire import Response

from .answers import answer, failure

Spelling = Literal["plain", "vague", "rate_limit", "limit_reached", "old", "bad_request"]
"""plain: as the documentation shows it. vague: without a reason. rate_limit, limit_reached: other codes that are
documented. old: the body of earlier versions. bad_request: with the status 400."""

SPELLINGS: Final[tuple[str, ...]] = get_args(Spelling)

CONCURRENT: Final = "You have exceeded the concurrency limit of API calls"
SPENT: Final = "You have exceeded the API credits that your organization has for 24 hours"

_CODES: Final = {"rate_limit": "RATE_LIMIT_EXCEEDED", "limit_reached": "LIMIT_REACHED"}


def too_many(reason: str, spelling: str) -> Response:
    """The refusal of a call."""
    if spelling == "old":
        return answer({"code": 429, "error": "TOO_MANY_REQUESTS", "error_info": reason}, 429)
    message = "too many requests" if spelling == "vague" else reason
    return answer(
        failure(_CODES.get(spelling, "TOO_MANY_REQUESTS"), message), 400 if spelling == "bad_request" else 429
    )
