"""The least scopes that the connections of an account need, each with its reason (vendor: scopes of each API page).

What is optional is asked for only where a connection makes use of it. ``ALL`` is asked for nowhere but for tags: the
vendor's pages and its specification differ about what tagging records needs.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from zohosyncd.connectors.needs import Need, named
from zohosyncd.connectors.zoho_crm import company as company_fields
from zohosyncd.connectors.zoho_crm.fields import TAG
from zohosyncd.connectors.zoho_crm.meanings import MODULES
from zohosyncd.transport.consent import Scope

_WRITES: Final = frozenset({"CREATE", "UPDATE"})


def scopes_for(needs: Sequence[Need]) -> tuple[Scope, ...]:
    """What to ask for.

    Args:
        needs: of all connections; without any, what the first one will probably need: contacts, both ways.
    """
    wanted = list(needs) or [Need("a first connection", creates=True, updates=True)]
    return (*_always(), *_own_modules(wanted), *_records(wanted), *_tags(wanted), *_bells(wanted))


def _always() -> Iterator[Scope]:
    yield Scope("ZohoCRM.org.READ", "to know which organisation this is, its country and its edition")
    yield Scope("ZohoCRM.settings.fields.READ", "to know the fields, their types and choices")
    yield Scope("ZohoCRM.users.READ", "to know owners by their e-mail address")
    yield Scope("ZohoCRM.coql.READ", "to read much at once for few credits")


def _records(needs: Sequence[Need]) -> Iterator[Scope]:
    for module in _modules(needs):
        here = [need for need in needs if _module(need) == module]
        scope = f"ZohoCRM.modules.{module.lower() if module in MODULES else 'custom'}"
        # A company is a record of its own, read for fields such as Account_Name.Website.
        company = [need for need in needs if _of_companies(need)] if module == company_fields.MODULE else []
        if here or company:
            what = module if here else "the companies of contacts"
            yield Scope(f"{scope}.READ", f"to read {what} ({named([*here, *company])})")
        creating = [need for need in here if need.creates]
        if creating:
            yield Scope(f"{scope}.CREATE", f"to create {module} ({named(creating)})")
        updating = [need for need in here if need.updates]
        # Tagging a record needs CREATE or WRITE by the vendor's pages; WRITE is both creating and changing.
        if (tagging := _tagging(here)) and not creating:
            yield Scope(f"{scope}.WRITE", f"to tag {module} ({named(tagging)})")
        elif updating:
            yield Scope(f"{scope}.UPDATE", f"to change {module} ({named(updating)})")
        if deleting := [need for need in here if need.deletes]:
            yield Scope(f"{scope}.DELETE", f"to delete {module} ({named(deleting)})")
        elif creating:
            yield Scope(f"{scope}.DELETE", f"to take back what was created, with undo ({named(creating)})")


def _own_modules(needs: Sequence[Need]) -> Iterator[Scope]:
    if own := [need for need in needs if _module(need) not in MODULES]:
        yield Scope("ZohoCRM.settings.modules.READ", f"to find modules of your own ({named(own)})")


def _modules(needs: Sequence[Need]) -> tuple[str, ...]:
    """The modules that are synced, in the order of :data:`MODULES`, then those of the org's own."""
    used = dict.fromkeys(map(_module, needs))
    standard = [module for module in MODULES if module in used or module == company_fields.MODULE]
    return tuple(dict.fromkeys([*standard, *used]))


def _module(need: Need) -> str:
    """A module by its API name, in whatever case it is written."""
    wanted = need.object.strip() or "Contacts"
    return next((module for module in MODULES if module.casefold() == wanted.casefold()), wanted)


def _of_companies(need: Need) -> bool:
    lookup = company_fields.LOOKUP
    return _module(need) == "Contacts" and any(field.partition(".")[0] == lookup for field in need.fields)


def _tags(needs: Sequence[Need]) -> Iterator[Scope]:
    if tagging := _tagging(needs):
        yield Scope("ZohoCRM.settings.tags.ALL", f"to give and take tags ({named(tagging)})")
    else:
        yield Scope("ZohoCRM.settings.tags.READ", "to know the names of tags")


def _bells(needs: Sequence[Need]) -> Iterator[Scope]:
    if ringing := [need for need in needs if need.rings]:
        for operation, what in (
            ("CREATE", "be told of changes"),
            ("UPDATE", "go on being told"),
            ("DELETE", "stop it"),
        ):
            yield Scope(f"ZohoCRM.notifications.{operation}", f"to {what} ({named(ringing)})")


def _tagging(needs: Sequence[Need]) -> list[Need]:
    return [need for need in needs if need.tags or (need.updates and TAG in need.fields)]


def covers(held: Collection[str], scope: str) -> bool:
    """Whether held scopes include one: ``ALL`` is every operation, ``modules.ALL`` every module."""
    have = {each.strip().casefold() for each in held}
    wanted = scope.casefold()
    *place, operation = wanted.split(".")
    ways = {wanted}
    for depth in range(2, len(place) + 1):
        ways.add(".".join([*place[:depth], "all"]))
    if operation.upper() in _WRITES:
        ways.add(".".join([*place, "write"]))
    return bool(ways & have)
