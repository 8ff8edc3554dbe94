"""``accounts.d/NAME.toml``: one authorised login to an app.

Which keys an account has depends on its app. A connector declares them as a subclass of :class:`AccountOptions` and
hands it over in its spec; this room imports no connector.
"""

from typing import Annotated, ClassVar, Protocol

from pydantic import Field

from zohosyncd.settings.secrets import SecretRef
from zohosyncd.settings.values import Duration, Table, Unit


class AccountOptions(Table):
    """The keys that accounts of every app have. A connector's model adds its own, and may set other defaults."""

    first_keys: ClassVar[tuple[str, ...]] = ()
    """Keys that `zohosyncd init` asks for beside the required ones: where one of several ways to log in is needed."""

    allow_http: bool = Field(default=False, description="accept http addresses on this machine", examples=[False])
    allow_loopback: bool = Field(
        default=False,
        description="the server runs on this machine, although its name does not say so",
        examples=[True],
    )
    settle: Duration = Field(
        default=0.0,
        ge=0,
        le=3600,
        description="how long a write may take to show in the app's own lists",
        examples=["2s"],
    )
    concurrency: Annotated[int, Unit("requests")] = Field(
        default=8, ge=1, le=64, description="most requests to the app at the same time", examples=[8]
    )
    requests_per_second: Annotated[float, Unit("requests per second")] | None = Field(
        default=None,
        gt=0,
        le=1000,
        description="most requests per second, unlimited where it is missing",
        examples=[10],
    )
    timeout: Duration = Field(default=60.0, ge=1, le=600, description="longest time for one request", examples=["60s"])

    def secrets(self) -> dict[str, SecretRef]:
        """The references to secrets among the keys, by key."""
        return {key: value for key, value in self if isinstance(value, SecretRef)}

    def all_secrets(self) -> dict[str, SecretRef]:
        """The references to all secrets that the account uses, also those that stand in a table that it names."""
        return self.secrets()


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
