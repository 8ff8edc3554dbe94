"""Connectors that other packages bring: found by what is installed, loaded when wanted, and harmless when broken."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from zohosyncd.connectors.plugins import GROUP, Apps, Plugin, installed
from zohosyncd.connectors.registry import SPECS
from zohosyncd.connectors.tools import ConnectorSpec
from zohosyncd.core.errors import Unavailable
from zohosyncd.ports.connector import PORT_VERSION
from zohosyncd.settings import load
from zohosyncd.settings.accounts import AccountOptions
from zohosyncd.supervisor.possible import checked

PLUGIN = f"""\
from zohosyncd.connectors import carddav
from dataclasses import replace
SPEC = replace(carddav.SPEC, name="listmonk", title="listmonk", speaks={PORT_VERSION})
"""


def package(folder: Path, name: str, entries: str, version: str = "1.2", **modules: str) -> None:
    """Lay a package into a folder as pip does: modules beside their metadata."""
    metadata = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (metadata / "entry_points.txt").write_text(entries)
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text)


def entries(*lines: str) -> str:
    return "\n".join([f"[{GROUP}]", *lines, ""])


def apps_of(*plugins: Plugin) -> Apps:
    return Apps(SPECS, lambda: plugins)


def plugin(name: str, found: object, distribution: str = "a-package 1.0") -> Plugin:
    def load() -> object:
        if isinstance(found, BaseException):
            raise found
        return found() if callable(found) and not isinstance(found, type) else found

    return Plugin(name, distribution, load)


def spec(name: str = "mine", speaks: int | None = PORT_VERSION, **more: Any) -> ConnectorSpec:
    return ConnectorSpec(name, name.title(), more.pop("options", AccountOptions), SPECS[0].open, speaks=speaks, **more)


# Found and loaded


def test_an_installed_package_is_found_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, "zohosyncd-listmonk", entries("listmonk = the_listmonk:SPEC"), the_listmonk=PLUGIN)
    package(tmp_path, "something-else", "[console_scripts]\nx = y:z\n")
    monkeypatch.syspath_prepend(tmp_path)
    (found,) = installed()
    assert (found.name, found.distribution) == ("listmonk", "zohosyncd-listmonk 1.2")
    assert "the_listmonk" not in sys.modules
    apps = Apps(SPECS)
    assert apps["listmonk"].title == "listmonk"
    assert apps.origin("listmonk") == "zohosyncd-listmonk 1.2"
    assert apps.origin("carddav") == ""


def test_a_package_that_is_found_twice_in_the_path_is_one_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("one", "two"):
        package(tmp_path / folder, "zohosyncd-listmonk", entries("listmonk = the_listmonk:SPEC"))
        monkeypatch.syspath_prepend(tmp_path / folder)
    assert [each.trouble for each in installed()] == [""]


def test_metadata_that_cannot_be_read_is_one_packages_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, "odd", f"[{GROUP}]\nno equals sign\n")
    package(tmp_path, "zohosyncd-listmonk", entries("listmonk = the_listmonk:SPEC"))
    monkeypatch.syspath_prepend(tmp_path)
    assert {each.name: each.trouble for each in installed()} == {
        "odd": "its entry points cannot be read", "listmonk": "",
    }  # fmt: skip


def test_nothing_is_looked_for_while_our_own_apps_are_asked_for() -> None:
    def never() -> Iterable[Plugin]:
        raise AssertionError("somebody looked")

    apps = Apps(SPECS, never)
    assert apps["carddav"] is SPECS[[each.name for each in SPECS].index("carddav")]
    assert "zoho_crm" in apps


def test_names_are_known_without_loading_anything() -> None:
    def never() -> object:
        raise AssertionError("it was loaded")

    apps = apps_of(plugin("mine", never), plugin("another", never))
    assert list(apps) == [*(each.name for each in SPECS), "another", "mine"]
    assert len(apps) == len(SPECS) + 2
    assert "mine" in apps
    assert "other" not in apps
    with pytest.raises(KeyError):
        apps["other"]


def test_a_plugin_is_loaded_once() -> None:
    times: list[int] = []

    def found() -> ConnectorSpec:
        times.append(1)
        return spec()

    apps = apps_of(plugin("mine", found))
    assert apps["mine"] is apps["mine"]
    assert times == [1]


# Those that cannot be used


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (ModuleNotFoundError("No module named 'gone'"), "ModuleNotFoundError: No module named 'gone'"),
        (TypeError("ConnectorSpec.__init__() got an\nunexpected argument"), "got an unexpected argument"),
        (SystemExit(1), "cannot be loaded: SystemExit: 1"),
        (RuntimeError("x" * 5_000), "…"),
        ({"name": "mine"}, "an object of type dict, not a ConnectorSpec"),
        (ConnectorSpec, "an object of type type"),
        (spec("other"), "its spec is called other"),
        (spec(options=dict), "not derived from AccountOptions"),
        (spec(speaks=None), "does not say which version"),
        (spec(speaks=PORT_VERSION + 1), f"speaks version {PORT_VERSION + 1}"),
        (spec(speaks=0), "speaks version 0"),
    ],
)
async def test_what_cannot_be_used_says_so_in_one_line_with_who_and_the_cure(found: object, why: str) -> None:
    apps = apps_of(plugin("mine", found, "zohosyncd-mine 3.1"), plugin("good", spec("good")))
    trouble = apps["mine"].unusable
    assert trouble is not None
    assert why in trouble.message
    assert "zohosyncd-mine 3.1" in trouble.message
    assert "pip uninstall zohosyncd-mine" in trouble.hint
    assert "\n" not in str(trouble)
    assert len(str(trouble)) < 500
    assert "mine" not in apps.usable()
    assert apps["good"].unusable is None
    with pytest.raises(Unavailable, match="zohosyncd-mine"):
        await apps["mine"].open(apps["mine"].options(), None).check()  # type: ignore[arg-type]


def test_two_packages_with_one_name_are_both_left_out_and_named() -> None:
    apps = apps_of(*(plugin("mine", spec(), f"package-{n} 1") for n in (1, 2)))
    trouble = apps["mine"].unusable
    assert trouble is not None
    assert "package-1 1 and package-2 1" in trouble.message


def test_no_package_takes_the_place_of_one_of_our_own() -> None:
    apps = apps_of(plugin("carddav", spec("carddav"), "impostor 1"))
    assert apps["carddav"] in SPECS
    assert list(apps) == [each.name for each in SPECS]
    (line,) = apps.shadowed()
    assert "impostor 1" in line


async def test_what_stands_in_can_do_nothing_but_say_why() -> None:
    connector = apps_of(plugin("mine", RuntimeError("no")))["mine"].open(None, None)  # type: ignore[arg-type]
    assert connector.app == "mine"
    assert not connector.capabilities.deletable
    calls: tuple[Callable[[], Any], ...] = (
        connector.objects, lambda: connector.resolve(""), lambda: connector.schema(""),
        lambda: connector.changes("", [], None).__anext__(), lambda: connector.fetch("", [], ["1"]),
        lambda: connector.recheck(""), lambda: connector.write("", []), lambda: connector.find("", []),
        lambda: connector.created_since("", [], 0.0).__anext__(),
    )  # fmt: skip
    for call in calls:
        with pytest.raises(Unavailable):
            await call()


# What it means for an operator


def configured(folder: Path) -> Path:
    """Two accounts of our own, one of a plug-in that is broken, and a connection of each kind."""
    for part in ("accounts.d", "connections.d"):
        (folder / part).mkdir(parents=True)
    (folder / "key").write_text(base64.b64encode(bytes(32)).decode())
    (folder / "key").chmod(0o600)
    (folder / "zohosyncd.toml").write_text(
        f'[service]\nlisten = "127.0.0.1:0"\nstate = "{folder}/state.db"\nstate_key = "file:{folder}/key"\n'
        f'control = "{folder}/c.sock"\n'
    )
    for name in ("one", "two"):
        (folder / f"accounts.d/{name}.toml").write_text(
            'app = "carddav"\nurl = "http://127.0.0.1:9/"\nallow_http = true\nusername = "ann"\npassword = "env:P"\n'
        )
    (folder / "accounts.d/list.toml").write_text('app = "listmonk"\nany_key = "that it may have"\n')
    places = 'left = {{ account = "one" }}\nright = {{ account = "{}" }}\ndeletions.left_to_right = "tag"\n'
    (folder / "connections.d/books.toml").write_text(places.format("two"))
    (folder / "connections.d/lists.toml").write_text(places.format("list"))
    return folder


def test_files_that_name_a_broken_plugin_are_not_wrong_for_it(tmp_path: Path) -> None:
    apps = apps_of(plugin("listmonk", RuntimeError("no")))
    settings = checked(load(configured(tmp_path), apps, environ={}), apps)
    assert settings.accounts["list"].app == "listmonk"


def ran(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zohosyncd", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(folder), "P": "password"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


def test_a_broken_plugin_is_named_by_the_commands_and_its_accounts_wait(tmp_path: Path) -> None:
    package(tmp_path / "site", "zohosyncd-listmonk", entries("listmonk = gone_module:SPEC"))
    folder = configured(tmp_path / "conf")
    said = ran(tmp_path / "site", "check", "--json", "--config", str(folder))
    assert said.returncode == 3, said.stderr
    told = json.loads(said.stdout)["accounts"]
    assert "zohosyncd-listmonk 1.2" in told["list"]["reason"]
    assert "pip uninstall zohosyncd-listmonk" in told["list"]["cure"]
    assert "listmonk" not in told["one"]["reason"]
    listed = ran(tmp_path / "site", "connectors")
    assert listed.returncode == 0
    assert "zohosyncd-listmonk 1.2: cannot be loaded: ModuleNotFoundError" in listed.stderr
    assert "Traceback" not in said.stderr + listed.stderr


def test_a_plugin_that_works_is_listed_with_its_package(tmp_path: Path) -> None:
    package(tmp_path, "zohosyncd-listmonk", entries("listmonk = the_listmonk:SPEC"), the_listmonk=PLUGIN)
    told = ran(tmp_path, "connectors", "listmonk")
    assert told.returncode == 0, told.stderr
    assert "listmonk, from zohosyncd-listmonk 1.2" in told.stdout
