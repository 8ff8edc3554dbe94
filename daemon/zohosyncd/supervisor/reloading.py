"""Hot reload: load the files, compare, judge, put in force; or refuse, and leave everything as it was."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import structlog

from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.core.errors import SettingsProblems, SyncError, UsageError
from zohosyncd.settings import SecretSources, Settings, SettingsDiff, diff, in_force, load
from zohosyncd.settings.files import Fingerprint, fingerprint, fingerprint_of
from zohosyncd.settings.service import Service
from zohosyncd.supervisor.fitting import fit
from zohosyncd.supervisor.misfits import placed
from zohosyncd.supervisor.possible import checked

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_LOADS: Final = 5
"""How often the files are loaded again because they have changed while they were being loaded."""

_PAUSE: Final = 0.1
_log = structlog.get_logger("zohosyncd.daemon")


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What became of a reload that was not refused.

    Attributes:
        difference: what has changed. waiting: connections that cannot work now, with the reasons.
    """

    difference: SettingsDiff
    waiting: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Reloading:
    """Reloads of one daemon: one at a time, and all that ask meanwhile share the next one.

    Args:
        daemon: the daemon.
    """

    def __init__(self, daemon: "Daemon") -> None:
        self.refused: SettingsProblems | None = None
        """Why the files are not in force: what the last reload was refused for."""
        self.told: Callable[[Mapping[str, Any]], None] = lambda _answer: None
        """Is told what became of each reload, whoever has asked for it."""
        self.live: Callable[[Service, Collection[str]], None] = lambda _service, _keys: None
        """Is told which keys of ``[service]`` now apply without a restart."""
        self._daemon = daemon
        self._files = daemon.settings.files
        self._secrets = self._secrets_now(daemon.settings)
        self._begun = 0
        self._ended = 0
        self._last: Reloaded | SyncError = Reloaded(diff(None, daemon.settings))

    def _secrets_now(self, settings: Settings) -> Fingerprint:
        return fingerprint(settings.secret_files(SecretSources(settings.folder)))

    def news(self) -> tuple[Fingerprint, Fingerprint] | None:
        """How the files stand there now, those of secrets too, unless they are those that were loaded the last time."""
        settings = self._daemon.settings
        now = fingerprint_of(settings.folder), self._secrets_now(settings)
        return None if now == (self._files, self._secrets) else now

    async def begin(self) -> None:
        """The daemon starts: everything that the files say begins. Starting is the difference from nothing."""
        daemon = self._daemon
        async with daemon.changing:
            await daemon.change.apply(diff(None, daemon.settings), daemon.settings)
            self._note_success()

    def _note_success(self) -> None:
        """What the files say is in force."""
        metrics = self._daemon.metrics
        metrics.config_last_reload_successful.set(1)
        metrics.config_last_reload_success_timestamp.set(self._daemon.world.clock.now())

    async def reload(self) -> Reloaded:
        """Load the folder again and put in force what is different.

        Raises:
            SettingsProblems: the new configuration is refused; everything stays as it was.
        """
        asked = self._begun
        async with self._daemon.changing:
            if self._ended <= asked:  # else one that began after we asked has just ended
                self._begun += 1
                number = self._begun
                try:
                    self._last = await self._reload()
                except SyncError as error:
                    self._last = error
                self._ended = number
                self.told(answer_of(self._last))
        if isinstance(self._last, SyncError):
            raise self._last
        return self._last

    async def _reload(self) -> Reloaded:
        daemon = self._daemon
        try:
            if daemon.stopping:
                raise UsageError("the daemon is stopping", hint="it loads its configuration when it starts")
            loaded = await self._load()
            difference, new = diff(daemon.settings, loaded), in_force(daemon.settings, loaded)
            fits = await fit(daemon, difference, new)
        except Exception as error:
            self.refused = error if isinstance(error, SettingsProblems) else None
            daemon.metrics.config_last_reload_successful.set(0)
            raise
        await daemon.change.apply(difference, new, fits.accounts)
        self.refused = None
        then = {each[0]: each for each in self._secrets}
        self._secrets = frozenset(then.get(each[0], each) for each in self._secrets_now(new))
        self._note_success()
        if difference.service_live:
            self.live(new.service, difference.service_live)
        if difference:
            connections = difference.connections
            _log.info(
                "configuration applied", added=len(connections.added), changed=len(connections.changed),
                removed=len(connections.removed), restarted=len(difference.reopened), kept=len(connections.kept),
            )  # fmt: skip
        waiting = {**self._still_waiting(), **fits.waiting}
        return Reloaded(difference, {name: _reasons(new, name, error) for name, error in sorted(waiting.items())})

    def _still_waiting(self) -> dict[str, SyncError]:
        """Kept connections that waited before: what made them wait may have been applied a moment ago."""
        units = self._daemon.connections.items()
        return {name: unit.trouble for name, unit in units if unit.waits and unit.trouble is not None}

    async def _load(self) -> Settings:
        """The files as they stand together at one moment: not one half before and the other after a change."""
        daemon = self._daemon
        for _ in range(_LOADS):
            self._files, self._secrets = fingerprint_of(daemon.settings.folder), self._secrets_now(daemon.settings)
            try:
                found: Settings | SettingsProblems = checked(load(daemon.settings.folder, BY_NAME), BY_NAME)
            except SettingsProblems as problems:
                found = problems
            if self.news() is None:
                break
            await daemon.world.clock.sleep(_PAUSE)
        if isinstance(found, SettingsProblems):
            raise found
        return found


def answer_of(outcome: Reloaded | SyncError) -> dict[str, Any]:
    """A reload's outcome as JSON."""
    if isinstance(outcome, SyncError):
        problems = outcome.problems if isinstance(outcome, SettingsProblems) else (outcome,)
        return {"applied": False, "errors": [str(each) for each in problems], "changes": {}, "waiting": {}}
    difference = outcome.difference
    changes = {
        "added": sorted(difference.connections.added),
        "changed": sorted(difference.connections.changed),
        "removed": sorted(difference.connections.removed),
        "restarted": sorted(difference.reopened),
        "service": list(difference.service_live),
        "needs_restart": list(difference.service_restart),
    }
    return {"applied": True, "errors": [], "changes": changes, "waiting": dict(outcome.waiting)}


def _reasons(settings: Settings, name: str, error: SyncError) -> list[str]:
    """Why a connection waits, each mistake at its place."""
    return [str(each) for each in placed(settings, {name: error})] if isinstance(error, UsageError) else [str(error)]
