"""Secrets of the state, in memory while it is open: those of ``store:NAME``, and the consents of accounts."""

from collections.abc import Mapping
from pathlib import Path

import anyio
import msgspec

from zohosyncd.core.errors import UsageError
from zohosyncd.ports.store import Store
from zohosyncd.settings import Account, Secret, SecretRef, SecretSources, resolve
from zohosyncd.settings.secrets import SecretError, check_store_name
from zohosyncd.transport.consent import Consent, consent_name, mark_of

_INTERNAL = "/"
"""Stands in the names that are ours: no name of a person's secret has it."""


class StoredSecrets:
    """What the state holds, as it was read when it was opened and changed since.

    Args:
        store: the state. folder: of the configuration.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._secrets: dict[str, Secret] = {}
        self._consents: dict[str, Consent | None] = {}
        self._turns: dict[str, anyio.Lock] = {}

    async def load(self) -> None:
        """Read everything."""
        everything = await self._store.secrets()
        self._secrets = {name: Secret(value) for name, value in everything.items() if _INTERNAL not in name}
        self._consents = {name: _consent(value) for name, value in everything.items() if name.endswith("/consent")}

    @property
    def named(self) -> Mapping[str, Secret]:
        """The secrets of ``store:NAME``, by name."""
        return self._secrets

    def read(self, ref: SecretRef) -> Secret:
        """A secret, read from where it is kept. Raises SecretError."""
        return resolve(ref, SecretSources(self._folder, stored=self._secrets))

    def consent(self, settings: Account | None, account: str) -> Consent | None:
        """The consent that counts: the stored one, unless the account's file names another refresh token since."""
        consent = self._consents.get(consent_name(account))
        if consent is None or settings is None:
            return consent
        return consent if self.mark_in_file(settings) in ("", consent.instead_of) else None

    def mark_in_file(self, settings: Account) -> str:
        """A mark of the refresh token that an account's file names, "" where it names none that can be read."""
        ref = settings.options.secrets().get("refresh_token")
        if ref is None:
            return ""
        try:
            return mark_of(self.read(ref).reveal())
        except SecretError:
            return ""

    async def set(self, name: str, value: str) -> bool:
        """Keep a secret under a name; whether there was another one. Raises SecretError, UsageError."""
        check_store_name(name)
        if not value:
            raise UsageError("the secret is empty", hint="nothing was changed")
        replaced = name in self._secrets
        await self._store.set_secret(name, value)
        self._secrets[name] = Secret(value)
        return replaced

    async def remove(self, name: str) -> None:
        """Throw a secret away. Raises UsageError where there is none."""
        if name not in self._secrets:
            known = ", ".join(sorted(self._secrets)) or "none"
            raise UsageError("the state holds no such secret", hint=f"there are: {known}")
        await self._store.set_secret(name, None)
        del self._secrets[name]

    def turn(self, account: str) -> anyio.Lock:
        """Whoever shows an account's refresh token has it: two who show the same one at once may both lose."""
        return self._turns.setdefault(account, anyio.Lock())

    async def keep_consent(self, account: str, consent: Consent) -> None:
        """Keep what an account was given, in place of what it had."""
        await self._store.set_secret(consent_name(account), msgspec.json.encode(consent).decode())
        self._consents[consent_name(account)] = consent


def _consent(text: str) -> Consent | None:
    try:
        return msgspec.json.decode(text, type=Consent)
    except msgspec.DecodeError:
        return None
