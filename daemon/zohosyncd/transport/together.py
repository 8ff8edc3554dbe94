"""Several calls at once, one plain error."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from zohosyncd.core.errors import SyncError

T = TypeVar("T")


async def together(calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run them at once and answer their results in order.

    If one fails the others are cancelled, so this is for reads only. A connector may raise nothing but the errors of
    the port, so the first of them comes out bare and not in a group.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in calls]
    except BaseExceptionGroup as failures:
        known = failures.subgroup(SyncError)
        if known is None or failures.split(SyncError)[1] is not None:
            raise
        raise _first(known) from None
    return [task.result() for task in tasks]


def _first(failures: BaseExceptionGroup[SyncError]) -> SyncError:
    for failure in failures.exceptions:
        return _first(failure) if isinstance(failure, BaseExceptionGroup) else failure
    raise AssertionError("a group is never empty")
