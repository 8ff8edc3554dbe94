"""The keys of a Mailchimp account in ``accounts.d/NAME.toml``."""

from typing import Annotated

from pydantic import Field

from zohosyncd.settings.accounts import AccountOptions
from zohosyncd.settings.secrets import SecretRef
from zohosyncd.settings.values import Duration, Unit, Url


class MailchimpOptions(AccountOptions):
    """Keys of an account of the app ``mailchimp``."""

    api_key: SecretRef = Field(
        description="API key of the account (Account, Extras, API keys); it ends with its data centre, such as -us21",
        examples=["credential:secrets_mailchimp-key"],
    )
    url: Url | None = Field(
        default=None,
        description="address of the API, instead of that of the key's data centre",
        examples=["https://us21.api.mailchimp.com"],
    )
    require_fields: bool = Field(
        default=False,
        description="create nobody who lacks a value that the audience's sign-up form requires",
        examples=[True],
    )
    settle: Duration = Field(
        default=60.0,
        ge=0,
        le=3600,
        description="how long a write may take to show in Mailchimp's own lists",
        examples=["60s"],
    )
    overlap: Duration = Field(
        default=120.0,
        ge=1,
        le=3600,
        description="how much of the past every poll reads again, against late changes",
        examples=["120s"],
    )
    concurrency: Annotated[int, Unit("requests")] = Field(
        default=8,
        ge=1,
        le=10,
        description="most requests to Mailchimp at the same time; it takes 10 of an account, all programs together",
        examples=[8],
    )
    timeout: Duration = Field(
        default=120.0, ge=1, le=600, description="longest time for one request", examples=["120s"]
    )
