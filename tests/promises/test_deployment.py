"""The unit and the image fit each other, the shipped configuration, and the rules that operators hold them to."""

import functools
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.settings import load
from zohosyncd.supervisor.connections import LAND_SECONDS
from zohosyncd.web.control import _GROUP

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
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", unit_that_exists]
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
    assert re.search(r'CMD \["python", "-P", "-m", "zohosyncd", "health"', DOCKERFILE)
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


# --- the drop-in and the group ----------------------------------------------------------------------------------


@analyze
def test_systemd_accepts_the_drop_in_with_every_line_switched_on(unit_that_exists: Path) -> None:
    example = (ROOT / "systemd/zohosyncd.service.d/override.conf.example").read_text()
    wanted = re.sub(r"^#(?=[A-Z]\w+=)", "", example, flags=re.MULTILINE)
    assert wanted.count("\n#") < example.count("\n#"), "some lines are switched off"
    (unit_that_exists.parent / "zohosyncd.service.d").mkdir()
    drop_in = unit_that_exists.parent / "zohosyncd.service.d/override.conf"
    drop_in.write_text(re.sub(r"/opt/zohosyncd/bin/\S+", "/usr/bin/env", wanted))
    done = subprocess.run(["systemd-analyze", "verify", unit_that_exists], capture_output=True, text=True, check=False)
    assert not [line for line in done.stderr.splitlines() if "zohosyncd" in line or "override" in line]


def test_the_user_of_the_unit_is_the_one_whose_group_may_give_commands() -> None:
    lines = (ROOT / "systemd/zohosyncd.sysusers.conf").read_text().splitlines()
    made = [line.split()[:3] for line in lines if line and not line.startswith("#")]
    assert made == [["u", *setting("User"), "-"]]
    assert (setting("DynamicUser"), setting("RuntimeDirectoryMode")) == (["yes"], ["0750"])
    assert setting("User")[0] == _GROUP


def test_the_deadlines_of_the_unit_leave_room_for_what_the_daemon_does() -> None:
    assert int(setting("TimeoutStopSec")[0].removesuffix("s")) > LAND_SECONDS + 10
    assert int(setting("WatchdogSec")[0].removesuffix("s")) >= 30


def test_the_manual_begins_with_the_very_commands_that_are_tried_on_a_booted_machine() -> None:
    readme = (ROOT / "README.md").read_text()
    block = re.search(r"\*\*systemd\.\*\*.*?```sh\n(.*?)```", readme, re.DOTALL)
    assert block is not None
    for name in re.findall(r"(?<= )(?:config|systemd)/\S+|requirements\.lock", block[1]):
        assert (ROOT / name).exists(), name


# --- containers -------------------------------------------------------------------------------------------------


@functools.cache
def parsed(name: str) -> list[dict[str, Any]]:
    return [each for each in yaml.safe_load_all((ROOT / name).read_text()) if each]


def compose() -> dict[str, Any]:
    (document,) = parsed("config/compose.yaml")
    return dict(document)


def manifest(kind: str) -> dict[str, Any]:
    (found,) = [each for each in parsed("config/kubernetes/zohosyncd.yaml") if each["kind"] == kind]
    return dict(found)


def test_the_image_takes_every_release_by_its_hash() -> None:
    installs = re.findall(r"pip (?:install|wheel) ([^&\n\\]*)", DOCKERFILE)
    assert len(installs) == 4
    assert all("--require-hashes" in each or "--no-deps" in each for each in installs)


def test_compose_runs_it_without_root_read_only_and_on_the_loopback_alone() -> None:
    service = compose()["services"]["zohosyncd"]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["user"] == "10001:10001"
    assert service["stop_grace_period"] == "45s"
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    where = {each.rsplit(":ro", 1)[0].rsplit(":", 1)[1]: each.endswith(":ro") for each in service["volumes"]}
    assert where == {"/etc/zohosyncd": True, "/run/secrets": True, "/var/lib/zohosyncd": False}


def test_what_compose_mounts_is_a_folder_or_one_of_its_volumes() -> None:
    document = compose()
    for service in document["services"].values():
        for each in service["volumes"]:
            source = each.split(":")[0]
            assert source.startswith(("./", "$")) or source in document["volumes"], source


def test_the_files_of_prometheus_and_grafana_that_are_mounted_are_there() -> None:
    mounted = [each.split(":")[0] for service in compose()["services"].values() for each in service["volumes"]]
    folders = [ROOT / "config" / source for source in mounted if source.startswith("./")]
    text = (ROOT / "config/kubernetes/zohosyncd.yaml").read_text()
    folders += [ROOT / name for name in re.findall(r"--from-file=(config/\S+)", text)]
    assert len(folders) == 8
    assert [str(each) for each in folders if not any(each.iterdir())] == []


def test_the_pod_is_hardened_and_one_alone_owns_the_state() -> None:
    deployment = manifest("Deployment")["spec"]
    assert (deployment["replicas"], deployment["strategy"]["type"]) == (1, "Recreate")
    pod = deployment["template"]["spec"]
    assert pod["securityContext"]["runAsUser"] == pod["securityContext"]["fsGroup"] == 10_001
    assert pod["terminationGracePeriodSeconds"] == 45
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_every_mount_of_the_pod_has_its_volume_and_none_is_left_over() -> None:
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    mounted = {each["name"] for container in pod["containers"] for each in container["volumeMounts"]}
    assert mounted == {each["name"] for each in pod["volumes"]}
    claim = manifest("PersistentVolumeClaim")["metadata"]["name"]
    assert claim in {each.get("persistentVolumeClaim", {}).get("claimName") for each in pod["volumes"]}


def test_the_pod_is_probed_where_the_listener_answers() -> None:
    daemon = manifest("Deployment")["spec"]["template"]["spec"]["containers"][0]
    ports = {each["name"]: each["containerPort"] for each in daemon["ports"]}
    assert ports["metrics"] == int(re.search(r"ZOHOSYNCD_LISTEN=0\.0\.0\.0:(\d+)", DOCKERFILE)[1])  # type: ignore[index]
    paths = {probe: daemon[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert paths == {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
    assert set(manifest("Service")["spec"]["selector"].values()) == {"zohosyncd"}


def test_every_folder_and_secret_that_the_manifest_names_is_one_that_its_first_lines_make() -> None:
    text = (ROOT / "config/kubernetes/zohosyncd.yaml").read_text()
    made = set(re.findall(r"create (?:configmap|secret generic) ([\w-]+)", text))
    used = set(re.findall(r"configMap: \{ name: ([\w-]+)|secretName: ([\w-]+)", text))
    made.discard("zohosyncd-presets")  # optional
    assert {first or second for first, second in used} - {"zohosyncd-presets"} == made


def test_a_folder_as_the_manifest_mounts_it_is_loaded(tmp_path: Path) -> None:
    """Kubernetes shows the files of a ConfigMap through links to a hidden folder, which it swaps."""
    daemon = manifest("Deployment")["spec"]["template"]["spec"]["containers"][0]
    mounts = [each["mountPath"] for each in daemon["volumeMounts"] if each["mountPath"].startswith("/etc/zohosyncd/")]
    for target in mounts:
        name = target.removeprefix("/etc/zohosyncd/")
        source = ROOT / "config" / name
        if source.is_file():
            shutil.copy(source, tmp_path / name)
            continue
        hidden = tmp_path / name / "..2026_11_24"
        hidden.mkdir(parents=True)
        (tmp_path / name / "..data").symlink_to(hidden.name)
        for file in source.glob("*.toml"):
            shutil.copy(file, hidden)
            (tmp_path / name / file.name).symlink_to(f"..data/{file.name}")
    settings = load(tmp_path, BY_NAME, environ={})
    shipped = [
        {file.stem for file in (ROOT / "config" / name).glob("*.toml")} for name in ("accounts.d", "connections.d")
    ]
    assert [set(settings.accounts), set(settings.connections)] == shipped
    assert {"zoho", "book"} <= shipped[0]


@pytest.mark.parametrize("file", ["config/nginx/zohosyncd.conf", "config/caddy/Caddyfile"])
def test_the_proxy_lets_through_hooks_and_consent_and_nothing_else(file: str) -> None:
    text = (ROOT / file).read_text()
    assert "/hooks/" in text
    assert "/oauth/callback" in text
    assert re.search(r"(?:return|respond) 404", text)
    assert "127.0.0.1:9596" in text
