"""The fields of the modules that every org has, of one of its own, and custom fields of every kind."""

from typing import Any

from .schema import NUMBERS, Field, Module

_LEAD_SOURCES = ("-None-", "Advertisement", "Cold Call", "Employee Referral", "External Referral", "Online Store",
                 "Partner", "Public Relations", "Sales Email Alias", "Seminar Partner", "Internal Seminar",
                 "Trade Show", "Web Download", "Web Research", "Chat")  # fmt: skip
_GROUPS = ("-None-", "Wholesale", "Retail", "Press", "Partner")
_INTERESTS = ("Machines", "Spare parts", "Training")
_SALUTATIONS = ("-None-", "Mr.", "Mrs.", "Ms.", "Dr.", "Prof.")


def _phone(name: str, label: str) -> Field:
    return Field(name, label, "phone", 30)


def _system(name: str, label: str, kind: str, **more: Any) -> Field:
    return Field(name, label, kind, system=True, **more)


def _address(prefix: str, label: str) -> list[Field]:
    parts = (("Street", 250), ("City", 100), ("State", 100), ("Zip", 30), ("Country", 100))
    return [Field(f"{prefix}_{part}", f"{label} {part}", "text", length) for part, length in parts]


_STAMPS = [
    _system("Created_By", "Created By", "ownerlookup", length=120),
    _system("Modified_By", "Modified By", "ownerlookup", length=120),
    _system("Created_Time", "Created Time", "datetime"),
    _system("Modified_Time", "Modified Time", "datetime"),
    _system("Last_Activity_Time", "Last Activity Time", "datetime"),
    _system("Tag", "Tag", "text", length=2000),
]

_CONTACTS = [
    Field("Owner", "Contact Owner", "ownerlookup", 120),
    Field("Salutation", "Salutation", "picklist", 120, choices=_SALUTATIONS),
    Field("First_Name", "First Name", "text", 40),
    Field("Last_Name", "Last Name", "text", 80, mandatory=True),
    _system("Full_Name", "Full Name", "text", length=120),
    Field("Account_Name", "Account Name", "lookup", 200, target="Accounts"),
    Field("Email", "Email", "email", 100),
    Field("Secondary_Email", "Secondary Email", "email", 100),
    Field("Title", "Title", "text", 100),
    Field("Department", "Department", "text", 50),
    _phone("Phone", "Phone"),
    _phone("Mobile", "Mobile"),
    _phone("Home_Phone", "Home Phone"),
    _phone("Other_Phone", "Other Phone"),
    Field("Fax", "Fax", "text", 30),
    Field("Assistant", "Assistant", "text", 40),
    _phone("Asst_Phone", "Asst Phone"),
    Field("Date_of_Birth", "Date of Birth", "date", 20),
    Field("Lead_Source", "Lead Source", "picklist", 120, choices=_LEAD_SOURCES),
    Field("Skype_ID", "Skype ID", "text", 50),
    Field("Twitter", "Twitter", "text", 50),
    Field("Email_Opt_Out", "Email Opt Out", "boolean", 5),
    *_address("Mailing", "Mailing"),
    *_address("Other", "Other"),
    Field("Description", "Description", "textarea", 32_000),
    *_STAMPS,
    _system("Unsubscribed_Mode", "Unsubscribed Mode", "picklist", length=120),
    _system("Unsubscribed_Time", "Unsubscribed Time", "datetime"),
    _system("Change_Log_Time__s", "Change Log Time", "datetime"),
    _system("Record_Status__s", "Record Status", "picklist", length=120),
    _system("Locked__s", "Locked", "boolean", length=5),
    _system("Record_Image", "Contact Image", "profileimage"),
    Field("Customer_Number", "Customer Number", "text", 60, custom=True),
    Field("Customer_Group", "Customer Group", "picklist", 120, custom=True, choices=_GROUPS),
    Field("Language", "Language", "text", 20, custom=True),
    Field("Discount", "Discount", "double", 5, custom=True),
    Field("Customer_Since", "Customer Since", "date", 20, custom=True),
    Field("Key_Account", "Key Account", "boolean", 5, custom=True),
    Field("Profile_Page", "Profile Page", "website", 450, custom=True),
    Field("Interests", "Interests", "multiselectpicklist", 120, custom=True, choices=_INTERESTS),
]

_ACCOUNTS = [
    Field("Owner", "Account Owner", "ownerlookup", 120),
    Field("Account_Name", "Account Name", "text", 200, mandatory=True),
    _phone("Phone", "Phone"),
    Field("Website", "Website", "website", 255),
    Field("Industry", "Industry", "picklist", 120, choices=("-None-", "Education", "Manufacturing", "Technology")),
    Field("Employees", "Employees", "integer", 9),
    Field("Annual_Revenue", "Annual Revenue", "currency", 16),
    *[f for prefix in ("Billing", "Shipping") for f in _address(prefix, prefix) if not f.name.endswith("_Zip")],
    Field("Billing_Code", "Billing Code", "text", 30),
    Field("Shipping_Code", "Shipping Code", "text", 30),
    Field("Description", "Description", "textarea", 32_000),
    *_STAMPS,
]


_LEADS = [
    Field("Owner", "Lead Owner", "ownerlookup", 120),
    Field("Salutation", "Salutation", "picklist", 120, choices=_SALUTATIONS),
    Field("First_Name", "First Name", "text", 40),
    Field("Last_Name", "Last Name", "text", 80, mandatory=True),
    _system("Full_Name", "Full Name", "text", length=120),
    Field("Company", "Company", "text", 100, mandatory=True),
    Field("Designation", "Title", "text", 100),
    Field("Email", "Email", "email", 100),
    Field("Secondary_Email", "Secondary Email", "email", 100),
    _phone("Phone", "Phone"),
    _phone("Mobile", "Mobile"),
    Field("Fax", "Fax", "text", 30),
    Field("Website", "Website", "website", 255),
    Field("Lead_Source", "Lead Source", "picklist", 120, choices=_LEAD_SOURCES),
    Field("Email_Opt_Out", "Email Opt Out", "boolean", 5),
    *[Field(name, label, "text", length) for name, label, length in (
        ("Street", "Street", 250), ("City", "City", 100), ("State", "State", 100), ("Zip_Code", "Zip Code", 30),
        ("Country", "Country", 100),
    )],
    Field("Description", "Description", "textarea", 32_000),
    *_STAMPS,
    _system("Unsubscribed_Mode", "Unsubscribed Mode", "picklist", length=120),
    _system("Unsubscribed_Time", "Unsubscribed Time", "datetime"),
]  # fmt: skip

_MEMBERS = [
    Field("Owner", "Member Owner", "ownerlookup", 120),
    Field("Name", "Member Name", "text", 120, mandatory=True),
    Field("Email", "Email", "email", 100),
    Field("Secondary_Email", "Secondary Email", "email", 100),
    _phone("Phone", "Phone"),
    Field("Position", "Position", "text", 100),
    Field("Note", "Note", "text", 100),
    Field("Member_Since", "Member Since", "date", 20),
    Field("Contact", "Contact", "lookup", 200, target="Contacts", custom=True),
    Field("Email_Opt_Out", "Email Opt Out", "boolean", 5),
    *_STAMPS,
]
"""A module of the org's own."""

EVERY_KIND = (
    Field("Text_1", "Text", "text", 255, custom=True),
    Field("Notes_1", "Notes", "textarea", 2_000, custom=True),
    Field("Story", "Story", "textarea", 50_000, custom=True, rich=True),
    Field("Private_Email", "Private e-mail", "email", 100, custom=True),
    Field("Hotline", "Hotline", "phone", 30, custom=True),
    Field("Shop", "Shop", "website", 450, custom=True),
    Field("Size", "Size", "picklist", 120, custom=True, choices=("-None-", "S", "L"), displays=("-", "Klein", "Groß")),
    Field("Topics", "Topics", "multiselectpicklist", 120, custom=True, choices=("red", "green", "blue"),
          displays=("Rot", "Grün", "Blau")),
    Field("Agreed", "Agreed", "boolean", 5, custom=True),
    Field("Seats", "Seats", "integer", 9, custom=True),
    Field("Big_Number", "Big number", "bigint", 18, custom=True),
    Field("Weight", "Weight", "double", 16, custom=True),
    Field("Budget", "Budget", "currency", 16, custom=True),
    Field("Rebate", "Rebate", "percent", 5, custom=True),
    Field("Hired", "Hired", "date", 20, custom=True),
    Field("Last_Call", "Last call", "datetime", custom=True),
    Field("Referrer", "Referred by", "lookup", 200, custom=True, target="Contacts"),
    Field("Partners", "Partners", "multiselectlookup", custom=True, target="Contacts"),
    Field("Agents", "Agents", "multiuserlookup", custom=True),
    Field("Advisor", "Advisor", "userlookup", custom=True),
    Field("Children", "Children", "subform", custom=True),
    _system("Ticket", "Ticket", "autonumber", custom=True),
    _system("Score", "Score", "formula", custom=True),
    Field("Papers", "Papers", "fileupload", custom=True),
    Field("Pictures", "Pictures", "imageupload", custom=True),
    Field("Basis", "Data processing basis", "consent_lookup", custom=True),
    Field("Hologram", "Hologram", "hologram", custom=True),
)  # fmt: skip
"""One custom field of each kind, and one of a kind that nobody knows yet: see ``ZohoSetup.custom``."""


def modules(unique: frozenset[str] = frozenset(), custom: tuple[Field, ...] = ()) -> dict[str, Module]:
    """The org's modules; ``unique`` fields of Contacts forbid duplicates, ``custom`` ones are added to it."""
    contacts = {f.name: f for f in (*_CONTACTS, *custom)}
    if strangers := unique - contacts.keys():
        message = f"no such field of Contacts: {', '.join(sorted(strangers))}"
        raise ValueError(message)
    for name in unique:
        old = contacts[name]
        contacts[name] = Field(old.name, old.label, old.kind, old.length, old.mandatory, custom=old.custom, unique=True)
    emails = tuple(name for name, f in contacts.items() if f.kind == "email")
    phones = tuple(name for name, f in contacts.items() if f.kind == "phone")
    words = (*emails, *phones, "First_Name", "Last_Name", "Full_Name", "Customer_Number")
    return {
        "Contacts": Module("Contacts", NUMBERS["Contacts"], contacts, "Email", words, emails, phones),
        "Accounts": Module(
            "Accounts",
            NUMBERS["Accounts"],
            {f.name: f for f in _ACCOUNTS},
            "Account_Name",
            ("Account_Name", "Phone"),
            (),
            ("Phone",),
        ),
        "Leads": Module(
            "Leads",
            NUMBERS["Leads"],
            {f.name: f for f in _LEADS},
            "Email",
            ("Email", "Phone", "Full_Name", "Company"),
            ("Email", "Secondary_Email"),
            ("Phone", "Mobile"),
        ),
        "Members": Module(
            "Members",
            NUMBERS["Members"],
            {f.name: f for f in _MEMBERS},
            "Name",
            ("Name", "Email"),
            ("Email",),
            ("Phone",),
            custom=True,
        ),
    }
