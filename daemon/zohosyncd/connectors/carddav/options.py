"""The keys of a CardDAV account in ``accounts.d/NAME.toml``."""

from typing import Annotated

from pydantic import Field

from zohosyncd.settings.accounts import AccountOptions
from zohosyncd.settings.secrets import SecretRef
from zohosyncd.settings.values import Unit, Url


class CardDavOptions(AccountOptions):
    """Keys of an account of the app ``carddav``."""

    url: Url = Field(
        description="address of the server, of the principal, or of one address book",
        examples=["https://cloud.example.org/"],
    )
    username: str = Field(min_length=1, description="login name", examples=["ann"])
    password: SecretRef = Field(
        description="password, or the app password that the provider makes for this",
        examples=["credential:secrets_book-password"],
    )
    concurrency: Annotated[int, Unit("requests")] = Field(
        default=8, ge=1, le=64, description="most requests to the server at the same time", examples=[8]
    )
