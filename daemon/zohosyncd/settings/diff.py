"""What changes from one configuration to the next: pure sets, no acts. Starting is the difference from nothing.

Connections are compared as they are in the end: a changed preset or variable changes those connections, and those keys,
for which it makes a difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from pydantic import BaseModel

from zohosyncd.settings.connections import Connection
from zohosyncd.settings.loaded import Account, Settings

LIVE_SERVICE_KEYS: Final = frozenset({"keep_history", "log_format", "log_level", "notify"})
"""Keys of ``[service]``, and tables beside it, that apply without a restart; so does what is in ``_LIVE_TABLE``."""

_LIVE_TABLE: Final = "oauth_clients."

_Named = TypeVar("_Named", Account, Connection)


@dataclass(frozen=True, slots=True)
class Difference:
    """How one kind of thing differs, by name.

    Attributes:
        added: only in the new settings.
        removed: only in the old ones.
        changed: in both, with the keys that differ; ``secrets`` where only the value of a secret does.
        kept: equal in both.
    """

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class SettingsDiff:
    """How two configurations differ.

    Attributes:
        accounts: by name.
        connections: by name. A disabled connection counts as one that does not exist.
        reopened: kept connections of which an account changes, so that they have to start again.
        service_live: changed keys of ``zohosyncd.toml`` that apply at once.
        service_restart: changed keys of ``zohosyncd.toml`` that need a restart.
    """

    accounts: Difference
    connections: Difference
    reopened: frozenset[str] = frozenset()
    service_live: tuple[str, ...] = ()
    service_restart: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.accounts or self.connections or self.service_live or self.service_restart)


def diff(old: Settings | None, new: Settings) -> SettingsDiff:
    """The difference between two configurations; ``old`` is None at start."""
    accounts = _difference(old.accounts if old else {}, new.accounts)
    connections = _difference(_enabled(old), _enabled(new))
    touched = accounts.changed.keys() | accounts.added | accounts.removed
    service = _service_keys(old, new)
    return SettingsDiff(
        accounts=accounts,
        connections=connections,
        reopened=frozenset(name for name in connections.kept if new.connections[name].accounts & touched),
        service_live=tuple(key for key in service if _is_live(key)),
        service_restart=tuple(key for key in service if not _is_live(key)),
    )


def in_force(old: Settings, new: Settings) -> Settings:
    """What a daemon that runs on the old settings does from now on: what needs a restart stays as it was."""
    live = {key: getattr(new.service, key) for key in LIVE_SERVICE_KEYS if key in type(new.service).model_fields}
    return replace(
        new,
        service=old.service.model_copy(update=live),
        service_fingerprint=old.service_fingerprint,
    )


def _is_live(key: str) -> bool:
    return key in LIVE_SERVICE_KEYS or key.startswith(_LIVE_TABLE)


def _enabled(settings: Settings | None) -> dict[str, Connection]:
    return {name: each for name, each in settings.connections.items() if each.enabled} if settings else {}


def _difference(old: Mapping[str, _Named], new: Mapping[str, _Named]) -> Difference:
    changed = {name: _changed_keys(old[name], new[name]) for name in new if name in old and old[name] != new[name]}
    return Difference(
        added=frozenset(new.keys() - old.keys()),
        removed=frozenset(old.keys() - new.keys()),
        changed=changed,
        kept=frozenset((new.keys() & old.keys()) - changed.keys()),
    )


def _changed_keys(old: _Named, new: _Named) -> tuple[str, ...]:
    if isinstance(old, Connection) and isinstance(new, Connection):
        return _changed_fields(old, new)
    if not isinstance(old, Account) or not isinstance(new, Account):
        raise TypeError("settings of two kinds cannot be compared")
    if old.app != new.app:
        return ("app",)
    return _changed_fields(old.options, new.options) or ("secrets",)


def _changed_fields(old: BaseModel, new: BaseModel) -> tuple[str, ...]:
    return tuple(key for key in type(new).model_fields if getattr(old, key, None) != getattr(new, key))


def _service_keys(old: Settings | None, new: Settings) -> tuple[str, ...]:
    if old is None:
        return ()
    keys = list(_changed_fields(old.service, new.service))
    keys += ["notify"] if old.notify != new.notify else []
    names = sorted(old.oauth_clients.keys() | new.oauth_clients.keys())
    keys += [f"{_LIVE_TABLE}{name}" for name in names if old.oauth_clients.get(name) != new.oauth_clients.get(name)]
    if "state_key" not in keys and old.service_fingerprint != new.service_fingerprint:
        keys.append("secrets")
    return tuple(keys)
