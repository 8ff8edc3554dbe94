"""One mailbox as the connector knows it: the wire, what was seen lately, how it behaves, and which folder is which.

A contact is found by its id wherever it is, also in Deleted Items, so each one that was read alone has to say where it
is. The service may spell the id of one folder in several ways; what counts is the spelling in contacts that the folder
itself lists.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zohosyncd.connectors.microsoft365.client import GraphClient
from zohosyncd.connectors.microsoft365.recent import Recent
from zohosyncd.core.errors import ContractBroken


@dataclass(slots=True)
class Mailbox:
    """See above.

    Attributes:
        guarded: the service has refused a write for its old entity tag.
        pack: so many addresses are looked for by one search.
    """

    client: GraphClient
    recent: Recent
    guarded: bool = False
    pack: int = 10
    _here: dict[str, set[str]] = field(default_factory=dict)
    _elsewhere: dict[str, set[str]] = field(default_factory=dict)

    async def inside(self, folder: str, rows: Sequence[Mapping[str, Any]]) -> list[bool]:
        """Whether each of these contacts is in the folder.

        Raises:
            ContractBroken: one does not say where it is. The others of the RemoteError tree: nothing is known then.
        """
        parents = [row.get("parentFolderId") for row in rows]
        if not all(isinstance(each, str) and each for each in parents):
            raise ContractBroken("a contact does not say in which folder it is")
        here = self._here.setdefault(folder, {folder})
        elsewhere = self._elsewhere.setdefault(folder, set())
        unknown = {str(each) for each in parents} - here - elsewhere
        if unknown and (listed := await self.client.some_parent(folder)):
            here.add(listed)
            elsewhere |= unknown - {listed}
        return [each in here for each in parents]
