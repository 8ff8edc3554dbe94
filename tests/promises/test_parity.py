"""README's comparison with PieSync: every line names tests that exist, or says why not; no feature is left out."""

import re
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[2]
ROW = re.compile(
    r"^\| (?P<feature>[^|]+) \| (?P<theirs>[^|]+) \| (?P<ours>[^|]+?)(?: <!-- (?P<tests>[^>]+) -->)? \|$", re.MULTILINE
)
WHY_NOT = re.compile(r"(?:\bno|\bnot yet): \S")
FEATURES: Final = {
    "Connections and accounts": (
        "an account is authorised once and serves several connections",
        "several accounts of one app, or several lists of a mailing app",
        "data centres of Zoho",
        "everybody is synced, both ways or one way; rules of the other way are then ignored",
        "objects of Zoho CRM",
        "other apps",
        "log in by a pop-up",
        "set up in a browser",
    ),
    "Rules": (
        "filter by owner, lead source, opted out or not",
        "filter by any field, custom ones too",
        "filter by has or has not a tag, label or category",
        'filter by "gets deleted" (Google Contacts)',
        "rules of a side are alternatives, filters of a rule must all hold",
        "a side without a rule creates nothing, and pairs go on both ways",
        "a counterpart that is there is updated, not only one that is made",
        "actions: opt out, opt in",
        "actions: set lead source, owner, or any field",
        "actions: add and remove tags and labels; a new one is made",
        "actions are reverted when a contact stops matching",
        "who stops matching stays where it is",
        "fields of the company filter and travel one way",
        "what an app cannot do is not offered",
    ),
    "Matching": (
        "by e-mail; a pair outlives a changed address",
        "only contacts with an e-mail are created, unless switched off",
        "no second contact with an e-mail that is there; duplicates are listed",
        "merged records",
        "companies are matched by name or domain",
    ),
    "Mapping": (
        "default pairs, each can be switched off; pairs of custom fields",
        "names join one way and split the other",
        "several values to one: the first; between lists: all",
        "a pair can be narrowed to one direction; types decide, what does not fit is refused",
        "lists of choices, also of several",
    ),
    "Conflicts, deletions, unsubscribes": (
        "one app wins, at the first sync and later; that changes no direction",
        "an empty field erases nothing",
        "never deletes by itself; who was deleted is not made again",
        "a deletion tags the counterpart",
        "an unsubscribe tags the counterpart, or travels",
    ),
    "Running it": (
        "the first sync reads both sides whole",
        "what is equal or out of scope costs no writes",
        "health: in sync, excluded, duplicates, failures, with reasons; an edit in the source cures",
        "pause a connection",
        "how soon",
        "plan, explain, undo, guard, journal",
        "price",
    ),
}
"""What PieSync did, by its own pages: whatever is not done here keeps its line."""


def tables() -> dict[str, list[re.Match[str]]]:
    """The lines of each table of the comparison, by the table's title."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Coming from PieSync")[1].split("\n## ")[0]
    found: dict[str, list[re.Match[str]]] = {}
    for row in ROW.finditer(section):
        if row["theirs"] == "PieSync":
            found[row["feature"]] = []
        else:
            found[list(found)[-1]].append(row)
    return found


def rows() -> list[re.Match[str]]:
    return [row for lines in tables().values() for row in lines]


def own_tests() -> list[str]:
    """The names of all tests beside each other in the folder that is there for these features."""
    files = sorted((ROOT / "tests/parity").glob("test_*.py"))
    texts = [file.read_text(encoding="utf-8") for file in files]
    return [name for text in texts for name in re.findall(r"^(?:async )?def (test_\w+)\(", text, re.MULTILINE)]


def named(row: re.Match[str]) -> list[str]:
    return (row["tests"] or "").split()


def test_every_feature_has_its_line_and_no_line_is_lost() -> None:
    told = {title: tuple(row["feature"] for row in lines) for title, lines in tables().items()}
    assert told == FEATURES


def test_every_line_has_its_tests_or_says_why_not() -> None:
    own = set(own_tests())
    for row in rows():
        assert named(row) or WHY_NOT.search(row["ours"]), row["feature"]
        for test in named(row):
            file, _, name = test.rpartition("::")
            exists = f"def {name}(" in (ROOT / file).read_text(encoding="utf-8") if file else name in own
            assert exists, f"{row['feature']}: {test}"


def test_every_test_of_a_feature_has_its_line() -> None:
    own = own_tests()
    assert len(own) == len(set(own)), "a name stands for one test"
    assert set(own) - {test for row in rows() for test in named(row)} == set()
