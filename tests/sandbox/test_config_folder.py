"""The configuration that goes with a sandbox: complete, private, and readable as an example."""

import base64
import stat
import tomllib

from zohosyncd.sandbox.config_folder import write_config
from zohosyncd.sandbox.zoho.crm import ZohoSetup


def read(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_folder_names_the_sandbox_on_both_sides(tmp_path):
    write_config(tmp_path / "etc", "http://127.0.0.1:8099", listen="127.0.0.1:0")
    service = read(tmp_path / "etc/zohosyncd.toml")["service"]
    zoho, book = (read(tmp_path / f"etc/accounts.d/{name}.toml") for name in ("zoho", "book"))
    connection = read(tmp_path / "etc/connections.d/zoho-book.toml")
    assert service["listen"] == "127.0.0.1:0"
    assert service["state"].startswith(str(tmp_path / "etc"))
    assert (zoho["api_url"], zoho["accounts_url"], zoho["settle"]) == ("http://127.0.0.1:8099",) * 2 + ("2s",)
    assert (book["url"], book["username"], book["allow_http"]) == ("http://127.0.0.1:8099/", "ann", True)
    assert connection["left"] == {"account": "zoho", "object": "Contacts"}
    assert connection["right"] == {"account": "book", "object": "/ann/contacts/"}
    assert (connection["first_sync"], connection["create_without_email"]) == ("auto", True)
    assert (connection["phone_region"], connection["every"]) == ("DE", "2s")


def test_the_org_that_is_served_can_pay_for_a_poll_every_second(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:8099", setup=ZohoSetup(credits=5_000_000))
    assert read(tmp_path / "accounts.d/zoho.toml")["credits_per_day"] == 5_000_000
    write_config(tmp_path, "http://127.0.0.1:8099")
    assert "credits_per_day" not in read(tmp_path / "accounts.d/zoho.toml"), "the edition says it"


def test_secrets_are_files_of_their_own_that_only_the_owner_reads(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:8099")
    secrets = sorted((tmp_path / "secrets").iterdir())
    assert [path.name for path in secrets] == ["book-password", "state-key", "zoho-client-secret", "zoho-refresh-token"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}
    assert len(base64.b64decode((tmp_path / "secrets/state-key").read_text())) == 32
    assert "sandbox-client-secret" not in (tmp_path / "accounts.d/zoho.toml").read_text()


def test_writing_again_keeps_the_state_key(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:8099")
    key = (tmp_path / "secrets/state-key").read_bytes()
    write_config(tmp_path, "http://127.0.0.1:9000")
    assert (tmp_path / "secrets/state-key").read_bytes() == key
    assert read(tmp_path / "accounts.d/zoho.toml")["api_url"] == "http://127.0.0.1:9000"
