"""The service on a booted Debian, as README says: installed from a wheel, reloaded, hung, killed, stopped.

    sudo python3 tests/deployment/booted.py bookworm trixie

It needs root, debootstrap, systemd-container (systemd-nspawn) and a virtual environment with pip beside it (`--python`).
Each Debian is made once (about two minutes) and copied for each run. The simulated apps run in the same root as the
daemon. Whatever is not as it should be ends it with one line; else it prints how long each part took.
"""

import argparse
import contextlib
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROGRAM = "/opt/zohosyncd/bin/zohosyncd"
CONNECTION = "zoho-book"
INCLUDE = "systemd,systemd-sysv,dbus,python3,python3-venv,ca-certificates,openssl,procps"
PYTHON = {"bookworm": "3.11", "trixie": "3.13"}
PEOPLE = 400


class Broken(AssertionError):
    """Something is not as it should be."""


def demand(condition: object, what: str) -> None:
    if not condition:
        raise Broken(what)


def until(condition: Callable[[], object], what: str, seconds: float) -> float:
    """Wait for something; answers how long it took."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        with contextlib.suppress(OSError, ValueError):
            if condition():
                return time.monotonic() - begun
        time.sleep(0.1)
    raise Broken(f"not within {seconds:.0f} s: {what}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def made_root(folder: Path, suite: str) -> Path:
    """A Debian to copy from."""
    root, done = folder / suite, folder / f"{suite}.done"
    if not done.exists():
        shutil.rmtree(root, ignore_errors=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={INCLUDE}", suite, str(root)],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        done.touch()
    return root


def made_wheels(folder: Path, suite: str, python: str) -> Path:
    """The daemon's wheel, and the locked releases of what it needs, for this Debian's Python."""
    wheels = folder / f"wheels-{suite}"
    shutil.rmtree(wheels, ignore_errors=True)
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", wheels, ROOT], check=True)
    subprocess.run(
        [
            *pip, "download", "--require-hashes", "-r", ROOT / "requirements.lock", "--dest", wheels,
            "--only-binary=:all:", f"--python-version={PYTHON[suite]}",
        ],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return wheels


class Machine:
    """A booted Debian."""

    def __init__(self, leader: int) -> None:
        self._enter = ["nsenter", "-t", str(leader), "-m", "-u", "-i", "-n", "-p", "-C", "--"]

    def run(self, command: str, *, user: str = "", code: int | None = 0, seconds: float = 120) -> str:
        """Give a shell command; answers what it printed. ``code`` None: any exit code will do."""
        as_user = ["runuser", "-u", user, "--"] if user else []
        clean = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]
        done = subprocess.run(
            [*self._enter, *clean, *as_user, "sh", "-c", command],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, timeout=seconds,
            check=False,
        )  # fmt: skip
        if code is not None and done.returncode != code:
            raise Broken(f"exit code {done.returncode} instead of {code}: {command}\n{done.stdout[-3000:]}")
        return done.stdout

    def shown(self, what: str) -> str:
        """A property of the unit."""
        return self.run(f"systemctl show -P {what} zohosyncd").strip()

    def active(self) -> bool:
        return self.shown("ActiveState") == "active"


@contextlib.contextmanager
def booted(root: Path, name: str) -> Iterator[Machine]:
    """Boot a root, with the network of this machine; power it off at the end."""
    command = [
        "systemd-nspawn", "--quiet", "--directory", str(root), "--boot", "--register=no", "--keep-unit",
        f"--machine={name}", "--link-journal=no", "--setenv=SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1",
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as nspawn:
        try:
            machine = Machine(leader_of(nspawn))
            states = ("running", "degraded")
            until(lambda: machine.run("systemctl is-system-running", code=None).strip() in states, "booted", 60)
            yield machine
        finally:
            nspawn.send_signal(signal.SIGTERM)  # nspawn then powers it off
            try:
                nspawn.wait(30)
            except subprocess.TimeoutExpired:
                nspawn.kill()


def leader_of(nspawn: subprocess.Popen[bytes]) -> int:
    """The first process of the container."""
    children = Path(f"/proc/{nspawn.pid}/task/{nspawn.pid}/children")
    found: list[int] = []

    def there() -> bool:
        demand(nspawn.poll() is None, "systemd-nspawn boots it")
        found[:] = [int(pid) for pid in children.read_text().split()]
        return bool(found) and Path(f"/proc/{found[0]}/comm").read_text().strip() == "systemd"

    until(there, "systemd-nspawn begins", 30)
    return found[0]


class Sandbox:
    """The simulated apps in the machine, whose network is ours."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_sandbox/{path}", data, timeout=20) as answer:
            return json.load(answer)

    def contacts(self) -> list[dict[str, Any]]:
        return list(self.ask("state")["apps"]["zoho_crm"]["Contacts"])

    def cards(self) -> dict[str, str]:
        return dict(self.ask("state")["apps"]["carddav"]["/ann/contacts/"])

    def writes(self) -> int:
        calls = self.ask("calls")["apps"]
        return sum(
            each["calls"]
            for app in calls.values()
            for name, each in app.items()
            if name.startswith(("POST /crm", "PUT "))
        )


class Trial:
    """All parts, one after the other, on one machine."""

    def __init__(self, machine: Machine, wheels: Path) -> None:
        self.machine, self.wheels = machine, wheels
        self.port = free_port()
        self.sandbox = Sandbox(free_port())
        self.parts: list[tuple[str, float, str]] = []
        self.twice: dict[str, int] = {}
        self.expected: list[str] = []

    @contextlib.contextmanager
    def part(self, name: str) -> Iterator[list[str]]:
        begun, notes = time.monotonic(), list[str]()
        yield notes
        self.parts.append((name, time.monotonic() - begun, "; ".join(notes)))
        print(f"  {name:<34} {self.parts[-1][1]:6.1f} s  {self.parts[-1][2]}", flush=True)

    def all(self) -> None:
        self.install()
        self.first_start()
        self.verified()
        self.connect()
        self.killed_in_the_middle()
        self.as_operator()
        self.reloaded()
        self.credentials()
        self.hung()
        self.stopped()

    # --- parts --------------------------------------------------------------------------------------------------

    def install(self) -> None:
        """README's own lines, with the wheel instead of the dot; what is fetched comes from a folder."""
        with self.part("install by README, from a wheel") as notes:
            wheel = next(self.wheels.glob("zohosyncd-*.whl")).name
            block = re.search(r"\*\*systemd\.\*\*.*?```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
            demand(block, "README has the steps")
            steps = block[1].replace("sudo ", "").replace("--no-deps .", f"--no-deps /wheels/{wheel}")  # type: ignore[index]
            notes.append(f"{len(steps.splitlines())} lines")
            self.machine.run(
                f"set -e\nexport PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels\ncd /project\n"
                f"{steps.replace('systemctl enable --now zohosyncd', ':')}",
                seconds=400,
            )

    def first_start(self) -> None:
        """As shipped it starts, although the accounts of the examples cannot log in."""
        with self.part("start as shipped, until READY") as notes:
            self.machine.run(
                f"sed -i 's/^listen = .*/listen = \"127.0.0.1:{self.port}\"/' /etc/zohosyncd/zohosyncd.toml"
            )
            self.machine.run("systemctl enable --now zohosyncd", seconds=130)
            demand(self.machine.active(), "it is active")
            until(lambda: "waiting" in self.machine.shown("StatusText"), "it says what waits", 20)
            notes.append(self.machine.shown("StatusText"))

    def verified(self) -> None:
        with self.part("systemd-analyze verify, security") as notes:
            said = self.machine.run("systemd-analyze verify zohosyncd.service", code=None)
            demand(not [line for line in said.splitlines() if "zohosyncd" in line], f"verify is silent: {said}")
            said = self.machine.run("systemd-analyze security --no-pager zohosyncd | tail -1", code=None)
            found = re.search(r"([\d.]+) \w+", said)
            demand(found and float(found[1]) <= 1.5, f"at most 1.5: {said}")
            notes.append(f"exposure {found[1]}, systemd {self.machine.run('systemctl --version').split()[1]}")  # type: ignore[index]

    def connect(self) -> None:
        """The simulated apps as a service beside it, and their accounts with secrets as credentials."""
        with self.part("connect to the sandbox"):
            self.machine.run(
                f"systemd-run --quiet --unit=sandbox {PROGRAM} sandbox --port {self.sandbox.port} --people {PEOPLE} "
                "--latency-ms 20 --write-config /srv/rehearsal"
            )
            until(lambda: self.sandbox.contacts(), "the sandbox answers", 60)
            self.machine.run(
                "set -e; cd /srv/rehearsal; systemctl stop zohosyncd; rm -rf /var/lib/zohosyncd/*\n"
                "rm -r /etc/zohosyncd/accounts.d /etc/zohosyncd/connections.d\n"
                "cp -r accounts.d connections.d /etc/zohosyncd/; chmod -R a+rX /etc/zohosyncd/accounts.d /etc/zohosyncd/connections.d\n"
                "cp secrets/book-password secrets/zoho-* /etc/zohosyncd/secrets/\n"
                "sed -i 's#\"file:/srv/rehearsal/secrets/#\"credential:secrets_#' /etc/zohosyncd/accounts.d/*.toml"
            )
            self.machine.run("mkdir -p /etc/systemd/system/zohosyncd.service.d")
            self.machine.run(
                "cp /opt/zohosyncd/share/zohosyncd/systemd/zohosyncd.service.d/override.conf.example "
                "/etc/systemd/system/zohosyncd.service.d/override.conf\n"
                "printf '[Service]\\nWatchdogSec=10s\\n' > /etc/systemd/system/zohosyncd.service.d/quick.conf\n"
                "systemctl daemon-reload"
            )

    def killed_in_the_middle(self) -> None:
        with self.part("kill -9 in the middle of a sync") as notes:
            before = {each["id"] for each in self.sandbox.contacts()}
            self.twice = self.several()
            self.machine.run("systemctl start zohosyncd")
            until(lambda: self.sandbox.writes() > 10, "it writes", 60)
            self.kill("KILL")
            begun = self.sandbox.writes()
            took = until(lambda: self.restarted(1), "it is started again", 60)
            notes.append(f"after {begun} writes, READY again after {took:.1f} s")
            took = until(self.converged, "everything is in sync", 240)
            notes.append(f"in sync {took:.1f} s later")
            demand(before <= {each["id"] for each in self.sandbox.contacts()}, "nobody is lost")
            self.nobody_twice()

    def as_operator(self) -> None:
        """Everybody of the group may give commands while it syncs, and nobody else."""
        with self.part("commands of an operator") as notes:
            self.machine.run("useradd -m ann; usermod -aG zohosyncd ann; useradd -m eve")
            refused = self.machine.run(f"{PROGRAM} status", user="eve", code=None)
            demand("group zohosyncd" in refused, f"who is not of the group is told so: {refused}")
            address = next(each["Email"] for each in self.sandbox.contacts() if each["Email"])
            commands, slowest = self.read_only(address), ("", 0.0)
            with self.people_at_work("while commands are given"):
                for line in commands:
                    begun = time.monotonic()
                    said = self.machine.run(f"{PROGRAM} {line}", user="ann", code=None, seconds=90)
                    slowest = max(slowest, (line, time.monotonic() - begun), key=lambda each: each[1])
                    demand(not re.search(r"this is a bug|Traceback|may not use|denied", said), f"{line}: {said[-800:]}")
            until(self.converged, "in sync", 120)
            until(lambda: self.arrived("while commands are given"), "all edits arrive", 60)
            notes.append(f"{len(commands)} commands, slowest {slowest[0].split()[0]} {slowest[1]:.1f} s")
            notes.append(f"{len(self.expected)} edits meanwhile, all arrived")

    def read_only(self, address: str) -> list[str]:
        return [
            "status", "status --json", "accounts", "check --offline", "check", f"contacts {CONNECTION} --csv",
            "held", f"held {CONNECTION}", "quarantine", f"quarantine {CONNECTION}", f"explain {CONNECTION} {address}",
            f"history {CONNECTION}", f"undo {CONNECTION} --person {address} --dry-run", f"history {CONNECTION} {address}", f"plan {CONNECTION}",
            f"approve {CONNECTION} --show", "connectors", "connectors --pair zoho_crm carddav", "fields zoho",
            "fields book", f"mapping {CONNECTION}", f"config {CONNECTION}", "config --reference",
            "config --schema connection", f"export {address}", f"erase --dry-run {address}", "backup", "secret list", "health", "health --ready", "--version", "--help",
        ]  # fmt: skip

    def reloaded(self) -> None:
        with self.part("reload, good and bad") as notes:
            file, invocation = f"/etc/zohosyncd/connections.d/{CONNECTION}.toml", self.machine.shown("InvocationID")
            self.machine.run(f"cp {file} /root/good.toml; sed -i 's/^every.*/every = \"1s\"/' {file}")
            begun = time.monotonic()
            self.machine.run("systemctl reload zohosyncd")
            notes.append(f"good {time.monotonic() - begun:.1f} s")
            demand("1s" in self.machine.run(f"{PROGRAM} config {CONNECTION}"), "the new value is in force")
            self.machine.run(f"echo 'wniner = \"left\"' >> {file}")
            begun = time.monotonic()
            said = self.machine.run("systemctl reload zohosyncd", code=None)
            demand("failed" in said, f"systemctl reload fails: {said}")
            notes.append(f"bad {time.monotonic() - begun:.1f} s")
            demand(self.machine.active(), "it goes on")
            until(lambda: "refused" in self.machine.shown("StatusText"), "it says that the files are refused", 15)
            self.edit_many("after a bad reload")
            until(lambda: self.arrived("after a bad reload"), "edits still arrive", 60)
            self.machine.run(f"cp /root/good.toml {file}; systemctl reload zohosyncd")
            demand(self.machine.shown("InvocationID") == invocation, "it was never restarted")

    def credentials(self) -> None:
        with self.part("credentials") as notes:
            pid = self.machine.shown("MainPID")
            demand(
                "sandbox-" not in self.machine.run(f"tr '\\0' ' ' < /proc/{pid}/cmdline"), "no secret in the arguments"
            )
            demand("sandbox-password" not in self.machine.run(f"tr '\\0' ' ' < /proc/{pid}/environ"), "nor outside")
            demand(
                self.machine.run("cat /etc/zohosyncd/secrets/state-key", user="ann", code=None).count("denied"),
                "root's",
            )
            states = json.loads(self.machine.run(f"{PROGRAM} status --json"))["accounts"]
            demand({each["state"] for each in states.values()} == {"up"}, f"both accounts log in: {states}")
            notes.append("user " + self.machine.run(f"stat -c %U:%G /proc/{pid}").strip())
            notes.append("socket " + self.machine.run("stat -c '%A %U:%G' /run/zohosyncd/control.sock").strip())

    def hung(self) -> None:
        with self.part("watchdog (10 s) of a hung process") as notes:
            restarts = int(self.machine.shown("NRestarts"))
            begun = time.monotonic()
            self.kill("STOP")
            until(lambda: self.restarted(restarts + 1), "it is started again", 90)
            notes.append(f"READY again after {time.monotonic() - begun:.1f} s")
            demand(
                "watchdog" in self.machine.run("journalctl -u zohosyncd --no-pager | tail -40").lower(),
                "by the watchdog",
            )
            self.edit_many("after the watchdog")
            until(lambda: self.arrived("after the watchdog"), "edits arrive", 90)

    def stopped(self) -> None:
        with self.part("stop while edits are under way") as notes:
            before = self.sandbox.writes()
            self.edit_many("while it stops")
            until(lambda: self.sandbox.writes() > before, "it writes", 30)
            begun = time.monotonic()
            self.machine.run("systemctl stop zohosyncd")
            took = time.monotonic() - begun
            demand(took < 45, f"it stops within the deadline: {took:.1f} s")
            demand(self.machine.shown("Result") == "success", f"cleanly: {self.machine.shown('Result')}")
            notes.append(f"stopped in {took:.1f} s")
            notes.append(self.last_words())
            self.machine.run("systemctl start zohosyncd")
            until(lambda: self.arrived("while it stops"), "all edits arrive after the start", 120)
            until(self.converged, "in sync", 120)
            self.nobody_twice()

    # --- what they need -----------------------------------------------------------------------------------------

    def last_words(self) -> str:
        lines = self.machine.run("journalctl -u zohosyncd -o cat --no-pager | grep stopped | tail -1")
        with contextlib.suppress(ValueError):
            return str(json.loads(lines).get("event", ""))
        return lines.strip()

    def kill(self, name: str) -> None:
        """A signal by Python: a minimal Debian has no /bin/kill."""
        self.machine.run(f"python3 -c 'import os, signal; os.kill({self.machine.shown('MainPID')}, signal.SIG{name})'")

    def restarted(self, times: int) -> bool:
        return self.machine.active() and int(self.machine.shown("NRestarts")) >= times

    def converged(self) -> bool:
        status = json.loads(self.machine.run(f"{PROGRAM} status --json", code=None))
        last = status["connections"][CONNECTION]["last_run"]
        return bool(last and last["converged"] and not sum(last["writes"].values()))

    def in_sync(self) -> list[str]:
        """Contacts in Zoho that have a partner and are kept the same."""
        said = self.machine.run(f"{PROGRAM} contacts {CONNECTION} --state in_sync --side zoho --csv")
        known = {each["id"] for each in self.sandbox.contacts()}
        found = [cell for line in said.splitlines() for cell in re.findall(r'"([^"]*)"', line) if cell in known]
        demand(len(found) > 100, f"most are in sync: {len(found)}")
        return found

    def edit(self, record_id: str, title: str) -> None:
        self.sandbox.ask("edit", {"app": "zoho_crm", "object": "Contacts", "id": record_id, "set": {"Title": title}})

    def edit_many(self, title: str, count: int = 40) -> None:
        """Somebody edits the titles of people that stand on both sides."""
        self.expected = self.in_sync()[:count]
        for record_id in self.expected:
            self.edit(record_id, title)

    @contextlib.contextmanager
    def people_at_work(self, title: str) -> Iterator[None]:
        """Until the block ends somebody edits a contact every 0.3 s."""
        over, people = threading.Event(), self.in_sync()
        self.expected = []

        def work() -> None:
            for record_id in people:
                if over.wait(0.3):
                    return
                self.edit(record_id, title)
                self.expected.append(record_id)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def arrived(self, title: str) -> bool:
        """Whether every edit stands on a card, none excepted."""
        return sum(f"TITLE:{title}" in card for card in self.sandbox.cards().values()) == len(self.expected)

    def nobody_twice(self) -> None:
        demand(self.several() == self.twice, f"nobody is made twice: {self.several()} instead of {self.twice}")

    def several(self) -> dict[str, int]:
        """How many addresses stand in several records of a side: the scene has a few."""
        addresses = {
            "contact": [each["Email"].lower() for each in self.sandbox.contacts() if each["Email"]],
            "card": [each.lower() for card in self.sandbox.cards().values() for each in addresses_of(card)],
        }
        return {what: sum(count > 1 for count in Counter(found).values()) for what, found in addresses.items()}


def addresses_of(card: str) -> list[str]:
    """The e-mail addresses of a card, each once."""
    return sorted(set(re.findall(r"^(?:[\w-]+\.)?EMAIL[^:\r\n]*:(\S+)", card, re.MULTILINE | re.IGNORECASE)))


def tried(suite: str, roots: Path, python: str) -> None:
    begun = time.monotonic()
    original, wheels = made_root(roots, suite), made_wheels(roots, suite, python)
    print(f"{suite}: made in {time.monotonic() - begun:.0f} s", flush=True)
    root = roots / f"{suite}-run"
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "-a", "--reflink=auto", original, root], check=True)
    shutil.copytree(wheels, root / "wheels")
    (root / "project").mkdir()
    shutil.copy(ROOT / "requirements.lock", root / "project")
    try:
        begun = time.monotonic()
        with booted(root, f"zohosyncd-{suite}") as machine:
            trial = Trial(machine, wheels)
            print(f"  {'boot':<34} {time.monotonic() - begun:6.1f} s", flush=True)
            try:
                trial.all()
            except Broken:
                print(
                    machine.run("journalctl -u zohosyncd --no-pager | tail -30; systemctl status zohosyncd", code=None)
                )
                raise
        print(f"{suite}: all {len(trial.parts)} parts in {time.monotonic() - begun:.0f} s", flush=True)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", default=["bookworm", "trixie"], help="Debian releases")
    parser.add_argument("--roots", type=Path, default=Path("/var/tmp/zohosyncd-roots"), help="where they are kept")
    parser.add_argument("--python", default=sys.executable, help="a Python with pip")
    given = parser.parse_args()
    given.roots.mkdir(parents=True, exist_ok=True)
    for suite in given.suites:
        try:
            tried(suite, given.roots, given.python)
        except Broken as error:
            print(f"{suite}: NOT AS IT SHOULD BE: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
