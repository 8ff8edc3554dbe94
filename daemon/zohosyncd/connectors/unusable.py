"""What stands in for a plug-in that cannot be used: its accounts wait, with the reason and its cure; others go on."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final, NoReturn

from pydantic import ConfigDict

from zohosyncd.connectors.tools import ConnectorSpec
from zohosyncd.core.errors import Unavailable
from zohosyncd.core.schema import Schema
from zohosyncd.ports.connector import AccountInfo, Capabilities, Created, Fetched, Page, WriteOp, WriteResult
from zohosyncd.settings.accounts import AccountOptions

_NOTHING: Final = Capabilities(
    feed="list",
    reports_deletions=False,
    exact_versions=False,
    modified_times=False,
    returns_record=False,
    whole_records=False,
    client_ids=False,
    batch=1,
    fetch_batch=1,
    lanes=1,
    settle=0.0,
    deletable=False,
)


class AnyKeys(AccountOptions):
    """The keys of an account whose app cannot say which there are."""

    model_config = ConfigDict(extra="allow")


class Unusable:
    """A connector that can only say why it is none; see ports.connector.Connector."""

    def __init__(self, app: str, trouble: Unavailable) -> None:
        self._app, self._trouble = app, trouble

    @property
    def app(self) -> str:
        """The app's name."""
        return self._app

    @property
    def capabilities(self) -> Capabilities:
        """The least that there is."""
        return _NOTHING

    def _fail(self) -> NoReturn:
        raise Unavailable(self._trouble.message, hint=self._trouble.hint)

    async def check(self) -> AccountInfo:
        """Raises Unavailable, as everything else."""
        self._fail()

    async def objects(self) -> Mapping[str, str]:
        """See :meth:`check`."""
        self._fail()

    async def resolve(self, name: str) -> str:  # noqa: ARG002 - the port's signature
        """See :meth:`check`."""
        self._fail()

    async def schema(self, ref: str) -> Schema:  # noqa: ARG002
        """See :meth:`check`."""
        self._fail()

    async def changes(
        self, ref: str, fields: Sequence[str], cursor: str | None, *, deletions: bool = True  # noqa: ARG002
    ) -> AsyncIterator[Page]:  # fmt: skip
        """See :meth:`check`."""
        self._fail()
        yield

    async def fetch(self, ref: str, fields: Sequence[str], ids: Sequence[str]) -> list[Fetched]:  # noqa: ARG002
        """See :meth:`check`."""
        self._fail()

    async def recheck(self, ref: str) -> None:  # noqa: ARG002
        """See :meth:`check`."""
        self._fail()

    async def write(self, ref: str, ops: Sequence[WriteOp]) -> list[WriteResult]:  # noqa: ARG002
        """See :meth:`check`."""
        self._fail()

    async def created_since(self, ref: str, fields: Sequence[str], since: float) -> AsyncIterator[Created]:  # noqa: ARG002
        """See :meth:`check`."""
        self._fail()
        yield

    async def find(self, ref: str, addresses: Sequence[str]) -> list[str] | None:  # noqa: ARG002
        """See :meth:`check`."""
        self._fail()


def stand_in(name: str, trouble: Unavailable) -> ConnectorSpec:
    """A spec with which an app's accounts can be configured, and do nothing but tell this trouble."""
    return ConnectorSpec(name, name, AnyKeys, lambda _options, _tools: Unusable(name, trouble), unusable=trouble)
