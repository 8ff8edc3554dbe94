"""The Google connector keeps the promises of a connector, against the simulated mailbox in its several manners."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tests.connectors.contract import Bench, ConnectorContract
from tests.connectors.google_contacts.conftest import ANN, Mail
from tests.connectors.google_contacts.people import RICH
from tests.connectors.http_faults import HttpFaults
from zohosyncd.connectors.google_contacts.connector import REF
from zohosyncd.connectors.google_contacts.fields import EMAILS
from zohosyncd.core.record import Item, Values
from zohosyncd.sandbox.google.behaviour import GoogleBehaviour

TEXT = "organizations.title"

BEHAVIOURS: Mapping[str, Callable[[], GoogleBehaviour]] = {
    "at once": lambda: GoogleBehaviour(sync_delay=0.0, full_syncs=1000, quotas=PLENTY),
    "strange orders, older errors, expiry as 410": lambda: GoogleBehaviour(
        sync_delay=0.0, full_syncs=1000, quotas=PLENTY, error_list=True, expired_status=410, no_op_moves_etag=False,
        missing_in_batch_delete="ignored", renewed_by_use=True, parse_names=False,
    ),
}  # fmt: skip
PLENTY = dict.fromkeys(("critical_read", "critical_write", "read", "write"), 100_000)


def person(given: str, family: str, email: str) -> Values:
    return {"names.givenName": given, "names.familyName": family, EMAILS: (Item(email, "work"),)}


def bench_of(mail: Mail) -> Bench:
    async def create(values: Values) -> str:
        return mail.person(values)

    async def edit(id_: str, values: Values) -> None:
        mail.edit(id_, values)

    async def delete(id_: str) -> None:
        mail.delete(id_)

    async def everything(id_: str) -> Mapping[str, Any]:
        shown = mail.shown(id_)
        jobs = shown.pop("organizations", [])
        title = next((each.get("title") for each in jobs if each.get("current")), None)
        others = [{name: value for name, value in each.items() if name != "title"} for each in jobs]
        return {**shown, "organizations": others, TEXT: title}

    async def strange() -> str:
        for name in ("Customers", "Trade fair"):
            mail.label(name)
        given = {name: value for name, value in RICH.items() if name not in {"resourceName", "etag", "metadata"}}
        given["memberships"] = [
            {"contactGroupMembership": {"contactGroupResourceName": each}}
            for each in (mail.label("Customers"), "contactGroups/myContacts")
        ]
        given["emailAddresses"] = given["emailAddresses"][:3]
        given["organizations"] = [
            {key: value for key, value in each.items() if key != "title"} for each in given["organizations"]
        ]
        return str(mail.app.edit({"object": ANN, "create": given})["resourceName"])

    async def lose_cursors() -> None:
        mail.app.tune({"forget_tokens": True})

    async def fill(count: int) -> Sequence[str]:
        people = [{"names": [{"givenName": f"G{n}", "familyName": f"F{n}"}]} for n in range(count)]
        return mail.app.load(ANN, people)

    return Bench(
        mail.connector, REF, person, TEXT, create, edit, delete, everything, strange, mail.clock.sleep, "Contacts",
        own_parts=frozenset({"etag", "metadata"}), lose_cursors=lose_cursors, fill=fill, page=1000,
        world=mail.world, api="/google/v1/*", renews=True,
    )  # fmt: skip


@pytest.fixture(params=BEHAVIOURS.values(), ids=BEHAVIOURS.keys())
def bench(make_mail: Callable[..., Mail], request: pytest.FixtureRequest) -> Bench:
    return bench_of(make_mail(request.param(), settle="2s"))


class TestGoogleContacts(ConnectorContract):
    """See the contract."""


class TestGoogleFaults(HttpFaults):
    """See there."""

    @pytest.fixture
    def bench(self, make_mail: Callable[..., Mail]) -> Bench:
        return bench_of(make_mail(BEHAVIOURS["at once"](), settle="2s"))
