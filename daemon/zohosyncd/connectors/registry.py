"""Every app that can be synced. A new connector is one folder and one line here; plug-ins are found beside them.

An app of ours wins over a plug-in's of the same name. See :mod:`zohosyncd.connectors.plugins` for those.
"""

from typing import Final

from zohosyncd.connectors import carddav, google_contacts, hubspot, mailchimp, mailman, microsoft365, zoho_crm
from zohosyncd.connectors.plugins import Apps
from zohosyncd.connectors.tools import ConnectorSpec

SPECS: Final[tuple[ConnectorSpec, ...]] = (
    zoho_crm.SPEC,
    google_contacts.SPEC,
    microsoft365.SPEC,
    carddav.SPEC,
    mailchimp.SPEC,
    hubspot.SPEC,
    mailman.SPEC,
)
"""Our own, in the order in which they are listed."""

BY_NAME: Final = Apps(SPECS)
"""All apps by the name that account files use: ours, and those of plug-ins, which are loaded when they are wanted."""
