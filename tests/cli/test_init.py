"""``init``: from nothing to a configuration that is complete and right."""

import base64
import os
import pty
import re
import select
import stat
import subprocess
import sys
import tomllib
from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from tests.cli.conftest import Zohosyncd
from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.settings import SecretSources, load, resolve
from zohosyncd.settings.first_files import needed
from zohosyncd.settings.keys import keys_of

VALUES = (
    "--set", "zoho.client_id=1000.ABC", "--set", "carddav.url=https://cloud.example.org/", "--set",
    "carddav.username=ann",
)  # fmt: skip


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def examples(name: str, app: str) -> list[str]:
    """Flags with the examples of what an account of the app needs."""
    options = BY_NAME[app].options
    keys = keys_of(options)
    return [word for key in needed(options) for word in ("--set", f"{name}.{key}={(keys[key].examples or [''])[0]}")]


@pytest.mark.parametrize("systemd", [True, False])
@pytest.mark.parametrize("pair", [*combinations_with_replacement(sorted(BY_NAME), 2)], ids=str)
def test_for_every_pair_of_apps_it_is_right(
    zohosyncd: Zohosyncd, tmp_path: Path, pair: tuple[str, str], systemd: bool
) -> None:
    said = [*examples("one", pair[0]), *examples("other", pair[1])]
    kind = "--systemd" if systemd else "--no-systemd"
    ran = zohosyncd(
        "init", "--config", tmp_path / "conf", "--pair", *pair, "--left", "one", "--right", "other", "--region", "DE",
        kind, *said,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert zohosyncd("check", "--offline", "--config", tmp_path / "conf").code == 0


def test_it_says_everything_and_keeps_secrets_out(zohosyncd: Zohosyncd, tmp_path: Path) -> None:
    assert zohosyncd("init", "--config", tmp_path / "conf", *VALUES).code == 0
    settings = load(tmp_path / "conf", BY_NAME, environ={})
    for name, account in settings.accounts.items():
        text = (tmp_path / f"conf/accounts.d/{name}.toml").read_text()
        assert not [key for key in keys_of(type(account.options)) if not re.search(rf"^#?{key} = ", text, re.M)]
        assert {ref.scheme for ref in account.options.secrets().values()} == {"store"}
    assert settings.service.state == tmp_path / "conf/state.db"
    key = resolve(settings.service.state_key, SecretSources(tmp_path / "conf", {}))
    assert len(base64.b64decode(key.reveal())) == 32


def test_files_are_for_their_owner_alone_whatever_the_umask_says(zohosyncd: Zohosyncd, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        zohosyncd("init", "--config", tmp_path / "conf", *VALUES)
        zohosyncd("init", "--config", tmp_path / "etc", "--systemd", *VALUES)
    finally:
        os.umask(before)
    own = [tmp_path / "conf", *(tmp_path / "conf").rglob("*")]
    assert {(each.is_dir(), mode(each)) for each in own} == {(True, 0o700), (False, 0o600)}
    assert mode(tmp_path / "etc/secrets") == 0o700
    assert mode(tmp_path / "etc/secrets/state-key") == 0o600
    assert mode(tmp_path / "etc/accounts.d/zoho.toml") == 0o644  # the unit's user reads it
    assert tomllib.loads((tmp_path / "etc/zohosyncd.toml").read_text()) == {
        "service": {"state_key": "credential:state-key"}
    }


@pytest.mark.parametrize("there", ["zohosyncd.toml", "accounts.d/zoho.toml", "connections.d/zoho-carddav.toml"])
def test_nothing_that_is_there_is_touched(zohosyncd: Zohosyncd, tmp_path: Path, there: str) -> None:
    file = tmp_path / "conf" / there
    file.parent.mkdir(parents=True)
    file.symlink_to("nowhere")
    ran = zohosyncd("init", "--config", tmp_path / "conf", *VALUES)
    assert ran.code == 2
    assert f"has {there} already" in ran.err
    assert [each for each in (tmp_path / "conf").rglob("*") if not each.is_dir()] == [file]


def test_a_state_key_that_is_there_stays(zohosyncd: Zohosyncd, tmp_path: Path) -> None:
    key = tmp_path / "conf/secrets/state-key"
    key.parent.mkdir(parents=True)
    key.write_text("kept")
    assert zohosyncd("init", "--config", tmp_path / "conf", *VALUES).code == 0
    assert key.read_text() == "kept"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ((), "--set zoho.client_id=1000.XXXXXXXXXXXXXXXXXXXXXXXXXXXXXX --set carddav.url=https://cloud.example.org/"),
        ((*VALUES, "--pair", "zoho_crm", "outlook"), "there is no app outlook"),
        ((*VALUES, "--set", "zoho.nope=1"), "has no key nope"),
        ((*VALUES, "--set", "client_id=1"), "ACCOUNT.KEY=VALUE"),
        ((*VALUES, "--set", "carddav.url=http://cloud.example.org/"), "url: expected https"),
        ((*VALUES, "--set", "carddav.password=hunter2"), "secret in clear"),
        ((*VALUES, "--region", "Germany"), "phone_region"),
        ((*VALUES, "--name", "../../etc"), "cannot be a name"),
        ((*VALUES, "--left", "a", "--right", "a"), "different names"),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    zohosyncd: Zohosyncd, tmp_path: Path, said: tuple[str, ...], told: str
) -> None:
    ran = zohosyncd("init", "--config", tmp_path / "conf", *said)
    assert ran.code == 2
    assert told in ran.err
    assert "hunter2" not in ran.err
    assert not (tmp_path / "conf").exists()


def test_the_next_commands_are_said_word_for_word(zohosyncd: Zohosyncd, tmp_path: Path) -> None:
    ran = zohosyncd("init", "--config", tmp_path / "my conf", *VALUES)
    where = f" --config '{tmp_path}/my conf'"
    steps = [line.strip().partition("    #")[0] for line in ran.out.splitlines() if line.startswith("  ")]
    assert steps == [
        f"zohosyncd {step}{where}"
        for step in (
            "secret set zoho", "secret set carddav", "auth zoho", "check", "run", "plan zoho-carddav",
            "approve zoho-carddav", "status",
        )
    ]  # fmt: skip


def test_it_asks_on_a_terminal(tmp_path: Path) -> None:
    parent, child = pty.openpty()
    arguments = [sys.executable, "-m", "zohosyncd", "init", "--config", str(tmp_path / "conf")]
    with subprocess.Popen(arguments, stdin=child, stdout=child, stderr=child) as process:
        os.close(child)
        said = b""
        for question, answer in (("client id", "1000.ABC"), ("address of the server", "https://cloud.example.org/"),
                                 ("login name", "ann"), ("Country", "at")):  # fmt: skip
            while question.encode() not in said.split(b"\n")[-1]:
                assert select.select([parent], [], [], 20)[0], said
                said += os.read(parent, 4096)
            os.write(parent, answer.encode() + b"\n")
            said += b"\n"
        while select.select([parent], [], [], 20)[0]:
            try:
                said += os.read(parent, 4096)
            except OSError:
                break
        assert process.wait(20) == 0, said
    os.close(parent)
    settings = load(tmp_path / "conf", BY_NAME, environ={})
    assert settings.connections["zoho-carddav"].phone_region == "AT"


def test_what_stands_instead_of_a_client_is_asked_for_none(zohosyncd: Zohosyncd, tmp_path: Path) -> None:
    pair = ("--pair", "zoho_crm", "google_contacts", "--region", "DE", "--set", "zoho.client_id=1000.ABC")
    ran = zohosyncd("init", "--config", tmp_path / "none", *pair, "--set", "google.subject=ann@example.org")
    assert ran.code == 0, ran.err
    assert "zohosyncd secret set google " in ran.out, "the service account's key, by the name of its account"
    assert ("auth zoho" in ran.out, "auth google" in ran.out) == (True, False)
    account = load(tmp_path / "none", BY_NAME, environ={}).accounts["google"]
    assert {key: str(ref) for key, ref in account.options.secrets().items()} == {"service_account": "store:google"}
