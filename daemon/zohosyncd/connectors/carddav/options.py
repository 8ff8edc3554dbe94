"""The keys of a CardDAV account in ``accounts.d/NAME.toml``."""

import re
from typing import Annotated, Final

from pydantic import Field, field_validator

from zohosyncd.settings.accounts import AccountOptions
from zohosyncd.settings.secrets import SecretRef
from zohosyncd.settings.values import Unit, Url, mistake

_CUSTOM: Final = re.compile(r"X-[A-Z0-9-]+")
_TAKEN: Final = ("X-ABLABEL", "X-ABADR", "X-ADDRESSBOOKSERVER-KIND", "X-ADDRESSBOOKSERVER-MEMBER")
"""Properties by which address books say what belongs together: they are no fields of a person."""


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
    custom: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="properties of your own in the cards, each a text that [[fields]] may name",
        examples=[["X-CUSTOMER-NUMBER"]],
    )

    @field_validator("custom")
    @classmethod
    def _own_properties(cls, custom: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(name.strip().upper() for name in custom))
        for name in names:
            if not _CUSTOM.fullmatch(name):
                raise mistake(
                    f'"{name}" is no name of a property of your own',
                    hint='it begins with X- and has letters, digits and hyphens, such as "X-CUSTOMER-NUMBER"',
                )
            if name in _TAKEN:
                raise mistake(f"{name} has a meaning in address books", hint="choose another name")
        return names
