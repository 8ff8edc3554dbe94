"""Two or three records made one, and leads made contacts.

Source: REST API v8, Merge Records, Convert Lead. The children of a merge go to the recycle bin, and nothing names the
survivor; a converted lead is no longer listed, and is not deleted. What an update of a converted lead answers is not
documented: here its id is invalid, as if it were deleted.
"""

from collections.abc import Mapping
from typing import Any

from zohosyncd.sandbox.wire import Response

from .answers import CallError, answer
from .call import Call
from .crm import Crm
from .store import Entry, Table

MOST_CHILDREN = 2


def merge(crm: Crm, table: Table, master: Entry, children: Mapping[int, list[str]], by: int) -> None:
    """Merge records into one.

    Args:
        children: by id, the fields whose value the survivor takes from that child.
    """
    values: dict[str, Any] = {}
    for number, names in children.items():
        entry = table.rows[number]
        values |= {name: entry.values[name] for name in names if name in entry.values}
    for number in children:
        table.remove(number, crm.second(), by)
    crm.change(table, master, values, by, workflows=False)


def merge_called(crm: Crm, table: Table, call: Call, number: int) -> Response:
    """``POST /{module}/{id}/actions/merge``."""
    asked = call.json().get("merge")
    rows = asked[0].get("data") if isinstance(asked, list) and asked and isinstance(asked[0], dict) else None
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_CHILDREN:
        raise CallError(400, "INVALID_DATA", "invalid data", {"api_name": "data", "json_path": "$.merge[0].data"})
    children: dict[int, list[str]] = {}
    for row in rows:
        named = row if isinstance(row, dict) else {}
        child = str(named.get("id", ""))
        if not child.isdecimal() or int(child) not in table.rows or int(child) == number:
            raise CallError(400, "INVALID_DATA", "the id given seems to be invalid", {"id": child})
        children[int(child)] = [str(each.get("api_name")) for each in named.get("_fields") or ()]
    master = table.rows.get(number)
    if master is None:
        raise CallError(400, "INVALID_DATA", "the id given seems to be invalid", {"id": str(number)})
    merge(crm, table, master, children, crm.me.number)
    done = {"code": "SUCCESS", "details": {"id": str(number)}, "message": "merged", "status": "success"}
    return answer({"merge": [done]})


def convert(crm: Crm, lead: Entry, by: int) -> Entry:
    """Make a lead a contact; both exist from now on, and only the contact is shown."""
    contacts = crm.tables["Contacts"]
    known = contacts.module.fields
    values = {name: value for name, value in lead.values.items() if name in known and name != "Tag"}
    if "Designation" in lead.values:
        values["Title"] = lead.values["Designation"]
    made = crm.create(contacts, values, by, workflows=False)
    crm.converted.add(lead.number)
    return made
