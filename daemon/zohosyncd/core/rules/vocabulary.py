"""What can be said about one side: its fields, and which words it has beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from zohosyncd.core.record import Owner
from zohosyncd.core.schema import Containers, Schema

__all__ = ["CHANGED", "CREATED", "OPTED_OUT", "OWNER", "WORDS", "Containers", "Vocabulary"]

OWNER: Final = "owner"
OPTED_OUT: Final = "opted_out"
CREATED: Final = "created"
CHANGED: Final = "changed"
WORDS: Final = (OWNER, OPTED_OUT, CREATED, CHANGED)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What one side offers to conditions and actions.

    Attributes:
        schema: its fields.
        containers: its kinds of containers by the app's word for them ("labels").
        owner: whether records have an owner. owner_field: the field that shows the owner, "" if there is none.
        owners: all possible owners, None where they are not known.
        consent: whether the app keeps consent beside its fields; a field that means ``opted_out`` does as well.
        created, changed: whether the app tells when a record was created and last changed.
    """

    schema: Schema
    containers: Mapping[str, Containers] = field(default_factory=dict)
    owner: bool = False
    owner_field: str = ""
    owners: tuple[Owner, ...] | None = None
    consent: bool = False
    created: bool = False
    changed: bool = False

    @classmethod
    def of(cls, schema: Schema, *, changed: bool) -> "Vocabulary":
        """What a schema offers. ``changed``: whether the app tells when a record was last changed."""
        return cls(
            schema, schema.containers, bool(schema.owner), schema.owner, schema.owners, schema.consent is not None,
            bool(schema.created), changed,
        )  # fmt: skip

    @property
    def words(self) -> tuple[str, ...]:
        """The words that mean something here beside the app's own field names."""
        has = {
            OWNER: self.owner,
            OPTED_OUT: self.consent or bool(self.schema.meaning(OPTED_OUT)),
            CREATED: self.created,
            CHANGED: self.changed,
        }
        semantic = dict.fromkeys(each.semantic for each in self.schema if each.semantic)
        return tuple(dict.fromkeys([word for word in WORDS if has[word]] + list(self.containers) + list(semantic)))
