"""The package ``zoho`` reads all contacts under a given address: ``zoho_reader.py ADDRESS FOLDER``."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from zoho import Zoho


async def run(address: str, folder: Path) -> dict[str, Any]:
    async with Zoho.from_credentials(
        client_id="1000.SANDBOX",
        client_secret="sandbox-client-secret",
        refresh_token="1000.sandbox.refresh",
        accounts_domain=address,
        api_domain=address,
        token_store_path=folder / "tokens.db",
    ) as client:
        return {
            "ids": [
                row["id"]
                async for row in client.crm.records.iter(module="Contacts", fields=["Last_Name", "Email"], per_page=200)
            ]
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(sys.argv[1], Path(sys.argv[2])))))
