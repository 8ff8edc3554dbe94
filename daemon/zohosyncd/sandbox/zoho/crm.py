"""The org behind the API: its tables, users and clock, how a record is shown, and what happens after a change."""

import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zohosyncd.sandbox.parts.normaliser import Normaliser, normalise
from zohosyncd.sandbox.wire import Clock

from .layouts import Layout, Layouts
from .org import User, users
from .refusals import Spelling
from .schema import SINGLE, Field, Module, Rights
from .search_index import SearchIndex
from .standard import modules
from .store import Entry, Table
from .tag_list import Tags
from .times import Zone, stamp
from .views import POINTING, pointing

BASE = 5_545_974_000_000_000_000
ORG = "5545974000000020001"
RICH_IN_LISTS = 500


@dataclass(frozen=True, slots=True)
class Workflow:
    """A rule of the org that edits a record again, ``delay`` seconds after it was created or edited."""

    set: Mapping[str, Any]
    delay: float = 0.0
    on: tuple[str, ...] = ("create", "edit")


@dataclass(slots=True)
class ZohoSetup:
    """How the org is set up, and the knobs of the simulation. Times are in seconds.

    ``skew``: how far Zoho's clock is ahead; ``search_lag``: how far the search index is behind;
    ``credits``: the daily API credits when they shall differ from what the edition has;
    ``unique``: fields of Contacts that forbid duplicates; ``ids_characters``: the longest ``ids`` of a read;
    ``tags_modify``: whether a change of tags moves the modified time; ``tags_in_rows``: whether ``Tag`` may be written
    with the other fields (else it is ignored without a word); ``spelling``: how too many calls are refused;
    ``bell_delay``: how late notifications are; ``bell_times``: how often each is sent (0: never); ``bell_lost``: which
    part of them gets lost; ``rights``: what fields the API's user may see and write; ``layouts``: of
    modules, see :mod:`.layouts`; ``layout_always``: whether every write is held to its layout and its rules;
    ``restored_stay``: whether a record that was restored stays in the list of the deleted (the vendor does not say);
    ``data_center``: where the org lives; ``tells_scopes``: whether the accounts server names what a token may do.
    with the other fields (else it is ignored without a word); ``queries``: whether the login may use COQL;
    ``token_reach`` and ``query_reach``: how many records page tokens and a query's offsets reach; ``bulk``: whether the
    login may use Bulk Read; ``bulk_takes``: how long a job takes; ``bulk_rows``: most records of its file;
    ``bulk_failures``: so many of the next jobs fail; ``counts``: whether the login may count records.
    """

    client_id: str = "1000.SANDBOX"
    client_secret: str = "sandbox-client-secret"  # noqa: S105 - the simulation's own
    refresh_token: str = "1000.sandbox.refresh"  # noqa: S105 - the simulation's own
    edition: str = "enterprise"
    organisation_type: str = "production"
    time_zone: str = "Europe/Berlin"
    country: str = "DE"
    unique: frozenset[str] = frozenset()
    custom: tuple[Field, ...] = ()
    workflow: Workflow | None = None
    strict_picklists: bool = False
    restored_stay: bool = False
    skew: float = 0.0
    search_lag: float = 0.0
    credits: int | None = None
    tokens_per_window: int = 10
    data_center: str = "us"
    tells_scopes: bool = False
    ids_characters: int = 1_024
    tags_modify: bool = False
    tags_in_rows: bool = False
    bell_delay: float = 0.0
    bell_times: int = 1
    bell_lost: float = 0.0
    rights: Rights = field(default_factory=Rights)
    layouts: tuple[Layout, ...] = ()
    layout_always: bool = False
    spelling: Spelling = "plain"
    queries: bool = True
    token_reach: int = 100_000
    query_reach: int = 100_000
    bulk: bool = True
    bulk_takes: float = 40.0
    bulk_rows: int = 200_000
    bulk_failures: int = 0
    counts: bool = True


@dataclass
class Crm:
    """One org. ``login``: the user whose tokens are used where nothing else is said; ``me``: whose call is answered.

    ``zone`` is the org's time zone, and that of all users who have none of their own in ``zones``.
    """

    clock: Clock
    seed: int
    setup: ZohoSetup
    modules: dict[str, Module] = field(init=False)
    tables: dict[str, Table] = field(init=False)
    users: tuple[User, ...] = field(init=False)
    tags: dict[str, Tags] = field(init=False)
    locked: set[int] = field(default_factory=set)
    converted: set[int] = field(default_factory=set)
    normalisers: dict[str, list[Normaliser]] = field(default_factory=dict)
    indexes: dict[str, SearchIndex] = field(default_factory=dict)
    _tag_number: int = 0
    _due: deque[tuple[float, Table, int]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.layouts = Layouts(self.setup.layouts, BASE)
        self.modules = modules(self.setup.unique, self.setup.custom)
        self.tables = {name: Table(module) for name, module in self.modules.items()}
        self.users = users(BASE)
        self.zone = Zone(self.setup.time_zone)
        self.zones = {user.number: Zone(user.time_zone) for user in self.users if user.time_zone}
        self.login = self.me = self.users[0]
        self._next = BASE + 1_000_000
        self.tags = {name: Tags(self._new_tag) for name in self.modules}
        self._people = {user.number: user for user in self.users}
        self._shown: dict[str, Callable[[Entry], Any]] = self._views()

    def now(self) -> float:
        """Zoho's own idea of the time."""
        return self.clock.now() + self.setup.skew

    def second(self) -> int:
        """The whole second that a change made now is stamped with."""
        return int(self.now() // 1)

    def stamp(self, seconds: int) -> str:
        """A moment as the user sees it whose token asks."""
        return stamp(seconds, self.zone_of(self.me))

    def zone_of(self, user: User) -> Zone:
        """A user's time zone."""
        return self.zones.get(user.number, self.zone)

    def called_by(self, number: int) -> None:
        """The next call is this user's; 0 = whose logins are used where nothing else is said."""
        self.me = self._people.get(number, self.login)

    def user_named(self, named: str) -> User:
        """A user by id or e-mail address. Raises ValueError."""
        for user in self.users:
            if named in {str(user.number), user.email}:
                return user
        message = f"no such user: {named!r}; known: {', '.join(user.email for user in self.users if user.active)}"
        raise ValueError(message)

    def fresh_id(self) -> int:
        """An id above all earlier ones."""
        self._next += self.random.randrange(1, 9)
        return self._next

    def _new_tag(self) -> tuple[int, int, int]:
        self._tag_number += 11
        return BASE + 400_000 + self._tag_number, self.second(), self.me.number

    def above(self, number: int) -> None:
        """Let the next ids be larger than this one."""
        self._next = max(self._next, number)

    def user(self, number: int) -> User | None:
        """A user by id."""
        return self._people.get(number)

    # changes

    def create(self, table: Table, values: dict[str, Any], by: int, *, workflows: bool) -> Entry:
        """Store a new record."""
        now = self.second()
        values.setdefault("Owner", by)
        values = normalise(self.normalisers.get(table.module.name, ()), values)
        filled = {name: value for name, value in values.items() if value is not None}
        numbered = [f.name for f in table.module.fields.values() if f.kind == "autonumber"]
        entry = Entry(self.fresh_id(), now, now, by, by, filled)
        entry.values = {**filled, **dict.fromkeys(numbered, f"T-{entry.number % 100000}")}
        table.insert(entry)
        self._note(table, entry, "create" if workflows else "")
        return entry

    def change(self, table: Table, entry: Entry, values: dict[str, Any], by: int, *, workflows: bool) -> None:
        """Store changed values."""
        values = normalise(self.normalisers.get(table.module.name, ()), values)
        table.change(entry, values, self.second(), by)
        self._note(table, entry, "edit" if workflows else "")

    def restore(self, table: Table, number: int, by: int) -> Entry:
        """Take a record out of the recycle bin."""
        return table.restore(number, self.second(), by, stays=self.setup.restored_stay)

    def settle(self) -> None:
        """Let the workflows act whose time has come."""
        while self._due and self._due[0][0] <= self.now():
            due, table, number = self._due.popleft()
            entry, workflow = table.rows.get(number), self.setup.workflow
            if entry is not None and workflow is not None:
                table.change(entry, workflow.set, int(due // 1), self.users[0].number)
                self._note(table, entry, "")

    def _note(self, table: Table, entry: Entry, event: str) -> None:
        if index := self.indexes.get(table.module.name):
            index.note(entry, self.now() + self.setup.search_lag)
        workflow = self.setup.workflow
        if workflow is not None and event in workflow.on and table.module.name == "Contacts":
            self._due.append((self.now() + workflow.delay, table, entry.number))
            self.settle()

    def index(self, table: Table) -> SearchIndex:
        """The search index of a module, built when it is first asked for, brought up to what it may know now."""
        index = self.indexes.get(table.module.name)
        if index is None:
            index = self.indexes[table.module.name] = SearchIndex(table.module)
            for entry in table.rows.values():
                index.note(entry, entry.modified + self.setup.search_lag)
        index.catch_up(self.now())
        return index

    # how records are shown

    def known(self, table: Table, names: Iterable[str]) -> list[str]:
        """The names that this module has, in the order asked for."""
        fields = table.module.fields
        return [name for name in names if name in fields or name in _DOLLAR]

    def all_names(self, table: Table) -> list[str]:
        """Every name that a read by id shows."""
        return [*table.module.fields, *_DOLLAR]

    def render(self, entry: Entry, names: Sequence[str]) -> dict[str, Any]:
        """A record with these fields."""
        shown, values = self._shown, entry.values
        record: dict[str, Any] = {"id": str(entry.number)}
        for name in names:
            view = shown.get(name)
            record[name] = view(entry) if view is not None else values.get(name)
        return record

    def listed(self, table: Table, entry: Entry, names: Sequence[str]) -> dict[str, Any]:
        """A record as a list shows it to the API's user: some kinds are missing there, rich texts are cut."""
        fields = table.module.fields
        record = self.alone(entry, [name for name in names if name not in fields or fields[name].kind not in SINGLE])
        for name in names:
            if name in fields and fields[name].rich and isinstance(text := record.get(name), str):
                record[name] = text[:RICH_IN_LISTS]
        return record

    def alone(self, entry: Entry, names: Sequence[str]) -> dict[str, Any]:
        """A record as the read of it alone shows it to the API's user."""
        rights = self.setup.rights
        record = self.render(entry, [name for name in names if name not in rights.hidden])
        return record | {name: None for name in rights.restricted if name in record}

    def full_name(self, entry: Entry) -> str | None:
        """First and last name as Zoho joins them."""
        parts = (entry.values.get("First_Name"), entry.values.get("Last_Name"))
        return " ".join(part for part in parts if part) or None

    def called(self, table: Table, entry: Entry) -> str | None:
        """The name of a record."""
        name = table.module.name_field
        return self.full_name(entry) if name == "Full_Name" else entry.values.get(name)

    def _views(self) -> dict[str, Callable[[Entry], Any]]:
        views: dict[str, Callable[[Entry], Any]] = {
            "id": lambda e: str(e.number),
            "Owner": lambda e: self._people[e.values.get("Owner", e.created_by)].owner(),
            "Full_Name": self.full_name,
            "Created_By": lambda e: self._people[e.created_by].owner(),
            "Modified_By": lambda e: self._people[e.modified_by].owner(),
            "Created_Time": lambda e: self.stamp(e.created),
            "Modified_Time": lambda e: self.stamp(e.modified),
            "Last_Activity_Time": lambda e: self.stamp(e.modified),
            "Change_Log_Time__s": lambda e: self.stamp(e.modified),
            "Tag": lambda e: [tag.shown() for tag in e.values.get("Tag", ())],
            "Record_Status__s": lambda _: "Available",
            "Locked__s": lambda e: e.number in self.locked,
        }
        fields = [f for module in self.modules.values() for f in module.fields.values()]
        views |= {f.name: _flag(f.name) for f in fields if f.kind == "boolean" and not f.system}
        views |= {f.name: pointing(self, f) for f in fields if f.kind in POINTING and f.name not in views}
        return views | {name: _always(value) for name, value in _DOLLAR.items()}


def _flag(name: str) -> Callable[[Entry], bool]:
    """A box is ticked or not: it is never empty."""
    return lambda entry: bool(entry.values.get(name, False))


def _always(value: Any) -> Callable[[Entry], Any]:
    return lambda _: value


_DOLLAR: dict[str, Any] = {
    "$approval_state": "approved",
    "$editable": True,
    "$in_merge": False,
    "$approved": True,
    "$locked_for_me": False,
    "$field_states": None,
    "$review": None,
    "$sharing_permission": "full_access",
    "$approval": {"delegate": False, "approve": False, "reject": False, "resubmit": False},
    "$state": "save",
}
