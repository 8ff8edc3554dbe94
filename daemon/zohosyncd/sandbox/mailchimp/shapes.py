"""The shapes of bodies: what is not as documented is refused."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .problems import FieldError, Problem, invalid

STATUSES: Final = ("subscribed", "unsubscribed", "cleaned", "pending", "transactional")
"""Those that can be written; a member can also be archived."""

_SHAPES: Final[dict[str, tuple[type, ...]]] = {
    "email_address": (str,), "email_type": (str,), "status": (str,), "status_if_new": (str,), "merge_fields": (dict,),
    "interests": (dict,), "language": (str,), "vip": (bool,), "location": (dict,), "marketing_permissions": (list,),
    "ip_signup": (str,), "timestamp_signup": (str,), "ip_opt": (str,), "timestamp_opt": (str,), "tags": (list,),
}  # fmt: skip
_WORDS: Final = {str: "string", dict: "object", bool: "boolean", list: "array", int: "integer"}


def check(body: Any, *, needed: Sequence[str] = (), tags: bool = False, new: bool = False) -> None:
    """Raise Problem where a body of a member is not as documented.

    Args:
        needed: names that must be there. tags: whether it may have tags. new: whether it may have status_if_new.
    """
    if not isinstance(body, dict):
        raise invalid(("", "Schema describes object, NULL found instead"))
    allowed = _SHAPES.keys() - ({"tags"} if not tags else set()) - ({"status_if_new"} if not new else set())
    errors: list[FieldError] = [(name, "This value is required.") for name in needed if not body.get(name)]
    errors += [(name, "This field is not known.") for name in sorted(body.keys() - allowed)]
    for name in sorted(body.keys() & allowed):
        if not isinstance(body[name], _SHAPES[name]):
            word = _WORDS[_SHAPES[name][0]]
            errors.append((name, f"Schema describes {word}, {_word(body[name])} found instead"))
        elif name in {"status", "status_if_new"} and body[name] not in STATUSES:
            errors.append((name, f"Data presented is not one of the accepted values: {', '.join(STATUSES)}."))
    if any(not isinstance(each, str) for each in body.get("tags", ()) if isinstance(body.get("tags"), list)):
        errors.append(("tags", "Schema describes string, object found instead"))
    if errors:
        raise invalid(*errors)


def _word(value: Any) -> str:
    return "NULL" if value is None else _WORDS.get(type(value), "number")


def number(text: str, name: str, most: int | None = None) -> int:
    """A whole number of a query. Raises Problem."""
    if not (text.isascii() and text.isdecimal()) or (most is not None and int(text) > most):
        limit = f" and at most {most}" if most is not None else ""
        raise invalid((name, f"This value should be a number{limit}."))
    return int(text)


def flag(text: str, name: str) -> bool:
    """A yes or no of a query. Raises Problem."""
    word = text.lower()
    if word not in {"true", "false", "1", "0"}:
        raise invalid((name, "Schema describes boolean, string found instead"))
    return word in {"true", "1"}


def unreadable() -> Problem:
    """The body is no JSON."""
    return Problem(400, "JSON Parse Error", "We encountered an unspecified JSON parsing error.")


def only(query: Mapping[str, str], known: frozenset[str]) -> None:
    """Raise Problem where a query has a parameter that the call does not have."""
    if wrong := sorted(query.keys() - known):
        raise invalid(*((name, "This parameter is not known.") for name in wrong))
