"""A login server's token endpoint (RFC 6749 section 3.2): a form goes there, JSON comes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from zohosyncd.core.errors import RateLimited, Unavailable
from zohosyncd.transport.decode import json_as
from zohosyncd.transport.sender import Answered, HttpRequest, Sender

_LONGEST_WAIT: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, how many seconds it lives, and what it may do where the answer says so.

    ``refresh_token``: another one that came with it in place of the one that was shown, "" for none.
    """

    access_token: str = field(repr=False)
    lifetime: float
    scopes: tuple[str, ...] | None = None
    refresh_token: str = field(default="", repr=False)


class TokenReader(Protocol):
    """Reads a token endpoint's answer; vendors differ from RFC 6749 here more than anywhere else."""

    def __call__(self, status: int, body: Mapping[str, Any]) -> Token:
        """Answer the token, or raise AuthLost, RateLimited, Unavailable or ContractBroken."""
        ...


async def post_form(
    sender: Sender,
    url: str,
    form: Mapping[str, str],
    timeout: float,
    *,
    heard: Callable[[Mapping[str, str]], None] | None = None,
) -> tuple[int, dict[str, Any]]:
    """Send a form to a login server.

    Args:
        sender: the way out. url: the endpoint. timeout: longest time, in seconds.
        form: travels in the body, since addresses end up in the logs of proxies.
        heard: is told the headers of every answer.

    Returns:
        status and JSON of its answer, errors that the vendor tells in JSON included.

    Raises:
        Unavailable: it cannot be reached, or fails. RateLimited: it asks us to wait. ContractBroken: it is no JSON.
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    body = urlencode(form).encode("ascii")
    outcome = await sender.send(HttpRequest("POST", url, headers, body, deadline=timeout, max_bytes=256 * 1024))
    if not isinstance(outcome, Answered):
        raise Unavailable(f"the login server cannot be reached: {outcome.reason}")
    if heard is not None:
        heard(outcome.headers)
    if outcome.status >= 500:
        raise Unavailable(f"the login server fails: status {outcome.status}")
    if outcome.status == 429:
        raise RateLimited("the login server asks us to wait", retry_after=_wait(outcome.headers))
    return outcome.status, json_as(dict[str, Any], outcome.body, what="access token")


def _wait(headers: Mapping[str, str]) -> float:
    """Seconds that an answer asks for, within reason; a minute where it does not say."""
    said = headers.get("retry-after", "").strip()
    return min(max(float(said), 1.0), _LONGEST_WAIT) if said.isdecimal() and len(said) < 10 else 60.0


def moment_of(date: str) -> float | None:
    """Wall seconds of a Date header (RFC 9110, 6.6.1), None where there is none."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
