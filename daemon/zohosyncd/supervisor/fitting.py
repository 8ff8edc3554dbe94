"""Whether connections that begin fit their apps, and how far they can be got ready before those before them end.

What the apps said earlier can refuse a file that was edited: it is known here, and at once. It is asked for once more
before it does, because somebody may have made the field just now. Where they have said nothing yet they are asked, and
refuse what they can refuse within two seconds. Nothing else keeps a change from being applied: no app that is away, and
no field that has vanished there. That connection waits, with reason and cure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import anyio

from zohosyncd.core.errors import Mistakes, SettingsProblems, SyncError, Unavailable, UsageError
from zohosyncd.core.side import SIDES
from zohosyncd.settings import Connection, Settings, SettingsDiff
from zohosyncd.supervisor.accounts import AccountUnit
from zohosyncd.supervisor.build import compile_connection, compile_known
from zohosyncd.supervisor.misfits import placed
from zohosyncd.supervisor.trial import Trial

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

PREPARE_SECONDS: Final = 2.0
"""How long apps are waited for before the configuration is put in force all the same."""

_NO_ANSWER: Final = Unavailable("its apps have not answered yet", hint="nothing: it is tried again by itself")


@dataclass(frozen=True, slots=True)
class Fit:
    """What is known of connections that begin.

    Attributes:
        accounts: those that are opened for them, by name, logged in if they could be.
        waiting: connections that cannot work yet, with what the apps or the network said.
    """

    accounts: Mapping[str, AccountUnit] = field(default_factory=dict)
    waiting: Mapping[str, SyncError] = field(default_factory=dict)


async def fit(daemon: "Daemon", difference: SettingsDiff, new: Settings) -> Fit:
    """Get ready what begins, while what it takes the place of goes on.

    Raises:
        SettingsProblems: what the apps said earlier, and still say if they can be asked, speaks against a file.
    """
    if not daemon.serving:
        return Fit()
    trial = Trial(daemon, new)
    said = difference.connections.added | difference.connections.changed.keys()
    judged = {name: new.connections[name] for name in sorted(said)}
    before = _remembered(trial, judged)
    asked: dict[str, SyncError | None] = {}

    async def ask(connection: Connection) -> None:
        try:
            accounts = trial.accounts(connection)
            troubles = [account.trouble for account in accounts.values() if account.trouble is not None]
            if not troubles:
                await compile_connection(connection, accounts)
        except SyncError as error:
            asked[connection.name] = error
        else:  # an account in trouble is asked again where it is waited for
            asked[connection.name] = troubles[0] if troubles else None

    begun = sorted(said | difference.reopened)
    with anyio.move_on_after(PREPARE_SECONDS):
        async with anyio.create_task_group() as tasks:
            for name in begun:
                tasks.start_soon(ask, new.connections[name])
    if refused := dict(_refused(judged, before, asked)):
        raise SettingsProblems(placed(new, refused))
    waiting = {name: asked.get(name, _NO_ANSWER) for name in begun}
    return Fit(trial.opened, {name: error for name, error in waiting.items() if error is not None})


def _refused(
    judged: Iterable[str], before: Mapping[str, UsageError | None], asked: Mapping[str, SyncError | None]
) -> Iterator[tuple[str, UsageError]]:
    """Edited connections that do not fit.

    Args:
        judged: all of them. before: what spoke against them from what their apps said earlier, where these had said
            something. asked: what speaks against them now, where they have answered.
    """
    for name in judged:
        misfit, answer = before.get(name), asked.get(name)
        if name not in before:
            if isinstance(answer, UsageError):
                yield name, answer
        elif misfit is not None and not (name in asked and answer is None):
            yield name, answer if isinstance(answer, UsageError) else misfit


def _remembered(trial: Trial, connections: Mapping[str, Connection]) -> dict[str, UsageError | None]:
    """What speaks against connections from what their apps said last; if anything, these are asked anew when asked."""
    found: dict[str, UsageError | None] = {}
    for name, connection in connections.items():
        accounts = trial.running(connection)
        try:
            if accounts is not None and compile_known(connection, accounts) is not None:
                found[name] = None
        except Mistakes as error:
            found[name] = error
    for name in (name for name, misfit in found.items() if misfit is not None):
        for side in SIDES:
            place = connections[name].place(side)
            trial.account(place.account).doubt(place.object or "")
    return found
