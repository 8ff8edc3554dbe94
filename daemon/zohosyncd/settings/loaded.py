"""The whole configuration, loaded and checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zohosyncd.core.errors import SettingsError
from zohosyncd.settings.accounts import AccountOptions
from zohosyncd.settings.clients import OAuthClient
from zohosyncd.settings.connections import Connection
from zohosyncd.settings.files import Fingerprint
from zohosyncd.settings.merged import Merged
from zohosyncd.settings.notify import Notify
from zohosyncd.settings.secrets import SecretError, SecretRef, SecretSources, file_of, resolve
from zohosyncd.settings.service import Service
from zohosyncd.settings.toml import Document, KeyPath


@dataclass(frozen=True, slots=True)
class Account:
    """One file of ``accounts.d``.

    Attributes:
        name: the file's name.
        app: the app's name, as its connector's spec says it.
        options: the keys of that app.
        fingerprint: changes when the value of one of its secrets changes; says nothing about the value.
    """

    name: str
    app: str
    options: AccountOptions
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the files and the environment say, checked and complete.

    Attributes:
        folder: the folder of the configuration.
        service: the ``[service]`` table. notify: the ``[notify]`` table, None where nobody is told anything.
        oauth_clients: by name.
        accounts: by name, in order of their names.
        connections: by name, in order of their names, the disabled ones too.
        service_fingerprint: changes when the key of the state changes; other secrets of ``zohosyncd.toml`` are read
            whenever they are used, and those of ``oauth_clients`` belong to the fingerprints of the accounts.
        documents: the files, by path relative to the folder without suffix: ``connections.d/crm-book``,
            where a connection is merged with its presets.
        files: how the files stood there when they were loaded.
    """

    folder: Path
    service: Service
    oauth_clients: Mapping[str, OAuthClient] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    connections: Mapping[str, Connection] = field(default_factory=dict)
    service_fingerprint: str = ""
    documents: Mapping[str, Document | Merged] = field(default_factory=dict, compare=False, repr=False)
    notify: Notify | None = None
    files: Fingerprint = field(default=frozenset(), compare=False, repr=False)

    def connection_error(self, name: str, path: KeyPath, message: str, *, hint: str = "") -> SettingsError:
        """A mistake that is found only later, at this key of a connection's file."""
        return self._error(f"connections.d/{name}", path, message, hint)

    def account_error(self, name: str, path: KeyPath, message: str, *, hint: str = "") -> SettingsError:
        """A mistake that is found only later, at this key of an account's file."""
        return self._error(f"accounts.d/{name}", path, message, hint)

    def service_error(self, path: KeyPath, message: str, *, hint: str = "") -> SettingsError:
        """A mistake that is found only later, at this key of ``zohosyncd.toml``."""
        return self._error("zohosyncd", path, message, hint)

    def not_now(self, path: KeyPath, message: str, *, hint: str = "") -> SettingsError:
        """What this key of ``zohosyncd.toml`` names cannot be had at the moment."""
        error = self._error("zohosyncd", path, message, hint)
        error.passing = True
        return error

    def _error(self, document: str, path: KeyPath, message: str, hint: str) -> SettingsError:
        found = self.documents.get(document) or Document(str(self.folder / f"{document}.toml"), {})
        return found.error(path, message, hint=hint)

    def secrets_missing(self, sources: SecretSources) -> tuple[SettingsError, ...]:
        """Each secret that cannot be read now, as an error at the key that names it.

        A missing secret is no mistake of the files, so loading accepts it: on another machine, or before
        ``secret set``, the files are as right as here.
        """
        return tuple(error for _, error in self.secrets_read(sources) if error is not None)

    def secrets_read(self, sources: SecretSources) -> Iterator[tuple[SecretRef, SettingsError | None]]:
        """Each secret that a file names, with why it cannot be read now, at its key; None where it can."""
        for document, path, ref in self._secrets():
            try:
                resolve(ref, sources)
            except SecretError as error:
                yield ref, self._error(document, path, error.message, error.hint)
            else:
                yield ref, None

    def secret_files(self, sources: SecretSources) -> tuple[Path, ...]:
        """The files that secrets are read from: a secret that rotates changes one of them."""
        found = (file_of(ref, sources) for _document, _path, ref in self._secrets())
        return tuple(dict.fromkeys(each for each in found if each is not None))

    def _secrets(self) -> Iterator[tuple[str, KeyPath, SecretRef]]:
        yield "zohosyncd", ("service", "state_key"), self.service.state_key
        for name, client in self.oauth_clients.items():
            if client.client_secret is not None:
                yield "zohosyncd", ("oauth_clients", name, "client_secret"), client.client_secret
        for path, ref in self.notify.secrets() if self.notify is not None else ():
            yield "zohosyncd", path, ref
        for name, account in self.accounts.items():
            for key, ref in account.options.secrets().items():
                yield f"accounts.d/{name}", (key,), ref
