"""What the org says about itself: fields, modules, users, org."""

from typing import Any

from zohosyncd.sandbox.wire import Response

from .answers import CallError, answer, missing_parameter, nothing, unknown_path
from .call import Call
from .crm import BASE, ORG, Crm
from .org import User, listed, organisation, profile
from .schema import Module, metadata


def about(crm: Crm, call: Call, parts: list[str]) -> Response:
    """``GET`` of ``settings``' fields, layouts and modules, of ``users``, ``users/{id}`` and ``org``."""
    match parts:
        case ["settings", "fields"]:
            return _fields(crm, call)
        case ["settings", "layouts"]:
            return _layouts(crm, call)
        case ["settings", "layouts", number] if number.isdecimal():
            return _layouts(crm, call, int(number))
        case ["settings", "modules"]:
            return answer({"modules": [_module(module) for module in crm.modules.values()]})
        case ["users"]:
            return _users(crm, call)
        case ["users", number] if number.isdecimal():
            user = crm.user(int(number))
            return nothing() if user is None else answer({"users": [_profile(crm, user)]})
        case ["org"]:
            return answer({"org": [_organisation(crm)]})
        case _:
            raise unknown_path()


def _layouts(crm: Crm, call: Call, number: int | None = None) -> Response:
    shown = crm.layouts.shown(_asked(crm, call), crm.setup.rights, number)
    if not shown:
        raise CallError(400, "INVALID_DATA", "the layout id given seems to be invalid", {"id": str(number)})
    return answer({"layouts": shown})


def _asked(crm: Crm, call: Call) -> Module:
    name = call.query.get("module")
    if name is None:
        raise missing_parameter("module")
    if name not in crm.modules:
        raise CallError(400, "INVALID_MODULE", "the module name given seems to be invalid", {"param_name": "module"})
    return crm.modules[name]


def _fields(crm: Crm, call: Call) -> Response:
    module = _asked(crm, call)
    kind = call.query.get("type", "used")
    if kind not in {"used", "unused", "all"}:
        raise CallError(
            400, "PATTERN_NOT_MATCHED", "Please check whether the input values are correct", {"param": "type"}
        )
    return nothing() if kind == "unused" else answer({"fields": metadata(module, BASE, crm.setup.rights)})


def _module(module: Module) -> dict[str, Any]:
    return {
        "id": str(BASE + module.number),
        "api_name": module.name,
        "module_name": module.name,
        "singular_label": module.name[:-1],
        "plural_label": module.name,
        "generated_type": "custom" if module.custom else "default",
        "api_supported": True,
        "creatable": True,
        "editable": True,
        "deletable": True,
        "viewable": True,
        "status": "visible",
    }


def _users(crm: Crm, call: Call) -> Response:
    found = listed(crm.users, call.query.get("type", "AllUsers"), crm.me)
    if found is None:
        raise CallError(
            400, "PATTERN_NOT_MATCHED", "Please check whether the input values are correct", {"param": "type"}
        )
    per_page, page = call.number("per_page", 200, largest=200), call.number("page", 1)
    shown = found[(page - 1) * per_page : page * per_page]
    if not shown:
        return nothing()
    info = {"per_page": per_page, "count": len(shown), "page": page, "more_records": len(found) > page * per_page}
    return answer({"users": [_profile(crm, user) for user in shown], "info": info})


def _profile(crm: Crm, user: User) -> dict[str, Any]:
    return profile(user, crm.zone_of(user).name, crm.setup.country)


def _organisation(crm: Crm) -> dict[str, Any]:
    return organisation(
        {
            "edition": crm.setup.edition,
            "org": ORG,
            "country": crm.setup.country,
            "time_zone": crm.zone.name,
            "type": crm.setup.organisation_type,
            "users": sum(user.active for user in crm.users),
        }
    )
