"""What a connection asks for and its pair of apps cannot do: pure, all of it at once, with the nearest choice.

It is asked twice: before any app is reached, with what the apps offer in general, and with the live schemas of the
objects. What rules say is checked where they are compiled.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from zohosyncd.connectors.offers import Offers
from zohosyncd.core.errors import UsageError
from zohosyncd.core.governance import has_consent
from zohosyncd.core.schema import Containers, Schema
from zohosyncd.core.side import SIDES, Side
from zohosyncd.ports.connector import Capabilities
from zohosyncd.settings import Connection
from zohosyncd.settings.consent import OptOut
from zohosyncd.settings.deletions import Deletion, Leave

KeyPath = tuple[str, ...]
_TOWARDS: Final = {Side.LEFT: "right_to_left", Side.RIGHT: "left_to_right"}


@dataclass(frozen=True, slots=True)
class Ability:
    """What one side can do.

    Attributes:
        name: the account's name and its app, for sentences.
        containers: its kinds of containers by its word for them; tags of our own go into the first one.
        consent: whether it keeps consent, as a flag or as states.
        deletable: whether its records can be deleted.
    """

    name: str
    containers: Mapping[str, Containers]
    consent: bool
    deletable: bool

    @classmethod
    def of(cls, name: str, capabilities: Capabilities, schema: Schema) -> "Ability":
        """What a live account can do."""
        return cls(name, schema.containers, has_consent(schema), capabilities.deletable)

    @classmethod
    def offered(cls, name: str, offers: Offers) -> "Ability":
        """What every account of an app can do at most."""
        return cls(name, offers.containers, offers.consent != "none", offers.deletable)

    @property
    def tags(self) -> tuple[str, Containers] | None:
        """Where tags of our own go, None where there is no place."""
        return next(iter(self.containers.items()), None)


@dataclass(frozen=True, slots=True)
class Impossible:
    """One thing that a pair cannot do: the key that asks for it, what is missing, and the nearest choice."""

    key: KeyPath
    message: str
    hint: str

    @property
    def place(self) -> str:
        """The key as it is written."""
        return ".".join(self.key)


def impossible(settings: Connection, sides: Mapping[Side, Ability]) -> tuple[Impossible, ...]:
    """Everything that this connection asks for and that its sides cannot do.

    Args:
        settings: the connection. sides: what each side can do.
    """
    return (*_deletions(settings, sides), *_consent(settings, sides), *_leave(settings, sides))


def refuse_impossible(settings: Connection, sides: Mapping[Side, Ability]) -> None:
    """Raise UsageError where the connection asks for something that its sides cannot do."""
    found = impossible(settings, sides)
    if found:
        said = "; ".join(f"{each.place}: {each.message}" for each in found)
        cures = "; ".join(f"{each.place}: {each.hint}" if len(found) > 1 else each.hint for each in found)
        raise UsageError(f"connection {settings.name}: {said}", hint=cures)


def _deletions(settings: Connection, sides: Mapping[Side, Ability]) -> Iterator[Impossible]:
    for target in SIDES:
        side, key = sides[target], ("deletions", _TOWARDS[target])
        match settings.deletions.towards(target):
            case Deletion.TAG:
                instead = "delete" if side.deletable else "off"
                yield from _no_tag(side, key, ("deletions", "tag"), settings.deletions.tag, instead)
            case Deletion.DELETE if not side.deletable:
                nearest = '"tag"' if side.tags else '"off"'
                yield Impossible(key, f'"delete" needs records that can be deleted, and {side.name} deletes none',
                                 f"the nearest choice is {nearest}")  # fmt: skip
            case _:
                pass


def _consent(settings: Connection, sides: Mapping[Side, Ability]) -> Iterator[Impossible]:
    said = settings.consent.model_fields_set
    for target in SIDES:
        side, key = sides[target], ("consent", _TOWARDS[target])
        match settings.consent.towards(target):
            case OptOut.TAG:
                instead = "opt_out" if side.consent else "off"
                yield from _no_tag(side, key, ("consent", "tag"), settings.consent.tag, instead)
            case OptOut.OPT_OUT if not side.consent and key[1] in said:
                nearest = '"tag"' if side.tags else '"off"'
                yield Impossible(key, f'"opt_out" needs consent, and {side.name} keeps none',
                                 f"the nearest choice is {nearest}")  # fmt: skip
            case _:
                pass


def _leave(settings: Connection, sides: Mapping[Side, Ability]) -> Iterator[Impossible]:
    """Who leaves the rules of one side is tagged, or deleted, on the other."""
    ruled = {rule.from_ for rule in settings.rules}
    for target in (side for side in SIDES if side.other in ruled):
        side = sides[target]
        if settings.leave is Leave.TAG:
            yield from _no_tag(side, ("leave",), ("leave_tag",), settings.leave_tag, "freeze")
        elif settings.leave is Leave.DELETE and not side.deletable:
            nearest = '"tag"' if side.tags else '"freeze"'
            yield Impossible(("leave",), f'"delete" needs records that can be deleted, and {side.name} deletes none',
                             f"the nearest choice is {nearest}")  # fmt: skip


def _no_tag(side: Ability, key: KeyPath, named: KeyPath, tag: str, instead: str) -> Iterator[Impossible]:
    """Why this tag cannot be given there.

    Args:
        key: asks for a tag. named: where its name stands. instead: the choice where there are no tags at all.
    """
    if side.tags is None:
        yield Impossible(key, f'"tag" needs tags, labels, groups or lists, and {side.name} has none of them',
                         f'the nearest choice is "{instead}"')  # fmt: skip
        return
    kind, containers = side.tags
    if containers.max_length is not None and len(tag) > containers.max_length:
        yield Impossible(named, f'"{tag}" is longer than {side.name} allows for {kind}',
                         f"use at most {containers.max_length} characters")  # fmt: skip
    elif not containers.creatable and containers.names is not None and tag not in containers.names:
        known = ", ".join(f'"{name}"' for name in containers.names) or "none yet"
        yield Impossible(named, f'{side.name} has nothing called "{tag}" among its {kind}, and it cannot be made from here',
                         f"make it there, or name one of these: {known}")  # fmt: skip
