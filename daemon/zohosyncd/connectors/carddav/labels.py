"""What an e-mail, phone or web site is for: TYPE parameters and Apple's labels, to our labels and back."""

from collections.abc import Sequence
from typing import Final

from zohosyncd.connectors.carddav.vcard import Parameters

_BY_TYPE: Final = (
    ("fax", "fax"),
    ("cell", "mobile"),
    ("mobile", "mobile"),
    ("work", "work"),
    ("home", "home"),
    ("other", "other"),
    ("x-other", "other"),
    ("pager", "other"),
    ("car", "other"),
)
"""The first type that a line has decides: a fax at work is a fax, a mobile phone of the company a mobile phone."""

_BY_WORD: Final = {
    "work": "work",
    "home": "home",
    "mobile": "mobile",
    "iphone": "mobile",
    "cell": "mobile",
    "workfax": "fax",
    "homefax": "fax",
    "fax": "fax",
    "homepage": "",
}
"""Apple's own label words; what a person has typed there is "other"."""

_WRITTEN: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "TEL": {"work": ("WORK", "VOICE"), "home": ("HOME", "VOICE"), "mobile": ("CELL",), "fax": ("FAX",)},
    "EMAIL": {"work": ("WORK",), "home": ("HOME",)},
    "URL": {"work": ("WORK",), "home": ("HOME",)},
}
_FOR_A_LABEL: Final = frozenset(kind for kind, _ in _BY_TYPE)


def label_of(types: frozenset[str], word: str) -> str:
    """Our label: "work", "home", "mobile", "fax", "other", or "" where nothing is said.

    Args:
        types: the TYPE parameters in lower case.
        word: the text of X-ABLabel, "" without one.
    """
    for kind, label in _BY_TYPE:
        if kind in types:
            return label
    return _BY_WORD.get(word.replace(" ", "").lower(), "other") if word else ""


def types_for(name: str, label: str, version: str) -> tuple[str, ...]:
    """The TYPE parameters of a new line of that property."""
    types = _WRITTEN[name].get(label, ("OTHER",) if label else ())
    if version == "4.0":
        return tuple(kind.lower() for kind in types)
    return ("INTERNET", *types) if name == "EMAIL" else types  # RFC 2426 section 3.3.2


def relabelled(parameters: Parameters, name: str, label: str, version: str) -> list[tuple[str, Sequence[str]]]:
    """A line's parameters with the types of another label; all other types and parameters stay."""
    kept = [kind for kind in parameters.get("TYPE") if kind.lower() not in _FOR_A_LABEL]
    known = {kind.lower() for kind in kept}
    types = [*kept, *(kind for kind in types_for(name, label, version) if kind.lower() not in known)]
    others: list[tuple[str, Sequence[str]]] = [entry for entry in parameters.entries if entry[0] != "TYPE"]
    return [("TYPE", types), *others] if types else others
