"""The reader knows the line of every key, and says what is wrong with a file that it cannot read."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.errors import SettingsError
from zohosyncd.settings.toml import MAX_BYTES, dotted, parse, read

TRICKY = '''
# [comment]
top = 1 # x = 2
"quoted key" = "a # no comment"
a.b . c = """
x = [ { "
"""
when = 1979-05-27 07:32:00   # a date with a blank
list = [
  "one", # first
  { in = "x", deep = [1,
    2] },
  [ 3 ],
]
literal = 'c:\\'
text = \'\'\'
[not a table]\'\'\'\'
[table.'dotted.name']
key = { x = 1, y = { z = "}" } }
[[rows]]
n = 1
[[rows]]
n = 2
[rows.sub]
m = 3
[[rows.inner]]
o = 4
'''


def paths(values: Any, prefix: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {prefix} if prefix else set()
    if isinstance(values, dict):
        pairs: Any = values.items()
    else:
        pairs = enumerate(values) if isinstance(values, list) else ()
    for key, value in pairs:
        found |= paths(value, (*prefix, key))
    return found


def test_every_key_of_a_tricky_file_has_its_line() -> None:
    document = parse(TRICKY, file="x.toml")
    assert set(document.lines) >= paths(document.values) - {("table",)}
    assert document.line(("a", "b", "c")) == 5
    assert document.line(("list", 1, "deep", 1)) == 12
    assert document.line(("text",)) == 16
    assert document.line(("table", "dotted.name", "key", "y", "z")) == 19
    assert document.line(("rows", 1, "n")) == 23
    assert document.line(("rows", 1, "sub", "m")) == 25
    assert document.line(("rows", 1, "inner", 0, "o")) == 27


def test_a_key_that_is_missing_gets_the_line_of_its_table() -> None:
    document = parse("[guard]\ndeletes = {}\n", file="x.toml")
    assert document.line(("guard", "deletes", "percent")) == 2
    assert document.line(("nowhere",)) is None


keys = st.one_of(st.from_regex(r"\A[a-z_-]{1,6}\Z"), st.text(alphabet='ab .#="[]', min_size=1, max_size=5))
atoms = st.one_of(st.integers(), st.booleans(), st.text(alphabet="ab'#={}[],\\\n ", max_size=8))
trees = st.dictionaries(
    keys,
    st.recursive(atoms, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)),
    max_size=4,
)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def inline(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(inline, value)) + "\n]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(key)} = {inline(each)}" for key, each in value.items()) + " }"
    return str(value)


@given(trees)
def test_the_scanner_sees_exactly_the_keys_that_the_parser_sees(tree: dict[str, Any]) -> None:
    text = "# start\n" + "\n".join(f"{quoted(key)} = {inline(value)}" for key, value in tree.items())
    document = parse(text, file="x.toml")
    assert document.values == tree
    assert set(document.lines) == paths(tree)


@pytest.mark.parametrize(
    ("text", "line", "says", "hint"),
    [
        ('a = 1\nb = "open\nc = 2\n', 2, "column", "closing quote"),
        ("a = True\n", 1, "invalid value at column 5", "small letters"),
        ("name = ann\n", 1, "invalid value", "double quotes"),
        ("a = [1,\n  2", 2, "at the end of the file", "half written"),
        ('a = """x\n', 1, "at the end of the file", "half written"),
        ("a = 1\na = 2\n", 2, "overwrite", ""),
        ("a = 1\n[a]\n", 2, "", ""),
    ],
)
def test_syntax_errors_carry_line_and_reason(text: str, line: int, says: str, hint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(text, file="x.toml")
    error = caught.value
    assert (error.file, error.line) == ("x.toml", line)
    assert "is not valid TOML" in error.message
    assert says in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b'a = 1\nb = "\xff"\n', "is not UTF-8"),
        (b"a = 1\x00\n", "is not valid TOML"),
        (b"#" * (MAX_BYTES + 1), "larger than 1 MiB"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_broken_file_is_named_with_what_is_wrong(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "broken.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=says) as caught:
        read(file)
    assert caught.value.file == str(file)


def test_the_line_of_a_byte_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b'a = 1\nb = "\xff"\n')
    with pytest.raises(SettingsError) as caught:
        read(tmp_path / "x.toml")
    assert caught.value.line == 2


def test_a_missing_file_a_folder_and_a_loop_of_links_are_told(tmp_path: Path) -> None:
    (tmp_path / "loop.toml").symlink_to(tmp_path / "loop.toml")
    for name, says in (("none.toml", "no such file"), (".", "is a folder"), ("loop.toml", "cannot be read")):
        with pytest.raises(SettingsError, match=says):
            read(tmp_path / name)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    document = read(tmp_path / "x.toml")
    assert document.values == {"a": 1, "b": 2}
    assert document.line(("b",)) == 2


def test_paths_are_written_as_people_count() -> None:
    assert dotted(("fields", 1, "left")) == "fields[2].left"
    assert dotted(()) == ""
