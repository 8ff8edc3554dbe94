"""The in-memory app: a plain app made of dictionaries, and the connector to it.

It serves pipeline tests and simulations, which need an app that can be made to behave like any other (see
:class:`Behaviour`) and to fail in every way that the port knows (see :class:`Fault`). It passes the contract suite of
all connectors. It imports core and ports only; time comes from the Clock that it is given, so that equal calls at
equal times give equal answers.
"""

from zohosyncd.connectors.memory.app import MemoryApp, WriteSeen
from zohosyncd.connectors.memory.behaviour import Behaviour, Call, Fault, FaultKind
from zohosyncd.connectors.memory.connector import MemoryConnector
from zohosyncd.connectors.memory.schemas import LISTS_SCHEMA, MEMBERS_SCHEMA, OWNERS, SLOTS_SCHEMA

__all__ = [
    "LISTS_SCHEMA",
    "MEMBERS_SCHEMA",
    "OWNERS",
    "SLOTS_SCHEMA",
    "Behaviour",
    "Call",
    "Fault",
    "FaultKind",
    "MemoryApp",
    "MemoryConnector",
    "WriteSeen",
]
