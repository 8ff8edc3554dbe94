"""What is one break, and what is another one."""

import pytest

from zohosyncd.core.errors import (
    AuthLost,
    ContractBroken,
    PermissionLacking,
    RateLimited,
    StateError,
    SyncError,
    Unavailable,
    UsageError,
)
from zohosyncd.core.news import is_news

OUTAGE = (Unavailable("refused"), Unavailable("status 503"), ContractBroken("not the API"), RateLimited("too many"))


def test_an_outage_is_one_break_however_it_shows() -> None:
    for before in OUTAGE:
        assert is_news(None, before)
        assert not any(is_news(before, now) for now in OUTAGE)


@pytest.mark.parametrize("now", [AuthLost("x"), PermissionLacking("x"), UsageError("x"), StateError("x")])
def test_what_a_person_cures_is_news_once(now: SyncError) -> None:
    assert is_news(Unavailable("x"), now)
    assert not is_news(now, type(now)("x"))
    assert is_news(now, type(now)("another"))
