"""OAuth clients: ``[oauth_clients.NAME]`` of ``zohosyncd.toml``, and the keys of accounts that log in by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import Field, PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema, model_validator

from zohosyncd.settings.accounts import AccountOptions
from zohosyncd.settings.nearest import nearest, one_of
from zohosyncd.settings.secrets import SecretRef
from zohosyncd.settings.values import Instead, Kind, Table, mistake

_CONTEXT: Final = "oauth_clients"
_CONSENT: Final = ("oauth_client", "client_id", "client_secret", "refresh_token", "login")
"""Keys of a consent."""


class OAuthClient(Table):
    """One ``[oauth_clients.NAME]`` table: an OAuth client that several accounts share."""

    client_id: str = Field(
        min_length=1, description="id of the OAuth client", examples=["123.apps.googleusercontent.com"]
    )
    client_secret: SecretRef | None = Field(
        default=None,
        description="secret of the OAuth client; missing where the app knows clients without one",
        examples=["store:google-client"],
    )


@dataclass(frozen=True, slots=True)
class SharedClient:
    """What ``oauth_client = "NAME"`` means: the table of that name. Another content is another value."""

    name: str
    client: OAuthClient

    def __str__(self) -> str:
        return self.name


def clients_context(clients: Mapping[str, OAuthClient] | None) -> dict[str, Any]:
    """The context in which accounts are validated.

    Args:
        clients: by name; None where ``zohosyncd.toml`` cannot be read, whose own mistakes are told then.
    """
    return {_CONTEXT: clients}


def _shared(value: object, info: ValidationInfo) -> SharedClient:
    if isinstance(value, SharedClient):
        return value
    if not isinstance(value, str) or not value:
        raise mistake("expected the name of an OAuth client", hint='such as "google" for [oauth_clients.google]')
    clients: Mapping[str, OAuthClient] | None = (info.context or {}).get(_CONTEXT)
    if clients is None:
        # Never used: the load has failed already.
        return SharedClient(value, OAuthClient(client_id=value, client_secret=SecretRef("store", value)))
    if value not in clients:
        known = nearest(value, clients) or (one_of(clients) if clients else "write that table there")
        raise mistake(f"zohosyncd.toml has no [oauth_clients.{value}]", hint=known)
    return SharedClient(value, clients[value])


ClientName = Annotated[
    SharedClient,
    PlainValidator(_shared),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "minLength": 1}),
    Kind("the name of a table [oauth_clients.NAME] of zohosyncd.toml"),
]


class ClientOptions(AccountOptions):
    """Keys of an account that an OAuth client opens; a connector's model adds its own.

    The client stands in the account, or it is named and shared: :attr:`client` is the one that counts.
    """

    first_keys: ClassVar[tuple[str, ...]] = ("client_id", "client_secret")

    needs_secret: ClassVar[bool] = True
    """Whether the app knows no clients without a secret (public clients)."""

    oauth_client: Annotated[ClientName | None, Instead(("client_id", "client_secret"))] = Field(
        default=None,
        description="the OAuth client that this account shares with others, instead of client_id and client_secret",
        examples=["google"],
    )
    client_id: str | None = Field(
        default=None, min_length=1, description="id of an OAuth client of its own", examples=["client-id"]
    )
    client_secret: SecretRef | None = Field(
        default=None, description="secret of that client", examples=["store:client-secret"]
    )
    refresh_token: SecretRef | None = Field(
        default=None,
        description="refresh token that was made elsewhere; without it the one that `zohosyncd auth NAME` has stored",
        examples=["store:refresh-token"],
    )

    @property
    def client(self) -> OAuthClient | None:
        """The client of the account, None where it logs in by something else."""
        if self.oauth_client is not None:
            return self.oauth_client.client
        if self.client_id is None:
            return None
        return OAuthClient(client_id=self.client_id, client_secret=self.client_secret)

    def other_login(self) -> str:
        """The key by which this account logs in without an OAuth client, "" where it needs one."""
        return ""

    def all_secrets(self) -> dict[str, SecretRef]:
        """The secrets of the account itself, and that of the client that it shares."""
        own = super().all_secrets()
        shared = self.oauth_client.client.client_secret if self.oauth_client is not None else None
        return own if shared is None else {**own, "client_secret": shared}

    @model_validator(mode="after")
    def _one_client(self) -> Self:
        own = [key for key in ("client_id", "client_secret") if getattr(self, key) is not None]
        other = self.other_login()
        if other:
            for key in _CONSENT:
                if getattr(self, key, None) is not None:
                    raise mistake(f"is not used beside {other}", key=key, hint="remove one of them")
            return self
        if self.oauth_client is not None:
            self._check_shared(self.oauth_client, own)
        elif self.client_id is None:
            hint = 'the OAuth client\'s id, or oauth_client = "NAME" for a client that several accounts share'
            raise mistake("is missing", key="client_id", hint=hint)
        elif self.client_secret is None and self.needs_secret:
            raise mistake("is missing", key="client_secret", hint="secret of the OAuth client")
        return self

    def _check_shared(self, shared: SharedClient, own: list[str]) -> None:
        if own:
            hint = "keep one of them: the account's own client, or the shared one"
            raise mistake(f'stands beside oauth_client = "{shared.name}"', key=own[0], hint=hint)
        if self.needs_secret and shared.client.client_secret is None:
            hint = "clients of this app have a secret"
            raise mistake(f"[oauth_clients.{shared.name}] has no client_secret", key="oauth_client", hint=hint)


class OAuthOptions(ClientOptions):
    """As :class:`ClientOptions`, of an app that tells whose login it is (``AccountInfo.login``): it can be pinned."""

    login: str | None = Field(
        default=None,
        min_length=1,
        description="whose consent opens the account; one that somebody else has given is refused",
        examples=["ann@example.org"],
    )


class ServiceAccountOptions(OAuthOptions):
    """Keys of an account that a person's consent opens, or a service account that stands for a person."""

    service_account: Annotated[SecretRef | None, Instead(_CONSENT, {"subject": "ann@example.org"})] = Field(
        default=None,
        description="key file (JSON) of a service account to which the whole domain is delegated, instead of a consent",
        examples=["file:secrets/service-account.json"],
    )
    subject: Annotated[str | None, Instead(_CONSENT, {"service_account": "file:secrets/service-account.json"})] = Field(
        default=None,
        min_length=1,
        description="for whom the service account stands: the mailbox that is synced",
        examples=["ann@example.org"],
    )

    def other_login(self) -> str:
        """The service account needs no client."""
        return "service_account" if self.service_account is not None else ""

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if self.service_account is not None and self.subject is None:
            raise mistake("is missing", key="subject", hint="for whom the service account stands: an e-mail address")
        if self.subject is not None and self.service_account is None:
            raise mistake("belongs to service_account", key="subject", hint="name the key file, or use login")
        return self
