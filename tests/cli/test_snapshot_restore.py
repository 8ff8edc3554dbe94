"""``snapshot restore``: back from the files, asked first; a wrong file is told with its line, and nothing is written."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CONNECTION, Ran, Zohosyncd


@pytest.fixture
def taken(zohosyncd: Zohosyncd, conf: Path) -> Path:
    """The folder of a snapshot of a connection that is in sync."""
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    return Path(zohosyncd("snapshot", CONNECTION, "--json", "--config", conf).json["folder"])


def restore(zohosyncd: Zohosyncd, conf: Path, folder: Path, *more: object) -> Ran:
    return zohosyncd("snapshot", "restore", CONNECTION, folder, *more, "--config", conf)


def test_nothing_differs_right_after_it_was_taken(zohosyncd: Zohosyncd, conf: Path, taken: Path) -> None:
    told = restore(zohosyncd, conf, taken, "--dry-run", "--json").json
    assert (told["create"], told["update"], told["delete"]) == (0, 0, 0)


def test_a_value_of_the_snapshot_comes_back(zohosyncd: Zohosyncd, conf: Path, taken: Path) -> None:
    lines = (taken / "left.jsonl").read_text().splitlines()
    linked = {
        line["record_id"]
        for line in zohosyncd("contacts", CONNECTION, "--json", "--state", "in_sync", "--config", conf).json["contacts"]
    }
    for at, text in enumerate(lines):
        line = json.loads(text)
        if line.get("id") in linked and "Title" in line.get("values", {}):
            line["values"]["Title"] = "From the snapshot"
            lines[at] = json.dumps(line)
            break
    (taken / "left.jsonl").write_text("\n".join(lines) + "\n")
    shown = restore(zohosyncd, conf, taken, "--dry-run", "--side", "zoho")
    assert "From the snapshot" in shown.out
    assert "1 records would be set back" in shown.out
    assert restore(zohosyncd, conf, taken, "--yes").code == 0
    assert "0 records would be set back" in restore(zohosyncd, conf, taken, "--dry-run").out
    report = zohosyncd("sync", CONNECTION, "--json", "--config", conf).json
    assert report["connections"][CONNECTION]["writes"] == {"left": 0, "right": 0}


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda lines: lines[:-1], "ends too early"),
        (lambda lines: [lines[0], "{", *lines[2:]], "left.jsonl:2: it is no JSON"),
        (lambda lines: [lines[0], *lines[2:]], "records and has"),
        (lambda lines: [lines[0].replace('"zoho-book"', '"other"'), *lines[1:]], "belongs to another connection"),
        (lambda lines: [lines[0].replace('"format":1', '"format":9'), *lines[1:]], "another version (format 9)"),
        (lambda lines: [lines[0], '{"line":"record","id":"1","values":{"a":{"b":1}}}', *lines[2:]], "left.jsonl:2:"),
        (lambda lines: lines[1:], "left.jsonl:1: it is no snapshot"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_before_anything_is_written(
    zohosyncd: Zohosyncd, conf: Path, taken: Path, damage: object, says: str
) -> None:
    file = taken / "left.jsonl"
    assert callable(damage)
    file.write_text("\n".join(damage(file.read_text().splitlines())) + "\n")
    ran = restore(zohosyncd, conf, taken, "--yes")
    assert ran.code == 2
    assert says in ran.err
    assert "Traceback" not in ran.err


def test_a_folder_without_a_snapshot(zohosyncd: Zohosyncd, conf: Path, taken: Path) -> None:
    ran = restore(zohosyncd, conf, taken / "nowhere", "--yes")
    assert (ran.code, "cannot be read" in ran.err) == (2, True)
