"""What is configurable, uncertain or unpleasant about the simulated Google, as switches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

_QUOTAS: Final = {"critical_read": 90, "critical_write": 90, "read": 120, "write": 90}


@dataclass(slots=True)
class GoogleBehaviour:
    """The switches of one simulated Google; they may be changed while it runs. Times are in seconds.

    Attributes:
        sync_delay: after which time writes appear in sync requests ("several minutes", people.connections.list).
        list_delay: after which time writes appear in lists that ask for no sync token.
        group_delay: after which time changed groups appear in contactGroups.list; the documentation says nothing.
        uneven: every list is answered by one of several copies, and some are twice as late.
        sync_token_life: how long after the full sync a sync token is good (7 days, ibid.).
        renewed_by_use: whether an incremental sync begins that time anew. The documentation says "after the full sync".
        expired_status: HTTP status of an expired sync token; 410 is that of the vendor's older APIs.
        full_syncs: how many first pages of full syncs a user may have in ``full_sync_window`` ("additional quota",
            ibid., without a number).
        quotas: requests per minute and user, by bucket, where they differ from the usual ones; see :mod:`.quota`.
        search_delay: after which time writes can be found by searchContacts.
        search_warm: how long after the warm-up request the cache of searchContacts is fresh.
        concurrent: what becomes of a mutation while another of the same user is running ("should be sent
            sequentially to avoid increased latency and failures").
        no_op_moves_etag: whether an update that changes nothing makes a new etag.
        error_list: whether errors also have the older ``errors`` list with a ``reason``.
        missing_in_batch_delete: whether batchDeleteContacts is refused as a whole over a name that is not there.
        shuffled: whether answers of batches come in another order than asked for.
        parse_names: whether a name that comes only as ``unstructuredName`` is taken apart.
        lower_case_emails: whether addresses are stored in lower case.
        distinct_values: whether a second equal value of a field is left out.
        calling_code: completes national phone numbers for ``canonicalForm``, such as "49"; empty: they have none.
        merge_leaves_names: whether the contact that two were merged into tells the other's name as a former one.
        contacts: the most contacts of a mailbox, those in the trash included.
        fields: the most values of one contact; ``contact_bytes``: its largest size.
        groups: the most groups of a user.
        withheld: scopes that users untick on the consent page.
    """

    sync_delay: float = 180.0
    list_delay: float = 0.0
    group_delay: float = 0.0
    uneven: bool = False
    sync_token_life: float = 7 * 86_400.0
    renewed_by_use: bool = False
    expired_status: Literal[400, 410] = 400
    full_syncs: int = 10
    full_sync_window: float = 60.0
    quotas: dict[str, int] = field(default_factory=dict)
    search_delay: float = 60.0
    search_warm: float = 2.0
    concurrent: Literal["aborted", "exhausted", "served"] = "aborted"
    no_op_moves_etag: bool = True
    error_list: bool = False
    missing_in_batch_delete: Literal["refused", "ignored"] = "refused"
    shuffled: bool = True
    parse_names: bool = True
    lower_case_emails: bool = False
    distinct_values: bool = False
    calling_code: str = ""
    merge_leaves_names: bool = False
    contacts: int = 25_000
    fields: int = 500
    contact_bytes: int = 128 * 1024
    groups: int = 1_000
    withheld: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.quotas = {**_QUOTAS, **self.quotas}

    def tune(self, knobs: Mapping[str, Any]) -> None:
        """Set switches by their names; ``quotas`` takes some of the buckets. ``ValueError`` for an unknown name."""
        for name, value in knobs.items():
            if name not in self.__dataclass_fields__:
                raise ValueError(f"no knob {name!r}; there are {', '.join(self.__dataclass_fields__)}")
            if name == "quotas":
                self.quotas.update({str(bucket): int(most) for bucket, most in value.items()})
            else:
                setattr(self, name, frozenset(value) if name == "withheld" else value)
