"""``[guard]``: how much may be done before a person is asked."""

from typing import Annotated

from pydantic import Field

from zohosyncd.settings.values import Table, Unit


class Limit(Table):
    """A limit of the guard. It trips above the larger of the two; ``percent = 100`` never trips."""

    more_than: Annotated[int, Unit("records")] = Field(default=10, ge=0, description="number of records", examples=[10])
    percent: Annotated[float, Unit("percent")] = Field(
        default=2.0, ge=0, le=100, description="part of the connection's links", examples=[2]
    )


class CreateLimit(Limit):
    """The limit for creates, which are more common and less harmful than the rest."""

    more_than: Annotated[int, Unit("records")] = Field(
        default=500, ge=0, description="number of records", examples=[500]
    )
    percent: Annotated[float, Unit("percent")] = Field(
        default=20.0, ge=0, le=100, description="part of the connection's links", examples=[20]
    )


class Guard(Table):
    """The ``[guard]`` table: what a run may do, counted with the last 24 hours, before a person is asked.

    A limit trips above the larger of its two numbers.
    """

    deletes: Limit = Field(default=Limit(), description="deleted records", examples=[{"more_than": 10, "percent": 2}])
    blanks: Limit = Field(
        default=Limit(),
        description="records that lose the value of a field",
        examples=[{"more_than": 10, "percent": 2}],
    )
    creates: CreateLimit = Field(
        default=CreateLimit(),
        description="created records, after the first sync",
        examples=[{"more_than": 500, "percent": 20}],
    )
    opt_outs: Limit = Field(
        default=Limit(), description="records that are opted out", examples=[{"more_than": 10, "percent": 2}]
    )
