"""The Mailchimp connector keeps the promises of a connector, against the simulated account in its several manners."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.connectors.contract import Bench, ConnectorContract
from tests.connectors.http_faults import FAULTS, Fault, HttpFaults
from tests.connectors.mailchimp.conftest import AUDIENCE, EXTRA, Account, typed
from zohosyncd.core.errors import RateLimited
from zohosyncd.core.record import Values
from zohosyncd.sandbox.mailchimp.setup import FIELDS, MailchimpSetup

PLAIN = MailchimpSetup(fields=(*FIELDS, *EXTRA))
MANNERS = {
    "documented": PLAIN,
    "archive apart, nothing moves last_changed": replace(
        PLAIN, lists_archived=False, archive_is_a_change=False, tags_are_a_change=False, post_revives=False
    ),
    "few tags shown": replace(PLAIN, shown_tags=1, own_wish=True),
}


def person(given: str, family: str, email: str) -> Values:
    return {"FNAME": given, "LNAME": family, "email_address": email}


@pytest.fixture(params=MANNERS.values(), ids=MANNERS)
def bench(make_account: Callable[..., Account], request: pytest.FixtureRequest) -> Bench:
    account = make_account(replace(request.param))

    async def create(values: Values) -> str:
        given = typed(values)
        return account.person(given.pop("email_address"), **given)

    async def edit(record_id: str, values: Values) -> None:
        account.edit(record_id, **typed(values))

    async def delete(record_id: str) -> None:
        account.archive(record_id)

    async def everything(record_id: str) -> Mapping[str, Any]:
        found = account.member(record_id)
        return {**found, **found["merge_fields"], "merge_fields": None}

    async def strange() -> str:
        more = {"POINTS": 7, "KIND": "Retail", "SINCE": "2020-02-03", "tags": ["VIP"], "language": "de", "vip": True}
        address = {"addr1": "1 Main Street", "addr2": "Flat 2", "city": "Berlin", "state": "BE", "zip": "10115"}
        return account.person("ann@example.com", FNAME="Ann", LNAME="Miller", ADDRESS=address, **more)

    async def fill(count: int) -> list[str]:
        people = ({"email_address": f"{n}@example.com", "last_changed": 1_700_000_000 + n // 7} for n in range(count))
        account.app.load(AUDIENCE, people)
        return list(account.members())

    return Bench(
        account.connector,
        account.ref,
        person,
        "JTITLE",
        create,
        edit,
        delete,
        everything,
        strange,
        account.clock.sleep,
        AUDIENCE,
        own_parts=frozenset({"last_changed"}),
        fill=fill,
        page=1_000,
        world=account.world,
        api="/3.0/*",
    )


class TestMailchimpConnector(ConnectorContract):
    """See the contract."""


@pytest.mark.parametrize("bench", [PLAIN], indirect=True)
class TestMailchimpFaults(HttpFaults):
    """See the suite. A 403 that is no JSON is how Mailchimp says that there is too much to do."""

    def _check(self, fault: Fault, answer: Any, healthy: Any) -> None:
        bare = fault.rule == FAULTS["403"].rule
        super()._check(replace(fault, lasting=(RateLimited,)) if bare else fault, answer, healthy)
