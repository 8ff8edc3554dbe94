"""A consent without a browser near (RFC 8628): a code is shown here, entered by a person anywhere, and asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from zohosyncd.core.errors import AuthLost, ContractBroken, RateLimited, Unavailable
from zohosyncd.ports.world import Clock
from zohosyncd.transport.consent import Answer, OAuthApp
from zohosyncd.transport.sender import Sender
from zohosyncd.transport.token_endpoint import post_form

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:device_code"

_SHOWN: Final = re.compile(r"[!-~]{1,200}")
_CODE: Final = re.compile(r"[ -~]{1,40}")
_INTERVAL: Final = 5.0
_SLOWER: Final = 5.0
_LONGEST_INTERVAL: Final = 60.0
_LONGEST_LIFE: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Device:
    """A code that waits for a person.

    Attributes:
        user_code: what the person enters. address: where. whole: an address that has the code in it, "" for none.
        device_code: what is shown to the token endpoint. interval: seconds between two questions.
        life: seconds that all of it is good for.
    """

    user_code: str
    address: str
    whole: str
    device_code: str = field(repr=False)
    interval: float
    life: float


async def begin(app: OAuthApp, *, sender: Sender, timeout: float = 30.0) -> Device:
    """Have a code made.

    Raises:
        AuthLost, PermissionLacking: the client may not. RateLimited, Unavailable: not now.
        ContractBroken: it is no answer of such an endpoint.
    """
    form = {"client_id": app.client_id, "scope": app.asked}
    status, body = await post_form(sender, app.device_url, form, timeout)
    if status >= 400 or "error" in body:
        app.read(status, body)  # raises what the answer says
        raise ContractBroken(f"the login server gave no code for a device (status {status})")
    address = body.get("verification_uri", body.get("verification_url"))
    code, secret, whole = body.get("user_code"), body.get("device_code"), body.get("verification_uri_complete")
    if not _is_address(address) or not _matches(_CODE, code) or not isinstance(secret, str) or not secret:
        raise ContractBroken("the login server gave no code for a device")
    interval = min(max(_number(body, "interval", _INTERVAL), 1.0), _LONGEST_INTERVAL)
    life = min(_number(body, "expires_in", 900.0), _LONGEST_LIFE)
    return Device(str(code), str(address), str(whole) if _is_address(whole) else "", secret, interval, life)


async def answered(
    app: OAuthApp,
    device: Device,
    client_secret: str,
    *,
    sender: Sender,
    clock: Clock,
    again: str,
    timeout: float = 30.0,
) -> Answer:
    """What the token endpoint gives once a person has entered the code; it is asked at its own pace.

    Args:
        again: the command that begins anew.

    Raises:
        AuthLost: the person has said no, or nobody has said anything in time; or as ``app.read``.
    """
    form = {"grant_type": GRANT_TYPE, "client_id": app.client_id, "device_code": device.device_code}
    if client_secret and app.device_secret:
        form["client_secret"] = client_secret
    token_url = app.server({}).token_url
    interval, until = device.interval, clock.monotonic() + device.life
    while clock.monotonic() < until:
        await clock.sleep(interval)
        try:
            status, body = await post_form(sender, token_url, form, timeout)
        except (Unavailable, RateLimited):
            interval = min(interval * 2.0, _LONGEST_INTERVAL)
            continue
        match body.get("error"):
            case "authorization_pending":
                continue
            case "slow_down":
                interval = min(interval + _SLOWER, _LONGEST_INTERVAL)
            case "temporarily_unavailable" | "server_error":
                interval = min(interval * 2.0, _LONGEST_INTERVAL)
            case "access_denied" | "authorization_declined":
                raise AuthLost("the consent was refused", hint=f"nothing was changed; to try again: {again}")
            case "expired_token" | "code_expired":
                break
            case _:
                return app.read(status, body)
    raise AuthLost("nobody has entered the code in time", hint=f"nothing was changed; to try again: {again}")


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_address(value: object) -> bool:
    """Whether it may be shown to a person as an address; a terminal obeys what stands in other texts."""
    return _matches(_SHOWN, value) and str(value).startswith(("https://", "http://127.0.0.1:", "http://localhost:"))


def _number(body: Mapping[str, Any], key: str, default: float) -> float:
    value = body.get(key)
    if isinstance(value, str) and value.isdecimal() and len(value) < 8:
        value = int(value)
    known = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return float(value) if known and value else default
