"""Zoho's data centres: an org lives in one of them, and a login of one is unknown to the others."""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class DataCenter:
    """Where the accounts server and the API of a data centre are (vendor: multi-dc and domain pages)."""

    accounts_url: str
    api_url: str


Location = Literal["us", "eu", "in", "au", "jp", "ca", "sa", "cn", "uk"]
"""How Zoho abbreviates them in ``location`` of its consent page."""

DATA_CENTERS: Final[dict[Location, DataCenter]] = {
    "us": DataCenter("https://accounts.zoho.com", "https://www.zohoapis.com"),
    "eu": DataCenter("https://accounts.zoho.eu", "https://www.zohoapis.eu"),
    "in": DataCenter("https://accounts.zoho.in", "https://www.zohoapis.in"),
    "au": DataCenter("https://accounts.zoho.com.au", "https://www.zohoapis.com.au"),
    "jp": DataCenter("https://accounts.zoho.jp", "https://www.zohoapis.jp"),
    # Canada's accounts live at zohocloud, its API at zohoapis.
    "ca": DataCenter("https://accounts.zohocloud.ca", "https://www.zohoapis.ca"),
    "sa": DataCenter("https://accounts.zoho.sa", "https://www.zohoapis.sa"),
    "cn": DataCenter("https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn"),
    "uk": DataCenter("https://accounts.zoho.uk", "https://www.zohoapis.uk"),
}

Environment = Literal["production", "sandbox", "developer"]
"""The kinds of orgs that Zoho knows; each kind has an API host of its own, and they share the accounts server."""


def in_environment(api_url: str, environment: Environment) -> str:
    """The API's address of another kind of org in the same data centre (vendor: SDK, data centres)."""
    return api_url if environment == "production" else api_url.replace("://www.", f"://{environment}.", 1)


def location_of(accounts_url: str) -> Location | None:
    """The data centre of an accounts server, None if it is none of Zoho's."""
    return next((name for name, place in DATA_CENTERS.items() if place.accounts_url == accounts_url.rstrip("/")), None)
