"""Guess what somebody meant to write."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(wrong: str, valid: Iterable[str]) -> str:
    """``did you mean "email"?`` for the valid name that looks most alike, "" if none does."""
    spelled = {each.lower().replace("-", "_"): each for each in valid}
    found = get_close_matches(wrong.lower().replace("-", "_"), spelled, n=1, cutoff=0.6)
    return f'did you mean "{spelled[found[0]]}"?' if found else ""


def one_of(valid: Iterable[str]) -> str:
    """``expected one of a, b, c``."""
    return "expected one of " + ", ".join(valid)
