"""Which scopes a call of the API needs (vendor: "scope" of each API page).

About tags of records, and about bulk jobs, the vendor's pages and its specification differ: both are needed here.
"""

from collections.abc import Collection, Iterator

_OPERATIONS = {"GET": "READ", "POST": "CREATE", "PUT": "UPDATE", "PATCH": "UPDATE", "DELETE": "DELETE"}
_STANDARD = frozenset({"contacts", "leads", "accounts"})


def lacking(held: Collection[str], method: str, parts: list[str]) -> bool:
    """Whether a token with these scopes may not make a call; ``parts``: of the path below the version."""
    have = {scope.casefold() for scope in held}
    return not all(_allows(have, needed) for needed in _needed(method, parts))


def _needed(method: str, parts: list[str]) -> Iterator[str]:
    operation = _OPERATIONS.get(method, "READ")
    match parts:
        case ["org" | "users" as what, *_]:
            yield f"ZohoCRM.{what}.READ"
        case ["settings", "recycle_bin", *_] if method == "POST":
            yield "ZohoCRM.settings.recycle_bin.UPDATE"
        case ["settings", what, *_]:
            yield f"ZohoCRM.settings.{what}.{operation}"
        case ["coql"]:
            yield "ZohoCRM.coql.READ"
        case ["bulk", *_]:
            # The vendor's page wants the scope to read alone; its specification wants that to create, too.
            yield "ZohoCRM.bulk.READ"
            if method == "POST":
                yield "ZohoCRM.bulk.CREATE"
        case ["actions", "watch"]:
            yield f"ZohoCRM.notifications.{operation}"
        case [module, *rest] if module[:1].isupper():
            where = module.casefold() if module.casefold() in _STANDARD else "custom"
            yield from _of_records(f"ZohoCRM.modules.{where}", operation, rest)
        case _:
            return


def _of_records(module: str, operation: str, rest: list[str]) -> Iterator[str]:
    match rest:
        case [*_, "actions", "add_tags" | "remove_tags"]:
            yield f"{module}.CREATE"
            yield "ZohoCRM.settings.tags.ALL"
        case ["upsert"]:
            yield f"{module}.CREATE"
            yield f"{module}.UPDATE"
        case ["search"] | ["actions", "count"]:
            yield f"{module}.READ"
            yield "ZohoSearch.securesearch.READ"
        case _:
            yield f"{module}.{operation}"


def _allows(have: Collection[str], needed: str) -> bool:
    *place, operation = needed.casefold().split(".")
    ways = {".".join([*place[:depth], "all"]) for depth in range(2, len(place) + 1)}
    ways.add(needed.casefold())
    if operation in {"create", "update"}:
        ways.add(".".join([*place, "write"]))
    return any(way in have for way in ways)
