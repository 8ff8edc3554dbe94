"""Load a folder of configuration: every mistake of every file at once, or settings that are right."""

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from zohosyncd.core.errors import SettingsError, SettingsProblems
from zohosyncd.settings.accounts import AccountOptions, AppSpec
from zohosyncd.settings.clients import clients_context
from zohosyncd.settings.connections import Connection
from zohosyncd.settings.explain import explain
from zohosyncd.settings.files import ACCOUNTS, CONNECTIONS, PRESETS, SERVICE_FILE, files_in, fingerprint_of
from zohosyncd.settings.loaded import Account, Settings
from zohosyncd.settings.merged import Merged
from zohosyncd.settings.nearest import nearest, one_of
from zohosyncd.settings.presets import Presets, connection_of, unused_presets
from zohosyncd.settings.secrets import Secret, SecretError, SecretRef, SecretSources, resolve
from zohosyncd.settings.service import ServiceFile, with_environment
from zohosyncd.settings.sides import RESERVED
from zohosyncd.settings.toml import Document, read
from zohosyncd.settings.values import NAME, Listen

_Model = TypeVar("_Model", bound=BaseModel)


def load(
    folder: Path,
    specs: Mapping[str, AppSpec],
    *,
    environ: Mapping[str, str] | None = None,
    stored: Mapping[str, Secret] | None = None,
) -> Settings:
    """Load ``zohosyncd.toml``, ``accounts.d/*.toml``, ``presets.d/*.toml`` and ``connections.d/*.toml``.

    Args:
        folder: the folder of the configuration.
        specs: every app that can be used, by name.
        environ: the environment, the process's own by default.
        stored: secrets of the state, where it is open: a changed one counts as a change of its account.

    Raises:
        SettingsProblems: all mistakes, each with file, line where it can be found, and key.
    """
    return _Loading(folder, specs, os.environ if environ is None else environ, stored).run()


class _Loading:
    """One load: collects mistakes, so that one does not hide the next."""

    def __init__(
        self,
        folder: Path,
        specs: Mapping[str, AppSpec],
        environ: Mapping[str, str],
        stored: Mapping[str, Secret] | None,
    ) -> None:
        self._folder = folder
        self._specs = specs
        self._environ = environ
        self._sources = SecretSources(folder, environ, stored)
        self._problems: list[SettingsError] = []
        self._documents: dict[str, Document | Merged] = {}

    def run(self) -> Settings:
        if not self._folder.is_dir():
            hint = "name the folder with --config, or write one with zohosyncd init"
            raise SettingsProblems([SettingsError("there is no such folder", file=str(self._folder), hint=hint)])
        files = fingerprint_of(self._folder)
        service = self._service()
        account_names = self._names(ACCOUNTS)
        clients = clients_context(service.oauth_clients if service is not None else None)
        accounts = [self._account(name, clients) for name in account_names]
        presets = Presets(
            {name: self._read(f"{PRESETS}/{name}") for name in self._names(PRESETS)}, str(self._folder / PRESETS)
        )
        connections = [self._connection(name, account_names, presets) for name in self._names(CONNECTIONS)]
        self._problems += unused_presets(presets, account_names)
        if self._problems or service is None:
            raise SettingsProblems(in_order(self._problems))
        return Settings(
            folder=self._folder,
            service=service.service,
            oauth_clients=MappingProxyType(service.oauth_clients),
            accounts=MappingProxyType({each.name: each for each in accounts if each}),
            connections=MappingProxyType({each.name: each for each in connections if each}),
            service_fingerprint=self._fingerprint([service.service.state_key]),
            documents=MappingProxyType(self._documents),
            notify=service.notify,
            files=files,
        )

    def _names(self, kind: str) -> tuple[str, ...]:
        """The names that files of this folder give, without those that no name can be."""
        try:
            files = files_in(self._folder, kind)
        except OSError as error:
            self._problems.append(SettingsError(f"cannot be listed: {error.strerror}", file=str(self._folder / kind)))
            return ()
        names = []
        for file in files:
            if not NAME.fullmatch(file.stem):
                hint = "letters, digits, - and _, such as crm-book.toml"
                self._refuse(
                    f"{kind}/{file.stem}", "the file's name is the name of what it holds, and cannot be one", hint
                )
            elif kind == ACCOUNTS and file.stem in RESERVED:
                self._refuse(f"{kind}/{file.stem}", f'an account cannot be called "{file.stem}"', "rename the file")
            else:
                names.append(file.stem)
        return tuple(names)

    def _refuse(self, document: str, message: str, hint: str) -> None:
        self._problems.append(SettingsError(message, file=str(self._folder / f"{document}.toml"), hint=hint))

    def _read(self, name: str) -> Document | None:
        try:
            document = read(self._folder / f"{name}.toml")
        except SettingsError as problem:
            self._problems.append(problem)
            return None
        self._documents[name] = document
        return document

    def _check(
        self, model: type[_Model], values: Mapping[str, Any], document: Document, context: Any = None
    ) -> _Model | None:
        try:
            return model.model_validate(values, context=context)
        except ValidationError as error:
            self._problems.extend(explain(error, model, document))
            return None

    def _service(self) -> ServiceFile | None:
        document = self._read(SERVICE_FILE.removesuffix(".toml"))
        if document is None:
            return None
        values = dict(document.values)
        table = values.get("service", {})
        if isinstance(table, dict):
            values["service"] = with_environment(table, self._folder, self._checked_environ())
        return self._check(ServiceFile, values, document)

    def _checked_environ(self) -> Mapping[str, str]:
        """The environment without a ZOHOSYNCD_LISTEN that is wrong, which is no mistake of the file."""
        listen = self._environ.get("ZOHOSYNCD_LISTEN")
        if not listen:
            return self._environ
        try:
            Listen.parse(listen)
        except PydanticCustomError:
            hint = 'such as "0.0.0.0:9595"'
            problem = SettingsError("expected host:port", file="the environment", key="ZOHOSYNCD_LISTEN", hint=hint)
            self._problems.append(problem)
            return {key: value for key, value in self._environ.items() if key != "ZOHOSYNCD_LISTEN"}
        return self._environ

    def _account(self, name: str, clients: Mapping[str, Any]) -> Account | None:
        document = self._read(f"{ACCOUNTS}/{name}")
        if document is None:
            return None
        values = dict(document.values)
        app = values.pop("app", None)
        spec = self._specs.get(app) if isinstance(app, str) else None
        if spec is None:
            self._unknown_app(app, document)
            return None
        options: AccountOptions | None = self._check(spec.options, values, document, clients)
        if options is None:
            return None
        return Account(name, spec.name, options, self._fingerprint(options.all_secrets().values()))

    def _unknown_app(self, app: object, document: Document) -> None:
        apps = sorted(self._specs)
        if app is None:
            problem = document.error(("app",), "is missing", hint=one_of(apps))
        elif isinstance(app, str):
            problem = document.error(("app",), f'there is no app "{app}"', hint=nearest(app, apps) or one_of(apps))
        else:
            problem = document.error(("app",), "expected text in double quotes", hint=one_of(apps))
        self._problems.append(problem)

    def _connection(self, name: str, accounts: tuple[str, ...], presets: Presets) -> Connection | None:
        document = self._read(f"{CONNECTIONS}/{name}")
        if document is None:
            return None
        merged, problems = presets.assemble(document)
        self._problems += problems
        self._documents[f"{CONNECTIONS}/{name}"] = merged
        self._check_accounts(merged, accounts)
        connection, wrong = connection_of(name, merged)
        self._problems += wrong
        return connection

    def _check_accounts(self, merged: Merged, accounts: tuple[str, ...]) -> None:
        for side in ("left", "right"):
            place = merged.values.get(side)
            account = place.get("account") if isinstance(place, dict) else None
            if not isinstance(account, str) or not account or account in accounts:
                continue
            if merged.whole or "${" not in account:
                hint = nearest(account, accounts) or f"write {self._folder / ACCOUNTS / account}.toml"
                problem = merged.error((side, "account"), f'there is no account "{account}"', hint=hint)
                self._problems.append(problem)

    def _fingerprint(self, refs: Iterable[SecretRef]) -> str:
        total = hashlib.sha256()
        for ref in refs:
            try:
                part = resolve(ref, self._sources).fingerprint()
            except SecretError:
                part = "missing"
            total.update(f"{ref}={part};".encode())
        return total.hexdigest()


def in_order(problems: Iterable[SettingsError]) -> list[SettingsError]:
    """File by file as they were read, each from top to bottom; what has no line comes last.

    A mistake of a preset is told once, not for each connection that uses it.
    """
    files: dict[str, list[SettingsError]] = {}
    for problem in {str(each): each for each in problems}.values():
        files.setdefault(problem.file, []).append(problem)
    return [each for group in files.values() for each in sorted(group, key=lambda each: each.line or sys.maxsize)]
