"""Read one TOML file, and remember on which line each key stands.

`tomllib` tells the line of a syntax error but not the line of a wrong value, so a small scanner walks the text once
more. It only ever sees text that `tomllib` has accepted, and so does not check anything itself.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zohosyncd.core.errors import SettingsError

KeyPath = tuple[str | int, ...]
"""Where a value stands: table and key names, and positions in arrays counted from 0."""

MAX_BYTES = 1 << 20
"""No configuration file is larger than this; a larger one is not a configuration file."""

MAX_DEPTH = 64
"""Nobody writes tables and lists nested deeper than this; whatever walks them may rely on it."""

_POSITION = re.compile(r"\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Document:
    """One file as it was read.

    Attributes:
        file: the path, as the operator would open it.
        values: the parsed content.
        lines: key path to line number, counted from 1.
    """

    file: str
    values: Mapping[str, Any]
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def line(self, path: KeyPath) -> int | None:
        """The line of this key, or of the nearest table around it; None for the file as a whole."""
        for length in range(len(path), 0, -1):
            found = self.lines.get(path[:length])
            if found is not None:
                return found
        return None

    def error(self, path: KeyPath, message: str, *, hint: str = "") -> SettingsError:
        """A mistake at this key of this file."""
        return SettingsError(message, file=self.file, key=dotted(path), line=self.line(path), hint=hint)


def dotted(path: KeyPath) -> str:
    """A key path as people write it: ``fields[2].left``, with array elements counted from 1."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def read(path: Path) -> Document:
    """Read and parse one file.

    Raises:
        SettingsError: the file cannot be read, is not text, or is not TOML; with the line where it is known.
    """
    return parse(_text(path), file=str(path))


def parse(text: str, *, file: str) -> Document:
    """Parse the text of one file; ``file`` is the name used in errors."""
    if not text.strip():
        raise SettingsError("the file is empty", file=file, hint="was it only half written?")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text, file) from None
    except RecursionError:
        raise SettingsError("the values are nested too deeply", file=file) from None
    if _is_too_deep(values):
        raise SettingsError("the values are nested too deeply", file=file)
    return Document(file, values, _Scanner(text).scan())


def _is_too_deep(values: Mapping[str, Any]) -> bool:
    level: list[Any] = [values]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _text(path: Path) -> str:
    file = str(path)
    try:
        if path.is_dir():
            raise SettingsError("is a folder, expected a TOML file", file=file)
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise SettingsError("there is no such file", file=file) from None
    except OSError as error:
        hint = "the daemon's user must be able to read it" if isinstance(error, PermissionError) else ""
        raise SettingsError(f"cannot be read: {error.strerror}", file=file, hint=hint) from None
    if len(raw) > MAX_BYTES:
        raise SettingsError("is larger than 1 MiB, so it is no configuration file", file=file)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SettingsError("is not UTF-8 text", file=file, line=line, hint="save it with the encoding UTF-8") from None
    return text.replace("\r\n", "\n")


def _syntax_error(said: str, text: str, file: str) -> SettingsError:
    found = _POSITION.search(said)
    what = said[: found.start()] if found else said
    message = f"is not valid TOML: {what[:1].lower()}{what[1:]}"
    if found is None:
        return SettingsError(message, file=file)
    if found["line"] is None:
        last = text.rstrip().count("\n") + 1
        hint = "the file ends in the middle of a value: was it only half written?"
        return SettingsError(f"{message} at the end of the file", file=file, line=last, hint=hint)
    line = int(found["line"])
    return SettingsError(f"{message} at column {found['column']}", file=file, line=line, hint=_syntax_hint(text, line))


def _syntax_hint(text: str, line: int) -> str:
    """What an operator most often did: a text without quotes, or a capital True."""
    content = text.split("\n")[line - 1]
    _, equals, value = content.partition("=")
    value = value.strip()
    if value.count('"') % 2 or value.count("'") % 2:
        return "a text lacks its closing quote"
    if equals and value in {"True", "False"}:
        return "write true or false in small letters"
    if equals and re.match(r"[A-Za-z_]", value) and not value.startswith(("true", "false", "inf", "nan")):
        return "text stands in double quotes"
    return ""


class _Scanner:
    """Walks valid TOML and notes the line of each key."""

    _BARE = re.compile(r"[A-Za-z0-9_-]+")
    _ATOM = re.compile(r"[^,\]}#\n]+")
    _BLANK = re.compile(r"(?:[ \t\n\r]|#[^\n]*)*")
    _STRINGS = (
        re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL),
        re.compile(r"'''.*?'{3,5}", re.DOTALL),
        re.compile(r'"(?:[^"\\\n]|\\.)*"'),
        re.compile(r"'[^'\n]*'"),
    )

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[KeyPath, int] = {}
        self._arrays: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._skip():
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _skip(self) -> bool:
        """Pass blanks and comments; whether anything is left."""
        found = self._BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at < len(self._text)

    def _note(self, path: KeyPath) -> None:
        self._lines.setdefault(path, self._text.count("\n", 0, self._at) + 1)

    def _header(self) -> KeyPath:
        array = self._text.startswith("[[", self._at)
        self._at += 2 if array else 1
        self._skip()
        start = self._at
        path: KeyPath = ()
        keys = self._keys()
        for key in keys[:-1]:
            path = self._inside((*path, key))
        path = (*path, keys[-1])
        self._at, end = start, self._at
        self._note(path)
        if array:
            self._arrays[path] = self._arrays.get(path, -1) + 1
            path = self._inside(path)
            self._note(path)
        self._at = end + (2 if array else 1)
        return path

    def _inside(self, path: KeyPath) -> KeyPath:
        """The newest element where the path is an array of tables."""
        return (*path, self._arrays[path]) if path in self._arrays else path

    def _keys(self) -> list[str]:
        """A dotted key; stops at the sign after it."""
        keys = []
        while True:
            self._skip()
            keys.append(self._key())
            self._skip()
            if not self._text.startswith(".", self._at):
                return keys
            self._at += 1

    def _key(self) -> str:
        bare = self._BARE.match(self._text, self._at)
        if bare:
            self._at = bare.end()
            return bare.group()
        start = self._at
        self._string()
        quoted = self._text[start : self._at]
        return next(iter(tomllib.loads(f"{quoted} = 0")))

    def _pair(self, table: KeyPath) -> None:
        start = self._at
        path = table
        keys = self._keys()
        self._at, end = start, self._at
        for key in keys:
            path = (*path, key)
            self._note(path)
        self._at = end + 1  # the equals sign
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._skip()
        sign = self._text[self._at]
        if sign == "[":
            self._elements(path)
        elif sign == "{":
            self._at += 1
            while self._skip() and self._text[self._at] != "}":
                if self._text[self._at] == ",":
                    self._at += 1
                else:
                    self._pair(path)
            self._at += 1
        elif sign in "\"'":
            self._string()
        else:
            atom = self._ATOM.match(self._text, self._at)
            self._at = atom.end() if atom else self._at + 1

    def _elements(self, path: KeyPath) -> None:
        self._at += 1
        index = 0
        while self._skip() and self._text[self._at] != "]":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._note((*path, index))
            self._value((*path, index))
            index += 1
        self._at += 1

    def _string(self) -> None:
        for form in self._STRINGS:
            found = form.match(self._text, self._at)
            if found:
                self._at = found.end()
                return
        self._at += 1
