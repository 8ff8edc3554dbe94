"""What an e-mail, phone or web site is for: Google's types to our labels and back (vendor: Person, ``type``).

A type that a person has typed is "other" to us; it stays as it is until its item gets another label.
"""

from typing import Final

from zohosyncd.core.spelling import fold

_LABELS: Final = {
    "": "",
    "home": "home",
    "work": "work",
    "mobile": "mobile",
    "workmobile": "mobile",
    "homefax": "fax",
    "workfax": "fax",
    "otherfax": "fax",
    "fax": "fax",
    "homepage": "",
}

_TYPES: Final = {
    "emailAddresses": {"home": "home", "work": "work"},
    "phoneNumbers": {"home": "home", "work": "work", "mobile": "mobile", "fax": "workFax"},
    "urls": {"home": "home", "work": "work"},
}


def label_of(type_: str) -> str:
    """Our label: "work", "home", "mobile", "fax", "other", or "" where nothing is said.

    Args:
        type_: as the item has it, in any case, "" without one.
    """
    return _LABELS.get(fold(type_), "other")


def type_for(field: str, label: str) -> str:
    """The type of a new item of that field of a person; "" for none."""
    return _TYPES[field].get(label, "other" if label else "")
