"""Accounts as they are opened: with the world for their connector, and with their credits."""

from contextlib import nullcontext
from typing import TYPE_CHECKING

import structlog

from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.connectors.tools import Tools
from zohosyncd.settings import Account
from zohosyncd.supervisor.accounts import AccountUnit
from zohosyncd.supervisor.budgets import AccountUse
from zohosyncd.transport.account_budget import AccountBudget

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

_log = structlog.get_logger("zohosyncd.account")


def open_account(daemon: "Daemon", settings: Account, *, tried: bool) -> AccountUnit:
    """An account of which nobody takes care yet.

    Args:
        daemon: whose. settings: its file. tried: that is not in force, and what it says of credits counts only once
            the account is adopted.
    """
    budget = daemon.budgets.get(settings.name)
    if budget is None:
        budget = AccountBudget(settings.name, daemon.world.clock, daemon.store, daemon.calls)
    use = AccountUse(budget)
    with budget.tried() if tried else nullcontext() as only_tried:
        unit = AccountUnit(settings, BY_NAME[settings.app], tools_of(daemon, settings, use), daemon.world, use)
    if only_tried is not None:
        unit.adopted = only_tried.take
    elif package := BY_NAME.origin(settings.app):
        _log.info("app of another package", account=settings.name, app=settings.app, package=package)
    return unit


def tools_of(daemon: "Daemon", settings: Account, use: AccountUse) -> Tools:
    """The world for an account's connector; ``use``: its calls and credits."""
    world = daemon.world
    return Tools(
        settings.name, daemon.sender, world.clock, world.entropy, daemon.stored.read, daemon.calls, daemon.store,
        lambda: daemon.stored.consent(settings, settings.name), use.budget, use.opened,
        lambda consent: daemon.stored.keep_consent(settings.name, consent), lambda: daemon.stored.turn(settings.name),
    )  # fmt: skip
