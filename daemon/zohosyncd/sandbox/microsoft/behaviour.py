"""In what ways the service can be unpleasant, as switches. Where its pages leave a doubt, both ways are here."""

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Behaviour:
    """The switches of one simulated service; they may be changed while it runs.

    Attributes:
        page: most rows of a page of changes, whatever is asked for.
        empty_pages: so many pages without a row come before the others in each round, each with a link to the next.
        replays: so many of the changes that the last round has told are told again.
        sparse: rows of changed contacts show only some of the properties, besides the id.
        removed_at_first: a first round also names what is no longer there.
        delay: seconds after which a change shows in rounds; lists and single reads show it at once.
        token_life: seconds after which a link to the next round or page is forgotten, None = never.
        forgotten: how a forgotten link is answered: 410 ``SyncStateNotFound``, 410 with a Location to begin anew, or
            400 with the same word.
        if_match: whether ``If-Match`` is looked at.
        batch: of independent requests in a batch, four run at once. The others wait, or are refused with 429.
        wait_in_batch: whether a 429 inside a batch says how long to wait.
        elsewhere: whether an immutable id finds a contact also by the path of a folder that it is not in any more.
        spells: whether contacts name their folder in another spelling of its id than the folder itself.
        conditions: a filter with more of them is too complex.
        renames: every change without ``displayName`` makes it anew from the parts of the name.
        birthdays: what a person's Outlook stores: 11:59 UTC of that day, or midnight in its own zone.
        zone: offset of that zone in hours.
        requests, seconds: as many requests in as many seconds for each app and mailbox.
        roles: what administrators have allowed to apps without a person.
    """

    page: int = 500
    empty_pages: int = 0
    replays: int = 0
    sparse: bool = False
    removed_at_first: bool = False
    delay: float = 0.0
    token_life: float | None = None
    forgotten: Literal["gone", "anew", "bad_request"] = "gone"
    if_match: bool = True
    batch: Literal["waits", "refuses"] = "waits"
    wait_in_batch: bool = True
    elsewhere: bool = True
    spells: bool = False
    conditions: int = 20
    renames: bool = True
    birthdays: Literal["noon", "midnight"] = "noon"
    zone: float = 1.0
    requests: int = 10_000
    seconds: float = 600.0
    roles: frozenset[str] = frozenset({"Contacts.ReadWrite"})

    def turn(self, name: str, value: object) -> bool:
        """Set a switch by its name; False where there is none. ``ValueError`` for a value of another kind."""
        if name not in self.__dataclass_fields__:
            return False
        if name == "roles" and isinstance(value, list):
            value = frozenset(map(str, value))
        before = getattr(self, name)
        same = isinstance(value, type(before)) or (isinstance(before, float) and isinstance(value, int))
        if not same and name != "token_life":
            raise ValueError(f"{name} is {before!r} and cannot be {value!r}")
        setattr(self, name, value)
        return True
