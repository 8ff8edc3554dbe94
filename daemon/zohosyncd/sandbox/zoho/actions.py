"""What stands below ``/actions`` of a module or of one record: tags, whole rich texts, merges, counts."""

from collections.abc import Callable

from zohosyncd.sandbox.wire import Response

from . import tags
from .answers import answer, bad_parameter, missing_parameter, nothing, unknown_path, wrong_method
from .call import Call
from .crm import Crm
from .merging import merge_called
from .reading import ids_in
from .searching import count
from .store import Table

RICH_TEXTS = 8


def act(
    crm: Crm, table: Table, call: Call, action: str, number: str | None, chance: Callable[[], str | None]
) -> Response:
    """``/{module}/actions/{action}`` and ``/{module}/{number}/actions/{action}``."""
    match (call.method, action):
        case ("POST", "add_tags" | "remove_tags"):
            return tags.act(crm, table, call, action, number, chance)
        case ("GET", "count") if number is None:
            return count(crm, table, call)
        case ("GET", "fetch_full_data"):
            return _rich_texts(crm, table, call, number)
        case ("POST", "merge") if number is not None:
            return merge_called(crm, table, call, int(number))
        case (_, "add_tags" | "remove_tags" | "fetch_full_data" | "count"):
            raise wrong_method()
        case _:
            raise unknown_path()


def _rich_texts(crm: Crm, table: Table, call: Call, number: str | None) -> Response:
    """Rich texts of records, whole: of these ids, or of one record."""
    rich = {name for name, f in table.module.fields.items() if f.rich}
    if number is None and (missing := [name for name in ("ids", "fields") if not call.query.get(name)]):
        raise missing_parameter(missing[0])
    names = call.query["fields"].split(",") if call.query.get("fields") else sorted(rich)
    if len(names) > RICH_TEXTS or not rich.issuperset(names):
        raise bad_parameter("fields")
    ids = [int(number)] if number is not None else sorted(ids_in(call, crm.setup.ids_characters))
    found = [table.rows[each] for each in ids if each in table.rows]
    return answer({"data": [crm.alone(entry, names) for entry in found]}) if found else nothing()
