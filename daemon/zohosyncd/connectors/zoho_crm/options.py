"""The keys of a Zoho account in ``accounts.d/NAME.toml``."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from zohosyncd.connectors.zoho_crm.places import DATA_CENTERS, DataCenter, Environment, Location, in_environment
from zohosyncd.settings.accounts import AccountOptions
from zohosyncd.settings.secrets import SecretRef
from zohosyncd.settings.values import Duration, Unit, Url, mistake

LongReads = Literal["auto", "list", "query", "bulk"]
"""How more records are read than one page of a list shows."""


class ZohoOptions(AccountOptions):
    """Keys of an account of the app ``zoho_crm``."""

    data_center: Location | None = Field(
        default=None,
        description="where the org lives; needed with refresh_token, else `zohosyncd auth NAME` finds out",
        examples=["eu"],
    )
    environment: Environment = Field(
        default="production", description="the kind of org that the consent is for", examples=["sandbox"]
    )
    api_url: Url | None = Field(
        default=None,
        description="address of the API, instead of the data centre's",
        examples=["https://www.zohoapis.eu"],
    )
    accounts_url: Url | None = Field(
        default=None,
        description="address of the login, instead of the data centre's",
        examples=["https://accounts.zoho.eu"],
    )
    client_id: str = Field(
        min_length=1, description="client id of the API console", examples=["1000.XXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"]
    )
    client_secret: SecretRef = Field(
        description="client secret of the API console", examples=["credential:secrets_zoho-client-secret"]
    )
    refresh_token: SecretRef | None = Field(
        default=None,
        description="refresh token that was made elsewhere; without it the one that `zohosyncd auth NAME` has stored",
        examples=["credential:secrets_zoho-refresh-token"],
    )
    credit_share: Annotated[float, Unit("1 is all of them")] = Field(
        default=0.5,
        gt=0,
        le=1,
        description="part of the org's daily API credits that may be used; never more in any 24 hours",
        examples=[0.5],
    )
    credits_per_day: Annotated[int, Unit("credits")] | None = Field(
        default=None,
        ge=100,
        le=1_000_000_000,
        description="API credits that the org has in 24 hours, where it has bought more than its edition gives",
        examples=[60_000],
    )
    companies: Literal["shown", "linked", "created"] = Field(
        default="shown",
        description="what the company of a contact becomes that is changed in another app: shown = nothing, it is only "
        "shown there; linked = the Account of this name, where Zoho has one; created = it is made where there is none",
        examples=["linked"],
    )
    key_field: str | None = Field(
        default=None,
        min_length=1,
        description="API name of a unique text field of your own that may hold our key",
        examples=["Sync_Key"],
    )
    settle: Duration = Field(
        default=120.0,
        ge=0,
        le=3600,
        description="how long a write may take to show in Zoho's own lists",
        examples=["120s"],
    )
    overlap: Duration = Field(
        default=120.0,
        ge=1,
        le=3600,
        description="how much of the past every poll reads again, against late changes",
        examples=["120s"],
    )
    long_reads: LongReads = Field(
        default="auto",
        description="how more than 200 records are read: auto = by queries (COQL) where they are cheaper and the login "
        "may, and all of them at once by a job (Bulk Read) where that is cheaper still; list = always by lists; "
        "query = always by queries; bulk = all at once always by a job, and what changed by queries",
        examples=["auto"],
    )
    concurrency: Annotated[int, Unit("requests")] = Field(
        default=5,
        ge=1,
        le=25,
        description="most requests to Zoho at the same time; where it is missing, as many as the edition takes",
        examples=[5],
    )

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        known = self.data_center is not None or (self.api_url is not None and self.accounts_url is not None)
        if not known and self.refresh_token is not None:
            centers = ", ".join(DATA_CENTERS)
            hint = f"one of {centers}; it is in the address of your CRM"
            raise mistake("is needed with refresh_token", key="data_center", hint=hint)
        return self

    def place(self, location: Location | None = None) -> DataCenter:
        """Where the org is reached; an address of its own wins over the data centre's.

        Args:
            location: the data centre that a consent's answer has named; without one that of the file, else the first,
                from which Zoho sends everybody on to their own.
        """
        known = DATA_CENTERS[location or self.data_center or "us"]
        return DataCenter(
            str(self.accounts_url or known.accounts_url).rstrip("/"),
            str(self.api_url or in_environment(known.api_url, self.environment)).rstrip("/"),
        )
