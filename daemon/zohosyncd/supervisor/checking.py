"""``check``: are the files right, do the accounts work, does every connection fit its apps, what is worth knowing?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.core.errors import SyncError, UsageError
from zohosyncd.core.side import SIDES
from zohosyncd.settings import Connection, SecretSources, Settings, load
from zohosyncd.supervisor.accounts import cure_of
from zohosyncd.supervisor.build import compile_connection
from zohosyncd.supervisor.misfits import placed
from zohosyncd.supervisor.possible import checked
from zohosyncd.supervisor.shared_credits import note, shared_credits
from zohosyncd.supervisor.survey import survey
from zohosyncd.supervisor.trial import Trial
from zohosyncd.supervisor.unfiltered import unfiltered

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon


async def check(daemon: "Daemon") -> dict[str, Any]:
    """Look at the files as they are now, which a running daemon may have refused, and ask the apps.

    Raises:
        SettingsProblems: the files are wrong by themselves.
    """
    settings = checked(load(daemon.settings.folder, BY_NAME), BY_NAME)
    trial = Trial(daemon, settings)
    accounts = {name: await _account(trial, name) for name in sorted(settings.accounts)}
    up = {name: trial.account(name) for name, each in accounts.items() if each["state"] == "up"}
    for name, others in (await shared_credits(up.values())).items():
        accounts[name]["notes"] += [note(up[name], [up[each] for each in others])] if others else []
    connections: dict[str, dict[str, Any]] = {}
    misfits: dict[str, UsageError] = {}
    for name, connection in sorted(settings.connections.items()):
        if not connection.enabled:
            continue
        try:
            fits, notes = await _notes(daemon, trial, connection)
        except UsageError as error:
            misfits[name] = error
            connections[name] = _said("refused", "it does not fit its apps", "see below")
        except SyncError as error:
            connections[name] = _said("waiting", error.message, error.hint)
        else:
            connections[name] = _said("ok", fits, notes=notes)
    mistakes = [str(each) for each in placed(settings, misfits)]
    return {
        "files": {f"{name}.toml": _said("ok") for name in settings.documents},
        "secrets": _secrets(daemon, settings),
        "accounts": accounts,
        "connections": connections,
        "mistakes": mistakes,
    }


def _secrets(daemon: "Daemon", settings: Settings) -> dict[str, dict[str, Any]]:
    """By reference, whether each secret can be read where the daemon runs; never what it is."""
    sources = SecretSources(settings.folder, stored=daemon.stored.named)
    found: dict[str, dict[str, Any]] = {}
    for ref, error in settings.secrets_read(sources):
        if error is None:
            found.setdefault(str(ref), _said("ok"))
        else:
            found[str(ref)] = _said("waiting", error.message, error.hint)
    return found


async def _account(trial: Trial, name: str) -> dict[str, Any]:
    try:
        unit = trial.account(name)
        info = await unit.check()
    except SyncError as error:
        return {"state": "waiting", "reason": error.message, "cure": cure_of(error, name), "notes": []}
    return {
        "state": "up", "reason": f"we are {info.identity}", "cure": "", "identity": info.identity, "notes": [],
    }  # fmt: skip


async def _notes(daemon: "Daemon", trial: Trial, connection: Connection) -> tuple[str, list[str]]:
    """How much of a connection fits its apps, and what is worth knowing about it."""
    compiled = await compile_connection(connection, trial.accounts(connection))
    fields = " and ".join(f"{len(compiled.schemas[side].fields)} of {connection.place(side).account}" for side in SIDES)
    fits = f"{len(compiled.mapping.pairs)} pairs of fields, of {fields}"
    notes = [*compiled.notes, *compiled.mapping.options_without_word()]
    if not trial.in_force(connection):
        return fits, [*notes, "the running daemon has not taken over these files"]
    plan, runner = await daemon.connection(connection.name).prepare()
    return fits, [*notes, *await unfiltered(daemon.store, plan, runner), *await survey(daemon.world, plan)]


def _said(state: str, reason: str = "", cure: str = "", notes: Sequence[str] = ()) -> dict[str, Any]:
    return {"state": state, "reason": reason, "cure": cure, "notes": list(notes)}
