"""``accounts.d/NAME.toml``: one authorised login to an app.

Which keys an account has depends on its app. A connector declares them as a subclass of :class:`AccountOptions` and
hands it over in its spec; this room imports no connector.
"""

from typing import Protocol

from pydantic import Field

from zohosyncd.settings.secrets import SecretRef
from zohosyncd.settings.values import Duration, Table


class AccountOptions(Table):
    """The keys that accounts of every app have. A connector's model adds its own, and may set other defaults."""

    allow_http: bool = Field(default=False, description="accept http addresses on this machine")
    settle: Duration = Field(
        default=0.0, ge=0, le=3600, description="how long a write may take to show in the app's own lists"
    )
    concurrency: int = Field(default=8, ge=1, le=64, description="most requests to the app at the same time")
    requests_per_second: float | None = Field(
        default=None, gt=0, le=1000, description="most requests per second, unlimited where it is missing"
    )
    timeout: Duration = Field(default=60.0, ge=1, le=600, description="longest time for one request")

    def secrets(self) -> dict[str, SecretRef]:
        """The references to secrets among the keys, by key."""
        return {key: value for key, value in self if isinstance(value, SecretRef)}


class AppSpec(Protocol):
    """What settings have to know about an app: a connector's spec has these attributes among others."""

    @property
    def name(self) -> str:
        """The app's name, as files say it: ``zoho_crm``."""
        ...

    @property
    def options(self) -> type[AccountOptions]:
        """The model of that app's account keys."""
        ...
