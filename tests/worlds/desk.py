"""A desk: an app of the sandbox with somebody at it who knows nothing of the daemon."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from tests.worlds.person import Person
from zohosyncd.sandbox.wire import App


class Desk(Protocol):
    """One account of one app, with what a person does there.

    Attributes:
        name: the account's name. app: the simulated app. object: what a connection's file says, "" for the default.
        holds: the fields of a Person that it can hold, ``out`` only where people can opt out.
        normalisation: object and rules of a server as the vendor's, for ``App.normalise``.
        settles: seconds after which everything that was done shows in lists and feeds.
        changes: the fields among ``holds`` that a person can change there one by one (all but ``emails`` and ``out``).
    """

    name: str
    app: App
    object: str
    holds: frozenset[str]
    normalisation: tuple[str, Sequence[Mapping[str, Any]]]
    settles: float

    def account(self, folder: Path) -> str:
        """The account's file; secrets of it are written below ``folder / "secrets"``."""
        ...

    def add(self, person: Person) -> str:
        """Somebody makes a record; its id."""
        ...

    def change(self, record_id: str, **values: Any) -> None:
        """Somebody changes fields of a Person: the others stay as they are."""
        ...

    def opt_out(self, record_id: str) -> None:
        """The person wants no e-mails any more; only where ``out`` is held."""
        ...

    def remove(self, record_id: str) -> None:
        """Somebody deletes a record."""
        ...

    def people(self) -> dict[str, Person]:
        """Everybody, by id: what somebody sees who looks at all records."""
        ...
