"""``backup``, ``restore-state``, ``export`` and ``erase`` as an operator gives them."""

import json
from pathlib import Path

from tests.cli.conftest import CONNECTION, Zohosyncd
from tests.cli.test_snapshot_restore import field

NOTHING = "nobody@nowhere.example"


def one(zohosyncd: Zohosyncd, conf: Path) -> tuple[str, str]:
    """The id and the address of a contact that is in sync."""
    told = zohosyncd("contacts", CONNECTION, "--json", "--state", "in_sync", "--side", "zoho", "--config", conf).json
    addresses = field(conf, "Email")
    record_id = next(each["record_id"] for each in told["contacts"] if addresses[each["record_id"]])
    return record_id, str(addresses[record_id])


def test_a_backup_is_told_written_and_put_back(zohosyncd: Zohosyncd, conf: Path, tmp_path: Path) -> None:
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    folder = tmp_path / "elsewhere"
    made = zohosyncd("backup", "--to", folder, "--json", "--config", conf).json
    assert Path(made["file"]).parent == folder
    assert made["verified"]
    assert made["links"] > 0
    said = zohosyncd("backup", "--to", folder, "--keep", "1", "--config", conf).out
    assert "written and verified" in said
    assert f"removed {made['file']}" in said
    (kept,) = folder.iterdir()
    put = zohosyncd("restore-state", kept, "--yes", "--config", conf)
    assert put.code == 0
    assert "links again before it creates or deletes anybody" in put.out
    status = zohosyncd("status", "--json", "--config", conf).json["connections"][CONNECTION]
    assert status["recovery_since"] > 0
    assert "an old state was put back" in status["do_now"]
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    status = zohosyncd("status", "--json", "--config", conf).json["connections"][CONNECTION]
    assert status["recovery_since"] == 0


def test_a_file_that_is_no_backup_is_refused(zohosyncd: Zohosyncd, conf: Path, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear operator")
    for file in ("letter", "missing"):
        ran = zohosyncd("restore-state", tmp_path / file, "--yes", "--config", conf)
        assert ran.code == 1
        assert str(tmp_path / file) in ran.err
        assert "Traceback" not in ran.err


def test_a_person_is_told_erased_and_stays_away(zohosyncd: Zohosyncd, conf: Path, tmp_path: Path) -> None:
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    record_id, address = one(zohosyncd, conf)
    told = zohosyncd("export", address, "--config", conf).json
    assert record_id in {each["id"] for each in told["records"]}
    assert len(told["records"]) == 2
    assert told["connections"][0]["links"]
    dry = zohosyncd("erase", address, "--dry-run", "--json", "--config", conf).json
    assert dry["found"]["records"] == 2
    receipt = tmp_path / "receipt.json"
    done = zohosyncd("erase", address, "--yes", "--receipt", receipt, "--config", conf)
    assert done.code == 0
    assert "erased: " in done.out
    written = receipt.read_text()
    assert address not in written
    assert record_id not in written
    assert json.loads(written)["removed"]["records"] == 2
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    after = zohosyncd("export", address, "--config", conf)
    assert after.json["records"] == []
    assert "nothing is held" in after.err
    assert "lifted" in zohosyncd("erase", address, "--lift", "--config", conf).out
    assert "not suppressed" in zohosyncd("erase", address, "--lift", "--config", conf).out


def test_a_state_that_was_set_aside_is_named_like_a_backup(zohosyncd: Zohosyncd, conf: Path, tmp_path: Path) -> None:
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    made = zohosyncd("backup", "--to", tmp_path, "--json", "--config", conf).json
    aside = zohosyncd("restore-state", made["file"], "--yes", "--json", "--config", conf).json["replaced"]
    assert Path(aside).exists()
    told = zohosyncd("export", "ann@example.org", "--config", conf).json
    assert told["files"]["backups"] == [aside], "it holds whoever is erased later"
    done = zohosyncd("erase", "ann@example.org", "--yes", "--json", "--config", conf).json
    assert done["backups"] == [aside]
    assert done["receipt"]["backups_with_earlier_data"] == 1
    assert any("backup --to" in each for each in done["receipt"]["remains"]), "those elsewhere nobody can list"


def test_what_is_no_address_is_refused(zohosyncd: Zohosyncd, conf: Path) -> None:
    for command in ("export", "erase"):
        ran = zohosyncd(command, "Ann", *(["--yes"] if command == "erase" else []), "--config", conf)
        assert ran.code == 2
        assert "no e-mail address" in ran.err
