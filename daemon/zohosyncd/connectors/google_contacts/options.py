"""The keys of a Google account in ``accounts.d/NAME.toml``."""

from typing import Annotated, Final

from pydantic import Field, field_validator

from zohosyncd.settings.clients import ServiceAccountOptions
from zohosyncd.settings.values import Duration, Unit, Url, mistake

PEOPLE: Final = "https://people.googleapis.com"
LOGIN: Final = "https://accounts.google.com"
TOKENS: Final = "https://oauth2.googleapis.com"


class GoogleOptions(ServiceAccountOptions):
    """Keys of an account of the app ``google_contacts``: one mailbox."""

    custom: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="custom fields that are listed among the fields; a connection may name any other, too, as "
        '"userDefined.LABEL"',
        examples=[["customer"]],
    )
    settle: Duration = Field(
        default=600.0,
        ge=0,
        le=3600,
        description="how long a write may take to show in Google's own lists",
        examples=["10m"],
    )
    lag: Duration = Field(
        default=300.0,
        ge=0,
        le=3600,
        description="how far Google's lists may be behind the people who make contacts there; who is new elsewhere "
        "waits as long before being made in Google, so that nobody who was typed into both is made twice",
        examples=["5m"],
    )
    concurrency: Annotated[int, Unit("requests")] = Field(
        default=4, ge=1, le=16, description="most requests to Google at the same time", examples=[4]
    )
    api_url: Url | None = Field(
        default=None, description="address of the People API, instead of Google's", examples=[PEOPLE]
    )
    accounts_url: Url | None = Field(
        default=None, description="address of the login, instead of Google's", examples=[LOGIN]
    )

    @field_validator("custom")
    @classmethod
    def _named(cls, custom: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(name.strip() for name in custom))
        if "" in names:
            raise mistake("a custom field has a name", hint='the label that the contact shows, such as "customer"')
        return names

    @property
    def people_url(self) -> str:
        """Where the People API is, without a slash at its end."""
        return str(self.api_url or PEOPLE).rstrip("/")

    @property
    def consent_url(self) -> str:
        """The consent page."""
        return f"{str(self.accounts_url or LOGIN).rstrip('/')}/o/oauth2/v2/auth"

    @property
    def token_url(self) -> str:
        """The token endpoint."""
        return f"{str(self.accounts_url or TOKENS).rstrip('/')}/token"

    @property
    def revoke_url(self) -> str:
        """Where a refresh token is given back."""
        return f"{str(self.accounts_url or TOKENS).rstrip('/')}/revoke"
