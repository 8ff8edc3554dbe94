"""What a connection asks for and its pair of apps cannot do: pure, all of it at once, with the nearest choice.

It is asked twice: before any app is reached, with what the apps offer in general, and with the live schemas of the
objects. What rules say is checked where they are compiled. Deletions are found in every app, by the daily complete
read at the latest, so that no source lacks them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from zohosyncd.connectors.offers import Offers
from zohosyncd.connectors.tools import ConnectorSpec
from zohosyncd.core.consent import Travel
from zohosyncd.core.errors import SettingsProblems
from zohosyncd.core.governance import has_consent
from zohosyncd.core.schema import Containers, Schema
from zohosyncd.core.side import SIDES, Side
from zohosyncd.ports.connector import Capabilities
from zohosyncd.settings import Connection, Settings
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
class Lacking:
    """One thing that a pair cannot do: the key that asks for it, what is missing, and the nearest choice."""

    key: KeyPath
    message: str
    hint: str

    @property
    def place(self) -> str:
        """The key as it is written."""
        return ".".join(self.key)


def lacking(settings: Connection, sides: Mapping[Side, Ability]) -> tuple[Lacking, ...]:
    """Everything that this connection asks for and that its sides cannot do.

    Args:
        settings: the connection. sides: what each side can do.
    """
    return (*_deletions(settings, sides), *_consent(settings, sides), *_leave(settings, sides))


def checked(settings: Settings, specs: Mapping[str, ConnectorSpec]) -> Settings:
    """The same configuration, if its apps can do what it asks for, as far as that is known without asking them.

    Raises:
        SettingsProblems: everything that they cannot do, each at its place in the files.
    """
    problems = []
    for name, connection in settings.connections.items():
        accounts = {side: settings.accounts[connection.place(side).account] for side in SIDES}
        if any(specs[each.app].unusable is not None for each in accounts.values()):
            continue  # nobody knows what it can do; its connections wait for it
        sides = {
            side: Ability.offered(named(each.name, each.app), specs[each.app].offers) for side, each in accounts.items()
        }
        problems += [
            settings.connection_error(name, each.key, each.message, hint=each.hint)
            for each in lacking(connection, sides)
        ]
    if problems:
        raise SettingsProblems(problems)
    return settings


def named(account: str, app: str) -> str:
    """How a side is called in sentences."""
    return f"{account} ({app})"


def _deletions(settings: Connection, sides: Mapping[Side, Ability]) -> Iterator[Lacking]:
    for target in SIDES:
        side, key = sides[target], ("deletions", _TOWARDS[target])
        match settings.deletions.towards(target):
            case Deletion.TAG:
                yield from _no_tag(side, key, ("deletions", "tag"), settings.deletions.tag, "off")
            case Deletion.DELETE if not side.deletable:
                yield _not_deletable(side, key, "off")
            case _:
                pass


def _consent(settings: Connection, sides: Mapping[Side, Ability]) -> Iterator[Lacking]:
    said = settings.consent.model_fields_set
    for target in SIDES:
        side, key = sides[target], ("consent", _TOWARDS[target])
        match settings.consent.towards(target):
            case Travel.TAG:
                instead = "opt_out" if side.consent else "off"
                yield from _no_tag(side, key, ("consent", "tag"), settings.consent.tag, instead)
            case Travel.OPT_OUT if not side.consent and key[1] in said:
                nearest = "tag" if side.tags else "off"
                yield Lacking(key, f'"opt_out" needs consent, and {side.name} keeps none', _nearest(nearest))
            case _:
                pass


def _leave(settings: Connection, sides: Mapping[Side, Ability]) -> Iterator[Lacking]:
    """Who leaves the rules of one side is tagged, or deleted, on the other."""
    ruled = {rule.from_ for rule in settings.rules}
    for target in (side for side in SIDES if side.other in ruled):
        side = sides[target]
        if settings.leave is Leave.TAG:
            yield from _no_tag(side, ("leave",), ("leave_tag",), settings.leave_tag, "freeze")
        elif settings.leave is Leave.DELETE and not side.deletable:
            yield _not_deletable(side, ("leave",), "freeze")


def _not_deletable(side: Ability, key: KeyPath, instead: str) -> Lacking:
    """``instead``: the choice where there are no tags either."""
    message = f'"delete" needs records that can be deleted, and {side.name} deletes none'
    return Lacking(key, message, _nearest("tag" if side.tags else instead))


def _no_tag(side: Ability, key: KeyPath, written: KeyPath, tag: str, instead: str) -> Iterator[Lacking]:
    """Why this tag cannot be given there.

    Args:
        key: asks for a tag. written: where its name stands. instead: the choice where there are no tags at all.
    """
    if side.tags is None:
        yield Lacking(key, f'"tag" needs tags, labels, groups or lists, and {side.name} has none', _nearest(instead))
        return
    kind, containers = side.tags
    if containers.max_length is not None and len(tag) > containers.max_length:
        message = f'"{tag}" is longer than {side.name} allows for {kind}'
        yield Lacking(written, message, f"use at most {containers.max_length} characters")
    elif not containers.creatable and containers.names is not None and tag not in containers.names:
        known = ", ".join(f'"{name}"' for name in containers.names) or "none yet"
        message = f'{side.name} has nothing called "{tag}" among its {kind}, and it cannot be made from here'
        yield Lacking(written, message, f"make it there, or name one of these: {known}")


def _nearest(choice: str) -> str:
    return f'the nearest choice is "{choice}"'
