"""Parameters: reading every dialect, writing the standard one (RFC 6350, 5; RFC 6868; bare types of vCard 2.1)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_PIECE = re.compile(r';((?:[^;"]|"[^"]*")*)')
_VALUE = re.compile(r'((?:[^,"]|"[^"]*")*)(?:,|\Z)')
_CARET = re.compile(r"\^([n^'])")
_ENCODINGS = frozenset({"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"})
_UNQUOTED = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\";:,]*")

Written = Sequence[tuple[str, Sequence[str]]]  # parameters to write: name and values


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one line: ``entries`` in order, names in upper case, values unquoted and decoded."""

    entries: tuple[tuple[str, tuple[str, ...]], ...]

    def get(self, name: str) -> tuple[str, ...]:
        """All values of a parameter (upper case), () without it."""
        return tuple(value for known, values in self.entries if known == name for value in values)

    @property
    def types(self) -> frozenset[str]:
        """The types in lower case, also bare ones (``TEL;WORK``) and a list in quotes (``TYPE="work,voice"``)."""
        return frozenset(
            part.strip().lower() for value in self.get("TYPE") for part in value.split(",") if part.strip()
        )

    @property
    def preference(self) -> int | None:
        """1 is the most preferred: ``PREF=1..100`` (4.0), or ``TYPE=pref`` (3.0) as 1; ``None``: nothing is said."""
        numbers = [int(value) for value in self.get("PREF") if re.fullmatch(r"[0-9]{1,3}", value)]
        if numbers:
            return min(numbers)
        return 1 if "pref" in self.types else None

    @property
    def charset(self) -> str:
        """The charset of a quoted-printable value."""
        return next(iter(self.get("CHARSET")), "utf-8")


@lru_cache(maxsize=1024)
def read(params: str) -> Parameters:
    """Read the parameters of a line as spelled (``;TYPE=work;PREF=1``); cached, since all cards of a book use a few."""
    if not params:
        return _NONE
    return Parameters(tuple(_entry(piece) for piece in _PIECE.findall(params)))


def written(params: Written) -> str:
    """Parameters as text, quoted where need be, with the caret encoding of RFC 6868."""
    return "".join(f";{name}={','.join(_quoted(value) for value in values)}" for name, values in params)


def without(params: str, names: Iterable[str]) -> str:
    """The parameters as spelled, without those of some names (upper case); the others keep their spelling."""
    unwanted = frozenset(names)
    return "".join(f";{piece}" for piece in _PIECE.findall(params) if _entry(piece)[0] not in unwanted)


def _entry(piece: str) -> tuple[str, tuple[str, ...]]:
    name, equals, value = piece.partition("=")
    if not equals:
        return ("ENCODING" if name.strip().upper() in _ENCODINGS else "TYPE", (name.strip(),))
    if '"' not in value and "^" not in value:
        return name.strip().upper(), tuple(value.split(","))
    return name.strip().upper(), tuple(_unquoted(part) for part in _values(value))


def _values(value: str) -> list[str]:
    found = _VALUE.findall(value)
    return found[:-1] if len(found) > 1 and not found[-1] and not value.endswith(",") else found


def _unquoted(value: str) -> str:
    plain = value.replace('"', "")
    return _CARET.sub(_decoded, plain) if "^" in plain else plain


def _decoded(match: re.Match[str]) -> str:
    return {"n": "\n", "^": "^", "'": '"'}[match.group(1)]


def _quoted(value: str) -> str:
    if value.isalnum():
        return value
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    coded = value.replace("^", "^^").replace("\n", "^n").replace('"', "^'")
    coded = re.sub("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", coded)
    return coded if _UNQUOTED.fullmatch(coded) else f'"{coded}"'


_NONE = Parameters(())
