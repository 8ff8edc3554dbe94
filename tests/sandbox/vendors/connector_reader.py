"""The package ``zoho-crm-connector`` reads all contacts under a given address: ``connector_reader.py ADDRESS FOLDER``.

It knows only Zoho's own accounts servers, over TLS; so the one method that asks them for a token is replaced. All of
its reading is its own, with pages by number, which end at 2,000 records.
"""

import json
import sys
from pathlib import Path
from typing import Any

import requests
from zoho_crm_connector import Zoho_crm


class Reader(Zoho_crm):  # type: ignore[misc]
    def _refresh_access_token(self) -> dict[str, Any]:
        query = {
            "refresh_token": self.refresh_token,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "grant_type": "refresh_token",
        }
        address = self.base_url.partition("/crm/")[0]
        token: dict[str, Any] = requests.post(f"{address}/oauth/v2/token", params=query, timeout=10).json()
        return token


def run(address: str, folder: Path) -> dict[str, Any]:
    reader = Reader(
        "1000.sandbox.refresh",
        "1000.SANDBOX",
        "sandbox-client-secret",
        token_file_dir=folder,
        base_url=f"{address}/crm/v8/",
    )
    pages = reader.yield_page_from_module("Contacts", parameters={"fields": "Last_Name,Email", "per_page": 200})
    return {"ids": [row["id"] for page in pages for row in page]}


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], Path(sys.argv[2]))))
