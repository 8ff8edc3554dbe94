"""What a first sync that waits for approval would do."""

from typing import TYPE_CHECKING

import structlog

from zohosyncd.core.errors import SyncError
from zohosyncd.supervisor.connections import ConnectionUnit
from zohosyncd.supervisor.rehearse import rehearse

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_log = structlog.get_logger("zohosyncd.daemon")


async def foretell(daemon: "Daemon", unit: ConnectionUnit) -> None:
    """Find it out once; whoever asks for a plan renews it."""
    if unit.plan is None or unit.runner is None or await daemon.store.forecast(unit.plan.id):
        return
    try:
        await rehearse(daemon.world, unit.plan, unit.runner.stage, daemon.settings.connections)
    except SyncError as error:
        _log.warning("what the first sync would do is not known", connection=unit.name, reason=error.message)
