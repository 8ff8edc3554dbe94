"""What becomes of accepted values: how they are stored, and how a person is shown with all that is output only."""

import base64
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from zohosyncd.sandbox.parts.normaliser import Normaliser

from .behaviour import GoogleBehaviour
from .checking import Fields, Item
from .refusals import Refused
from .schema import WRITABLE


@dataclass(frozen=True, slots=True)
class Contact:
    """One state of one contact. ``source`` is the id of the contact source, ``version`` grows with each change.

    ``name`` is its resource name, ``former`` those that it had. ``fields`` has no empty lists.
    """

    source: str
    name: str
    fields: Mapping[str, tuple[Item, ...]]
    updated: float
    version: int
    former: tuple[str, ...] = ()

    @property
    def source_etag(self) -> str:
        """The etag of the contact source, which updates must name."""
        return f"#{_digest(self.source, self.version, 8)}"

    @property
    def etag(self) -> str:
        """The etag of the person."""
        return f"%{_digest(self.name + self.source, self.version, 18)}"

    def groups(self) -> list[str]:
        """The resource names of its groups."""
        return [each["contactGroupMembership"]["contactGroupResourceName"] for each in self.fields["memberships"]]

    def outside(self, group: str) -> tuple[Item, ...]:
        """Its memberships without one group."""
        return tuple(
            each
            for each in self.fields["memberships"]
            if each["contactGroupMembership"]["contactGroupResourceName"] != group
        )


def _digest(what: str, version: int, length: int) -> str:
    return base64.b64encode(hashlib.sha256(f"{what}/{version}".encode()).digest()[:length]).decode()


@dataclass(slots=True)
class Storing:
    """How values are stored. ``rules`` are what a test has the server do to them (fields as ``names.givenName``)."""

    behaviour: GoogleBehaviour
    rules: list[Normaliser] = field(default_factory=list)

    def stored(self, fields: Fields) -> dict[str, tuple[Item, ...]]:
        """Each field as it is stored, empty where nothing is left of it."""
        return {name: self._field(name, items) for name, items in fields.items()}

    def check(self, fields: Mapping[str, Collection[Item]]) -> None:
        """Raises Refused for a contact that is too large."""
        count = sum(len(items) for items in fields.values())
        if count > self.behaviour.fields:
            raise Refused("INVALID_ARGUMENT", f"A contact can have at most {self.behaviour.fields} fields.")
        if len(json.dumps({name: list(items) for name, items in fields.items()})) > self.behaviour.contact_bytes:
            raise Refused("INVALID_ARGUMENT", "The contact is too large.")

    def _field(self, name: str, items: Iterable[Item]) -> tuple[Item, ...]:
        kept: list[Item] = []
        for item in items:
            made = self._item(name, item)
            known = [_bare(each) for each in kept] if self.behaviour.distinct_values or name == "memberships" else []
            if any(made.get(part) for part in WRITABLE[name].substance) and _bare(made) not in known:
                kept.append(made)
        return tuple(kept)

    def _item(self, name: str, item: Item) -> Item:
        made = {key: value.strip() if isinstance(value, str) else value for key, value in item.items()}
        if name == "emailAddresses" and self.behaviour.lower_case_emails:
            made["value"] = made.get("value", "").lower()
        for rule in self.rules:
            field_name, _, part = rule.name.partition(".")
            if field_name == name and (part or "value") in made:
                made[part or "value"] = rule.apply(made[part or "value"])
        if name == "names":
            made = _name(made, parse=self.behaviour.parse_names)
        if name == "biographies":
            made.setdefault("contentType", "TEXT_PLAIN")
        return {key: value for key, value in made.items() if value not in ("", None, {})}


def _bare(item: Item) -> Item:
    return {key: value for key, value in item.items() if key != "metadata"}


def _name(item: Item, *, parse: bool) -> Item:
    """A structured name decides; a free one alone is taken apart."""
    whole = item.get("unstructuredName", "")
    if any(value for key, value in item.items() if key not in ("unstructuredName", "metadata")):
        return {key: value for key, value in item.items() if key != "unstructuredName"}
    if not whole or not parse:
        return item
    *given, last = whole.split()
    return {**item, "givenName": " ".join(given), "familyName": last} if given else {**item, "givenName": last}


def display_name(item: Mapping[str, Any]) -> str:
    """The name as it is shown."""
    if whole := item.get("unstructuredName"):
        return str(whole)
    parts = ("honorificPrefix", "givenName", "middleName", "familyName")
    name = " ".join(item[part] for part in parts if item.get(part))
    return ", ".join(part for part in (name, item.get("honorificSuffix", "")) if part)


@dataclass(slots=True)
class Showing:
    """How a person is shown. ``calling_code`` completes national phone numbers."""

    behaviour: GoogleBehaviour

    def person(
        self,
        contact: Contact,
        mask: Collection[str],
        *,
        most: int | None = None,
        profile: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """A person of one contact.

        Args:
            mask: the fields. most: how many e-mail addresses and phone numbers at most (lists show 100).
            profile: that of the same person, where the sources asked for include it.
        """
        shown: dict[str, Any] = {"resourceName": contact.name, "etag": contact.etag}
        if "metadata" in mask:
            shown["metadata"] = self.metadata(contact, profile)
        for name, items in contact.fields.items():
            if name in mask and items:
                limit = most if name in ("emailAddresses", "phoneNumbers") else None
                shown[name] = self.items(contact, name, items)[:limit]
        if profile is not None and "names" in mask:
            source = {"type": "PROFILE", "id": profile["name"].removeprefix("people/")}
            for each in shown.setdefault("names", []):
                each["metadata"].pop("primary", None)
            name = profile["displayName"]
            whole = {"displayName": name, "displayNameLastFirst": name, "unstructuredName": name}
            shown["names"].insert(0, {"metadata": {"primary": True, "source": source, "sourcePrimary": True}, **whole})
        return shown

    @staticmethod
    def metadata(contact: Contact, profile: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The metadata of a person: its contact source, and its profile source."""
        source = {"type": "CONTACT", "id": contact.source, "etag": contact.source_etag,
                  "updateTime": timestamp(contact.updated)}  # fmt: skip
        sources = [source]
        if profile is not None:
            number = profile["name"].removeprefix("people/")
            sources.append({"type": "PROFILE", "id": number, "etag": f"#{number[-6:]}"})
        return {"sources": sources, "objectType": "PERSON"}

    def items(self, contact: Contact, name: str, items: Iterable[Item]) -> list[dict[str, Any]]:
        """The items of one field with their metadata and what is output only."""
        listed = list(items)
        flagged = [at for at, each in enumerate(listed) if each.get("metadata", {}).get("sourcePrimary")]
        first = flagged[0] if flagged else 0
        return [self._item(contact, name, each, primary=at == first) for at, each in enumerate(listed)]

    def _item(self, contact: Contact, name: str, item: Item, *, primary: bool) -> dict[str, Any]:
        metadata: dict[str, Any] = {"source": {"type": "CONTACT", "id": contact.source}}
        if primary:
            metadata = {"primary": True, **metadata, **({"sourcePrimary": True} if name != "memberships" else {})}
        return {"metadata": metadata, **_bare(item), **self._output_only(name, item)}

    def _output_only(self, name: str, item: Item) -> dict[str, Any]:
        more: dict[str, Any] = {}
        if "type" in item and "formattedType" in WRITABLE[name].properties:
            more["formattedType"] = " ".join(part.capitalize() for part in _words(item["type"]))
        match name:
            case "names":
                shown = display_name(item)
                last_first = ", ".join(part for part in (item.get("familyName"), item.get("givenName")) if part)
                more |= {"displayName": shown, "displayNameLastFirst": last_first or shown, "unstructuredName": shown}
            case "phoneNumbers":
                if canonical := self._canonical(item.get("value", "")):
                    more["canonicalForm"] = canonical
            case "birthdays" if "date" in item and "text" not in item:
                date = item["date"]
                more["text"] = "/".join(str(date[part]) for part in ("month", "day", "year") if part in date)
            case "addresses" if "formattedValue" not in item:
                more["formattedValue"] = _formatted(item)
            case "genders":
                more["formattedValue"] = item.get("value", "").capitalize()
            case "memberships":
                group = item["contactGroupMembership"]["contactGroupResourceName"]
                more["contactGroupMembership"] = {
                    "contactGroupId": group.removeprefix("contactGroups/"),
                    "contactGroupResourceName": group,
                }
        return more

    def _canonical(self, number: str) -> str:
        digits = re.sub(r"\D", "", number)
        if number.lstrip("( ").startswith("+"):
            whole = digits
        elif not self.behaviour.calling_code:
            return ""
        elif digits.startswith("00"):
            whole = digits[2:]
        else:
            whole = self.behaviour.calling_code + digits.removeprefix("0")
        return f"+{whole}" if 7 <= len(whole) <= 15 else ""


def timestamp(moment: float) -> str:
    """A moment as ``google-datetime`` with microseconds."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _words(kind: str) -> list[str]:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).split()


def _formatted(item: Item) -> str:
    town = " ".join(item[part] for part in ("postalCode", "city", "region") if item.get(part))
    lines = [item.get("streetAddress"), item.get("extendedAddress"), item.get("poBox"), town,
             item.get("country") or item.get("countryCode")]  # fmt: skip
    return "\n".join(line for line in lines if line)
