"""What the connections of a configuration do with an account, so that its app can be asked for no more than that."""

from collections.abc import Iterator, Mapping

from zohosyncd.connectors.needs import Need
from zohosyncd.connectors.tools import ConnectorSpec
from zohosyncd.core.consent import Travel
from zohosyncd.core.side import SIDES, Side
from zohosyncd.settings import Connection, Settings
from zohosyncd.settings.actions import Add, Remove
from zohosyncd.settings.deletions import Deletion, Leave


def needs_of(settings: Settings, account: str, specs: Mapping[str, ConnectorSpec]) -> tuple[Need, ...]:
    """What each connection that is enabled does with each object of the account.

    Args:
        settings: the configuration. account: its name. specs: the apps by name.
    """
    return tuple(
        _need(connection, side, settings, specs)
        for connection in settings.connections.values()
        for side in SIDES
        if connection.enabled and connection.place(side).account == account
    )


def _need(connection: Connection, side: Side, settings: Settings, specs: Mapping[str, ConnectorSpec]) -> Need:
    writes = connection.direction.writes(side)
    own, other = (specs[settings.accounts[connection.place(each).account].app].offers for each in (side, side.other))
    consent = connection.consent.towards(side) if other.consent != "none" else Travel.OFF
    deletion = connection.deletions.towards(side)
    leave = connection.leave if any(rule.from_ is side.other for rule in connection.rules) else Leave.FREEZE
    return Need(
        connection.name,
        connection.place(side).object or "",
        creates=writes,
        updates=writes or consent is Travel.OPT_OUT,
        deletes=deletion is Deletion.DELETE or leave is Leave.DELETE,
        tags=deletion is Deletion.TAG or leave is Leave.TAG or consent is Travel.TAG or _given(connection, side),
        rings=own.push and settings.service.hooks_listen is not None and settings.service.public_url is not None,
        fields=frozenset(_fields(connection, side)),
    )


def _given(connection: Connection, side: Side) -> bool:
    """Whether a rule of the other side gives or takes tags here."""
    rules = (rule for rule in connection.rules if rule.from_ is side.other)
    return any(isinstance(action, Add | Remove) for rule in rules for action in rule.then)


def _paired(connection: Connection, side: Side) -> frozenset[str]:
    at = SIDES.index(side)
    return frozenset(name for pair in connection.fields for name in pair.names[at])


def _fields(connection: Connection, side: Side) -> Iterator[str]:
    """Names of fields that rules ask for on this side, or set on it, and that pairs name."""
    yield from _paired(connection, side)
    for rule in connection.rules:
        if rule.from_ is side:
            yield from _asked(rule.model_dump(mode="json", by_alias=True).get("if", ()))
        else:
            yield from (action.set for action in rule.then if hasattr(action, "set"))


def _asked(part: object) -> Iterator[str]:
    """The fields in clauses, however deep they stand."""
    match part:
        case dict():
            if isinstance(field := part.get("field"), str):
                yield field
            for each in part.values():
                yield from _asked(each)
        case list() | tuple():
            for each in part:
                yield from _asked(each)
