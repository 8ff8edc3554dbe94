"""The least scopes that the connections of an account need, each with its reason (vendor: scopes of each API page).

What is optional is asked for only where a connection makes use of it. ``ALL`` is asked for nowhere but for tags: the
vendor's pages and its specification differ about what tagging records needs.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, Literal

from zohosyncd.connectors.needs import Need, named
from zohosyncd.connectors.zoho_crm import company as company_fields
from zohosyncd.connectors.zoho_crm.fields import TAG
from zohosyncd.connectors.zoho_crm.meanings import MODULES
from zohosyncd.connectors.zoho_crm.options import LongReads
from zohosyncd.transport.consent import Scope

_WRITES: Final = frozenset({"CREATE", "UPDATE"})


Companies = Literal["shown", "linked", "created"]


def scopes_for(
    needs: Sequence[Need], companies: Companies = "shown", long_reads: LongReads = "auto"
) -> tuple[Scope, ...]:
    """What to ask for.

    Args:
        needs: of all connections; without any, what the first one will probably need: contacts, both ways.
        companies: what becomes of the company of a contact that is changed in another app.
        long_reads: how more records are read than one page of a list shows.
    """
    wanted = list(needs) or [Need("a first connection", creates=True, updates=True)]
    records = _records(wanted, _of_companies(wanted, companies))
    return (
        *_always(),
        *_layouts(wanted),
        *_own_modules(wanted),
        *records,
        *_tags(wanted),
        *_bells(wanted),
        *_jobs(wanted, long_reads),
    )


def _always() -> Iterator[Scope]:
    yield Scope("ZohoCRM.org.READ", "to know which organisation this is, its country and its edition")
    yield Scope("ZohoCRM.settings.fields.READ", "to know the fields, their types and choices")
    yield Scope("ZohoCRM.users.READ", "to know owners by their e-mail address")
    yield Scope("ZohoCRM.coql.READ", "to read much at once for few credits")


def _layouts(needs: Sequence[Need]) -> Iterator[Scope]:
    if creating := [need for need in needs if need.creates]:
        yield Scope("ZohoCRM.settings.layouts.READ", f"to tell which fields layouts want filled ({named(creating)})")


def _records(synced: Sequence[Need], companies: Sequence[Need]) -> Iterator[Scope]:
    """``companies``: of records that are made beside those that are synced; an undo takes none of them back."""
    needs = [*synced, *companies]
    for module in _modules(needs):
        here = [need for need in needs if _module(need) == module]
        scope = f"ZohoCRM.modules.{module.lower() if module in MODULES else 'custom'}"
        yield Scope(f"{scope}.READ", f"to read {module} ({named(here)})")
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
        elif undone := [need for need in synced if need.creates and _module(need) == module]:
            yield Scope(f"{scope}.DELETE", f"to take back what was created, with undo ({named(undone)})")


def _own_modules(needs: Sequence[Need]) -> Iterator[Scope]:
    if own := [need for need in needs if _module(need) not in MODULES]:
        yield Scope("ZohoCRM.settings.modules.READ", f"to find modules of your own ({named(own)})")


def _modules(needs: Sequence[Need]) -> tuple[str, ...]:
    """The modules that are synced, in the order of :data:`MODULES`, then those of the org's own."""
    used = dict.fromkeys(map(_module, needs))
    return tuple(dict.fromkeys([*(module for module in MODULES if module in used), *used]))


def _module(need: Need) -> str:
    """A module by its API name, in whatever case it is written."""
    wanted = need.object.strip() or "Contacts"
    return next((module for module in MODULES if module.casefold() == wanted.casefold()), wanted)


def _of_companies(needs: Sequence[Need], companies: Companies) -> list[Need]:
    """What contacts need of their companies, which are records of their own.

    They are read for fields such as ``Account_Name.Website``, looked for by name where contacts get one, and made by an
    upsert, which the vendor counts as creating and changing.
    """
    found = []
    for need in needs:
        contacts = _module(need) == "Contacts"
        shown = any(field.partition(".")[0] == company_fields.LOOKUP for field in need.fields)
        written = contacts and need.updates and companies != "shown"
        made = written and companies == "created"
        if written or (contacts and shown):
            found.append(Need(need.connection, company_fields.MODULE, creates=made, updates=made))
    return found


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


def _jobs(needs: Sequence[Need], long_reads: LongReads) -> Iterator[Scope]:
    """For Bulk Read, of objects whose tags nobody reads: jobs do not show them, so it would never be used."""
    if long_reads not in {"auto", "bulk"}:
        return
    tagged = {_module(need) for need in needs if TAG in need.fields}
    if using := [need for need in needs if _module(need) not in tagged]:
        # The vendor's page wants READ alone, and its specification CREATE to create a job.
        yield Scope("ZohoCRM.bulk.READ", f"to read all records of a large object by one job ({named(using)})")
        yield Scope("ZohoCRM.bulk.CREATE", f"to create such a job ({named(using)})")
        yield Scope("ZohoSearch.securesearch.READ", f"to count records, which tells what is cheapest ({named(using)})")


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
