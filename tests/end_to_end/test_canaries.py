"""Real processes: no canary in what they write, show and are called by; log level and health of a running daemon."""

import json
import signal
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

import pytest

from tests.cli.conftest import Started, Zohosyncd, conf, control, later, started, warmed, written, zohosyncd
from tests.telemetry.canaries import BOOKISH, TELLING, Aviary, card, person

__all__ = ["conf", "warmed", "written", "zohosyncd"]
pytestmark = pytest.mark.slow


def page(listen: str, name: str, seconds: float = 10.0) -> str:
    with urllib.request.urlopen(f"http://{listen}{name}", timeout=seconds) as answer:
        return str(answer.read().decode())


def arguments(process: int) -> str:
    """What a process and its children are called with, as everybody on the machine can see."""
    tasks = Path(f"/proc/{process}/task")
    children = [number for each in tasks.iterdir() for number in (each / "children").read_text().split()]
    shown = [Path(f"/proc/{number}/cmdline").read_bytes() for number in (process, *children)]
    return b"\n".join(shown).replace(b"\0", b" ").decode()


def listening(daemon: Started) -> str:
    daemon.wait_for("ready")
    lines = (json.loads(line) for line in daemon.said().splitlines() if line.startswith("{"))
    return next(str(line["listen"]) for line in lines if line["event"] == "ready")


def test_no_canary_leaves_a_running_daemon(conf: Path, tmp_path: Path, zohosyncd: Zohosyncd) -> None:
    file = conf / "zohosyncd.toml"
    file.write_text(file.read_text().replace('log_format = "console"', 'log_format = "json"'))
    for number in range(3):
        control(conf, "edit", app="zoho_crm", object="Contacts", create=person(number))
        control(conf, "edit", app="carddav", object="/ann/contacts/", create={"vcard": card(number)})
    control(conf, "faults", app="zoho_crm", rules=[{**each, "count": 1} for each in TELLING])
    control(conf, "faults", app="carddav", rules=[{**each, "count": 1} for each in BOOKISH])
    aviary = Aviary({each.read_text().strip() for each in (conf / "secrets").iterdir()})
    with started(tmp_path / "log", "run", "--config", conf, "--log-level", "debug") as daemon:
        listen = listening(daemon)
        time.sleep(12)
        for each in ("/status", "/metrics", "/livez", "/readyz"):
            aviary.assert_none_in(each, page(listen, each))
        aviary.assert_none_in("arguments", arguments(daemon.process.pid))
        ran = zohosyncd("explain", "zoho-book", "nobody@zeisig.example", "--config", conf)
        aviary.assert_none_in("an error", ran.err)
        for app in ("zoho_crm", "carddav"):
            control(conf, "faults", app=app, rules=[])
        assert daemon.stop() == 0
    assert '"level":"debug"' in daemon.said()
    assert "kanari" not in daemon.said().lower()
    aviary.assert_none_in("log", daemon.said())
    aviary.assert_none_in("file names", (str(each.relative_to(conf)) for each in conf.rglob("*")))


def test_a_reload_changes_what_is_logged(conf: Path, tmp_path: Path, zohosyncd: Zohosyncd) -> None:
    file = conf / "zohosyncd.toml"
    file.write_text(file.read_text().replace('log_format = "console"', 'log_format = "json"\nlog_level = "info"'))
    later(conf)
    with started(tmp_path / "log", "run", "--config", conf, "--log-level", "debug") as daemon:
        listening(daemon)
        daemon.wait_for('"event":"call"')
        file.write_text(file.read_text().replace('log_level = "info"', 'log_level = "warning"'))
        assert zohosyncd("reload", "--config", conf).code == 0
        time.sleep(1)
        before = len(daemon.said())
        time.sleep(5)  # polls, which debug tells about
        assert '"level":"debug"' not in daemon.said()[before:]
        assert '"level":"info"' not in daemon.said()[before:]
        file.write_text(file.read_text().replace('log_level = "warning"', 'log_level = "debug"'))
        assert zohosyncd("reload", "--config", conf).code == 0
        time.sleep(4)
        assert '"event":"call"' in daemon.said()[before:]
        daemon.stop()


def test_the_health_page_fails_while_the_process_hangs_and_works_again(conf: Path, tmp_path: Path) -> None:
    file = conf / "zohosyncd.toml"
    file.write_text(file.read_text().replace('log_format = "console"', 'log_format = "json"'))
    with started(tmp_path / "log", "run", "--config", conf) as daemon:
        listen = listening(daemon)
        assert page(listen, "/livez") == "live\n"
        daemon.process.send_signal(signal.SIGSTOP)
        with pytest.raises((URLError, TimeoutError)):
            page(listen, "/livez", 2)
        daemon.process.send_signal(signal.SIGCONT)
        assert page(listen, "/livez") == "live\n"
        assert page(listen, "/readyz") == "ready\n"
        daemon.stop()
