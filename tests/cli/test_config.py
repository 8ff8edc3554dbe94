"""``zohosyncd config``: what a connection is in the end, every key there is, and a schema for editors."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Zohosyncd

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = tmp_path / "conf"
    shutil.copytree(CONFIG, copied)
    (copied / "presets.d").mkdir()
    (copied / "presets.d/slow.toml").write_text('every = "${pace}"\n[vars]\npace = "5m"\n')
    own = copied / "connections.d/crm-book.toml"
    own.write_text('use = ["slow"]\n' + own.read_text().replace('every = "60s"', ""))
    return copied


def test_a_connection_is_shown_with_the_place_of_every_value(zohosyncd: Zohosyncd, folder: Path) -> None:
    ran = zohosyncd("config", "crm-book", "--config", folder)
    assert ran.code == 0, ran.err
    lines = {line.split(" = ")[0]: line.split("  # ")[-1] for line in ran.out.splitlines() if " = " in line}
    assert lines["every"] == "presets.d/slow.toml:1"
    assert lines["left.account"] == "connections.d/crm-book.toml:5"
    assert lines["leave"] == "default"


def test_the_same_for_programs(zohosyncd: Zohosyncd, folder: Path) -> None:
    shown = zohosyncd("config", "crm-book", "--json", "--config", folder).json
    assert shown["connection"] == "crm-book"
    assert shown["values"]["every"] == "5m"
    assert shown["origins"]["every"] == "presets.d/slow.toml:1"


def test_mistakes_are_told_instead(zohosyncd: Zohosyncd, folder: Path) -> None:
    (folder / "presets.d/slow.toml").write_text('evry = "5m"\n')
    ran = zohosyncd("config", "crm-book", "--config", folder)
    assert (ran.code, ran.out) == (2, "")
    assert f'{folder}/presets.d/slow.toml:1: evry: is not a known key (did you mean "every"?)' in ran.err


def test_an_unknown_connection_is_answered_with_the_nearest(zohosyncd: Zohosyncd, folder: Path) -> None:
    ran = zohosyncd("config", "crm-bok", "--config", folder)
    assert ran.code == 2
    assert "did you mean" in ran.err


def test_the_reference_is_printed_as_it_is_shipped(zohosyncd: Zohosyncd) -> None:
    assert zohosyncd("config", "--reference").out == (CONFIG / "reference.toml").read_text()


@pytest.mark.parametrize("kind", ["service", "account", "connection", "preset"])
def test_a_schema_is_printed_for_every_kind_of_file(zohosyncd: Zohosyncd, folder: Path, kind: str) -> None:
    schema = zohosyncd("config", "--schema", kind, "--config", folder).json
    assert schema["$schema"].endswith("2020-12/schema")
    alone = json.dumps(schema)
    names = "|".join(sorted(file.stem for file in (folder / "accounts.d").glob("*.toml")))
    assert (f"({names})" in alone) is (kind in {"connection", "preset"}), "accounts' names are completed"


def test_one_schema_for_all_files_needs_no_folder(zohosyncd: Zohosyncd, tmp_path: Path) -> None:
    schema = zohosyncd("config", "--schema", "--config", tmp_path / "nowhere").json
    assert len(schema["anyOf"]) == 4


@pytest.mark.parametrize(
    "arguments", [(), ("crm-book", "--reference"), ("--schema", "all", "--reference"), ("--schema", "zoho")], ids=str
)
def test_one_thing_is_asked_at_a_time(zohosyncd: Zohosyncd, arguments: tuple[str, ...]) -> None:
    assert zohosyncd("config", *arguments).code == 2


def test_showing_a_connection_brings_in_neither_connectors_nor_the_network(folder: Path) -> None:
    code = (
        "import sys\n"
        "from zohosyncd.cli.main import main\n"
        f"sys.argv = ['zohosyncd', 'config', 'crm-book', '--config', {str(folder)!r}]\n"
        "try:\n"
        "    main()\n"
        "except SystemExit:\n"
        "    print('loaded:', *(name for name in ('aiohttp', 'sqlalchemy', 'asyncio', 'rich', 'structlog',"
        " 'cryptography', 'zohosyncd.connectors', 'zohosyncd.settings.reference') if name in sys.modules))\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == "loaded:"
