"""What a connection of two apps can say: a table for an operator, from static data alone."""

from dataclasses import dataclass
from typing import Any, Final

from zohosyncd.connectors.offers import Offers, Tells
from zohosyncd.connectors.tools import ConnectorSpec
from zohosyncd.supervisor.abilities import FOUND, limited

_CHANGED: Final = {Tells.ALWAYS: "changed", Tells.SERVER: "changed (where the server tells it)"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of what a pair can do: the part of the language, the direction or side, and what may be said there."""

    part: str
    where: str
    choices: tuple[str, ...]
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {"part": self.part, "where": self.where, "choices": list(self.choices), "note": self.note}


def pair(left: ConnectorSpec, right: ConnectorSpec) -> tuple[Row, ...]:
    """What a connection of these two apps may say, with what each app lacks."""
    both = ((left, right), (right, left))
    return (
        *(Row("filters", f"of {one.title}", _filters(one.offers), _lacks(one.offers)) for one, _ in both),
        *(Row("actions", f"on {one.title}", _actions(one.offers), _limits(one.offers)) for one, _ in both),
        *(Row("[deletions]", _way(one, other), _deletions(other.offers), FOUND[one.offers.deletions])
          for one, other in both),
        *(Row("[consent]", _way(one, other), *_consent(one, other)) for one, other in both),
        *(Row("leave", f"towards {other.title}", _leave(other.offers)) for _, other in both),
    )  # fmt: skip


def _filters(offers: Offers) -> tuple[str, ...]:
    words = ["any field"]
    words += [f'has = "{kind}"' for kind in offers.containers]
    words += ["owner"] if offers.owner else []
    words += ["opted_out"] if offers.consent != "none" else []
    words += ["created"] if offers.created else []
    return (*words, *_changed(offers))


def _changed(offers: Offers) -> list[str]:
    return [_CHANGED[offers.changed]] if offers.changed is not Tells.NEVER else []


def _actions(offers: Offers) -> tuple[str, ...]:
    words = ["set (any field that can be written)"]
    words += ['set = "owner"'] if offers.owner else []
    for kind in offers.containers:
        words += [f'add = "{kind}"', f'remove = "{kind}"']
    return (*words, *(['opt = "out"', 'opt = "in"'] if offers.consent != "none" else []))


def _deletions(offers: Offers) -> tuple[str, ...]:
    return ("off", *(["tag"] if offers.containers else []), *(["delete"] if offers.deletable else []))


def _consent(source: ConnectorSpec, target: ConnectorSpec) -> tuple[tuple[str, ...], str]:
    if source.offers.consent == "none":
        return (), f"nothing travels: {source.title} keeps no consent"
    choices = (
        *(["opt_out"] if target.offers.consent != "none" else []),
        *(["tag"] if target.offers.containers else []),
    )
    return (*choices, "off"), "" if target.offers.consent != "none" else f"{target.title} keeps no consent"


def _leave(offers: Offers) -> tuple[str, ...]:
    choices = ["freeze", *(["tag"] if offers.containers else []), "unlink", *(["delete"] if offers.deletable else [])]
    return tuple(choices)


def _lacks(offers: Offers) -> str:
    missing = {
        "containers": not offers.containers, "owner": not offers.owner, "consent": offers.consent == "none",
        "time of creation": not offers.created, "time of change": offers.changed is Tells.NEVER,
    }  # fmt: skip
    found = [word for word, lacks in missing.items() if lacks]
    return "it has no " + ", no ".join(found) if found else ""


def _limits(offers: Offers) -> str:
    return "; ".join(limited(each) for each in offers.containers.items() if "(" in limited(each))


def _way(source: ConnectorSpec, target: ConnectorSpec) -> str:
    return f"{source.title} to {target.title}"
