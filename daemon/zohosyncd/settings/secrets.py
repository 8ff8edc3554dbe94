"""Secrets: where they are kept, how they are read, and a value that does not show itself.

A configuration file never holds a secret, only a reference to one:

========================  ==============================================================
``env:NAME``              an environment variable
``file:PATH``             a file that only its owner can read; relative to the folder of the configuration
``credential:NAME``       a credential that systemd hands over (``LoadCredential=``)
``store:NAME``            encrypted in the state, put there by ``zohosyncd secret set NAME``
========================  ==============================================================
"""

import hashlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn, Self, final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from zohosyncd.core.errors import SyncError
from zohosyncd.settings.values import TEXT, mistake

HOW_TO_WRITE: Final = "write env:NAME, file:PATH, credential:NAME or store:NAME"

SCHEMES: Final = ("env", "file", "credential", "store")

MAX_BYTES: Final = 64 * 1024
"""Largest secret."""

_LONGEST_NAME: Final = 100
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STORE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_KEY: Final = secrets.token_bytes(32)
"""Key of the fingerprints: they compare secrets within one process and mean nothing outside of it."""


class SecretError(SyncError):
    """A secret cannot be read from where the configuration says it is kept."""


@final
class Secret:
    """A secret value. It is read with :meth:`reveal` and shows itself nowhere else."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value, for the one place that sends it or makes a key of it."""
        return self._value

    def fingerprint(self) -> str:
        """Equal for equal secrets within this process; the value cannot be had back from it."""
        return hmac.new(_KEY, self._value.encode(), hashlib.sha256).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self.fingerprint())

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is kept: scheme ``env``, ``file``, ``credential`` or ``store``, and the name there."""

    scheme: str
    name: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.name}"

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a reference as it stands in a file; a secret in clear is refused and not repeated."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, str):
            raise mistake("expected a reference to a secret", hint=HOW_TO_WRITE)
        scheme, colon, name = value.partition(":")
        if not colon or scheme not in SCHEMES:
            raise mistake("is a secret in clear, which is refused in a configuration file", hint=HOW_TO_WRITE)
        if not name:
            raise mistake(f"{scheme}: lacks the name after the colon", hint=HOW_TO_WRITE)
        _check_name(scheme, name)
        return cls(scheme, name)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let models use the class as the type of a key."""
        return core_schema.no_info_plain_validator_function(cls.parse, serialization=TEXT)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What an editor can check of it."""
        return {"type": "string", "pattern": f"^({'|'.join(SCHEMES)}):.+"}


@dataclass(frozen=True, slots=True)
class SecretSources:
    """The places that secrets are read from.

    Attributes:
        folder: folder of the configuration; relative paths start there.
        environ: the environment.
        stored: values of ``store:`` references, None where the state has not been opened.
    """

    folder: Path
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    stored: Mapping[str, Secret] | None = None


def resolve(ref: SecretRef, sources: SecretSources) -> Secret:
    """Read a secret.

    Raises:
        SecretError: it is not there, is empty, or lies open to other users; with the cure.
    """
    match ref.scheme:
        case "env":
            value = _from_environment(ref, sources.environ)
        case "file":
            value = _from_file(sources.folder / Path(ref.name).expanduser(), sources.environ)
        case "credential":
            value = _from_credential(ref, sources.environ)
        case _:
            return _from_store(ref, sources.stored)
    if not value:
        raise SecretError(f"{ref} is empty", hint="was it only half written?")
    return Secret(value)


def file_of(ref: SecretRef, sources: SecretSources) -> Path | None:
    """The file that a secret is read from, None where it is kept elsewhere."""
    if ref.scheme == "file":
        return sources.folder / Path(ref.name).expanduser()
    folder = sources.environ.get("CREDENTIALS_DIRECTORY")
    return Path(folder) / ref.name if ref.scheme == "credential" and folder else None


def check_store_name(name: str) -> None:
    """Whether ``store:NAME`` may be called so. Raises SecretError; the name itself is not repeated."""
    if not _STORE_NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise SecretError("this cannot be the name of a secret", hint="letters, digits, dot and dash, such as zoho")


def _check_name(scheme: str, name: str) -> None:
    # The name itself is not repeated: somebody may have put the secret there.
    if scheme == "env" and not _ENV_NAME.fullmatch(name):
        raise mistake("env: expects the name of an environment variable", hint="such as env:ZOHO_REFRESH_TOKEN")
    if scheme == "credential" and ("/" in name or name in {".", ".."}):
        raise mistake("credential: expects the name given in LoadCredential=", hint="such as credential:state-key")
    if scheme == "store" and not _STORE_NAME.fullmatch(name):
        raise mistake("store: expects a name of letters, digits, dot, dash", hint="such as store:zoho")


def _from_environment(ref: SecretRef, environ: Mapping[str, str]) -> str:
    if ref.name not in environ:
        raise SecretError(f"the environment has no {ref.name}", hint=f"set {ref.name} for the daemon")
    return environ[ref.name].strip()


def _from_credential(ref: SecretRef, environ: Mapping[str, str]) -> str:
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        hint = (
            f"credentials exist only below systemd, with LoadCredential={ref.name}:/path in the unit; for a command "
            "without the daemon, as root: sudo CREDENTIALS_DIRECTORY=FOLDER zohosyncd ..., with the folder of that file"
        )
        raise SecretError(f"{ref} cannot be read: CREDENTIALS_DIRECTORY is not set", hint=hint)
    path = Path(folder) / ref.name
    if not path.exists():
        raise SecretError(f"systemd handed over no credential {ref.name}", hint=f"add LoadCredential={ref.name}:/path")
    return _from_file(path, environ)


def _from_store(ref: SecretRef, stored: Mapping[str, Secret] | None) -> Secret:
    found = (stored or {}).get(ref.name)
    if found is None:
        raise SecretError(f"the state holds no secret {ref.name}", hint=f"run zohosyncd secret set {ref.name}")
    return found


def _from_file(path: Path, environ: Mapping[str, str]) -> str:
    try:
        if path.is_dir():
            raise SecretError(f"{path} is a folder, expected a file that holds the secret")
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise SecretError(f"there is no file {path}", hint="write the secret into it, then chmod 600") from None
    except OSError as error:
        hint = "the daemon's user must be able to read it"
        raise SecretError(f"{path} cannot be read: {error.strerror}", hint=hint) from None
    if mode & stat.S_IROTH and not _is_private_place(path, environ):
        raise SecretError(f"every user can read {path}", hint=f"chmod 600 {path}")
    if len(raw) > MAX_BYTES:
        raise SecretError(f"{path} is larger than 64 KiB, so it is no secret")
    try:
        return raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise SecretError(f"{path} is not UTF-8 text", hint="store the secret as text") from None


def _is_private_place(path: Path, environ: Mapping[str, str]) -> bool:
    """Container engines and systemd guard these folders themselves, whatever the mode of a file there."""
    places = [Path("/run/secrets"), Path("/var/run/secrets"), Path("/run/credentials")]
    if environ.get("CREDENTIALS_DIRECTORY"):
        places.append(Path(environ["CREDENTIALS_DIRECTORY"]))
    absolute = Path(os.path.normpath(path.absolute()))
    return any(absolute.is_relative_to(place) for place in places)
