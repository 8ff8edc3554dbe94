"""The keys of a CardDAV account in ``accounts.d/NAME.toml``."""

from pydantic import Field

from zohosyncd.settings.accounts import AccountOptions
from zohosyncd.settings.secrets import SecretRef
from zohosyncd.settings.values import Url


class CardDavOptions(AccountOptions):
    """Keys of an account of the app ``carddav``."""

    url: Url = Field(description="address of the server, of the principal, or of one address book")
    username: str = Field(min_length=1, description="login name")
    password: SecretRef = Field(description="password, or the app password that the provider makes for this")
    concurrency: int = Field(default=8, ge=1, le=64, description="most requests to the server at the same time")
