"""The Mailman connector keeps the promises of a connector, against the simulated core."""

from tests.connectors.contract import ConnectorContract
from tests.connectors.http_faults import HttpFaults


class TestMailmanConnector(ConnectorContract):
    """See the contract."""


class TestMailmanFaults(HttpFaults):
    """See the suite."""
