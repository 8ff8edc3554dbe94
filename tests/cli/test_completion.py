"""What a shell completes, asked as the shell's script asks."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Zohosyncd
from zohosyncd.cli.main import COMMANDS

HEAVY = ("aiohttp", "sqlalchemy", "pydantic", "anyio", "asyncio")


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """Names in files that need not be right: an unfinished configuration is completed, too."""
    for name in ("accounts.d/zoho", "accounts.d/ann", "connections.d/crm-ann", "connections.d/crm-ben"):
        file = tmp_path / f"{name}.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text("= no TOML")
    (tmp_path / "connections.d/.hidden.toml").touch()
    (tmp_path / "connections.d/crm-old.toml~").touch()
    return tmp_path


def completed(*words: str, conf: Path | None = None) -> list[str]:
    """What bash offers for the last word; in a fresh process, which says on stderr what it has loaded."""
    code = (
        "import sys, zohosyncd.cli.main as m\n"
        "try:\n"
        "    m.main()\n"
        "finally:\n"
        f"    sys.stderr.write('loaded:' + ' '.join(name for name in {HEAVY!r} if name in sys.modules))\n"
    )
    given = {
        "_ZOHOSYNCD_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("zohosyncd", *words)),
        "COMP_CWORD": str(len(words)),
        **({"ZOHOSYNCD_CONFIG": str(conf)} if conf else {}),
    }
    ran = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **given}, capture_output=True, text=True, check=True
    )
    assert ran.stderr == "loaded:"
    return [line.partition(",")[2] for line in ran.stdout.splitlines() if line.strip()]


def test_commands_verbs_and_options_are_completed() -> None:
    assert completed("sta") == ["status"]
    assert completed("secret", "s") == ["set"]


def test_names_of_connections_and_accounts_come_from_the_files(conf: Path) -> None:
    assert completed("sync", "crm-", conf=conf) == ["crm-ann", "crm-ben"]
    assert completed("--config", str(conf), "auth", "z") == ["zoho"]
    assert completed("mapping", "--config", str(conf), "crm-b") == ["crm-ben"]


def test_a_folder_that_is_not_there_completes_nothing(tmp_path: Path) -> None:
    assert completed("sync", "c", conf=tmp_path / "nowhere") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_takes_its_script(zohosyncd: Zohosyncd, shell: str) -> None:
    ran = zohosyncd("completion", shell)
    assert ran.code == 0
    assert "_ZOHOSYNCD_COMPLETE" in ran.out
    program = shutil.which(shell)
    if program is not None:
        subprocess.run([program, "-n"], input=ran.out, text=True, check=True)


@pytest.mark.parametrize("shell", ["tcsh", ""])
def test_other_shells_are_refused(zohosyncd: Zohosyncd, shell: str) -> None:
    assert zohosyncd("completion", shell).code == 2


def test_every_option_of_every_command_is_explained() -> None:
    import click

    from zohosyncd.cli.main import zohosyncd as root

    def walk(command: click.Command, path: str) -> list[str]:
        found = [] if command.help else [path]
        found += [
            f"{path} {each.opts[0]}"
            for each in command.params
            if isinstance(each, click.Option) and not each.help and not each.hidden
        ]
        for name, each in getattr(command, "commands", {}).items():
            found += walk(each, f"{path} {name}")
        return found

    context = click.Context(root)
    unexplained = []
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        unexplained += walk(command, name)
    assert not unexplained
