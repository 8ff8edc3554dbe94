"""The lock file has what the daemon needs, every file by its hash, and agrees with pyproject.toml."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
BUILD = (ROOT / "requirements-build.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ENTRY = re.compile(r"^([\w.-]+)==([^ ;\\]+)(?: ;([^\\\n]*))? \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)


def pinned(lock: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version, _marker, _hashes in ENTRY.findall(lock)}


def disagreements(wanted: list[str], lock: str) -> list[str]:
    """What is asked for and not pinned, or pinned at a release that does not do."""
    pins = pinned(lock)
    return [
        text
        for text in wanted
        for each in [Requirement(text)]
        if pins.get(canonicalize_name(each.name)) is None or pins[canonicalize_name(each.name)] not in each.specifier
    ]


def below(name: str, extras: frozenset[str], seen: set[str]) -> set[str]:
    """A distribution and all that it needs here, as the installed ones say."""
    if name in seen:
        return seen
    seen.add(name)
    for text in metadata.requires(name) or ():
        each = Requirement(text)
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras | {""}):
            below(canonicalize_name(each.name), frozenset(each.extras), seen)
    return seen


def test_every_requirement_of_the_project_is_pinned_at_a_release_that_does() -> None:
    assert disagreements(PROJECT["project"]["dependencies"], LOCK) == []
    assert disagreements(PROJECT["build-system"]["requires"], BUILD) == []


def test_a_lock_that_does_not_agree_would_be_found() -> None:
    assert disagreements(["aiohttp>=99", "not-there", "anyio"], LOCK) == ["aiohttp>=99", "not-there"]


def test_what_they_need_in_turn_is_pinned_too() -> None:
    needed = set[str]()
    for text in PROJECT["project"]["dependencies"]:
        each = Requirement(text)
        below(canonicalize_name(each.name), frozenset(each.extras), needed)
    assert needed - pinned(LOCK).keys() == set()


def test_every_line_is_a_release_with_its_hashes_and_names_no_place() -> None:
    for lock in (LOCK, BUILD):
        lines = "".join(line for line in lock.splitlines(keepends=True) if not line.startswith("#"))
        assert ENTRY.sub("", lines) == ""
        assert not re.search(r"https?:|index|--find|@ ", lines)
