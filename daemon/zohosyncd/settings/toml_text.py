"""Write values as TOML."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def text_of(value: Any) -> str:
    """One value as it stands behind an equals sign, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key_text(key)} = {text_of(each)}" for key, each in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        inside = ", ".join(text_of(each) for each in value)
        return f"[ {inside} ]" if value and isinstance(value[0], Mapping) else f"[{inside}]"
    return value.isoformat() if isinstance(value, date) else str(value)


def key_text(key: str) -> str:
    """A key, in quotes only where it needs them."""
    return key if _BARE.fullmatch(key) else _quoted(key)


def _quoted(text: str) -> str:
    # JSON escapes what TOML's basic strings escape, but for DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
