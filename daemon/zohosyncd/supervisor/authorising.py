"""``auth``: from the consent page to a login that works, for whatever app an account is of.

``accepting`` tries what was given before it is kept; ``devices`` is the way without any browser near. Codes and tokens
are told to nobody; what a command answers holds neither.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio

from zohosyncd.core.errors import AuthLost, SyncError, UsageError
from zohosyncd.settings import Account
from zohosyncd.supervisor.accepting import Accepting
from zohosyncd.supervisor.devices import Devices
from zohosyncd.supervisor.given import Given
from zohosyncd.supervisor.whose import again
from zohosyncd.transport.consent import (
    LIFE,
    Code,
    LoginServer,
    OAuthApp,
    Pending,
    Scope,
    ask,
    code_in,
    exchange,
    parameters,
)
from zohosyncd.transport.oauth import Grant
from zohosyncd.transport.token_endpoint import post_form

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

CALLBACK = "/oauth/callback"
"""Where a consent page sends a person back to, below ``public_url`` and on a port of the command's own."""

PASTED = "http://localhost:9597" + CALLBACK
"""Where it sends them where nobody listens: the browser shows an error, and the address in it is what is needed."""


@dataclass(slots=True)
class _Asked:
    """A consent page of an account that was opened, and what became of it."""

    account: str
    app: OAuthApp
    pending: Pending
    done: anyio.Event = field(default_factory=anyio.Event)
    result: dict[str, Any] | None = None
    error: SyncError | None = None


class Authorising:
    """The consents that are being asked for. Raises the SyncError tree."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon
        self._asked: dict[str, _Asked] = {}
        self._latest: dict[str, _Asked] = {}
        self._accepting = Accepting(daemon)
        self.devices = Devices(daemon, self._accepting)

    async def begin(self, account: str, redirect_uri: str | None, *, paste: bool = False) -> dict[str, Any]:
        """Open a consent page for an account; the page before, if there was one, no longer counts.

        Args:
            redirect_uri: where the person is sent back to; without it our own listener, where one is configured.
            paste: whether the address is going to be pasted, so that nobody has to listen.
        """
        settings, app = self._accepting.app(account)
        self._accepting.secret(settings)
        entropy, now = self._daemon.world.entropy, self._daemon.world.clock.monotonic()
        address, listening = redirect_uri or PASTED, False
        service = self._daemon.settings.service
        if redirect_uri is None and not paste and service.public_url and service.hooks_listen:
            address, listening = service.public_url.rstrip("/") + CALLBACK, True
        state, verifier = (entropy.new_id() + entropy.new_id() for _ in range(2))
        self._forget(account)
        pending = ask(app, address, state, verifier, now + LIFE)
        self._asked[state] = self._latest[account] = _Asked(account, app, pending)
        return {
            "account": account,
            "url": pending.url,
            "redirect_uri": address,
            "listening": listening,
            **_shown(app),
        }

    async def scopes(self, account: str) -> dict[str, Any]:
        """What would be asked for, for a person who makes a code in the app's console."""
        settings, app = self._accepting.app(account)
        self._accepting.secret(settings)
        return {"account": account, **_shown(app)}

    async def finish(self, account: str, address: str) -> dict[str, Any]:
        """Take the address that the person ended up on."""
        asked = next((each for each in self._asked.values() if each.account == account), None)
        if asked is None or self._over(asked):
            raise UsageError("no consent of this account is being asked for", hint=f"begin anew: {again(account)}")
        return await self._answered(asked, parameters(address))

    async def returned(self, query: str) -> str:
        """Take what the listener was sent; the account's name. ``query``: as it stands in the address."""
        given = parameters(f"?{query}")
        asked = self._asked.get(given.get("state", ""))
        if asked is None or self._over(asked):
            raise UsageError("this answer belongs to no consent that is being asked for", hint="begin anew")
        try:
            await self._answered(asked, given)
        except SyncError as error:
            asked.error = error
            raise
        finally:
            asked.done.set()
        return asked.account

    async def wait(self, account: str) -> dict[str, Any]:
        """Wait until the listener was sent the answer, and what came of it."""
        asked = self._latest.get(account)
        if asked is None:
            raise UsageError("no consent of this account is being asked for", hint=f"begin anew: {again(account)}")
        with anyio.move_on_after(LIFE):
            await asked.done.wait()
        if asked.error is not None:
            raise asked.error
        if asked.result is None:
            raise UsageError("nobody answered in time", hint=f"begin anew: {again(account)}")
        return asked.result

    async def by_code(self, account: str, code: str) -> dict[str, Any]:
        """Take a code that a person has made in the app's console (a self client)."""
        settings, app = self._accepting.app(account)
        code = "".join(code.encode("utf-8", "replace").decode().split())
        if not code:
            raise UsageError("the code is empty", hint="nothing was changed")
        return await self._exchanged(settings, app, app.server({}), Code(code), asked=None)

    async def by_client(self, account: str, org: str | None) -> dict[str, Any]:
        """Log in by the client's own credentials, without a person's consent.

        Args:
            org: the organisation's id, as the app's pages name it; None for the one that was named the last time.
        """
        settings, app = self._accepting.app(account)
        if app.machine is None:
            hint = f"with a person's consent: {again(account)}; what else an account may log in by stands in its file"
            raise UsageError(f"{settings.app} has no login by client credentials", hint=hint)
        before = self._daemon.stored.consent(settings, account)
        named = org or (before.org if before is not None else "")
        if not named:
            raise UsageError("it is not known for which organisation", hint="name it: --org ID")
        server, more = app.server({}), app.machine(app.asked, named)
        grant = Grant(server.token_url, app.client_id, self._accepting.secret(settings), "", app.scheme, more)
        body = await post_form(self._daemon.sender, server.token_url, grant.form(), settings.options.timeout)
        return await self._accepting.accept(Given(settings, app, server, app.read(*body), app.scopes, more, named))

    # --- the way of every answer ---------------------------------------------------------------------------------

    def _forget(self, account: str) -> None:
        """Pages of this account, and those that nobody has answered in time, no longer count."""
        for state, asked in list(self._asked.items()):
            if asked.account == account or self._over(asked):
                asked.error = UsageError("another consent of this account is being asked for since")
                asked.done.set()
                del self._asked[state]

    def _over(self, asked: _Asked) -> bool:
        return self._daemon.world.clock.monotonic() > asked.pending.until

    async def _answered(self, asked: _Asked, query: dict[str, str]) -> dict[str, Any]:
        """An answer of the page. Whatever comes of it, the page is used up, unless the answer was not for it."""
        try:
            code = code_in(asked.pending, query, again=again(asked.account))
        except AuthLost:
            self._asked.pop(asked.pending.state, None)
            raise
        self._asked.pop(asked.pending.state, None)
        settings = self._daemon.settings.accounts.get(asked.account)
        if settings is None:
            raise UsageError(f"there is no account {asked.account} any more")
        given = Code(code, asked.pending.redirect_uri, asked.pending.verifier)
        server = asked.app.server(query)
        asked.result = await self._exchanged(settings, asked.app, server, given, asked=asked.app.scopes)
        return asked.result

    async def _exchanged(
        self, settings: Account, app: OAuthApp, server: LoginServer, code: Code, *, asked: tuple[Scope, ...] | None
    ) -> dict[str, Any]:
        secret, timeout = self._accepting.secret(settings), settings.options.timeout
        answer = await exchange(app, server, code, secret, sender=self._daemon.sender, timeout=timeout)
        if not answer.refresh_token:
            hint = (
                "take this app out of the connected apps of the login's own account page, then give the command again"
            )
            raise AuthLost("the login server gave no refresh token", hint=hint)
        return await self._accepting.accept(Given(settings, app, server, answer, asked))


def _shown(app: OAuthApp) -> dict[str, Any]:
    """What is asked for, scope by scope and as the app wants it written, and where clients are made."""
    scopes = [{"scope": each.name, "why": each.why} for each in app.scopes]
    return {"console": app.console, "scopes": scopes, "asked": app.asked}
