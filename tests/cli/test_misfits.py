"""What does not fit the apps: all kinds at once, of several connections, at a start, and while an app is away."""

import socket
import time
from pathlib import Path
from typing import Any

from tests.cli.conftest import CONNECTION, Started, Starting, Zohosyncd
from tests.cli.test_commands import append, connection_file

WRONG = """
[mapping]
without = ["birthday", "nickname"]

[[fields]]
left = "Customer_Number"
right = "ROLE"
winner = "union"

[[fields]]
left = "Discount"
right = "ROLE"

[[rules]]
from = "zoho"
if = [
  { any = [{ opted_out = false }, { field = "Lead_Sorce", is = "Web" }] },
  { not = { owner = "zzz" } },
]
then = [{ add = "categories", value = "CRM" }, { set = "ROL", value = "x" }]
"""
MISFITS = (
    ("without =", "mapping.without[2]: ", 'no default pair is called "nickname"'),
    ("union", "fields[1].winner: ", '"union" is only for fields with several values'),
    ("Lead_Sorce", "rules[1].if[1].any[2]: ", 'the app has no field "Lead_Sorce" (did you mean "Lead_Source"?)'),
    ("zzz", "rules[1].if[2].not: ", 'nobody who can own records is called "zzz"'),
    ("ROL\"", "rules[1].then[2]: ", 'the app has no field "ROL" (did you mean "ROLE"?)'),
)  # fmt: skip


def misfits(file: Path) -> set[str]:
    lines = file.read_text().splitlines()
    found = set()
    for text, key, message in MISFITS:
        number = next(at for at, line in enumerate(lines, 1) if text in line)
        found.add(f"{file}:{number}: {key}{message}")
    twice = len(lines) - next(at for at, line in enumerate(reversed(lines)) if line == 'right = "ROLE"')
    return found | {f"{file}:{twice}: fields[2].right: ROLE stands in more than one configured pair"}


def shown(zohosyncd: Zohosyncd, conf: Path) -> dict[str, Any]:
    found: dict[str, Any] = zohosyncd("status", "--json", "--config", conf).json["connections"][CONNECTION]
    return found


def wait_for(zohosyncd: Zohosyncd, conf: Path, state: str, seconds: float = 20.0) -> dict[str, Any]:
    until = time.monotonic() + seconds
    while (found := shown(zohosyncd, conf))["state"] != state:
        assert time.monotonic() < until, found
        time.sleep(0.1)
    return found


def test_all_kinds_are_told_at_once_each_at_its_line(zohosyncd: Zohosyncd, conf: Path) -> None:
    file = connection_file(conf)
    append(file, WRONG)
    assert zohosyncd("check", "--offline", "--config", conf).code == 0
    ran = zohosyncd("check", "--config", conf)
    assert ran.code == 2
    assert set(ran.err.splitlines()) == misfits(file)


def test_those_of_several_connections_are_told_together_in_a_reload(
    zohosyncd: Zohosyncd, conf: Path, daemon: Started
) -> None:
    file, second = connection_file(conf), connection_file(conf).with_stem("second")
    append(file, WRONG)
    second.write_text(file.read_text())
    ran = zohosyncd("reload", "--config", conf)
    assert ran.code == 2
    for each in misfits(file) | misfits(second):
        assert each in ran.err
    assert list(zohosyncd("status", "--json", "--config", conf).json["connections"]) == [CONNECTION]
    assert wait_for(zohosyncd, conf, "running")["reason"] == ""


def test_at_a_start_the_connection_waits_and_says_what_to_do_until_its_file_is_right(
    zohosyncd: Zohosyncd, conf: Path, tmp_path: Path, forked: Starting
) -> None:
    file = connection_file(conf)
    before = file.read_text()
    append(file, WRONG)
    with forked(tmp_path / "start.log", "run", "--config", conf) as daemon:
        daemon.wait_for("connection waits")
        found = wait_for(zohosyncd, conf, "waiting")
        assert found["reason"]
        assert found["do_now"].startswith("correct its files")
        file.write_text(before)
        assert zohosyncd("reload", "--config", conf).code == 0
        wait_for(zohosyncd, conf, "running")


def test_an_app_that_is_away_refuses_no_reload_and_is_compared_once_it_is_back(
    zohosyncd: Zohosyncd, conf: Path, daemon: Started
) -> None:
    account, file = conf / "accounts.d/book.toml", connection_file(conf)
    before, right = account.read_text(), file.read_text()
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    account.write_text("\n".join(f'url = "http://127.0.0.1:{port}/"' if line.startswith("url") else line
                                 for line in before.splitlines()) + "\n")  # fmt: skip
    append(file, WRONG)
    assert zohosyncd("reload", "--config", conf).code == 0
    assert "Lead_Sorce" not in wait_for(zohosyncd, conf, "waiting")["reason"]
    account.write_text(before)
    zohosyncd("reload", "--config", conf)
    checked = zohosyncd("check", "--config", conf)
    assert checked.code == 2
    for each in misfits(file):
        assert each in checked.err
    file.write_text(right)
    assert zohosyncd("reload", "--config", conf).code == 0
    wait_for(zohosyncd, conf, "running")
