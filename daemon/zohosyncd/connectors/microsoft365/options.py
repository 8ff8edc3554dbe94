"""The keys of a Microsoft 365 account in ``accounts.d/NAME.toml``."""

import re
from typing import Annotated, ClassVar, Final, Self

from pydantic import Field, field_validator, model_validator

from zohosyncd.settings.clients import OAuthOptions
from zohosyncd.settings.values import Duration, Instead, Unit, Url, mistake

SHARED_TENANTS: Final = ("common", "organizations", "consumers")
"""Words in place of a tenant: whose person it is, the login page finds out."""

_TENANT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,126}")


class MicrosoftOptions(OAuthOptions):
    """Keys of an account of the app ``microsoft365``."""

    first_keys: ClassVar[tuple[str, ...]] = ("client_id", "client_secret")
    needs_secret: ClassVar[bool] = False

    tenant: str = Field(
        default="common",
        description="directory that people or the app belong to, as an id or a domain; common = any, organizations = "
        "any but private accounts, consumers = private accounts alone",
        examples=["organizations"],
    )
    user: Annotated[str | None, Instead(("refresh_token", "login"), {"tenant": "example.org"})] = Field(
        default=None,
        min_length=3,
        description="the mailbox, where an administrator has allowed the application permission Contacts.ReadWrite: "
        "the client then logs in by itself, and nobody is asked for a consent",
        examples=["ann@example.org"],
    )
    api_url: Url = Field(
        default=Url("https://graph.microsoft.com"),
        description="address of Microsoft Graph; national clouds have another",
        examples=["https://graph.microsoft.com"],
    )
    login_url: Url = Field(
        default=Url("https://login.microsoftonline.com"),
        description="address of the login; national clouds have another",
        examples=["https://login.microsoftonline.com"],
    )
    settle: Duration = Field(
        default=120.0,
        ge=0,
        le=3600,
        description="how long changes may take to show in lists of changes, and a write without an answer to arrive",
        examples=["120s"],
    )
    concurrency: Annotated[int, Unit("requests")] = Field(
        default=1,
        ge=1,
        le=4,
        description="most requests to a mailbox at the same time; Outlook carries out four, and a batch already makes "
        "four of them",
        examples=[1],
    )

    @field_validator("tenant")
    @classmethod
    def _tenant(cls, tenant: str) -> str:
        if not _TENANT.fullmatch(tenant):
            raise mistake("is no directory", hint='an id, a domain such as "example.org", or "organizations"')
        return tenant

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.user is None:
            return self
        for key in ("refresh_token", "login"):
            if getattr(self, key) is not None:
                raise mistake("is not used beside user", key=key, hint="remove one of them")
        if self.tenant in SHARED_TENANTS:
            hint = "the directory that user belongs to, as an id or a domain"
            raise mistake("is needed beside user", key="tenant", hint=hint)
        if self.client is not None and self.client.client_secret is None:
            hint = "a client without a secret cannot log in by itself"
            raise mistake("is needed beside user", key="client_secret", hint=hint)
        return self
