"""Whether trouble is news: one line when something breaks and one when it works again, not one for each try."""

from zohosyncd.core.errors import AuthLost, PermissionLacking, RemoteError, SyncError


def is_news(before: SyncError | None, now: SyncError) -> bool:
    """Whether a person has to be told of this trouble, after that one.

    An outage shows as a refused connection, a 503, a proxy's page and a deadline in turn: that is one break. What a
    person cures is another one each time that it is something else.

    Args:
        before: the trouble that was there, None for none. now: the one that is there now.
    """
    if before is None:
        return True
    if _passes(before) and _passes(now):
        return False
    return type(before) is not type(now) or before.message != now.message


def _passes(error: SyncError) -> bool:
    """Whether it is over by itself some day."""
    return isinstance(error, RemoteError) and not isinstance(error, AuthLost | PermissionLacking)
