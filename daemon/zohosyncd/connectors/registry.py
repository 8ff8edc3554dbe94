"""Every app that can be synced. A new connector is one folder and one line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from zohosyncd.connectors import carddav, zoho_crm
from zohosyncd.connectors.tools import ConnectorSpec

SPECS: Final[tuple[ConnectorSpec, ...]] = (zoho_crm.SPEC, carddav.SPEC)

BY_NAME: Final[Mapping[str, ConnectorSpec]] = MappingProxyType({spec.name: spec for spec in SPECS})
"""The apps by the name that account files use."""
