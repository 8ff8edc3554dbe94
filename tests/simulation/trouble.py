"""What can go wrong, as rules for the sandbox. A seed picks some of it: all at once would hide most of it."""

from random import Random
from typing import Any

from tests.simulation.desks import control
from zohosyncd.sandbox.world import World

Rule = dict[str, Any]
CONTACTS = "/crm/v8/Contacts*"

MENU: tuple[tuple[str, Rule], ...] = (
    ("zoho_crm", {"method": "*", "path": CONTACTS, "fault": "status", "status": 500}),
    ("zoho_crm", {"method": "POST", "path": CONTACTS, "fault": "status", "status": 502, "executed": True}),
    ("zoho_crm", {"method": "PUT", "path": CONTACTS, "fault": "status", "status": 500, "executed": True}),
    ("zoho_crm", {"method": "*", "path": CONTACTS, "fault": "reset"}),
    ("zoho_crm", {"method": "POST", "path": CONTACTS, "fault": "reset", "executed": True}),
    ("zoho_crm", {"method": "PUT", "path": CONTACTS, "fault": "reset", "executed": True}),
    ("zoho_crm", {"method": "POST", "path": CONTACTS, "fault": "hang", "executed": True}),
    ("zoho_crm", {"method": "PUT", "path": CONTACTS, "fault": "hang", "executed": True}),
    ("zoho_crm", {"method": "POST", "path": CONTACTS, "fault": "slow", "seconds": 8.0, "executed": True}),
    ("zoho_crm", {"method": "PUT", "path": CONTACTS, "fault": "slow", "seconds": 100.0}),
    ("zoho_crm", {"method": "*", "path": CONTACTS, "fault": "status", "status": 429, "headers": {"Retry-After": "3"}}),
    ("zoho_crm", {"method": "*", "path": CONTACTS, "fault": "status", "status": 429}),
    ("zoho_crm", {"method": "GET", "path": CONTACTS, "fault": "html"}),
    ("zoho_crm", {"method": "PUT", "path": CONTACTS, "fault": "html", "executed": True}),
    ("zoho_crm", {"method": "POST", "path": CONTACTS, "fault": "html", "executed": True}),
    ("zoho_crm", {"method": "GET", "path": CONTACTS, "fault": "empty"}),
    ("zoho_crm", {"method": "GET", "path": CONTACTS, "fault": "truncate", "executed": True}),
    ("zoho_crm", {"method": "POST", "path": CONTACTS, "fault": "rows", "share": 0.5, "code": "RECORD_LOCKED"}),
    ("zoho_crm", {"method": "PUT", "path": CONTACTS, "fault": "rows", "share": 0.5, "code": "INVALID_DATA"}),
    ("zoho_crm", {"method": "*", "path": "/oauth/*", "fault": "status", "status": 503}),
    ("carddav", {"method": "*", "fault": "status", "status": 503}),
    ("carddav", {"method": "PUT", "fault": "reset", "executed": True}),
    ("carddav", {"method": "PUT", "fault": "hang", "executed": True}),
    ("carddav", {"method": "PUT", "fault": "status", "status": 500, "executed": True}),
    ("carddav", {"method": "PUT", "fault": "slow", "seconds": 100.0}),
    ("carddav", {"method": "REPORT", "fault": "truncate", "executed": True}),
    ("carddav", {"method": "REPORT", "fault": "empty"}),
    ("carddav", {"method": "REPORT", "fault": "html"}),
    ("carddav", {"method": "*", "fault": "reset"}),
)
SPELLING: tuple[tuple[str, str, Rule], ...] = (
    ("zoho_crm", "Contacts", {"field": "Title", "do": "truncate", "length": 12}),
    ("zoho_crm", "Contacts", {"field": "Description", "do": "upper"}),
    ("zoho_crm", "Contacts", {"field": "Phone", "do": "phone"}),
    ("zoho_crm", "Contacts", {"field": "Email", "do": "lower"}),
    ("carddav", "/ann/contacts/", {"field": "NOTE", "do": "truncate", "length": 12}),
    ("carddav", "/ann/contacts/", {"field": "TITLE", "do": "lower"}),
)


class Trouble:
    """The faults of one seed."""

    def __init__(self, world: World, chance: Random) -> None:
        self._world, self._chance = world, chance
        calm = chance.random() < 0.25
        self.kinds = [] if calm else chance.sample(MENU, chance.randint(1, 5))
        self.hides = any(rule["fault"] == "empty" for _app, rule in self.kinds)

    def begin(self) -> None:
        """For the life of a process that begins now."""
        for app in ("zoho_crm", "carddav"):
            rules = [
                {**rule, "rate": self._chance.choice((0.2, 0.5, 1.0)), "count": self._chance.randint(1, 4)}
                for each, rule in self.kinds
                if each == app
            ]
            control(self._world, "faults", {"app": app, "rules": rules})

    def end(self) -> None:
        """Everything works again."""
        for app in ("zoho_crm", "carddav"):
            control(self._world, "faults", {"app": app, "rules": []})

    def expire_tokens(self) -> None:
        """Zoho wants a new token at once."""
        control(self._world, "knobs", {"app": "zoho_crm", "set": {"expire_tokens": True}})
