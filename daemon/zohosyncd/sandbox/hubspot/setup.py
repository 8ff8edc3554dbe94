"""What a simulated account is like, and what can be turned while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

SCOPES = (
    "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.contacts.read", "crm.objects.owners.read",
    "crm.lists.read", "crm.lists.write", "oauth",
    "subscriptions-definition-read", "subscriptions-status-read", "subscriptions-status-write",
    "communication_preferences.read_write",
)  # fmt: skip


@dataclass
class HubSpotSetup:
    """An account of HubSpot.

    Attributes:
        portal: its number (Hub ID). token: that of its private app, with these ``scopes``.
        client_id, client_secret, refresh_token: of a public app and of the consent that was given to it.
        index_lag: seconds until the search shows a change. reach: how many contacts it shows at most.
        consent_lag: seconds until the property shows an opt-out.
        burst, per_day, searches: requests in ten seconds, in a day, and searches in a second.
        multi_status: whether a batch whose rows can be told apart is carried out in part (207); else as a whole or not
            at all.
        merge_makes_id: whether the record that survives a merge has an id of its own.
        merged_in_batches: whether reads of many find a record by the id that it had before a merge.
        merged_in_bin: whether the list of archived records shows records that were merged away.
        lists_modify: whether a change of lists moves the time of a contact's last change.
        shuffled: whether batches answer in another order than they were asked in.
        kept_days: how long archived records are kept.
    """

    portal: int = 4_815_162
    name: str = "sandbox"
    token: str = "pat-eu1-sandbox-token"  # noqa: S105 - of the sandbox
    scopes: tuple[str, ...] = SCOPES
    client_id: str = "sandbox-hubspot-client"
    client_secret: str = "sandbox-hubspot-secret"  # noqa: S105 - of the sandbox
    refresh_token: str = "eu1-sandbox-refresh"  # noqa: S105 - of the sandbox
    index_lag: float = 5.0
    reach: int = 10_000
    consent_lag: float = 3.0
    burst: int = 100
    per_day: int = 250_000
    searches: int = 5
    multi_status: bool = True
    merge_makes_id: bool = True
    merged_in_batches: bool = False
    merged_in_bin: bool = True
    lists_modify: bool = False
    shuffled: bool = True
    kept_days: int = 90
    blocked: set[str] = field(default_factory=set)

    def turn(self, knobs: Mapping[str, Any]) -> None:
        """Change some of it; ``ValueError`` names what is unknown."""
        kinds = {each.name: type(getattr(self, each.name)) for each in fields(self)}
        if unknown := knobs.keys() - kinds.keys():
            raise ValueError(f"unknown knob {sorted(unknown)[0]!r}; known: {', '.join(kinds)}")
        for name, value in knobs.items():
            setattr(self, name, kinds[name](value))
