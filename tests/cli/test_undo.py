"""``undo`` as an operator has it."""

from pathlib import Path

from tests.cli.conftest import CONNECTION, Zohosyncd, control


def contact(conf: Path, name: str) -> str:
    values = {"First_Name": name, "Last_Name": "Undone", "Email": f"{name.lower()}.undone@example.org"}
    return str(control(conf, "edit", app="zoho_crm", object="Contacts", create=values)["id"])


def test_a_run_is_shown_undone_and_undone_again(zohosyncd: Zohosyncd, conf: Path) -> None:
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    contact(conf, "Uma")
    report = zohosyncd("sync", CONNECTION, "--json", "--config", conf).json["connections"][CONNECTION]
    assert report["created"]["right"] == 1
    shown = zohosyncd("undo", CONNECTION, "--run", report["run"], "--dry-run", "--config", conf)
    assert shown.code == 0, shown.err
    assert "uma.undone@example.org" in shown.out
    assert "1 deleted" in shown.out
    told = zohosyncd("undo", CONNECTION, "--run", report["run"], "--yes", "--json", "--config", conf).json
    assert (told["delete"], told["dry_run"]) == (1, False)
    after = zohosyncd("sync", CONNECTION, "--json", "--config", conf).json["connections"][CONNECTION]
    assert after["writes"] == {"left": 0, "right": 0}
    back = zohosyncd("undo", CONNECTION, "--run", told["run"], "--yes", "--config", conf)
    assert "1 made anew under other ids" in back.out
    after = zohosyncd("sync", CONNECTION, "--json", "--config", conf).json["connections"][CONNECTION]
    assert after["writes"] == {"left": 0, "right": 0}


def test_an_undo_has_to_be_told_what(zohosyncd: Zohosyncd, conf: Path) -> None:
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    for arguments, reason in (
        ((), "what shall be undone"),
        (("--run", "nonsense"), "nothing is known"),
        (("--person", "nobody@example.org"), "nothing is known"),
        (("--run", "x", "--field", "tilte"), "no field and no pair tilte"),
    ):
        ran = zohosyncd("undo", CONNECTION, *arguments, "--yes", "--config", conf)
        assert ran.code == 2, ran.out
        assert reason in ran.err
    assert zohosyncd("pause", CONNECTION, "--config", conf).code == 0
    assert zohosyncd("undo", CONNECTION, "--run", "x", "--yes", "--config", conf).code == 3
