"""What merge fields take, by their type (vendor: merge fields, "Add merge data to contacts")."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from typing import Any, Final
from urllib.parse import urlsplit

from .setup import MailchimpSetup

TYPES: Final = (
    "text",
    "number",
    "address",
    "phone",
    "date",
    "url",
    "imageurl",
    "radio",
    "dropdown",
    "birthday",
    "zip",
)
MISSING: Final = "Please enter a value"
_PARTS: Final = ("addr1", "addr2", "city", "state", "zip", "country")
_COUNTRIES: Final = {
    "germany": "DE", "ireland": "IE", "france": "FR", "united states": "US", "usa": "US", "united kingdom": "GB",
    "austria": "AT", "switzerland": "CH", "canada": "CA", "poland": "PL", "spain": "ES", "italy": "IT",
}  # fmt: skip
"""Countries whose names are known here; the vendor knows them all."""


class WrongValue(Exception):
    """A value that a field does not take, with the message that says so."""


@dataclass(frozen=True, slots=True)
class MergeField:
    """One merge field of an audience."""

    merge_id: int
    tag: str
    name: str
    type: str = "text"
    required: bool = False
    default_value: str = ""
    public: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)

    def stored(self, value: Any, setup: MailchimpSetup) -> Any:
        """What is kept of a value, "" for nothing. Raises WrongValue."""
        if value is None or value == "" or (isinstance(value, str) and not value.strip()):
            return ""
        if self.type == "address":
            return _address(value, setup)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise WrongValue("Data did not match any of the schemas described in anyOf.")
        text = str(value).strip()
        match self.type:
            case "number":
                return _number(text)
            case "date":
                return _date(text)
            case "birthday":
                return _birthday(text)
            case "url" | "imageurl":
                return _url(text)
            case "zip":
                return _zip(text)
            case "radio" | "dropdown":
                return self._choice(text)
            case "phone" if self.options.get("phone_format") == "US":
                return _us_phone(text)
            case _:
                return _cut(str(value), setup.longest_text)

    def _choice(self, text: str) -> str:
        if text not in self.options.get("choices", ()):
            raise WrongValue("Please select one of the given choices")
        return text


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode("utf-8", "ignore")


def _number(text: str) -> int | float:
    try:
        number = float(text)
    except ValueError:
        raise WrongValue("Please enter a number") from None
    if not isfinite(number):
        raise WrongValue("Please enter a number")
    return int(number) if number.is_integer() else number


def _date(text: str) -> str:
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", text, re.ASCII)
    parts = found.groups() if found else ()
    if not found and (american := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text, re.ASCII)):
        month, day, year = american.groups()
        parts = (year, month, day)
    try:
        return date(*(int(each) for each in parts)).isoformat()
    except (ValueError, TypeError):
        raise WrongValue("Please enter the date") from None


def _birthday(text: str) -> str:
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})", text, re.ASCII)
    try:
        if found is None:
            raise ValueError
        made = date(2004, int(found[1]), int(found[2]))
    except ValueError:
        raise WrongValue("Please enter a month (01-12) and a day (01-31)") from None
    return f"{made.month:02}/{made.day:02}"


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or "." not in parts.netloc:
        raise WrongValue("Please enter a complete URL")
    return text


def _zip(text: str) -> str:
    if not re.fullmatch(r"\d{5}", text, re.ASCII):
        raise WrongValue("Please enter a 5 digit zip code")
    return text


def _us_phone(text: str) -> str:
    digits = re.sub(r"\D", "", text).removeprefix("1")
    foreign = text.startswith("+") and not text.startswith("+1")
    if len(digits) != 10 or foreign:
        raise WrongValue("Please enter a valid phone number")
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"


def _address(value: Any, setup: MailchimpSetup) -> Any:
    if not isinstance(value, Mapping):
        raise WrongValue("Please enter a complete address")
    if value.keys() - set(_PARTS) or not all(isinstance(each, str) for each in value.values()):
        raise WrongValue("Data did not match any of the schemas described in anyOf.")
    parts = {part: value.get(part, "").strip() for part in _PARTS}
    if not any(parts[part] for part in _PARTS if part != "country"):
        return ""
    if not all(parts[part] for part in setup.address_needs):
        raise WrongValue("Please enter a complete address")
    country = parts["country"]
    parts["country"] = _COUNTRIES.get(country.lower(), country.upper()[:2]) if country else "US"
    return parts
