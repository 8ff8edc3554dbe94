"""``accounts`` and ``secret``: who we are where, what the logins may do, and what the state keeps for them."""

from typing import TYPE_CHECKING, Any

from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.core.errors import SyncError, UsageError
from zohosyncd.settings import Account
from zohosyncd.supervisor.accounts import cure_of
from zohosyncd.supervisor.needs import needs_of
from zohosyncd.supervisor.shared_credits import shared_credits
from zohosyncd.transport.consent import Consent, OAuthApp
from zohosyncd.transport.token_shelf import shelf_name, unpack

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon


class AccountList:
    """Commands about accounts and stored secrets. Raises the SyncError tree."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon

    async def accounts(self) -> dict[str, Any]:
        """Every account: who we are there, the scopes that are held and missing, and which connections use it."""
        settings = self._daemon.settings
        found = {name: await self._account(settings.accounts[name]) for name in sorted(settings.accounts)}
        shared = await shared_credits(
            self._daemon.account(name) for name, each in found.items() if each["state"] == "up"
        )
        return {"accounts": {name: each | {"same_org": shared.get(name, [])} for name, each in found.items()}}

    async def _account(self, settings: Account) -> dict[str, Any]:
        name, daemon = settings.name, self._daemon
        connections = sorted(key for key, each in daemon.settings.connections.items() if name in each.accounts)
        document: dict[str, Any] = {"app": settings.app, "connections": connections}
        try:
            unit = daemon.account(name)
            info = await unit.check()
        except SyncError as error:
            identity = await daemon.store.identity(name)
            cure = cure_of(error, name)
            document |= {"state": "waiting", "reason": error.message, "cure": cure, "identity": identity, "name": ""}
        else:
            document |= {"state": "up", "reason": "", "cure": "", "identity": info.identity, "name": info.name}
        return document | await self._login(settings)

    async def _login(self, settings: Account) -> dict[str, Any]:
        """Where the login comes from and what it may do; scopes are None where nobody told them."""
        oauth = BY_NAME[settings.app].oauth
        if oauth is None:
            return {"login": "password", "since": 0.0, "location": "", "held": None, "missing": []}
        app = oauth(settings.options, needs_of(self._daemon.settings, settings.name, BY_NAME))
        if app is None:
            return {"login": "key", "since": 0.0, "location": "", "held": None, "missing": []}
        kept = unpack(await self._daemon.store.secret(shelf_name(settings.name)))
        consent = self._daemon.stored.consent(settings, settings.name)
        held = _held(consent, kept.scopes if kept is not None else None)
        login = "file" if "refresh_token" in settings.options.secrets() else "none"
        return {
            "login": consent.kind if consent is not None else login,
            "since": consent.at if consent is not None else 0.0,
            "location": (consent.location if consent is not None else "") or app.location,
            "held": None if held is None else list(held),
            "missing": _missing(app, held, nothing=consent is None and login == "none"),
        }

    async def secrets(self) -> dict[str, Any]:
        """The names of stored secrets and who uses them; those that are named and not there, too."""
        names = {*self._daemon.stored.named, *self._users()}
        return {
            "secrets": [
                {"name": name, "stored": name in self._daemon.stored.named, "used_by": self._users().get(name, [])}
                for name in sorted(names)
            ]
        }

    async def set_secret(self, name: str, value: str) -> dict[str, Any]:
        """Keep a secret under a name; accounts that use it log in anew."""
        replaced = await self._daemon.stored.set(name, value)
        return {"name": name, "replaced": replaced, "accounts": await self._reopened(name)}

    async def remove_secret(self, name: str, *, force: bool) -> dict[str, Any]:
        """Throw a secret away; one that is used only by force."""
        users = self._users().get(name, [])
        if users and not force and name in self._daemon.stored.named:
            hint = "name another place there, or say --force"
            raise UsageError(f"this secret is used by {', '.join(users)}", hint=hint)
        await self._daemon.stored.remove(name)
        return {"name": name, "accounts": await self._reopened(name)}

    async def _reopened(self, name: str) -> list[str]:
        used = {
            account.name
            for account in self._daemon.settings.accounts.values()
            if any((ref.scheme, ref.name) == ("store", name) for ref in account.options.all_secrets().values())
        }
        if used:
            await self._daemon.reopen(used)
        return sorted(used)

    def _users(self) -> dict[str, list[str]]:
        """By name of a stored secret the keys that name it."""
        settings, found = self._daemon.settings, dict[str, list[str]]()
        for name, account in settings.accounts.items():
            for key, ref in account.options.secrets().items():
                if ref.scheme == "store":
                    found.setdefault(ref.name, []).append(f"{key} of accounts.d/{name}.toml")
        for name, client in settings.oauth_clients.items():
            if client.client_secret is not None and client.client_secret.scheme == "store":
                found.setdefault(client.client_secret.name, []).append(f"oauth_clients.{name} of zohosyncd.toml")
        for path, ref in settings.notify.secrets() if settings.notify is not None else ():
            if ref.scheme == "store":
                found.setdefault(ref.name, []).append(f"{'.'.join(map(str, path))} of zohosyncd.toml")
        return found


def _missing(app: OAuthApp, held: tuple[str, ...] | None, *, nothing: bool) -> list[dict[str, str]] | None:
    """The scopes that the connections need and the login lacks, with the reasons; None where nobody knows."""
    if held is None and not nothing:
        return None
    return [{"scope": each.name, "why": each.why} for each in app.scopes if not app.covers(held or (), each.name)]


def _held(consent: Consent | None, told: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """What a login may do: as its token says, else as it was asked for."""
    if told is not None:
        return told
    return consent.scopes if consent is not None else None
