"""Commands beside a running daemon and without one, and what they say when it cannot be."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import CONNECTION, Started, Starting, Zohosyncd, control, later, started
from zohosyncd.ports.store import HoldReason
from zohosyncd.supervisor.cures import CURES

LISTINGS = [
    ("status",),
    ("check",),
    ("plan", CONNECTION),
    ("held",),
    ("held", CONNECTION),
    ("quarantine",),
    ("fields", "zoho"),
    ("fields", "book"),
    ("mapping", CONNECTION),
]


def shape(value: object) -> object:
    """What a document has, without what it says."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return type(value).__name__


def append(file: Path, text: str) -> None:
    file.write_text(file.read_text() + text)


def connection_file(conf: Path) -> Path:
    return conf / f"connections.d/{CONNECTION}.toml"


def test_a_run_without_a_daemon(zohosyncd: Zohosyncd, conf: Path) -> None:
    ran = zohosyncd("sync", CONNECTION, "--once", "--json", "--config", conf)
    assert ran.code == 0, ran.err
    report = ran.json["connections"][CONNECTION]
    assert report["links"] > 20
    assert report["converged"]
    assert set(report["created"]) == set(report["updated"]) == set(report["writes"]) == {"left", "right"}
    again = zohosyncd("--config", conf, "sync", CONNECTION)
    assert again.code == 0
    assert "created 0 left, 0 right" in again.out


def test_a_run_beside_a_daemon(zohosyncd: Zohosyncd, conf: Path, daemon: Started) -> None:
    ran = zohosyncd("sync", CONNECTION, "--json", "--config", conf)
    assert ran.code == 0, ran.err
    assert ran.json["connections"][CONNECTION]["links"] > 20
    assert daemon.process.poll() is None


def test_listings_are_the_same_beside_a_daemon_and_without_one(
    zohosyncd: Zohosyncd, conf: Path, tmp_path: Path, forked: Starting
) -> None:
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    later(conf)
    alone = {each: zohosyncd(*each, "--json", "--config", conf) for each in LISTINGS}
    with forked(tmp_path / "daemon.log", "run", "--config", conf) as process:
        process.wait_for("ready")
        for each, before in alone.items():
            beside = zohosyncd(*each, "--json", "--config", conf)
            assert (before.code, beside.code) == (0, 0), before.err + beside.err
            if each != ("status",):  # which of both tells of the last run depends on the moment
                assert shape(beside.json) == shape(before.json), each
            assert zohosyncd(*each, "--config", conf).out.strip(), each


def test_explain_finds_a_person_by_address_and_by_id(zohosyncd: Zohosyncd, conf: Path, daemon: Started) -> None:
    zohosyncd("sync", CONNECTION, "--config", conf)
    for held in zohosyncd("held", "--json", "--config", conf).json["held"]:
        told = zohosyncd("explain", CONNECTION, held["record_id"], "--json", "--config", conf).json
        assert told["persons"][0]["held"][0]["reason"] == held["reason"]
        shown = [each for field in told["persons"][0]["fields"] for each in (field["left"], field["right"]) if each]
        found = re.findall(r"[\w.+-]+@[\w.-]+\w", json.dumps(shown))
        if found:
            break
    address = found[0]
    ran = zohosyncd("explain", CONNECTION, address, "--config", conf)
    assert ran.code == 0
    assert held["record_id"] in ran.out
    nobody = zohosyncd("explain", CONNECTION, "nobody@example.org", "--config", conf)
    assert nobody.code == 2
    assert "nobody is known" in nobody.err


def test_what_is_held_comes_with_its_cure(zohosyncd: Zohosyncd, conf: Path) -> None:
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    held = zohosyncd("held", "--json", "--config", conf).json["held"]
    assert CURES.keys() == set(HoldReason)
    assert held
    assert all(each["cure"] == CURES[HoldReason(each["reason"])] for each in held)
    shown = " ".join(zohosyncd("held", "--config", conf).out.split())
    assert all(f"{each['reason']}: {each['cure']}" in shown for each in held)


def test_a_first_sync_waits_for_its_approval(zohosyncd: Zohosyncd, conf: Path) -> None:
    file = connection_file(conf)
    file.write_text(file.read_text().replace('"auto"', '"approve"'))
    newcomer = {"First_Name": "Nova", "Last_Name": "Newcomer", "Email": "nova.newcomer@example.org"}
    control(conf, "edit", app="zoho_crm", object="Contacts", create=newcomer)
    waits = zohosyncd("sync", CONNECTION, "--config", conf)
    assert waits.code == 3
    assert f"zohosyncd approve {CONNECTION}" in waits.out
    plan = zohosyncd("plan", CONNECTION, "--json", "--config", conf)
    assert plan.code == 0
    assert plan.json["stage"] == "approval"
    assert sum(plan.json["create"].values()) > 0
    assert "the first sync is approved" in zohosyncd("approve", CONNECTION, "--config", conf).out
    ran = zohosyncd("sync", CONNECTION, "--json", "--config", conf)
    assert ran.code == 0
    created = ran.json["connections"][CONNECTION]["created"]
    assert created["left"] + created["right"] == sum(plan.json["create"].values())
    nothing = zohosyncd("approve", CONNECTION, "--config", conf)
    assert nothing.code == 2
    assert "nothing of zoho-book waits" in nothing.err


@pytest.mark.parametrize("beside", [True, False])
def test_a_name_that_does_not_exist(
    zohosyncd: Zohosyncd, conf: Path, request: pytest.FixtureRequest, beside: bool
) -> None:
    if beside:
        request.getfixturevalue("daemon")
    for arguments, message in (
        (("sync", "zoho-bok"), "there is no connection zoho-bok (known connections: zoho-book)"),
        (("held", "nope"), "there is no connection nope"),
        (("approve", "b-17"), "there is no connection and no batch b-17"),
        (("fields", "mailchimp"), "there is no account mailchimp (known accounts: book, zoho)"),
        (("fields", "zoho", "--object", "Contracts"), "Contracts"),
    ):
        ran = zohosyncd(*arguments, "--config", conf)
        assert (ran.code, ran.out) == (2, ""), ran.err
        assert message in ran.err


@pytest.mark.parametrize("account", ["zoho", "book"])
def test_a_wrong_secret_needs_a_person(zohosyncd: Zohosyncd, conf: Path, account: str) -> None:
    secret = conf / "secrets" / {"zoho": "zoho-refresh-token", "book": "book-password"}[account]
    secret.write_text("hunter2\n")
    checked = zohosyncd("check", "--json", "--config", conf)
    assert checked.code == 3
    states = {name: each["state"] for name, each in checked.json["accounts"].items()}
    assert states == {"zoho": "up", "book": "up"} | {account: "waiting"}
    assert checked.json["accounts"][account]["cure"]
    assert "hunter2" not in checked.out + checked.err


def test_check_has_a_line_for_each_file_secret_account_and_connection(zohosyncd: Zohosyncd, conf: Path) -> None:
    password = conf / "secrets/book-password"
    password.unlink()
    ran = zohosyncd("check", "--config", conf)
    assert ran.code == 3
    lines = {line.split("  ")[0]: line for line in ran.out.splitlines()}
    for thing in ("zohosyncd.toml", "accounts.d/zoho.toml", "accounts.d/book.toml", f"connections.d/{CONNECTION}.toml"):
        assert " ok" in lines[thing]
    assert " ok" in lines[f"file:{conf}/secrets/zoho-refresh-token"]
    missing = lines[f"file:{password}"]
    assert "waiting" in missing
    assert f"there is no file {password}" in missing
    assert "chmod 600" in missing
    assert "we are " in lines["zoho"]
    assert "waiting" in lines["book"]
    password.write_text("simulated")
    password.chmod(0o644)
    assert f"chmod 600 {password}" in zohosyncd("check", "--config", conf).out


def test_a_run_whose_login_is_refused_needs_a_person(zohosyncd: Zohosyncd, conf: Path) -> None:
    (conf / "secrets/zoho-refresh-token").write_text("wrong\n")
    ran = zohosyncd("sync", CONNECTION, "--config", conf)
    assert ran.code == 3
    assert "zoho" in ran.err
    assert "wrong" not in ran.err + ran.out


def test_a_secret_that_is_not_there(zohosyncd: Zohosyncd, conf: Path) -> None:
    (conf / "secrets/book-password").unlink()
    ran = zohosyncd("sync", CONNECTION, "--config", conf)
    assert ran.code == 2
    assert "there is no file" in ran.err
    assert "book-password" in ran.err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("state.db", b"dear diary\n" * 500, "state.db"),
        ("secrets/state-key", b"c2hvcnQ=\n", "the state key is not 32 bytes in base64"),
    ],
)
def test_a_state_that_cannot_be_used(zohosyncd: Zohosyncd, conf: Path, name: str, content: bytes, message: str) -> None:
    (conf / name).write_bytes(content)
    (conf / name).chmod(0o600)
    for command in (("status",), ("run",)):
        ran = zohosyncd(*command, "--config", conf)
        assert ran.code == 1
        assert message in ran.err
        assert "bug" not in ran.err
    assert (conf / name).read_bytes() == content


def test_a_state_of_another_key(zohosyncd: Zohosyncd, conf: Path) -> None:
    assert zohosyncd("status", "--config", conf).code == 0
    (conf / "secrets/state-key").write_text("A" * 43 + "=\n")
    ran = zohosyncd("status", "--config", conf)
    assert ran.code == 1
    assert "key" in ran.err


def test_a_second_daemon_on_the_same_state(zohosyncd: Zohosyncd, conf: Path, daemon: Started) -> None:
    ran = zohosyncd("run", "--config", conf)
    assert ran.code == 1
    assert f"process {daemon.process.pid} already runs on the state file {conf}/state.db" in ran.err


def test_a_daemon_whose_socket_moved_is_found_by_its_lock(zohosyncd: Zohosyncd, conf: Path, daemon: Started) -> None:
    service = conf / "zohosyncd.toml"
    service.write_text(service.read_text().replace("control.sock", "elsewhere.sock"))
    assert zohosyncd("status", "--config", conf).code == 0
    assert daemon.process.poll() is None


def test_a_port_in_use_is_told_with_its_key(zohosyncd: Zohosyncd, conf: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        service = conf / "zohosyncd.toml"
        service.write_text(service.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        ran = zohosyncd("run", "--config", conf)
    assert ran.code == 1, "2 would keep a service manager from trying again"
    assert f"zohosyncd.toml:5: service.listen: 127.0.0.1:{port} is in use by another program" in ran.err


def test_a_control_socket_that_cannot_be_made(zohosyncd: Zohosyncd, conf: Path) -> None:
    service = conf / "zohosyncd.toml"
    service.write_text(service.read_text().replace("/control.sock", "/missing/control.sock"))
    ran = zohosyncd("run", "--config", conf)
    assert ran.code == 2
    assert "[service] control" in ran.err


def test_wrong_files_stop_no_question_and_are_refused_by_the_daemon(
    zohosyncd: Zohosyncd, conf: Path, daemon: Started
) -> None:
    file = connection_file(conf)
    right = file.read_text()
    append(file, 'evry = "5s"\n')
    refused = zohosyncd("reload", "--config", conf)
    assert refused.code == 2
    assert f'{file}:9: evry: is not a known key (did you mean "every"?)' in refused.err
    assert zohosyncd("status", "--config", conf).code == 0
    assert zohosyncd("check", "--offline", "--config", conf).code == 2
    file.write_text(right)
    assert zohosyncd("reload", "--config", conf).code == 0
    assert daemon.process.poll() is None


def test_a_service_file_that_is_no_toml_does_not_hide_the_daemon(
    zohosyncd: Zohosyncd, conf: Path, daemon: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(conf))
    append(conf / "zohosyncd.toml", "[[[\n")
    assert zohosyncd("status", "--config", conf).code == 0
    assert daemon.process.poll() is None


def test_a_reload_needs_a_daemon(zohosyncd: Zohosyncd, conf: Path) -> None:
    ran = zohosyncd("reload", "--config", conf)
    assert ran.code == 2
    assert "no daemon runs" in ran.err


def test_a_saved_file_is_applied_by_itself_and_a_wrong_one_refused(
    zohosyncd: Zohosyncd, conf: Path, daemon: Started
) -> None:
    file = connection_file(conf)
    file.write_text(file.read_text().replace('"2s"', '"7s"'))
    daemon.wait_for("configuration applied")
    status = zohosyncd("status", "--json", "--config", conf).json
    assert status["connections"][CONNECTION]["interval_seconds"] == 7
    append(file, "x = 1\n")
    daemon.wait_for("configuration refused, the old one stays")
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    assert "bug" not in daemon.said()


def test_a_saved_preset_is_applied_by_itself_and_a_wrong_one_refused(
    zohosyncd: Zohosyncd, conf: Path, daemon: Started
) -> None:
    preset, file = conf / "presets.d/pace.toml", connection_file(conf)
    preset.parent.mkdir()
    preset.write_text('every = "7s"\n')
    file.write_text('use = ["pace"]\n' + file.read_text().replace('every = "2s"\n', ""))
    daemon.wait_for("configuration applied")
    assert zohosyncd("status", "--json", "--config", conf).json["connections"][CONNECTION]["interval_seconds"] == 7
    preset.write_text('every = "soon"\n')
    daemon.wait_for("configuration refused, the old one stays")
    assert f"{preset}:1: every: expected a duration" in daemon.said()
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0


def test_sighup_loads_again_and_tells_what_needs_a_restart(conf: Path, daemon: Started) -> None:
    service = conf / "zohosyncd.toml"
    service.write_text(service.read_text() + 'public_url = "https://sync.example.org"\n')
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_for("these settings apply at the next start")
    assert "public_url" in daemon.said()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_daemon_with_a_sentence(conf: Path, tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path / "log", "run", "--config", conf) as daemon:
        daemon.wait_for("ready")
        assert daemon.stop(number) == 0
    assert "stopped; nothing was left under way" in daemon.said()
    assert not (conf / "control.sock").exists()


def test_systemd_is_told(conf: Path, tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(path))
        told.settimeout(20)
        environment = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "300000"}
        with started(tmp_path / "log", "run", "--config", conf, **environment) as daemon:
            seen = ""
            while "READY=1" not in seen or "WATCHDOG=1" not in seen:
                seen += told.recv(4096).decode() + "\n"
            daemon.process.send_signal(signal.SIGHUP)
            while "RELOADING=1" not in seen:
                seen += told.recv(4096).decode() + "\n"
            assert daemon.stop() == 0
            while "STOPPING=1" not in seen:
                seen += told.recv(4096).decode() + "\n"
    assert seen.index("READY=1") < seen.index("RELOADING=1") < seen.index("STOPPING=1")


def test_a_reader_that_goes_away_is_told_nothing(conf: Path) -> None:
    command = [sys.executable, "-m", "zohosyncd", "fields", "zoho", "--config", str(conf)]
    read, write = os.pipe()
    os.close(read)
    process = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False, timeout=30)
    os.close(write)
    assert (process.returncode, process.stderr) == (1, b"")


def test_ctrl_c_is_quiet(conf: Path, tmp_path: Path) -> None:
    # An account whose server takes the connection and never answers.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        file = conf / "accounts.d/book.toml"
        lines = [
            f'url = "http://127.0.0.1:{silent.getsockname()[1]}/"' if line.startswith("url") else line
            for line in file.read_text().splitlines()
        ]
        file.write_text("\n".join(lines) + "\n")
        with started(tmp_path / "log", "check", "--config", conf) as command:
            silent.settimeout(20)
            with silent.accept()[0]:
                time.sleep(0.2)
                assert command.stop(signal.SIGINT) == 130
    assert "Traceback" not in command.said()


def test_an_object_that_has_less_than_its_app_is_refused_once_it_is_known(zohosyncd: Zohosyncd, conf: Path) -> None:
    file = connection_file(conf)
    file.write_text(re.sub(r'object = "Contacts"', 'object = "Accounts"', file.read_text()))
    append(file, '\n[consent]\nright_to_left = "opt_out"\n')
    assert zohosyncd("check", "--offline", "--config", conf).code == 0
    ran = zohosyncd("check", "--json", "--config", conf)
    assert ran.code == 2
    (found,) = ran.json["connections"].values()
    assert found["state"] == "refused"
    (mistake,) = ran.json["mistakes"]
    assert mistake.startswith(f"{file}:{len(file.read_text().splitlines())}: consent.right_to_left:")
    assert mistake.endswith('(the nearest choice is "tag")')


MISFITS = """
[[rules]]
from = "zoho"
if = [
  { field = "Lead_Source", is = "Wbe Download" },
  { field = "Lead_Source", greater = 3 },
  { owner = "nobody@example.org" },
]
then = [{ add = "labels", value = "CRM" }]

[[fields]]
left = "Custmer_Number"
right = "ROLE"
"""


USE = 'use = ["seller"]\nvars = {{ who = "{who}" }}\n'


def misfits(file: Path) -> list[str]:
    """What is told of these lines at the end of a file: each with its line, what is wrong and what is nearest."""
    first = len(file.read_text().splitlines()) - len(MISFITS.splitlines()) + 1
    return [
        f'{file}:{first + 4}: rules[1].if[1]: Lead_Source has no choice "Wbe Download" (did you mean "Web Download"?)',
        (
            f'{file}:{first + 5}: rules[1].if[2]: Lead_Source is of type choice and cannot be asked "greater": it has is, '
            "is_not, in, not_in, contains, starts_with, exists, empty"
        ),
        f'{file}:{first + 6}: rules[1].if[3]: nobody who can own records is called "nobody@example.org"',
        f"{file}:{first + 8}: rules[1].then[1]: the app has no labels: it has categories",
        (
            f'{file}:{first + 11}: fields[1].left: the left side has no field "Custmer_Number" (did you mean '
            '"Customer_Number"?)'
        ),
    ]


def test_what_only_the_apps_can_tell_is_told_at_once_with_file_line_and_key(zohosyncd: Zohosyncd, conf: Path) -> None:
    file = connection_file(conf)
    append(file, MISFITS)
    assert zohosyncd("check", "--offline", "--config", conf).code == 0
    ran = zohosyncd("check", "--config", conf)
    assert ran.code == 2
    for each in misfits(file):
        assert each in ran.err
    assert len(ran.err.splitlines()) == 5
    stopped = zohosyncd("sync", CONNECTION, "--config", conf)
    assert stopped.code == 2
    for each in misfits(file):
        assert each in stopped.err
    shown = zohosyncd("status", "--config", conf).out
    assert "no daemon runs" in shown
    assert "it does not fit its apps: 5 mistakes in its files" in shown
    assert "correct its files" in shown
    for each in misfits(file):
        assert each.replace("nobody@example.org", "[e-mail]") in shown


def test_what_a_preset_says_is_told_once_with_the_connections_that_use_it(zohosyncd: Zohosyncd, conf: Path) -> None:
    file, preset = connection_file(conf), conf / "presets.d/seller.toml"
    preset.parent.mkdir()
    preset.write_text('[[rules]]\nfrom = "left"\nif = [{ owner = "${who}" }, { field = "Lead_Sorce", is = "Web" }]\n')
    for name, who in ((file.stem, "ann@example.com"), ("second", "anne@example.com")):
        text = file.read_text().removeprefix(USE.format(who="ann@example.com"))
        file.with_stem(name).write_text(USE.format(who=who) + text)
    ran = zohosyncd("check", "--config", conf)
    assert ran.code == 2
    sorce, nobody = (f"{preset}:3: rules[1].if[{number}]: " for number in (2, 1))
    sorce += 'the app has no field "Lead_Sorce" (did you mean "Lead_Source"?), in second and zoho-book'
    nobody += 'nobody who can own records is called "anne@example.com" (did you mean "ann@example.com"?), in second'
    assert sorted(ran.err.splitlines()) == [nobody, sorce]


def test_a_running_daemon_is_not_disturbed_by_it(zohosyncd: Zohosyncd, conf: Path, daemon: Started) -> None:
    file = connection_file(conf)
    before = file.read_text()
    append(file, MISFITS)
    ran = zohosyncd("reload", "--config", conf)
    assert ran.code == 2
    for each in misfits(file):
        assert each in ran.err
    daemon.wait_for("configuration refused, the old one stays")
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    shown = zohosyncd("status", "--json", "--config", conf).json["connections"][CONNECTION]
    assert shown["state"] == "running"
    checked = zohosyncd("check", "--config", conf)
    assert checked.code == 2, "what is in force is right; the files are not"
    status = zohosyncd("status", "--config", conf).out
    for each in misfits(file):
        assert each in checked.err
        assert each.replace("nobody@example.org", "[e-mail]") in status
    file.write_text(before.replace('every = "2s"', 'every = "9s"'))
    assert zohosyncd("reload", "--config", conf).code == 0
    status = zohosyncd("status", "--json", "--config", conf).json
    assert status["connections"][CONNECTION]["interval_seconds"] == 9
    assert status["refused"] == []
    assert zohosyncd("check", "--config", conf).code == 0


def test_an_account_that_is_changed_together_with_a_wrong_rule_disturbs_nothing_either(
    zohosyncd: Zohosyncd, conf: Path, daemon: Started
) -> None:
    append(conf / "accounts.d/book.toml", 'custom = ["X-NUMBER"]\n')
    append(connection_file(conf), '[[fields]]\nleft = "Custmer_Number"\nright = "X-NUMBER"\n')
    ran = zohosyncd("reload", "--config", conf)
    assert ran.code == 2
    assert ran.err.count("Custmer_Number") == 1
    assert "X-NUMBER" not in ran.err
    checked = zohosyncd("check", "--config", conf)
    assert (checked.code, checked.err.count("Custmer_Number")) == (2, 1)
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 0
    connection = connection_file(conf)
    connection.write_text(connection.read_text().replace("Custmer", "Customer"))
    daemon.wait_for("configuration applied")
    assert zohosyncd("check", "--config", conf).code == 0


def test_check_says_how_many_an_unfiltered_side_would_create(zohosyncd: Zohosyncd, conf: Path) -> None:
    newcomer = {"First_Name": "Nora", "Last_Name": "Unfiltered", "Email": "nora@unfiltered.example"}
    control(conf, "edit", app="zoho_crm", object="Contacts", create=newcomer)
    file = connection_file(conf)
    file.write_text(file.read_text().replace('first_sync = "auto"', 'first_sync = "approve"'))
    new = {"Last_Name": "Newcomer", "Email": "newcomer@example.net"}
    control(conf, "edit", app="zoho_crm", object="Contacts", create=new)
    told = zohosyncd("check", "--config", conf).out
    assert "note on zoho-book: nothing filters zoho: whoever has no partner will be created in book" in told
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 3
    created = zohosyncd("plan", CONNECTION, "--json", "--config", conf).json["create"]
    told = zohosyncd("check", "--config", conf).out
    found = re.search(r"nothing filters zoho: ([0-9]+) of its records", told)
    assert found is not None, told
    assert int(found[1]) >= created["right"] > 0
    append(file, '\n[[rules]]\nfrom = "zoho"\nif = [{ opted_out = false }]\n')
    append(file, '[[rules]]\nfrom = "book"\nif = [{ has = "categories", value = "CRM" }]\n')
    assert "nothing filters" not in zohosyncd("check", "--config", conf).out
