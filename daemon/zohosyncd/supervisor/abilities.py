"""What each app can do, and why not: tables for an operator and documents for programs, from static data alone."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from zohosyncd.connectors.offers import Capability, Offers, Tells
from zohosyncd.connectors.tools import ConnectorSpec

NAMES: Final[Mapping[Capability, str]] = {
    Capability.FEED: "changes are read by",
    Capability.DELETIONS: "tells deletions",
    Capability.CREATED: "tells when made",
    Capability.CHANGED: "tells when changed",
    Capability.CONTAINERS: "containers",
    Capability.OWNER: "owner",
    Capability.CONSENT: "consent",
    Capability.DELETABLE: "can delete",
    Capability.TOGETHER: "writes a request",
    Capability.GUARD: "refuses stale writes",
    Capability.OWN_IDS: "ids of our choice",
    Capability.FINDS: "finds addresses",
    Capability.PUSH: "rings",
}
"""The capabilities as an operator reads them, in order."""

FOUND: Final = {
    Tells.ALWAYS: "reported by the app",
    Tells.SERVER: "reported where the server can, else found by the daily complete read",
    Tells.NEVER: "found by the daily complete read",
}
_FEED: Final = {
    "token": "a token: the app remembers what we have seen",
    "since": "a time: what changed after it",
    "list": "lists: all records, compared with what we know",
}
_TELLS: Final = {Tells.ALWAYS: "yes", Tells.SERVER: "server", Tells.NEVER: "no"}
_CONSENT: Final = {"none": "no", "flag": "opted out or not", "states": "states with times"}


def app(spec: ConnectorSpec, origin: str = "") -> dict[str, Any]:
    """What accounts of an app have, for programs.

    Args:
        origin: the distribution that brings it, "" for zohosyncd itself.
    """
    offers = spec.offers
    return {
        "app": spec.name,
        "title": spec.title,
        "from": origin,
        "feed": offers.feed,
        "deletions": offers.deletions.value,
        "created": offers.created,
        "changed": offers.changed.value,
        "containers": list(offers.containers),
        "owner": offers.owner,
        "consent": offers.consent,
        "deletable": offers.deletable,
        "together": offers.together,
        "guard": offers.guard,
        "own_ids": offers.own_ids,
        "finds": offers.finds,
        "push": offers.push,
        "login": login(spec),
        "without": {capability.value: offers.without.get(capability, "") for capability in sorted(offers.lacking)},
    }


def matrix(specs: Sequence[ConnectorSpec]) -> list[tuple[str, ...]]:
    """A line for each capability, with a word for each app."""
    said = [short(spec.offers) for spec in specs]
    rows = [("name", *(spec.title for spec in specs)), ("login", *(login(spec) for spec in specs))]
    return [*rows, *((name, *(each[capability] for each in said)) for capability, name in NAMES.items())]


def told(spec: ConnectorSpec) -> list[tuple[str, str, str]]:
    """A line for each capability of one app: its name, what the app has, and why it has no more."""
    words, offers = _in_words(spec.offers), spec.offers
    rows = [(name, words[each], offers.without.get(each, "")) for each, name in NAMES.items()]
    return [("login", login(spec), ""), *rows]


def login(spec: ConnectorSpec) -> str:
    """How an account logs in."""
    return "password or key" if spec.oauth is None else "OAuth"


def short(offers: Offers) -> dict[Capability, str]:
    """One word for each capability."""
    return {
        Capability.FEED: offers.feed,
        Capability.DELETIONS: _TELLS[offers.deletions],
        Capability.CREATED: _yes(offers.created),
        Capability.CHANGED: _TELLS[offers.changed],
        Capability.CONTAINERS: ", ".join(offers.containers) or "no",
        Capability.OWNER: _yes(offers.owner),
        Capability.CONSENT: {"none": "no"}.get(offers.consent, offers.consent),
        Capability.DELETABLE: _yes(offers.deletable),
        Capability.TOGETHER: str(offers.together),
        Capability.GUARD: _yes(offers.guard),
        Capability.OWN_IDS: _yes(offers.own_ids),
        Capability.FINDS: _yes(offers.finds),
        Capability.PUSH: _yes(offers.push),
    }


def _in_words(offers: Offers) -> dict[Capability, str]:
    longer = {
        Capability.FEED: _FEED[offers.feed],
        Capability.DELETIONS: FOUND[offers.deletions],
        Capability.CONTAINERS: ", ".join(map(limited, offers.containers.items())) or "no",
        Capability.CONSENT: _CONSENT[offers.consent],
    }
    return short(offers) | longer


def limited(kind: tuple[str, Any]) -> str:
    """A kind of containers with its limits."""
    word, containers = kind
    limits = (
        text
        for number, text in (
            (containers.max_length, f"at most {containers.max_length} characters"),
            (containers.most, f"at most {containers.most} a record"),
        )
        if number is not None
    )
    said = ", ".join(limits)
    return f"{word} ({said})" if said else word


def _yes(said: bool) -> str:
    return "yes" if said else "no"
