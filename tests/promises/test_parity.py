"""README's comparison with PieSync: every line names a test that exists, or says why not; no feature is left out."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(
    r"^\| (?P<feature>[^|]+) \| (?P<theirs>[^|]+) \| (?P<ours>[^|]+?)(?: <!-- (?P<test>\S+) -->)? \|$", re.MULTILINE
)
WHY_NOT = ("two: Zoho CRM", "no: accounts", "no: `[deletions]` says", "no webhooks yet", "none")


def rows() -> list[re.Match[str]]:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Coming from PieSync")[1].split("\n## ")[0]
    return [row for row in ROW.finditer(section) if row["theirs"] != "PieSync"]


def test_every_line_has_its_test_or_says_why_not() -> None:
    for row in rows():
        if row["test"] is None:
            assert any(reason in row["ours"] for reason in WHY_NOT), row["feature"]
            continue
        file, _, name = row["test"].partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not name or f"def {name}(" in text, row["test"]


def test_every_test_of_a_feature_has_its_line() -> None:
    named = {row["test"] for row in rows()}
    left_out = []
    for file in sorted((ROOT / "tests/parity").glob("test_*.py")):
        names = re.findall(r"^async def (test_\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE)
        left_out += [name for name in names if f"tests/parity/{file.name}::{name}" not in named]
    assert left_out == []
    assert len(rows()) > 45
