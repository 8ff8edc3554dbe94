"""What the standard fields of Zoho's modules mean to us. Labels may be renamed, API names stay.

A module of the org's own has no standard fields but its name and those that every module has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a field means: the words of ``core.schema.Field``."""

    semantic: str
    part: str = ""
    slot: int = 0
    label: str = ""


_PERSON: Final = {
    "Salutation": Meaning("prefix"),
    "First_Name": Meaning("given_name"),
    "Last_Name": Meaning("family_name"),
    "Full_Name": Meaning("full_name"),
    "Email": Meaning("emails"),
    "Secondary_Email": Meaning("emails", slot=1, label="other"),
    "Phone": Meaning("phones", label="work"),
    "Mobile": Meaning("phones", slot=1, label="mobile"),
    "Home_Phone": Meaning("phones", slot=2, label="home"),
    "Other_Phone": Meaning("phones", slot=3, label="other"),
    "Title": Meaning("title"),
    "Description": Meaning("notes"),
    "Email_Opt_Out": Meaning("opted_out"),
}
_CONTACT: Final = {
    **_PERSON,
    "Department": Meaning("department"),
    "Account_Name": Meaning("company"),
    "Date_of_Birth": Meaning("birthday"),
    "Mailing_Street": Meaning("address", part="street"),
    "Mailing_City": Meaning("address", part="city"),
    "Mailing_State": Meaning("address", part="region"),
    "Mailing_Zip": Meaning("address", part="code"),
    "Mailing_Country": Meaning("address", part="country"),
}
_LEAD: Final = {
    **_PERSON,
    "Title": Meaning("title"),
    "Designation": Meaning("title"),
    "Company": Meaning("company"),
    "Website": Meaning("websites"),
    "Street": Meaning("address", part="street"),
    "City": Meaning("address", part="city"),
    "State": Meaning("address", part="region"),
    "Zip_Code": Meaning("address", part="code"),
    "Country": Meaning("address", part="country"),
}
_ACCOUNT: Final = {
    "Account_Name": Meaning("company"),
    "Phone": Meaning("phones", label="work"),
    "Website": Meaning("websites"),
    "Description": Meaning("notes"),
    "Billing_Street": Meaning("address", part="street"),
    "Billing_City": Meaning("address", part="city"),
    "Billing_State": Meaning("address", part="region"),
    "Billing_Code": Meaning("address", part="code"),
    "Billing_Country": Meaning("address", part="country"),
}
_OWN: Final = {
    "Name": Meaning("full_name"),
    "Email": Meaning("emails"),
    "Secondary_Email": Meaning("emails", slot=1, label="other"),
    "Email_Opt_Out": Meaning("opted_out"),
}
"""What fields of these names mean in a module of the org's own: Zoho makes them itself."""

_OWN_TYPES: Final = {"Name": "text", "Email": "email", "Secondary_Email": "email", "Email_Opt_Out": "boolean"}

MODULES: Final[Mapping[str, Mapping[str, Meaning]]] = {"Contacts": _CONTACT, "Leads": _LEAD, "Accounts": _ACCOUNT}
"""The modules whose standard fields we know."""


def meanings_of(module: str, types: Mapping[str, str]) -> Mapping[str, Meaning]:
    """What the fields of a module mean, by name.

    Args:
        module: its API name. types: its fields' data types by name.
    """
    if module in MODULES:
        return MODULES[module]
    return {name: meaning for name, meaning in _OWN.items() if types.get(name) == _OWN_TYPES[name]}
