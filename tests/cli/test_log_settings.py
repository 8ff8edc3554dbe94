"""How log lines are written while files and the command line speak of it."""

from zohosyncd.cli.log_settings import LogSettings
from zohosyncd.settings.service import Service


def test_a_level_from_the_command_line_holds_until_a_reload_brings_another_one() -> None:
    told: list[tuple[str, str]] = []
    said = LogSettings("debug", lambda log_format, level: told.append((log_format, level)))
    service = Service.model_validate({"state_key": "env:KEY", "log_level": "warning"})
    said.begin(service)
    said.apply(service, ("keep_history", "notify"))
    said.apply(service, ("log_format",))
    assert told == [("json", "debug")] * 2, "nobody has said anything of the level"
    said.apply(service, ("keep_history", "log_level"))
    said.apply(service, ("log_format",))
    assert told[2:] == [("json", "warning")] * 2


def test_without_one_the_files_say_it() -> None:
    told: list[tuple[str, str]] = []
    said = LogSettings(None, lambda log_format, level: told.append((log_format, level)))
    said.begin(Service.model_validate({"state_key": "env:KEY", "log_format": "console"}))
    assert told == [("console", "info")]
