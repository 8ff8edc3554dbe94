"""The image: built, run as its user, hung and set free, stopped.

    sudo python3 tests/deployment/image.py --base bookworm

It needs root, buildah and debootstrap. No container engine has to run: the image is built and run by buildah with chroot
isolation, and its entry point and health check are read from the image and run as an engine would run them. `--base` is a
Debian (see booted.py) that stands in for python:slim; without it the real one is pulled. `--certificates` is a file with
authorities that pip shall trust while it builds.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from booted import ROOT, Broken, Sandbox, demand, free_port, made_root, until

NAME = "localhost/zohosyncd-trial"
UID = 10001


def buildah(*arguments: object, seconds: float = 900) -> str:
    done = subprocess.run(
        ["buildah", "--storage-driver=vfs", *map(str, arguments)],
        capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Broken(f"buildah {arguments[0]}: {(done.stdout + done.stderr)[-3000:]}")
    return done.stdout.strip()


def stand_in(roots: Path, suite: str, version: str) -> None:
    """python:VERSION-slim from a Debian with a Python."""
    root = made_root(roots, suite)
    container = buildah("from", "scratch")
    mounted = Path(buildah("mount", container))
    subprocess.run(["cp", "-a", f"{root}/.", mounted], check=True)
    (mounted / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    for names in ("host.conf", "resolv.conf", "hosts"):
        if Path("/etc", names).exists():
            shutil.copy(Path("/etc", names), mounted / "etc" / names)
    buildah("umount", container)
    buildah("commit", "--rm", container, f"localhost/python:{version}-slim")


def built(version: str, certificates: Path | None, work: Path) -> dict[str, Any]:
    """Build the image; answers its configuration."""
    more: list[object] = []
    if certificates:  # nothing of it stays in the image
        (work / "pip.conf").write_text("[global]\ncert = /trial/certificates.pem\n")
        more += ["--volume", f"{certificates}:/trial/certificates.pem:ro"]
        more += ["--volume", f"{work / 'pip.conf'}:/etc/pip.conf:ro"]
    buildah(
        "bud", "--isolation=chroot", "--network=host", "--pull-never", "--format=docker", "--no-cache",
        f"--build-arg=PYTHON={version}", *more, "--tag", NAME, ROOT,
    )  # fmt: skip
    return dict(json.loads(buildah("inspect", "--type=image", NAME))["Docker"]["config"])


class Running:
    """The image as an engine runs it: its user, its environment, its root file system read-only, its mounts."""

    def __init__(
        self, root: Path, config: dict[str, Any], mounts: dict[Path, str], environment: dict[str, str]
    ) -> None:
        self._root, self._config, self._mounts = root, config, mounts
        self.environment = dict(each.split("=", 1) for each in config["Env"]) | environment

    def command(self, arguments: list[str]) -> list[str]:
        """In a mount namespace of its own: what is mounted there is gone with the process."""
        lines = [f"mount --bind {self._root} {self._root}"]
        for source, target in self._mounts.items():
            writable = target.startswith(("/var/lib/", "/run/zohosyncd"))
            lines.append(f"mount --bind {source} {self._root}{target}")
            if not writable:
                lines.append(f"mount -o remount,bind,ro {self._root}{target}")
        lines += [
            f"mount -t proc proc {self._root}/proc", f"mount --rbind /dev {self._root}/dev",
            f"mount -o remount,bind,ro {self._root}",
        ]  # fmt: skip
        uid, gid = self._config["User"].split(":")
        script = "set -e\n" + "\n".join(lines)
        # chroot(8) needs a capability that the user has no more: enter first, then give everything up inside.
        script += f"\nexec chroot {self._root} setpriv --reuid={uid} --regid={gid} --clear-groups --bounding-set=-all "
        script += f'--inh-caps=-all --no-new-privs sh -c \'cd "{self._config["WorkingDir"]}" && exec "$@"\' sh "$@"'
        return ["unshare", "--mount", "--propagation=private", "sh", "-c", script, "sh", *arguments]

    def start(self, arguments: list[str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as file:
            return subprocess.Popen(
                self.command(arguments), env=self.environment, stdout=file, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def run(self, arguments: list[str], seconds: float = 60) -> tuple[int, str]:
        done = subprocess.run(
            self.command(arguments), env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=seconds, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout.strip()


def healthy(running: Running, config: dict[str, Any]) -> tuple[bool, str, float]:
    """The image's own health check."""
    kind, *command = config["Healthcheck"]["Test"]
    demand(kind == "CMD", "the health check is a command without a shell")
    begun = time.monotonic()
    code, said = running.run(command)
    return code == 0, said, time.monotonic() - begun


def tried(config: dict[str, Any], container: Path, work: Path, python: str) -> None:
    uid, _, gid = config["User"].partition(":")
    demand(int(uid) > 10000 and int(gid) > 10000, f"a user that is not root: {config['User']}")
    demand(config["Entrypoint"][:2] == ["python", "-P"], f"nothing is imported from the folder: {config['Entrypoint']}")
    print(f"  user {config['User']}, volumes {list(config['Volumes'])}, labels {len(config['Labels'])}")
    sandbox = Sandbox(free_port())
    folder, state, run = work / "config", work / "state", work / "run"
    apps = subprocess.Popen(
        [
            python,
            "-m",
            "zohosyncd",
            "sandbox",
            "--port",
            str(sandbox.port),
            "--people",
            "200",
            "--write-config",
            folder,
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        until(lambda: (folder / "secrets/state-key").exists() and sandbox.contacts(), "the sandbox answers", 60)
        for file in folder.rglob("*.toml"):
            text = (
                file.read_text()
                .replace(f"{folder}/secrets", "/run/secrets")
                .replace(f"{folder}/state.db", "/var/lib/zohosyncd/state.db")
            )
            file.write_text(text.replace(f"{folder}/control.sock", "/run/zohosyncd/control.sock"))
        (folder / "secrets").rename(work / "secrets")
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        for path, mode in ((state, 0o700), (run, 0o750)):
            path.mkdir(mode=mode)
        subprocess.run(["chown", "-R", config["User"], state, run, work / "secrets"], check=True)
        work.chmod(0o755)
        mounts = {
            folder: "/etc/zohosyncd",
            work / "secrets": "/run/secrets",
            state: "/var/lib/zohosyncd",
            run: "/run/zohosyncd",
        }
        for target in mounts.values():
            (container / target.lstrip("/")).mkdir(parents=True, exist_ok=True)
        port = free_port()
        lived(
            Running(container, config, mounts, {"ZOHOSYNCD_LISTEN": f"0.0.0.0:{port}"}), config, sandbox, work / "log"
        )
    finally:
        apps.send_signal(signal.SIGINT)
        apps.wait(20)


def lived(running: Running, config: dict[str, Any], sandbox: Sandbox, log: Path) -> None:
    begun = time.monotonic()
    daemon = running.start([*config["Entrypoint"], *config["Cmd"]], log)
    try:
        until(lambda: daemon.poll() is not None or healthy(running, config)[0], "its health check is green", 60)
        demand(daemon.poll() is None, f"it runs: {log.read_text()[-2000:]}")
        print(f"  green {time.monotonic() - begun:.1f} s after the start: {healthy(running, config)[1]}")
        told = Path(f"/proc/{daemon.pid}/status").read_text()
        demand(f"Uid:\t{UID}" in told and "CapEff:\t0000000000000000" in told and "NoNewPrivs:\t1" in told, told)
        code, said = running.run(["sh", "-c", "touch /etc/zohosyncd/x || touch /opt/x || touch /etc/x"])
        demand(code != 0 and said.lower().count("read-only") == 3, f"it can write nowhere but its state: {said}")
        code, said = running.run([*config["Entrypoint"], "status"])
        demand(code == 0 and "zoho-book" in said, f"commands reach it: {said}")
        until(lambda: len(sandbox.cards()) > 150, "it syncs", 60)

        os.kill(daemon.pid, signal.SIGSTOP)
        green, said, took = healthy(running, config)
        demand(not green, "red when it hangs")
        print(f"  red {took:.1f} s after it was stopped by SIGSTOP: {said}")
        os.kill(daemon.pid, signal.SIGCONT)
        print(f"  green again after {until(lambda: healthy(running, config)[0], 'green again', 40):.1f} s")

        for each in [each for each in sandbox.contacts() if each["Email"]][:30]:
            sandbox.ask(
                "edit", {"app": "zoho_crm", "object": "Contacts", "id": each["id"], "set": {"Title": "At the end"}}
            )
        time.sleep(1.5)
        begun = time.monotonic()
        daemon.send_signal(signal.Signals[config["StopSignal"]])
        code = daemon.wait(45)
        demand(code == 0, f"it ends by itself: {code}")
        print(
            f"  SIGTERM: ended in {time.monotonic() - begun:.1f} s: {log.read_text().strip().splitlines()[-1][-120:]}"
        )
        green, said, _ = healthy(running, config)
        demand(not green, "red when nobody is there")
        print(f"  red when it has ended: {said}")
    finally:
        if daemon.poll() is None:
            os.kill(daemon.pid, signal.SIGCONT)
            daemon.kill()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default="", help="a Debian release that stands in for python:slim")
    parser.add_argument("--version", default="3.11", help="of Python")
    parser.add_argument("--roots", type=Path, default=Path("/var/tmp/zohosyncd-roots"), help="where Debians are kept")
    parser.add_argument("--certificates", type=Path, help="what pip trusts while it builds")
    given = parser.parse_args()
    container = ""
    with tempfile.TemporaryDirectory(prefix="zohosyncd-image-") as work:
        try:
            begun = time.monotonic()
            if given.base:
                stand_in(given.roots, given.base, given.version)
                print(f"stand-in for python:{given.version}-slim from {given.base}: {time.monotonic() - begun:.0f} s")
            begun = time.monotonic()
            config = built(given.version, given.certificates, Path(work))
            print(f"image built: {time.monotonic() - begun:.0f} s", flush=True)
            container = buildah("from", "--pull-never", NAME)
            tried(config, Path(buildah("mount", container)), Path(work), sys.executable)
        except Broken as error:
            print(f"NOT AS IT SHOULD BE: {error}", file=sys.stderr)
            return 1
        finally:
            if container:
                buildah("rm", container)
    return 0


if __name__ == "__main__":
    sys.exit(main())
