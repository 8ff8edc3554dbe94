"""Troubles that people were told of: a row for each that stands."""

from collections.abc import Collection

import sqlalchemy as sa

from zohosyncd.core.notices import Notice, Topic, Trouble
from zohosyncd.storage.tables import notice
from zohosyncd.storage.work import Work


def notices(work: Work) -> list[Notice]:
    """All of them."""
    return [
        Notice(Topic(Trouble(row.trouble), row.subject), row.since, frozenset(row.told.split()))
        for row in work.all(sa.select(notice))
    ]


def keep_notices(work: Work, kept: Collection[Notice], gone: Collection[Topic]) -> None:
    """Store these as they are now, and forget those."""
    rows = [{**_key(each.topic), "since": each.since, "told": " ".join(sorted(each.told))} for each in kept]
    work.upsert(notice, rows, key=["trouble", "subject"])
    if gone:
        keys = sa.tuple_(notice.c.trouble, notice.c.subject).in_([tuple(_key(each).values()) for each in gone])
        work.sql.execute(sa.delete(notice).where(keys))


def _key(topic: Topic) -> dict[str, str]:
    return {"trouble": topic.trouble.value, "subject": topic.subject}
