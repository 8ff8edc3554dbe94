"""Over a real connection: what is spelled in addresses arrives as it was meant, and ten at once are enough."""

import asyncio

from tests.connectors.mailchimp.conftest import Middle, options
from zohosyncd.connectors.mailchimp import SPEC
from zohosyncd.connectors.tools import Tools
from zohosyncd.core.name_sets import as_value, names_of
from zohosyncd.ports.connector import Done, Found, Upserted, WriteKind, WriteOp
from zohosyncd.sandbox.mailchimp.app import MailchimpApp
from zohosyncd.sandbox.server import WallClock, serve
from zohosyncd.sandbox.world import World
from zohosyncd.settings.secrets import Secret
from zohosyncd.supervisor.world import SystemClock
from zohosyncd.transport.wire import AiohttpSender


async def test_members_are_made_read_polled_and_changed() -> None:
    world = World(WallClock(), 7)
    app = MailchimpApp(world.time, 7)
    world.add(app)
    (ref,) = app.audiences
    async with serve(world, latency_ms=5) as served, AiohttpSender() as sender:
        secret = Secret(app.setup.api_key)
        tools = Tools("list", sender, SystemClock(), Middle(), lambda _: secret)
        connector = SPEC.open(options(url=served.base_url, concurrency=10), tools)
        assert (await connector.check()).identity == app.setup.account_id
        odd = ["ann+news@example.com", "o'neil&co@example.com", "50%25@example.com", "a=b?@example.com"]
        people = [*odd, *(f"p{n}@example.com" for n in range(40))]
        ops = [
            WriteOp(f"{n:032x}", WriteKind.CREATE, "", {"email_address": each, "FNAME": "Ünïcödé & more"})
            for n, each in enumerate(people)
        ]
        made = await connector.write(ref, ops)
        assert all(isinstance(each, Done) for each in made)
        ids = [each.id for each in made if isinstance(each, Done)]

        fields = ("email_address", "FNAME", "tags")
        pages = [page async for page in connector.changes(ref, fields, None)]
        pages = [page async for page in connector.changes(ref, fields, pages[-1].cursor)]
        shown = [each.record for page in pages for each in page.changes if isinstance(each, Upserted)]
        assert {each.values["email_address"] for each in shown} == set(people)
        found = await connector.fetch(ref, fields, ids)  # ten at once, and none is refused
        records = {each.record.id: each.record for each in found if isinstance(each, Found)}
        assert list(records) == ids
        assert await connector.find(ref, odd) == ids[:4]

        patch = {"tags": as_value(["50% & more/less"]), "FNAME": "Anna"}
        ops = [WriteOp("f" * 32, WriteKind.UPDATE, each, patch, records[each]) for each in ids[:4]]
        changed = await asyncio.wait_for(connector.write(ref, ops), 20)
        tags = [names_of(each.stored.values["tags"]) for each in changed if isinstance(each, Done) and each.stored]
        assert tags == [("50% & more/less",)] * 4
        assert len(app.state()["Customers"]) == len(people)
