"""``plan``, ``sync --plan`` and ``approve --show`` as an operator has them."""

import json
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import CONNECTION, Started, Starting, Zohosyncd, control

LATER = {"First_Name": "Nova", "Last_Name": "Newcomer", "Email": "nova.planned@example.org"}


def newcomer(conf: Path, name: str) -> str:
    values = {**LATER, "First_Name": name, "Email": f"{name.lower()}.planned@example.org"}
    return str(control(conf, "edit", app="zoho_crm", object="Contacts", create=values)["id"])


def test_a_plan_is_written_for_its_owner_only_and_carried_out(zohosyncd: Zohosyncd, conf: Path, tmp_path: Path) -> None:
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    record_id, file = newcomer(conf, "Nova"), tmp_path / "plan.jsonl"
    told = zohosyncd("plan", CONNECTION, "--out", file, "--config", conf)
    assert told.code == 0, told.err
    assert "nova" not in told.out.lower()
    assert "credits" in told.out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    header, *lines, end = (json.loads(line) for line in file.read_text().splitlines())
    assert (header["line"], header["connection"], end["line"]) == ("plan", CONNECTION, "end")
    assert end["create"] == {"left": 0, "right": 1}
    (write,) = [line for line in lines if line["line"] == "write"]
    assert (write["side"], write["kind"], write["left"], write["right"]) == ("right", "create", record_id, "")
    assert "nova.planned@example.org" in write["who"]
    newcomer(conf, "Late")
    ran = zohosyncd("sync", CONNECTION, "--plan", file, "--json", "--config", conf)
    assert ran.code == 3
    report = ran.json["connections"][CONNECTION]
    assert report["created"] == {"left": 0, "right": 1}
    assert (report["left_out"], report["not_in_plan"]) == (0, 1)
    assert "1 other writes are not in the plan" in ran.err
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0


def test_what_moved_is_refused_by_name(zohosyncd: Zohosyncd, conf: Path, tmp_path: Path) -> None:
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    record_id, file = newcomer(conf, "Mona"), tmp_path / "plan.jsonl"
    assert zohosyncd("plan", CONNECTION, "--out", file, "--config", conf).code == 0
    control(conf, "edit", app="zoho_crm", object="Contacts", id=record_id, set={"Title": "moved"})
    ran = zohosyncd("sync", CONNECTION, "--plan", file, "--config", conf)
    assert ran.code == 3
    assert "1 of 1 writes of the plan were left out; 1 other writes are not in the plan" in ran.err
    assert "mona.planned@example.org" in ran.err
    assert "not the same any more" in ran.err
    assert "created 0 left, 0 right" in ran.out


@pytest.fixture
def quiet_daemon(zohosyncd: Zohosyncd, conf: Path, tmp_path: Path, forked: Starting) -> Iterator[Started]:
    """A daemon that has done its first run; by itself it does the next in an hour."""
    file = conf / f"connections.d/{CONNECTION}.toml"
    file.write_text(file.read_text().replace('every = "2s"', 'every = "1h"'))
    with forked(tmp_path / "daemon.log", "run", "--config", conf) as process:
        process.wait_for("ready")
        until = time.monotonic() + 20.0
        while not (last := zohosyncd("status", "--json", "--config", conf).json["connections"][CONNECTION]["last_run"]):
            assert time.monotonic() < until, process.said()
            time.sleep(0.05)
        assert last["converged"], last
        yield process


def test_a_plan_is_the_same_beside_a_daemon(
    zohosyncd: Zohosyncd, conf: Path, quiet_daemon: Started, tmp_path: Path
) -> None:
    record_id, file = newcomer(conf, "Dora"), tmp_path / "plan.jsonl"
    assert zohosyncd("plan", CONNECTION, "--out", file, "--config", conf).code == 0
    written = [json.loads(line) for line in file.read_text().splitlines()]
    shown = zohosyncd("plan", CONNECTION, "--json", "--config", conf).json
    assert shown["create"] == {"left": 0, "right": 1}
    (write,) = [line for line in shown["lines"] if line["line"] == "write"]
    assert (write["side"], write["kind"], write["left"]) == ("right", "create", record_id)
    assert write in written
    assert zohosyncd("plan", CONNECTION, "--counts", "--json", "--config", conf).json.keys() == shown.keys() - {"lines"}
    assert "dora.planned@example.org" in zohosyncd("plan", CONNECTION, "--config", conf).out
    ran = zohosyncd("sync", CONNECTION, "--plan", file, "--json", "--config", conf)
    assert ran.code == 0, ran.err
    report = ran.json["connections"][CONNECTION]
    assert (report["created"], report["left_out"], report["not_in_plan"]) == ({"left": 0, "right": 1}, 0, 0)
    assert "planned@example.org" not in quiet_daemon.said()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not a plan"),
        ("nonsense\n", "line 1 of"),
        ('{"line":"write"}\n', "is not a plan"),
        ('{"line":"plan","format":1,"connection":"zoho-book"}\n', "has no end"),
        ('{"line":"plan","format":1,"connection":"other"}\n{"line":"end"}\n', "a plan of the connection other"),
        ('{"line":"plan","format":9,"connection":"zoho-book"}\n{"line":"end"}\n', "is not a plan"),
        (
            '{"line":"plan","format":1,"connection":"zoho-book"}\n{"line":"write","kind":"update"}\n{"line":"end"}\n',
            "a write that is not understood",
        ),
        (
            '{"line":"plan","format":1,"connection":"zoho-book","instance":"x","meaning":"y"}\n{"line":"end"}\n',
            "another state",
        ),
    ],
)
def test_a_file_that_is_no_plan_for_this_is_refused(
    zohosyncd: Zohosyncd, conf: Path, tmp_path: Path, text: str, reason: str
) -> None:
    file = tmp_path / "plan.jsonl"
    file.write_text(text)
    ran = zohosyncd("sync", CONNECTION, "--plan", file, "--config", conf)
    assert ran.code == 2
    assert reason in ran.err


def test_a_plan_is_not_written_over_another_one(zohosyncd: Zohosyncd, conf: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.jsonl"
    file.write_text("kept")
    ran = zohosyncd("plan", CONNECTION, "--out", file, "--config", conf)
    assert ran.code == 2
    assert "exists already" in ran.err
    assert file.read_text() == "kept"
    assert zohosyncd("plan", CONNECTION, "--out", tmp_path / "none/plan", "--config", conf).code == 2
    assert zohosyncd("plan", "zoho-bok", "--out", tmp_path / "other", "--config", conf).code == 2
    assert {each.name for each in tmp_path.iterdir()} <= {"plan.jsonl", "conf", "log", "daemon.log"}


def test_nothing_waits_and_that_is_said(zohosyncd: Zohosyncd, conf: Path) -> None:
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    assert "nothing of it waits" in zohosyncd("approve", CONNECTION, "--show", "--config", conf).out
