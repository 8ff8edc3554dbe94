"""A login that was given is tried before it is kept: who are we there? What belongs to somebody else is given back."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import structlog

from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.core.errors import AuthLost, SyncError, UsageError
from zohosyncd.ports.connector import AccountInfo
from zohosyncd.settings import Account
from zohosyncd.supervisor.given import Given
from zohosyncd.supervisor.needs import needs_of
from zohosyncd.supervisor.whose import again, refuse_another_login
from zohosyncd.transport.consent import Consent, LoginServer, OAuthApp, revoke
from zohosyncd.transport.oauth import kept_of
from zohosyncd.transport.token_shelf import Drawer, pack, shelf_name

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_log = structlog.get_logger("zohosyncd.auth")


class Accepting:
    """What is known of an account that is being authorised, and the end of every way to do it.

    Args:
        daemon: whose accounts. Raises the SyncError tree.
    """

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon
        self._lock = anyio.Lock()

    def app(self, account: str) -> tuple[Account, OAuthApp]:
        """An account's file, and how its app is asked for a consent. Raises UsageError where it is not."""
        settings = self._daemon.settings.accounts.get(account)
        if settings is None:
            known = ", ".join(sorted(self._daemon.settings.accounts)) or "none"
            raise UsageError(f"there is no account {account}", hint=f"known accounts: {known}")
        spec = BY_NAME[settings.app]
        if spec.unusable is not None:
            raise spec.unusable
        if spec.oauth is None:
            hint = f"its password stands where accounts.d/{account}.toml says: zohosyncd secret set NAME"
            raise UsageError(f"accounts of {settings.app} need no consent", hint=hint)
        app = spec.oauth(settings.options, needs_of(self._daemon.settings, account, BY_NAME))
        if app is None:
            hint = f"accounts.d/{account}.toml names what it logs in by: zohosyncd accounts"
            raise UsageError(f"account {account} needs no consent", hint=hint)
        return settings, app

    def secret(self, settings: Account) -> str:
        """The client's secret, "" where it has none. Raises SecretError with the command that cures it."""
        ref = settings.options.all_secrets().get("client_secret")
        return self._daemon.stored.read(ref).reveal() if ref is not None else ""

    async def accept(self, given: Given) -> dict[str, Any]:
        """Try what was given, and keep it if it belongs to whom the account belongs to."""
        settings, app, daemon, name = given.settings, given.app, self._daemon, given.settings.name
        trial = _Trial(given.consent(daemon.world.clock.now(), daemon.stored.mark_in_file(settings)))
        kept = pack(kept_of(given.grant(self.secret(settings)), given.answer.token, trial.consent.at))
        async with self._lock:
            await trial.drawer.set_secret(shelf_name(name), kept)
            try:
                info = await self._tried(settings, trial)
            except SyncError:
                await self.give_back(trial.consent)
                raise
            consent = trial.consent
            async with daemon.stored.turn(name):
                await daemon.stored.keep_consent(name, consent)
            await daemon.store.set_secret(shelf_name(name), await trial.drawer.secret(shelf_name(name)))
            if not await daemon.store.identity(name):
                await daemon.store.set_identity(name, info.identity)
            await daemon.reopen({name})
        _log.info("account authorised", account=name, location=consent.location)
        held = consent.scopes
        missing = [] if held is None else [scope.name for scope in app.scopes if not app.covers(held, scope.name)]
        return {
            "account": name, "identity": info.identity, "name": info.name, "location": consent.location,
            "server": consent.server, "scopes": None if held is None else list(held), "missing": missing,
            "note": _note(settings, app, given.server),
        }  # fmt: skip

    async def _tried(self, settings: Account, trial: "_Trial") -> AccountInfo:
        """Who we are with this consent. Raises AuthLost for somebody else than before, or than the file says."""
        tools = replace(
            self._daemon.tools(settings), shelf=trial.drawer, consent=lambda: trial.consent, keep_consent=trial.keep,
            turn=trial.turn,
        )  # fmt: skip
        info = await BY_NAME[settings.app].open(settings.options, tools).check()
        refuse_another_login(settings, info)
        known = await self._daemon.store.identity(settings.name)
        if known and known != info.identity:
            raise AuthLost(
                f"the consent is for another organisation or login ({info.identity}) than account {settings.name} "
                f"belongs to ({known}); nothing was changed",
                hint=f"give the command again and choose the right one, or make another account: {again('OTHER')}",
            )
        return info

    async def give_back(self, consent: Consent) -> None:
        """A token that nobody keeps is revoked; where that cannot be done, it is at least forgotten."""
        if consent.refresh_token and consent.revoke_url:
            try:
                await revoke(consent.revoke_url, consent.refresh_token, sender=self._daemon.sender)
            except SyncError as error:
                _log.warning("a consent that was refused could not be revoked", reason=error.message)


class _Trial:
    """A consent that nobody has accepted yet. Its refresh token may be replaced while it is tried."""

    def __init__(self, consent: Consent) -> None:
        self.consent = consent
        self.drawer = Drawer()
        self._lock = anyio.Lock()

    async def keep(self, consent: Consent) -> None:
        """Another refresh token came."""
        self.consent = consent

    def turn(self) -> anyio.Lock:
        """Nobody else has it."""
        return self._lock


def _note(settings: Account, app: OAuthApp, server: LoginServer) -> str:
    """What is worth knowing: the file names another data centre than the one that the login belongs to."""
    if not app.location or not server.location or app.location == server.location:
        return ""
    file = f"accounts.d/{settings.name}.toml"
    return f"the login belongs to data centre {server.location}, which is used; {file} names {app.location}"
