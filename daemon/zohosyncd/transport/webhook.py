"""Posts a JSON document to an address of the operator's, signed as Standard Webhooks says.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md: the headers ``webhook-id``
(the same whenever a message is sent again), ``webhook-timestamp`` (seconds) and ``webhook-signature``
(``v1,`` and the base64 of an HMAC-SHA256 over ``id.timestamp.body``).
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from zohosyncd.core.addresses import names_this_machine
from zohosyncd.core.errors import ContractBroken, RemoteError, Unavailable, UsageError
from zohosyncd.settings import Secret
from zohosyncd.transport.sender import Answered, HttpRequest, Lost, Sender, Undelivered

_LARGEST_ANSWER: Final = 64 * 1024
_BASE64: Final = "whsec_"


async def post(
    sender: Sender,
    url: str,
    document: Mapping[str, Any],
    *,
    message_id: str,
    now: float,
    key: Secret | None = None,
    timeout: float = 10.0,
) -> None:
    """Post once; a redirect is not followed, and of the answer only the status counts.

    Args:
        sender: sends it. url: where to; never repeated in an error. document: what to send.
        message_id: stays the same when it is sent again. now: wall seconds.
        key: signs it. timeout: seconds in all.

    Raises:
        Unavailable: no answer, or 408, 425, 429, 5xx: worth trying again.
        RemoteError: the receiver refuses it, and somebody has to look.
        UsageError: the key is none.
    """
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", "webhook-id": message_id, "webhook-timestamp": f"{now:.0f}"}
    if key is not None:
        headers["webhook-signature"] = signature(key, message_id, headers["webhook-timestamp"], body)
    request = HttpRequest("POST", url, headers, body, deadline=timeout, max_bytes=_LARGEST_ANSWER)
    match await sender.send(request):
        case Answered(status) if 200 <= status < 300:
            return
        case Answered(status) if 300 <= status < 400:
            hint = "redirects are not followed: name the address that it leads to"
            raise ContractBroken(f"the webhook redirects (status {status})", hint=hint)
        case Answered(status) if status in {408, 425, 429} or status >= 500:
            raise Unavailable(f"the webhook fails (status {status})", hint="nothing: it is tried again by itself")
        case Answered(status):
            raise RemoteError(f"the webhook refuses messages (status {status})", hint="check its address and its key")
        case Undelivered(reason):
            raise Unavailable(f"the webhook cannot be reached: {reason}", hint="check its address")
        case Lost(reason):
            raise Unavailable(f"the webhook does not answer: {reason}", hint="nothing: it is tried again by itself")


def signature(key: Secret, message_id: str, timestamp: str, body: bytes) -> str:
    """The header ``webhook-signature``. Raises UsageError where the key begins with whsec_ and is no base64."""
    text = key.reveal()
    raw = text.encode()
    if text.startswith(_BASE64):
        try:
            raw = base64.b64decode(text[len(_BASE64) :], validate=True)
        except (binascii.Error, ValueError):
            hint = f"behind {_BASE64} stands base64; any other key counts as it is"
            raise UsageError("the webhook's signing key is damaged", hint=hint) from None
    digest = hmac.new(raw, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def check_address(url: str, *, allow_http: bool) -> None:
    """The rules of every address in the files, for one that is kept as a secret: it is not repeated.

    Raises:
        UsageError: it is no https address, or holds a login.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    spaced = any(sign.isspace() or not sign.isprintable() for sign in url)
    clear = parts.scheme == "http" and allow_http and names_this_machine(host)
    if not host or spaced or not (parts.scheme == "https" or clear):
        hint = "store it as https://...; http only with allow_http = true, and for this machine"
        raise UsageError("the webhook's address is no https address", hint=hint)
    if parts.username is not None or parts.password is not None:
        raise UsageError("the webhook's address may not hold a login", hint="store it without user name and password")
