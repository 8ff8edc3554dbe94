"""Secrets are read from where they are kept, and shown nowhere."""

import copy
import pickle
from pathlib import Path

import pytest

from zohosyncd.settings import Secret, SecretError, SecretRef, SecretSources, resolve

CANARY = "canary-1f3d"


def sources(folder: Path, **environ: str) -> SecretSources:
    return SecretSources(folder, environ)


def private(path: Path, content: bytes = CANARY.encode(), mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret(CANARY)
    for shown in (
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>40}",
        repr({"a": [secret]}),
        secret.fingerprint(),
    ):
        assert CANARY not in shown
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.copy(secret)
    assert not hasattr(secret, "__dict__")
    assert secret.reveal() == CANARY


def test_equal_secrets_are_equal_and_have_equal_fingerprints() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a").fingerprint() == Secret("a").fingerprint() != Secret("b").fingerprint()
    assert len({Secret("a"), Secret("a")}) == 1


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    assert resolve(SecretRef("env", "TOKEN"), sources(tmp_path, TOKEN=CANARY)).reveal() == CANARY
    with pytest.raises(SecretError, match="the environment has no TOKEN"):
        resolve(SecretRef("env", "TOKEN"), sources(tmp_path))


def test_secrets_come_from_files_relative_to_the_configuration_without_the_line_end(tmp_path: Path) -> None:
    private(tmp_path / "token", f"{CANARY}\n".encode())
    assert resolve(SecretRef("file", "token"), sources(tmp_path)).reveal() == CANARY
    assert resolve(SecretRef("file", str(tmp_path / "token")), sources(Path("/"))).reveal() == CANARY


def test_a_file_that_every_user_can_read_is_refused_with_the_cure(tmp_path: Path) -> None:
    private(tmp_path / "token", mode=0o644)
    with pytest.raises(SecretError, match="every user can read") as caught:
        resolve(SecretRef("file", "token"), sources(tmp_path))
    assert caught.value.hint == f"chmod 600 {tmp_path / 'token'}"
    private(tmp_path / "token", mode=0o640)
    assert resolve(SecretRef("file", "token"), sources(tmp_path)).reveal() == CANARY


def test_a_credential_may_have_any_mode_since_systemd_guards_its_folder(tmp_path: Path) -> None:
    private(tmp_path / "state-key", mode=0o444)
    ref = SecretRef("credential", "state-key")
    assert resolve(ref, sources(Path("/"), CREDENTIALS_DIRECTORY=str(tmp_path))).reveal() == CANARY


def test_a_link_out_of_a_guarded_folder_does_not_widen_it(tmp_path: Path) -> None:
    guarded = tmp_path / "creds"
    guarded.mkdir()
    private(tmp_path / "open", mode=0o644)
    ref = SecretRef("file", f"{guarded}/../open")
    with pytest.raises(SecretError, match="every user can read"):
        resolve(ref, sources(tmp_path, CREDENTIALS_DIRECTORY=str(guarded)))


def test_without_systemd_a_credential_says_so(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="CREDENTIALS_DIRECTORY is not set"):
        resolve(SecretRef("credential", "state-key"), sources(tmp_path))
    with pytest.raises(SecretError, match="handed over no credential state-key") as caught:
        resolve(SecretRef("credential", "state-key"), sources(tmp_path, CREDENTIALS_DIRECTORY=str(tmp_path)))
    assert "LoadCredential=state-key" in caught.value.hint


def test_stored_secrets_need_the_state_and_name_the_command(tmp_path: Path) -> None:
    ref = SecretRef("store", "zoho")
    assert resolve(ref, SecretSources(tmp_path, {}, {"zoho": Secret(CANARY)})).reveal() == CANARY
    for stored in (None, {}):
        with pytest.raises(SecretError) as caught:
            resolve(ref, SecretSources(tmp_path, {}, stored))
        assert "zohosyncd secret set zoho" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "is empty"), (b"\n", "is empty"), (b"\xff", "not UTF-8"), (b"x" * 70_000, "64 KiB")]
)
def test_a_broken_secret_file_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    private(tmp_path / "token", content)
    with pytest.raises(SecretError, match=says):
        resolve(SecretRef("file", "token"), sources(tmp_path))


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="there is no file"):
        resolve(SecretRef("file", "none"), sources(tmp_path))
    with pytest.raises(SecretError, match="is a folder"):
        resolve(SecretRef("file", "."), sources(tmp_path))
