"""Commands that need neither daemon nor app: help, static checks, the sandbox, the demonstration."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import CONNECTION, Zohosyncd, started
from zohosyncd.cli.main import COMMANDS
from zohosyncd.connectors.registry import BY_NAME

HEAVY = ("aiohttp", "sqlalchemy", "pydantic", "anyio", "asyncio", "rich", "structlog", "phonenumbers", "cryptography")


def test_help_does_not_wait_for_heavy_modules() -> None:
    code = (
        "import sys\n"
        "from zohosyncd.cli.main import main\n"
        "sys.argv = ['zohosyncd', '--help']\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as ended:\n"
        f"    print('loaded:', *(name for name in {HEAVY!r} if name in sys.modules))\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert all(name in shown for name in COMMANDS)
    assert shown.splitlines()[-1] == "loaded:"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(zohosyncd: Zohosyncd, command: str) -> None:
    ran = zohosyncd(command, "--help")
    assert ran.code == 0
    assert ran.out.startswith(f"Usage: zohosyncd {command}")


def test_a_wrong_command_is_answered_with_the_nearest(zohosyncd: Zohosyncd) -> None:
    ran = zohosyncd("statsu")
    assert ran.code == 2
    assert "did you mean status?" in ran.err


@pytest.mark.parametrize(
    "arguments", [("sync",), ("explain", "x"), ("status", "--nope"), ("demo", "--people", "many")], ids=str
)
def test_wrong_arguments_are_usage_errors(zohosyncd: Zohosyncd, arguments: tuple[str, ...]) -> None:
    assert zohosyncd(*arguments).code == 2


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / (name.replace("__", ".d/") + ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


SERVICE = '[service]\nstate_key = "env:KEY"\n'
BOOK = 'app = "carddav"\nurl = "https://cloud.example.org/"\nusername = "ann"\npassword = "env:PW"\n'


def test_the_shipped_configuration_is_right(zohosyncd: Zohosyncd) -> None:
    config = Path(__file__).parents[2] / "config"
    ran = zohosyncd("check", "--offline", "--config", config)
    assert ran.code == 0, ran.err
    accounts, connections = (len([*(config / name).glob("*.toml")]) for name in ("accounts.d", "connections.d"))
    assert f"{accounts} accounts and {connections} connections" in ran.out


def test_every_mistake_is_told_at_once_with_file_line_and_key(zohosyncd: Zohosyncd, tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        zohosyncd=SERVICE + 'listn = "x"\n',
        accounts__book=BOOK.replace("https", "http"),
        connections__a='left = { account = "bok" }\nright = { account = "book" }\nwinner = "oldest"\n',
    )
    for command in (("check", "--offline"), ("check",), ("run",), ("status",), ("sync", "a")):
        ran = zohosyncd(*command, "--config", folder)
        assert ran.code == 2
        assert f'{folder}/zohosyncd.toml:3: service.listn: is not a known key (did you mean "listen"?)' in ran.err
        assert f"{folder}/accounts.d/book.toml:2: url: " in ran.err
        assert f'{folder}/connections.d/a.toml:1: left.account: there is no account "bok"' in ran.err
        assert f"{folder}/connections.d/a.toml:3: winner: " in ran.err
        assert "Traceback" not in ran.err


def test_a_folder_that_is_not_there(zohosyncd: Zohosyncd, tmp_path: Path) -> None:
    ran = zohosyncd("status", "--config", tmp_path / "nowhere")
    assert ran.code == 2
    assert f"{tmp_path}/nowhere: there is no such folder" in ran.err


def test_the_folder_may_be_named_before_the_command_or_after_it(zohosyncd: Zohosyncd, tmp_path: Path) -> None:
    folder = write(tmp_path, zohosyncd=SERVICE)
    assert zohosyncd("--config", folder, "check", "--offline").code == 0
    assert zohosyncd("check", "--config", folder, "--offline").code == 0
    assert zohosyncd("--config", tmp_path / "x", "check", "--offline", "--config", folder).code == 0


def test_a_demonstration_that_ends_by_itself(
    zohosyncd: Zohosyncd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ran = zohosyncd("demo", "--once", "--people", 60, "--seed", 3, "--json")
    assert ran.code == 0, ran.err
    shown = ran.json
    assert set(shown) == {"connections", "duplicates", "converged", "seconds", "calls"}
    assert set(shown["connections"][CONNECTION]) == {"links", "created", "updated", "held", "quarantined"}
    assert shown["connections"][CONNECTION]["links"] > 40
    assert (shown["duplicates"], shown["converged"]) == (0, True)
    assert shown["calls"] > 10
    assert list(tmp_path.iterdir()) == [], "it leaves nothing behind"


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's: at most 107 characters."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


def test_the_demonstration_tells_what_happens_and_takes_edits(short_path: Path) -> None:
    with started(short_path / "log", "demo", "--people", 60, TMPDIR=str(short_path)) as demo:
        demo.wait_for("Ctrl-C ends the demo", 60)
        said = demo.said()
        (folder,) = short_path.glob("zohosyncd-demo-*")
        assert str(folder) in said
        assert "Duplicates created: 0" in said
        assert "nothing happened yet" not in said
        assert re.search(r"created in the address book: .*Brandnew", said)
        assert "kept in the journal" in said
        file = folder / f"config/connections.d/{CONNECTION}.toml"
        file.write_text(file.read_text().replace('"1s"', '"2s"'))
        demo.wait_for("configuration applied (changed: zoho-book)")
        file.write_text(file.read_text() + "x = 1\n")
        demo.wait_for("configuration refused, the old one stays")
        assert demo.stop(signal.SIGINT) == 0
        assert "stopped; nothing was left under way" in demo.said()
        assert "bug" not in demo.said()


def test_a_demonstration_takes_the_next_free_port(short_path: Path) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 9595))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which is as good
        with started(short_path / "log", "demo", "--people", 0, TMPDIR=str(short_path)) as demo:
            demo.wait_for("Metrics: ")
            assert "127.0.0.1:9595/" not in demo.said()
            assert demo.stop(signal.SIGTERM) == 0


def test_the_sandbox_leaves_other_files_alone(zohosyncd: Zohosyncd, tmp_path: Path) -> None:
    (tmp_path / "zohosyncd.toml").write_text(SERVICE)
    ran = zohosyncd("sandbox", "--port", 0, "--write-config", tmp_path)
    assert ran.code == 2
    assert f"{tmp_path} holds other files" in ran.err
    assert (tmp_path / "zohosyncd.toml").read_text() == SERVICE


def test_a_sandbox_on_a_taken_port(zohosyncd: Zohosyncd) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = zohosyncd("sandbox", "--port", port)
    assert ran.code == 2
    assert f"port {port}" in ran.err
    assert "--port" in ran.err


def test_the_environment_names_the_folder_unless_the_command_does(
    zohosyncd: Zohosyncd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOHOSYNCD_CONFIG", str(tmp_path / "named"))
    assert str(tmp_path / "named") in zohosyncd("check", "--offline").err
    for said in (
        ("--config", tmp_path / "said", "check", "--offline"),
        ("check", "--offline", "--config", tmp_path / "said"),
    ):
        assert str(tmp_path / "said") in zohosyncd(*said).err


def test_what_the_pair_of_apps_cannot_do_is_refused_at_its_line_with_the_nearest_choice(
    zohosyncd: Zohosyncd, tmp_path: Path
) -> None:
    folder = tmp_path / "conf"
    shutil.copytree(Path(__file__).parents[2] / "config", folder)
    file = folder / "connections.d/crm-book.toml"
    file.write_text(
        file.read_text()
        + '\n[consent]\nleft_to_right = "opt_out"\nright_to_left = "tag"\ntag = "a name that is too long for a tag"\n'
    )
    lines = file.read_text().splitlines()
    line = lines.index('left_to_right = "opt_out"') + 1
    for command in (("check", "--offline"), ("check",), ("run",)):
        ran = zohosyncd(*command, "--config", folder)
        assert ran.code == 2, ran.out
        assert f"crm-book.toml:{line}: consent.left_to_right" in ran.err
        assert 'book (carddav) keeps none (the nearest choice is "tag")' in ran.err
        assert f"crm-book.toml:{len(lines)}: consent.tag" in ran.err
        assert "use at most 25 characters" in ran.err


def test_the_apps_and_a_pair_of_them_are_told(zohosyncd: Zohosyncd) -> None:
    listed = zohosyncd("connectors")
    assert listed.code == 0
    assert "Zoho CRM" in listed.out
    assert [each["app"] for each in zohosyncd("connectors", "--json").json["apps"]] == list(BY_NAME)
    rows = zohosyncd("connectors", "--pair", "zoho_crm", "carddav", "--json").json["rows"]
    assert {"part", "where", "choices", "note"} == set(rows[0])
    assert "nothing travels: CardDAV keeps no consent" in zohosyncd("connectors", "--pair", "zoho_crm", "carddav").out
    wrong = zohosyncd("connectors", "--pair", "zoho_crm", "google")
    assert wrong.code == 2
    assert f"there are {', '.join(BY_NAME)}" in wrong.err


def test_one_app_is_told_with_why_it_lacks_what_it_lacks(zohosyncd: Zohosyncd) -> None:
    told = zohosyncd("connectors", "carddav").out
    assert "a card has no place for it" in told
    assert zohosyncd("connectors", "carddav", "--json").json["without"]["consent"] in told
    assert zohosyncd("connectors", "google").code == 2
    assert zohosyncd("connectors", "carddav", "--pair", "zoho_crm", "carddav").code == 2
