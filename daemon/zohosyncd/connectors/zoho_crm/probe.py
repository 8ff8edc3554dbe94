"""Finds records that were created without an answer: the newest ones, by Created_Time descending."""

from collections.abc import AsyncIterator, Sequence

from zohosyncd.connectors.zoho_crm.client import ZohoClient
from zohosyncd.connectors.zoho_crm.completing import completed, listed
from zohosyncd.connectors.zoho_crm.fields import CREATED, ModuleSchema
from zohosyncd.connectors.zoho_crm.reading import groups_of, with_the_rest
from zohosyncd.connectors.zoho_crm.records import MODIFIED, record_of
from zohosyncd.connectors.zoho_crm.times import instant
from zohosyncd.core.errors import ContractBroken, DataError
from zohosyncd.ports.connector import Created


async def created_since(
    client: ZohoClient, module: str, fields: Sequence[str], since: float, schema: ModuleSchema
) -> AsyncIterator[Created]:
    """Pages of records created in or after that second of Zoho's clock, newest first.

    Raises:
        ContractBroken: the list is not readable, not in order, or does not get anywhere. A probe that is not sure
            must not look like "there is none".
    """
    groups = groups_of(listed(fields, schema), (MODIFIED, CREATED))
    token, last, border = None, float("inf"), float(since // 1)
    while True:
        page = await client.records(module, groups[0], sort_by=CREATED, descending=True, token=token)
        young = []
        for row in page.rows:
            created = instant(row.get(CREATED))
            if created is None or created > last:
                raise ContractBroken("the list of the newest records is not in the order asked for")
            last = created
            if created >= border:
                young.append(row)
        rows = await with_the_rest(client, module, groups, young)
        records = await completed(client, module, fields, rows, schema)
        try:
            yield Created([record_of(row, fields, schema) for row in records], beyond=last < border)
        except DataError as error:
            raise ContractBroken(f"the list of the newest records: {error.message}") from None
        if last < border or not page.more:
            return
        if page.token is None or page.token == token or not page.rows:
            raise ContractBroken("the list of the newest records does not end")
        token = page.token
