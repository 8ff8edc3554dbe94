"""Several calls at once, one plain error."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import anyio

from zohosyncd.core.errors import SyncError, first_of

T = TypeVar("T")


async def together(calls: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
    """Make these calls at once and answer their results in order.

    If one fails the others are cancelled, so this is for reads only, or for calls that cannot fail. A connector may
    raise nothing but the errors of the port, so the first of them comes out bare and not in a group.
    """
    results: dict[int, T] = {}

    async def make(at: int, call: Callable[[], Awaitable[T]]) -> None:
        results[at] = await call()

    try:
        async with anyio.create_task_group() as tasks:
            for at, call in enumerate(calls):
                tasks.start_soon(make, at, call)
    except BaseExceptionGroup as failures:
        known = failures.subgroup(SyncError)
        if known is None or failures.split(SyncError)[1] is not None:
            raise
        raise first_of(known) from None
    return [results[at] for at in sorted(results)]
