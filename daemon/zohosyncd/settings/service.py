"""``zohosyncd.toml``: the service itself."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from zohosyncd.settings.clients import OAuthClient
from zohosyncd.settings.notify import Notify
from zohosyncd.settings.secrets import SecretRef
from zohosyncd.settings.values import Duration, Listen, PublicUrl, Table, mistake

DEFAULT_STATE = "/var/lib/zohosyncd/state.db"
DEFAULT_CONTROL = "/run/zohosyncd/control.sock"


def _parse_path(value: object) -> Path:
    if not isinstance(value, str | Path) or not str(value).strip():
        raise mistake("expected a path", hint=f'such as "{DEFAULT_STATE}"')
    if "\x00" in str(value):
        raise mistake("a path cannot hold the NUL character")
    return Path(value)


def _parse_state(value: object) -> Path:
    if isinstance(value, str) and "://" in value:
        hint = f'this version keeps its state in SQLite; write a path such as "{DEFAULT_STATE}"'
        raise mistake("a database server is not supported by this version", hint=hint)
    return _parse_path(value)


class Service(Table):
    """The ``[service]`` table. ``state`` and ``control`` are absolute once a folder has been loaded."""

    listen: Listen = Field(
        default=Listen("127.0.0.1", 9595),
        description="metrics, health and status; ZOHOSYNCD_LISTEN overrides it",
        examples=["127.0.0.1:9595"],
    )
    hooks_listen: Listen | None = Field(
        default=None,
        description="what vendors call; serves only /hooks and /oauth, off where it is missing",
        examples=["0.0.0.0:9596"],
    )
    public_url: PublicUrl | None = Field(
        default=None,
        description="address under which vendors reach hooks_listen: with both, Zoho tells at once what has changed",
        examples=["https://sync.example.org"],
    )
    state: Annotated[Path, BeforeValidator(_parse_state)] = Field(
        default=Path(DEFAULT_STATE),
        description="the state file; below systemd state.db in its StateDirectory",
        examples=[DEFAULT_STATE],
    )
    state_key: SecretRef = Field(
        description="the key that encrypts tokens and contact values; keep a copy outside of the state",
        examples=["credential:state-key"],
    )
    control: Annotated[Path, BeforeValidator(_parse_path)] = Field(
        default=Path(DEFAULT_CONTROL),
        description="the socket that commands talk to; below systemd control.sock in its RuntimeDirectory, "
        "and beside the state where that folder does not exist",
        examples=[DEFAULT_CONTROL],
    )
    keep_history: Duration = Field(
        default=90 * 86_400.0,
        ge=2 * 86_400.0,
        description="how long the journal keeps what was written and decided, with the values; `undo`, `history` and "
        "`explain` reach back so far",
        examples=["90d"],
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="how log lines are written: for programs or for people", examples=["json"]
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least level logged", examples=["info"]
    )

    @model_validator(mode="after")
    def _key_outside_of_the_state(self) -> "Service":
        if self.state_key.scheme == "store":
            hint = "write credential:state-key, file:PATH or env:NAME"
            raise mistake("opens the state, so it cannot stand in it", key="state_key", hint=hint)
        return self

    @model_validator(mode="after")
    def _one_port_each(self) -> "Service":
        if self.hooks_listen is not None and self.hooks_listen == self.listen and self.listen.port:
            raise mistake("is the same address as listen", key="hooks_listen", hint="give it another port")
        return self


class ServiceFile(Table):
    """The whole of ``zohosyncd.toml``."""

    service: Service = Field(description="the service itself")
    notify: Notify | None = Field(default=None, description="whom to tell when a person is needed")
    oauth_clients: dict[str, OAuthClient] = Field(
        default_factory=dict, description="OAuth clients that several accounts share, by name", examples=["google"]
    )


def with_environment(values: Mapping[str, Any], folder: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """The ``[service]`` table with what the environment says, and with absolute paths.

    ``ZOHOSYNCD_LISTEN`` beats the file; ``STATE_DIRECTORY`` and ``RUNTIME_DIRECTORY`` (set by systemd) are the defaults
    of ``state`` and ``control``. Relative paths start at the folder of the configuration.
    """
    table = dict(values)
    if environ.get("ZOHOSYNCD_LISTEN"):
        table["listen"] = environ["ZOHOSYNCD_LISTEN"]
    if "state" not in table:
        state_folder = _first(environ.get("STATE_DIRECTORY"))
        table["state"] = str(Path(state_folder) / "state.db") if state_folder else DEFAULT_STATE
    table["state"] = _absolute(table["state"], folder)
    table["control"] = _absolute(table["control"], folder) if "control" in table else _control(table["state"], environ)
    return table


def _control(state: Any, environ: Mapping[str, str]) -> Any:
    runtime_folder = _first(environ.get("RUNTIME_DIRECTORY"))
    if runtime_folder:
        return str(Path(runtime_folder) / "control.sock")
    if Path(DEFAULT_CONTROL).parent.is_dir() or not isinstance(state, str) or "\x00" in state:
        return DEFAULT_CONTROL
    return str(Path(state).parent / "control.sock")


def _first(folders: str | None) -> str:
    """systemd separates several folders by colons."""
    return (folders or "").split(":")[0]


def _absolute(value: Any, folder: Path) -> Any:
    if not isinstance(value, str) or not value.strip() or "://" in value or "\x00" in value:
        return value  # refused later, with its reason
    return os.path.normpath(folder.absolute() / value)
