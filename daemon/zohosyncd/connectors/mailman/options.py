"""The keys of a Mailman account in ``accounts.d/NAME.toml``."""

from typing import Annotated

from pydantic import Field

from zohosyncd.settings.accounts import AccountOptions
from zohosyncd.settings.secrets import SecretRef
from zohosyncd.settings.values import Unit, Url


class MailmanOptions(AccountOptions):
    """Keys of an account of the app ``mailman``."""

    url: Url = Field(
        description="address of the core's REST API, without the version",
        examples=["https://lists.example.org/core/"],
    )
    username: str = Field(
        min_length=1, default="restadmin", description="admin_user of its [webservice]", examples=["restadmin"]
    )
    password: SecretRef = Field(
        description="admin_pass of its [webservice]", examples=["credential:secrets_mailman-password"]
    )
    concurrency: Annotated[int, Unit("requests")] = Field(
        default=2, ge=1, le=64, description="most requests to the server at the same time", examples=[2]
    )
