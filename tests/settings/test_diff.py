"""The difference between two configurations is a value; starting is the difference from nothing."""

from typing import Any

from zohosyncd.settings import Secret, diff

PAIR = 'left = { account = "zoho", object = "Contacts" }\nright = { account = "book" }\n'


def test_starting_adds_everything(folder: Any) -> None:
    change = diff(None, folder.load())
    assert change.accounts.added == {"zoho", "book"}
    assert change.connections.added == {"crm-book"}
    assert not change.service_restart


def test_the_same_files_differ_in_nothing(folder: Any) -> None:
    change = diff(folder.load(), folder.load())
    assert not change
    assert change.connections.kept == {"crm-book"}
    assert change.accounts.kept == {"zoho", "book"}


def test_comments_and_order_are_no_change(folder: Any) -> None:
    old = folder.load()
    folder.write("connections.d/crm-book.toml", "# new\n" + PAIR + 'every = "1m"\ndirection = "both"\n')
    assert not diff(old, folder.load())


def test_a_changed_connection_says_which_keys(folder: Any) -> None:
    old = folder.load()
    folder.write("connections.d/crm-book.toml", PAIR + 'every = "5m"\n[mapping]\nwithout = ["birthday"]\n')
    change = diff(old, folder.load())
    assert change.connections.changed == {"crm-book": ("every", "mapping")}
    assert not change.accounts


def test_files_come_and_go(folder: Any) -> None:
    old = folder.load()
    folder.write("connections.d/second.toml", PAIR.replace("Contacts", "Leads"))
    (folder.path / "connections.d/crm-book.toml").unlink()
    change = diff(old, folder.load()).connections
    assert (change.added, change.removed, change.kept) == ({"second"}, {"crm-book"}, frozenset())


def test_disabling_a_connection_is_removing_it(folder: Any) -> None:
    old = folder.load()
    folder.write("connections.d/crm-book.toml", PAIR + "enabled = false\n")
    new = folder.load()
    assert diff(old, new).connections.removed == {"crm-book"}
    assert diff(new, old).connections.added == {"crm-book"}


def test_a_changed_account_reopens_the_connections_on_it_alone(folder: Any) -> None:
    folder.write(
        "accounts.d/other.toml", 'app = "book"\nurl = "https://x/"\nusername = "bob"\npassword = "env:STATE_KEY"\n'
    )
    folder.write("connections.d/other.toml", 'left = { account = "zoho" }\nright = { account = "other" }\n')
    old = folder.load()
    folder.write(
        "accounts.d/other.toml", 'app = "book"\nurl = "https://y/"\nusername = "bob"\npassword = "env:STATE_KEY"\n'
    )
    change = diff(old, folder.load())
    assert change.accounts.changed == {"other": ("url",)}
    assert change.reopened == {"other"}
    assert not change.connections


def test_another_secret_in_the_same_place_is_a_change(folder: Any) -> None:
    old = folder.load()
    folder.write("book-password", "other").chmod(0o600)
    change = diff(old, folder.load())
    assert change.accounts.changed == {"book": ("secrets",)}
    assert change.reopened == {"crm-book"}
    assert "geheim" not in repr(old)


def test_a_stored_secret_that_changes_is_a_change(folder: Any) -> None:
    folder.write(
        "accounts.d/book.toml", 'app = "book"\nurl = "https://x/"\nusername = "ann"\npassword = "store:book"\n'
    )
    old = folder.load(stored={"book": Secret("a")})
    assert not diff(old, folder.load(stored={"book": Secret("a")}))
    assert diff(old, folder.load(stored={"book": Secret("b")})).accounts.changed == {"book": ("secrets",)}


def test_service_keys_are_told_apart_by_whether_they_need_a_restart(folder: Any) -> None:
    old = folder.load()
    folder.write(
        "zohosyncd.toml", '[service]\nstate_key = "env:STATE_KEY"\nlog_level = "debug"\nlisten = "127.0.0.1:1"\n'
    )
    change = diff(old, folder.load())
    assert change.service_live == ("log_level",)
    assert change.service_restart == ("listen",)


def test_another_state_key_needs_a_restart(folder: Any) -> None:
    old = folder.load()
    folder.environ["STATE_KEY"] = "other"
    assert diff(old, folder.load()).service_restart == ("secrets",)


def test_another_state_key_is_not_hidden_by_another_key_that_has_changed(folder: Any) -> None:
    old = folder.load()
    folder.environ["STATE_KEY"] = "other"
    folder.write("zohosyncd.toml", '[service]\nstate_key = "env:STATE_KEY"\nlog_level = "debug"\n')
    assert diff(old, folder.load()).service_restart == ("secrets",)


def test_another_app_under_the_same_name_is_a_change_of_the_app(folder: Any) -> None:
    old = folder.load()
    folder.write("accounts.d/zoho.toml", 'app = "book"\nurl = "https://x/"\nusername = "ann"\npassword = "env:X"\n')
    assert diff(old, folder.load()).accounts.changed == {"zoho": ("app",)}
