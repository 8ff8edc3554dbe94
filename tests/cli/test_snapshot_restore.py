"""``snapshot restore``: back from the files, asked first; a wrong file is told with its line, and nothing is written."""

import json
import tomllib
import urllib.request
from pathlib import Path

import pytest

from tests.cli.conftest import CONNECTION, Ran, Starting, Zohosyncd, control, later

NOT_A_NUMBER = '{"line":"record","id":"1","values":{"Title":NaN}}'


def edit(conf: Path, record_id: str, **values: object) -> None:
    control(conf, "edit", app="zoho_crm", object="Contacts", id=record_id, set=values)


def field(conf: Path, name: str) -> dict[str, object]:
    """One field of every contact, as Zoho has it."""
    address = tomllib.loads((conf / "accounts.d/zoho.toml").read_text(encoding="utf-8"))["api_url"]
    with urllib.request.urlopen(f"{address}/_sandbox/state", timeout=10) as answer:
        return {each["id"]: each[name] for each in json.load(answer)["apps"]["zoho_crm"]["Contacts"]}


def titles(conf: Path) -> dict[str, object]:
    return field(conf, "Title")


def linked(zohosyncd: Zohosyncd, conf: Path) -> list[str]:
    """Ids of contacts that are in sync and have an address of their own."""
    told = zohosyncd("contacts", CONNECTION, "--json", "--state", "in_sync", "--side", "zoho", "--config", conf).json
    addresses = field(conf, "Email")
    return [each["record_id"] for each in told["contacts"] if addresses[each["record_id"]]]


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
        (lambda lines: [lines[0].replace('"account":"zoho"', '"account":"else"'), *lines[1:]], "to another account"),
        (lambda lines: [lines[0].replace('"app":"zoho_crm"', '"app":"else"'), *lines[1:]], "to another app"),
        (lambda lines: [lines[0], *lines[1:-2], NOT_A_NUMBER, lines[-1]], "it is no JSON"),
        (lambda lines: [lines[0], "[" * 100_000, *lines[2:]], "left.jsonl:2: it is no JSON"),
        (lambda lines: [lines[0], '{"line":"record","id":"","values":{}}', *lines[2:]], "left.jsonl:2: the record has"),
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


def test_bytes_that_are_no_text_are_told_with_their_line(zohosyncd: Zohosyncd, conf: Path, taken: Path) -> None:
    lines = (taken / "left.jsonl").read_bytes().splitlines(keepends=True)
    (taken / "left.jsonl").write_bytes(b"".join([*lines[:3], b'{"line": "\xff"}\n', *lines[4:]]))
    ran = restore(zohosyncd, conf, taken, "--yes")
    assert (ran.code, "left.jsonl:4: it is not UTF-8" in ran.err) == (2, True)


def test_a_damaged_file_of_the_other_side_lets_nothing_be_written(
    zohosyncd: Zohosyncd, conf: Path, taken: Path
) -> None:
    first, *_rest = linked(zohosyncd, conf)
    edit(conf, first, Title="Wrong 5")
    lines = (taken / "left.jsonl").read_text().splitlines()
    (taken / "left.jsonl").write_text("\n".join([*lines[:-2], "{", lines[-1]]) + "\n")
    assert restore(zohosyncd, conf, taken, "--yes").code == 2
    assert titles(conf)[first] == "Wrong 5"


def test_one_person_comes_back_and_what_it_costs_is_told_before(zohosyncd: Zohosyncd, conf: Path, taken: Path) -> None:
    first, second, *_rest = linked(zohosyncd, conf)
    before = titles(conf)
    for each in (first, second):
        edit(conf, each, Title="Wrong 6")
    shown = restore(zohosyncd, conf, taken, "--person", first, "--dry-run")
    assert "Title: Wrong 6 -> " in shown.out
    assert "1 records would be set back" in shown.out
    assert "1 calls, 1 credits to write (zoho)" in shown.out
    address = field(conf, "Email")[first]
    told = restore(zohosyncd, conf, taken, "--person", address, "--yes", "--json").json
    assert (told["update"], told["costs"]["left"]["write"]) == (1, {"calls": 1, "credits": 1})
    now = titles(conf)
    assert (now[first], now[second]) == (before[first], "Wrong 6")
    nobody = restore(zohosyncd, conf, taken, "--person", "nobody@example.org", "--yes")
    assert (nobody.code, "nobody has that id or e-mail" in nobody.err) == (2, True)


def test_a_no_writes_nothing(zohosyncd: Zohosyncd, conf: Path, taken: Path) -> None:
    first, *_rest = linked(zohosyncd, conf)
    edit(conf, first, Title="Wrong 7")
    ran = restore(zohosyncd, conf, taken)  # nobody answers: that is no
    assert ran.code == 1
    assert "1 records would be set back" in ran.out
    assert titles(conf)[first] == "Wrong 7"


def test_beside_a_daemon_and_in_history(
    zohosyncd: Zohosyncd, conf: Path, taken: Path, tmp_path: Path, forked: Starting
) -> None:
    first, *_rest = linked(zohosyncd, conf)
    before = titles(conf)[first]
    later(conf)
    with forked(tmp_path / "daemon.log", "run", "--config", conf) as process:
        process.wait_for("ready")
        edit(conf, first, Title="Wrong 8")
        assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
        told = restore(zohosyncd, conf, taken, "--yes", "--json").json
        assert told["update"] >= 1
        assert titles(conf)[first] == before
        history = zohosyncd("history", CONNECTION, "--json", "--config", conf).json["history"]
        assert {each["kind"] for each in history if each["run"] == told["run"]} == {"restored"}
        assert zohosyncd("undo", CONNECTION, "--run", told["run"], "--yes", "--config", conf).code == 0
        assert titles(conf)[first] == "Wrong 8"


def test_a_folder_without_a_snapshot(zohosyncd: Zohosyncd, conf: Path, taken: Path) -> None:
    ran = restore(zohosyncd, conf, taken / "nowhere", "--yes")
    assert (ran.code, "cannot be read" in ran.err) == (2, True)
