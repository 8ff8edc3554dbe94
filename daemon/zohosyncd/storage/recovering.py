"""Recovery: what an old state that was put back may not believe any more.

What it knew of writes under way is long settled, or never happened: the complete read that follows shows which. What a
person had approved or decided, and what was not carried out by then, may have been carried out since.
"""

import sqlalchemy as sa

from zohosyncd.ports.store import Choice, Stage
from zohosyncd.storage.tables import connection, held, intent, object_
from zohosyncd.storage.work import Work


def begin(work: Work, since: float) -> int:
    """Let every connection read both sides completely and link again before it creates or deletes anybody.

    Returns:
        How many connections there are.
    """
    work.sql.execute(sa.delete(intent))
    decided = held.c.decision.not_in(("", Choice.LEAVE.value))
    work.sql.execute(sa.update(held).where(decided).values(decision=""))
    # Without fields and cursor everything is read anew; as something was complete before, the absent are looked for.
    forgotten = {"cursor": None, "scan_cursor": None, "fields": "", "missing": 0, "missing_of": 0}
    work.sql.execute(sa.update(object_).values(forgotten))
    begun = connection.c.stage != Stage.LIVE.value
    from_start = {"stage": Stage.READING.value, "approved": False, "forecast": ""}
    work.sql.execute(sa.update(connection).where(begun).values(from_start))
    change = {"left_offset": 0, "right_offset": 0, "recovery": since}
    return work.sql.execute(sa.update(connection).values(change)).rowcount


def end(work: Work, connection_id: int) -> None:
    """Everything was read and linked again."""
    work.sql.execute(sa.update(connection).where(connection.c.id == connection_id).values(recovery=0.0))
