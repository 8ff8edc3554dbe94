"""dlt's REST source reads all contacts under a given address: ``dlt_reader.py ADDRESS FOLDER``.

Nothing but its configuration: its own OAuth login with a refresh token is a client-credentials one, so the token is
fetched before; the paging follows ``info.next_page_token``.
"""

import json
import os
import sys
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import requests
from dlt.sources.rest_api import rest_api_resources


def run(address: str) -> dict[str, Any]:
    form = {
        "refresh_token": "1000.sandbox.refresh",
        "client_id": "1000.SANDBOX",
        "client_secret": "sandbox-client-secret",
        "grant_type": "refresh_token",
    }
    token = requests.post(f"{address}/oauth/v2/token", data=form, timeout=10).json()["access_token"]
    (contacts,) = rest_api_resources(
        {
            "client": {
                "base_url": f"{address}/crm/v8/",
                "headers": {"Authorization": f"Zoho-oauthtoken {token}"},
                "paginator": {"type": "cursor", "cursor_path": "info.next_page_token", "cursor_param": "page_token"},
            },
            "resources": [
                {
                    "name": "contacts",
                    "endpoint": {
                        "path": "Contacts",
                        "params": {"fields": "Last_Name,Email", "per_page": 200},
                        "data_selector": "data",
                    },
                }
            ],
        }
    )
    return {"ids": [row["id"] for row in contacts]}


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1])))
