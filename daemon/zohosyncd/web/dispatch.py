"""Commands by name: what the control socket accepts, and what the command line calls when there is no daemon."""

import math
from collections.abc import Awaitable, Callable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from zohosyncd.core.errors import UsageError
from zohosyncd.web.wire import Talk

if TYPE_CHECKING:
    from zohosyncd.supervisor.commands import Commands

_LONGEST_ARGUMENT = 1000


class Arguments:
    """The arguments of one call; whatever was not asked for is refused."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = dict(given)

    def text(self, name: str) -> str:
        """An argument that has to be there."""
        value = self.optional(name)
        if not value:
            raise UsageError(f"the argument {name} is missing")
        return value

    def optional(self, name: str) -> str | None:
        """An argument that may be missing."""
        value = self._given.pop(name, None)
        if value is not None and not isinstance(value, str):
            raise UsageError(f"the argument {name} is not a text")
        if value is not None and len(value) > _LONGEST_ARGUMENT:
            raise UsageError(f"the argument {name} is too long")
        return value

    def flag(self, name: str) -> bool:
        """Whether something was asked for: "yes", or missing."""
        value = self.optional(name)
        if value not in (None, "yes"):
            raise UsageError(f"the argument {name} is yes, or it is left out")
        return value is not None

    def number(self, name: str) -> float:
        """A number that may be missing: 0.0 then."""
        value = self.optional(name)
        try:
            found = float(value or 0)
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            raise UsageError(f"the argument {name} is not a number")
        return found

    def count(self, name: str) -> int:
        """A whole number that may be missing: 0 then."""
        found = self.number(name)
        if found < 0 or found != int(found):
            raise UsageError(f"the argument {name} is not a whole number")
        return int(found)

    def no_more(self) -> None:
        """Refuse what is left."""
        if self._given:
            raise UsageError(f"unknown argument: {', '.join(sorted(self._given))}")


_Call = Callable[["Commands", Arguments], Awaitable[dict[str, Any]]]

_CALLS: Final[Mapping[str, _Call]] = {
    "status": lambda commands, _: commands.status(),
    "progress": lambda commands, _: commands.progress(),
    "check": lambda commands, _: commands.check(),
    "reload": lambda commands, _: commands.reload(),
    "notify_test": lambda commands, _: commands.notify_test(),
    "accounts": lambda commands, _: commands.account_list.accounts(),
    "secrets": lambda commands, _: commands.account_list.secrets(),
    "remove_secret": lambda commands, given: commands.account_list.remove_secret(
        given.text("name"), force=given.flag("force")
    ),
    "auth_begin": lambda commands, given: commands.authorising.begin(
        given.text("account"), given.optional("redirect_uri"), paste=given.flag("paste")
    ),
    "auth_scopes": lambda commands, given: commands.authorising.scopes(given.text("account")),
    "auth_wait": lambda commands, given: commands.authorising.wait(given.text("account")),
    "auth_device": lambda commands, given: commands.authorising.devices.begin(given.text("account")),
    "auth_device_wait": lambda commands, given: commands.authorising.devices.wait(given.text("account")),
    "auth_client": lambda commands, given: commands.authorising.by_client(given.text("account"), given.optional("org")),
    "mapping": lambda commands, given: commands.mapping(given.text("connection")),
    "snapshot": lambda commands, given: commands.snapshot(given.text("connection")),
    "backup": lambda commands, given: commands.safekeeping.backup(given.optional("folder"), given.count("keep")),
    "export": lambda commands, given: commands.safekeeping.export(given.text("address")),
    "erase": lambda commands, given: commands.safekeeping.erase(given.text("address"), dry=given.flag("dry")),
    "lift": lambda commands, given: commands.safekeeping.lift(given.text("address")),
    "approve": lambda commands, given: commands.approve(given.text("what")),
    "held": lambda commands, given: commands.held(given.optional("connection")),
    "quarantine": lambda commands, given: commands.quarantine(given.optional("connection")),
    "fields": lambda commands, given: commands.fields(given.text("account"), given.optional("object")),
    "resolve": lambda commands, given: commands.resolving.resolve(
        given.text("connection"),
        record=given.optional("record"),
        reason=given.optional("reason"),
        field=given.optional("field"),
        choice=given.optional("choice"),
        take=given.optional("take"),
        partner=given.optional("partner"),
        replace_others=given.flag("replace"),
        dry_run=given.flag("dry_run"),
        after=given.optional("after"),
    ),
    "retry_held": lambda commands, given: commands.resolving.retry_held(
        given.text("connection"),
        record=given.optional("record"),
        reason=given.optional("reason"),
        field=given.optional("field"),
        after=given.optional("after"),
    ),
    "retry_quarantined": lambda commands, given: commands.resolving.retry_quarantined(
        given.text("connection"),
        record=given.optional("record"),
        reason=given.optional("reason"),
        after=given.optional("after"),
    ),
    "drop_quarantined": lambda commands, given: commands.resolving.drop_quarantined(
        given.text("connection"),
        record=given.optional("record"),
        reason=given.optional("reason"),
        after=given.optional("after"),
    ),
    "link": lambda commands, given: commands.decisions.link(
        given.text("connection"), given.text("left"), given.text("right"), replace_others=given.flag("replace")
    ),
    "unlink": lambda commands, given: commands.decisions.part(
        given.text("connection"), given.text("left"), given.text("right"), strangers=False
    ),
    "split": lambda commands, given: commands.decisions.part(
        given.text("connection"), given.text("left"), given.text("right"), strangers=True
    ),
    "pause": lambda commands, given: commands.decisions.pause(given.optional("connection")),
    "resume": lambda commands, given: commands.decisions.resume(given.optional("connection")),
    "contacts": lambda commands, given: commands.listings.contacts(
        given.text("connection"),
        side=given.optional("side"),
        state=given.optional("state"),
        reason=given.optional("reason"),
        after=given.optional("after"),
    ),
    "history": lambda commands, given: commands.listings.history(
        given.text("connection"),
        query=given.optional("query"),
        since=given.number("since"),
        run=given.optional("run"),
        before=int(given.number("before")),
    ),
    "explain": lambda commands, given: commands.explain(given.text("connection"), given.text("query")),
}


async def _sync(commands: "Commands", given: Arguments, talk: Talk) -> dict[str, Any]:
    connection, instance, meaning = given.text("connection"), given.optional("instance"), given.optional("meaning")
    given.no_more()
    if instance is None:
        return await commands.sync(connection)
    from zohosyncd.supervisor.selection import Selection

    digests = [digest async for part in talk.heard() for digest in part]
    return await commands.sync(connection, Selection(instance, meaning or "", digests), talk.tell)


async def _plan(commands: "Commands", given: Arguments, talk: Talk) -> dict[str, Any]:
    connection, numbers = given.text("connection"), given.optional("numbers")
    given.no_more()
    return await (commands.plan(connection) if numbers else commands.plan(connection, talk.tell))


async def _waiting(commands: "Commands", given: Arguments, talk: Talk) -> dict[str, Any]:
    what = given.text("what")
    given.no_more()
    return await commands.waiting(what, talk.tell)


async def _undo(commands: "Commands", given: Arguments, talk: Talk) -> dict[str, Any]:
    connection, since, dry = given.text("connection"), given.number("since"), given.optional("dry")
    run, person, field = (given.optional(name) or "" for name in ("run", "person", "field"))
    given.no_more()
    return await commands.undoings.undo(
        connection, run=run, person=person, since=since, field=field, dry=bool(dry), tell=talk.tell
    )


async def _restore(commands: "Commands", given: Arguments, talk: Talk) -> dict[str, Any]:
    connection, folder = given.text("connection"), given.text("folder")
    side, person = (given.optional(name) or "" for name in ("side", "person"))
    dry, missing = given.flag("dry"), given.flag("missing")
    given.no_more()
    return await commands.restorings.restore(
        connection, folder, side=side, person=person, dry=dry, missing=missing, tell=talk.tell
    )


async def _whispered(talk: Talk) -> str:
    """A text that must not stand among the arguments, which are short, and may be told in an error."""
    return "".join([str(piece) async for part in talk.heard() for piece in part])


async def _auth_finish(commands: "Commands", given: Arguments, talk: Talk) -> dict[str, Any]:
    account = given.text("account")
    given.no_more()
    return await commands.authorising.finish(account, await _whispered(talk))


async def _auth_code(commands: "Commands", given: Arguments, talk: Talk) -> dict[str, Any]:
    account = given.text("account")
    given.no_more()
    return await commands.authorising.by_code(account, await _whispered(talk))


async def _set_secret(commands: "Commands", given: Arguments, talk: Talk) -> dict[str, Any]:
    name = given.text("name")
    given.no_more()
    return await commands.account_list.set_secret(name, await _whispered(talk))


_TALKS: Final[Mapping[str, Callable[["Commands", Arguments, Talk], Awaitable[dict[str, Any]]]]] = {
    "sync": _sync,
    "plan": _plan,
    "waiting": _waiting,
    "undo": _undo,
    "restore": _restore,
    "auth_finish": _auth_finish,
    "auth_code": _auth_code,
    "set_secret": _set_secret,
}
"""Commands of which either end may say more than one line."""


async def perform(
    commands: "Commands", name: str, given: Mapping[str, Any], talk: Talk | None = None
) -> dict[str, Any]:
    """Carry out one command.

    Args:
        commands: who does it.
        name: which one.
        given: its arguments by name; those that are None count as missing.
        talk: to the one who gave it, where there is more to say than the answer.

    Raises:
        UsageError: there is no such command, or its arguments are wrong.
        SyncError: it could not be done.
    """
    if name in _TALKS:
        return await _TALKS[name](commands, Arguments(given), talk or Talk())
    call = _CALLS.get(name)
    if call is None:
        known = [*_CALLS, *_TALKS]
        near = get_close_matches(name[:40], known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(known))}"
        raise UsageError("there is no such command on the control socket", hint=hint)
    arguments = Arguments(given)
    pending = call(commands, arguments)
    try:
        arguments.no_more()
    except UsageError:
        _drop(pending)
        raise
    return await pending


def _drop(pending: Awaitable[dict[str, Any]]) -> None:
    """A coroutine that is not going to be awaited would complain about it."""
    close = getattr(pending, "close", None)
    if close is not None:
        close()
