"""The unit and the image fit each other, the shipped configuration, and the rules that operators hold them to."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = (ROOT / "systemd/zohosyncd.service").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
CREDENTIALS = dict(re.findall(r"^LoadCredential=([\w-]+):(\S+)$", UNIT, re.MULTILINE))

analyze = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")


def setting(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)


@pytest.fixture
def unit_that_exists(tmp_path: Path) -> Path:
    """The unit with programs of this machine, since the check looks for them."""
    file = tmp_path / "zohosyncd.service"
    file.write_text(
        re.sub(r"/opt/zohosyncd/bin/\S+", "/usr/bin/env", re.sub(r"^Documentation=.*\n", "", UNIT, flags=re.M))
    )
    return file


@analyze
def test_systemd_accepts_the_unit(unit_that_exists: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", unit_that_exists], capture_output=True, text=True, check=False)
    about_us = [line for line in done.stderr.splitlines() if "zohosyncd" in line]
    assert not about_us


@analyze
def test_the_unit_is_hardened(unit_that_exists: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", unit_that_exists]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_unit_waits_for_readiness_and_for_the_outcome_of_a_reload() -> None:
    assert setting("Type") == ["notify"]
    assert setting("ExecStart") == ["/opt/zohosyncd/bin/zohosyncd run --config /etc/zohosyncd"]
    assert setting("ExecReload") == ["/opt/zohosyncd/bin/zohosyncd reload --config /etc/zohosyncd"]
    assert setting("RestartPreventExitStatus") == ["2"]


def test_the_unit_hands_over_every_credential_that_the_shipped_files_name() -> None:
    text = "".join(file.read_text() for file in (ROOT / "config").rglob("*.toml"))
    named = set(re.findall(r'"credential:([\w-]+)"', text))
    assert "state-key" in named
    assert {name for name in named if name not in CREDENTIALS and name.split("_")[0] not in CREDENTIALS} == set()


def test_the_image_runs_without_root_and_asks_the_daemon_for_its_health() -> None:
    user = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)
    assert [int(uid) > 10_000 and int(gid) > 10_000 for uid, gid in user] == [True]
    assert re.search(r'^ENTRYPOINT \["python", "-P", "-m", "zohosyncd"\]$', DOCKERFILE, re.MULTILINE)
    assert re.search(r'CMD \["python", "-P", "-m", "zohosyncd", "status"', DOCKERFILE)
    assert 'VOLUME ["/var/lib/zohosyncd"]' in DOCKERFILE


def test_the_build_context_has_all_that_the_image_copies_and_no_more() -> None:
    copied = {
        name.removeprefix("./")
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.M)
        for name in line.split()
    }
    allowed = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)


def test_unit_and_image_keep_state_and_socket_where_the_shipped_file_says() -> None:
    text = (ROOT / "config/zohosyncd.toml").read_text()
    for variable, folder in (("STATE_DIRECTORY", "/var/lib/zohosyncd"), ("RUNTIME_DIRECTORY", "/run/zohosyncd")):
        assert f"{variable}={folder}" in DOCKERFILE
        assert f'"{folder}/' in text
    assert (
        setting("StateDirectory") == setting("RuntimeDirectory") == setting("ConfigurationDirectory") == ["zohosyncd"]
    )
