"""``auth --device``: a code is shown here, and entered by a person in any browser anywhere."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zohosyncd.core.errors import AuthLost, UsageError
from zohosyncd.settings import Account
from zohosyncd.supervisor.accepting import Accepting
from zohosyncd.supervisor.given import Given
from zohosyncd.supervisor.whose import again
from zohosyncd.transport.consent import OAuthApp
from zohosyncd.transport.device import Device, answered, begin

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon


@dataclass(frozen=True, slots=True)
class _Shown:
    """A code that was shown, and for what."""

    settings: Account
    app: OAuthApp
    device: Device


class Devices:
    """The codes that were shown and not entered yet. Raises the SyncError tree."""

    def __init__(self, daemon: "Daemon", accepting: Accepting) -> None:
        self._daemon = daemon
        self._accepting = accepting
        self._shown: dict[str, _Shown] = {}

    async def begin(self, account: str) -> dict[str, Any]:
        """Have a code made for an account; a code before, if there was one, no longer counts."""
        settings, app = self._accepting.app(account)
        if not app.device_url:
            hint = f"without a browser on this machine: {again(account)} --paste"
            raise UsageError(f"{settings.app} has no login by a device's code", hint=hint)
        self._accepting.secret(settings)
        device = await begin(app, sender=self._daemon.sender, timeout=settings.options.timeout)
        self._shown[account] = _Shown(settings, app, device)
        scopes = [{"scope": each.name, "why": each.why} for each in app.scopes]
        return {
            "account": account, "url": device.address, "code": device.user_code, "whole": device.whole,
            "seconds": device.life, "scopes": scopes, "asked": app.asked, "console": app.console,
        }  # fmt: skip

    async def wait(self, account: str) -> dict[str, Any]:
        """Wait until somebody has entered the code that was shown last, and what came of it."""
        shown = self._shown.get(account)
        command = f"{again(account)} --device"
        if shown is None:
            raise UsageError("no code of this account was shown", hint=f"begin anew: {command}")
        settings, app = shown.settings, shown.app
        answer = await answered(
            app, shown.device, self._accepting.secret(settings), sender=self._daemon.sender,
            clock=self._daemon.world.clock, again=command, timeout=settings.options.timeout,
        )  # fmt: skip
        given = Given(settings, app, app.server({}), answer, app.scopes, public=not app.device_secret)
        if self._shown.get(account) is not shown:
            await self._accepting.give_back(given.consent(0.0, ""))
            raise UsageError("another code of this account was shown since")
        del self._shown[account]
        if not answer.refresh_token:
            hint = f"try the other way: {again(account)} --paste"
            raise AuthLost("the login server gave no refresh token", hint=hint)
        return await self._accepting.accept(given)
