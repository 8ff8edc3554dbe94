"""The keys of a HubSpot account in ``accounts.d/NAME.toml``."""

from typing import Annotated, Final

from pydantic import Field

from zohosyncd.settings.clients import ClientOptions
from zohosyncd.settings.secrets import SecretRef
from zohosyncd.settings.values import Duration, Instead, Unit, Url

API_URL: Final = "https://api.hubapi.com"
APP_URL: Final = "https://app.hubspot.com"
_CONSENT: Final = ("oauth_client", "client_id", "client_secret", "refresh_token")


class HubSpotOptions(ClientOptions):
    """Keys of an account of the app ``hubspot``: a private app's token, or an OAuth client with a person's consent."""

    access_token: Annotated[SecretRef | None, Instead(_CONSENT)] = Field(
        default=None,
        description="token of a private app of the account, instead of an OAuth client",
        examples=["store:hubspot"],
    )
    api_url: Url | None = Field(default=None, description="address of the API, if not HubSpot's", examples=[API_URL])
    app_url: Url | None = Field(
        default=None,
        description="address at which a consent is given, where the account is on another one",
        examples=["https://app-eu1.hubspot.com"],
    )
    credit_share: Annotated[float, Unit("1 is all of them")] = Field(
        default=0.5,
        gt=0,
        le=1,
        description="part of the account's daily requests that may be used; never more in any 24 hours",
        examples=[0.5],
    )
    requests_per_day: Annotated[int, Unit("requests")] | None = Field(
        default=None,
        ge=100,
        le=1_000_000_000,
        description="requests that the account has in a day, where HubSpot does not tell (it does to private apps)",
        examples=[650_000],
    )
    requests_per_second: Annotated[float, Unit("requests per second")] | None = Field(
        default=9.0,
        gt=0,
        le=1000,
        description="most requests per second; every subscription allows 100 in ten seconds, larger ones 190",
        examples=[9],
    )
    settle: Duration = Field(
        default=120.0,
        ge=0,
        le=3600,
        description="how long a write may take to show in HubSpot's search",
        examples=["120s"],
    )
    overlap: Duration = Field(
        default=180.0,
        ge=1,
        le=3600,
        description="how much of the past every poll looks at again, as the search lags behind",
        examples=["180s"],
    )
    concurrency: Annotated[int, Unit("requests")] = Field(
        default=4, ge=1, le=25, description="most requests to HubSpot at the same time", examples=[4]
    )

    def other_login(self) -> str:
        """A private app's token needs no client."""
        return "access_token" if self.access_token is not None else ""

    @property
    def api(self) -> str:
        """Where the API is reached, without a slash at the end."""
        return str(self.api_url or API_URL).rstrip("/")

    @property
    def site(self) -> str:
        """Where a consent is given, without a slash at the end."""
        return str(self.app_url or APP_URL).rstrip("/")
