"""What the documents show can be copied: every TOML block parses, and a block that names its file is a right file."""

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from zohosyncd.connectors.registry import BY_NAME
from zohosyncd.settings import load
from zohosyncd.supervisor.pairing import pair

ROOT = Path(__file__).parents[2]
DOCUMENTS = [file for file in (ROOT / "README.md", ROOT / "daemon/README.md", ROOT / "CHANGELOG.md") if file.exists()]
BLOCK = re.compile(r"^(?P<indent>[ ]*)```toml[^\n]*\n(?P<text>.*?)^[ ]*```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^# *(?P<name>(?:accounts\.d/|connections\.d/|presets\.d/|)[A-Za-z0-9_-]+\.toml)\b.*$", re.MULTILINE)


def blocks(document: Path) -> list[str]:
    """The TOML blocks of a document, without their indentation."""
    found = BLOCK.finditer(document.read_text(encoding="utf-8"))
    return [re.sub(rf"^{block['indent']}", "", block["text"], flags=re.MULTILINE) for block in found]


def files(block: str) -> Iterator[tuple[str, str]]:
    """The files that a block shows, each begun by a comment with its name."""
    starts = list(FILE.finditer(block))
    if not starts:
        return
    for start, end in zip(starts, [*(each.start() for each in starts[1:]), len(block)], strict=True):
        yield start["name"], block[start.start() : end]


def check(block: str, folder: Path) -> None:
    """A block with file names is loaded on top of the shipped files; any other only has to be TOML."""
    shown = dict(files(block))
    if not shown:
        tomllib.loads(block)
        return
    shutil.copytree(ROOT / "config", folder)
    for name, text in shown.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    load(folder, BY_NAME, environ={})


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_the_blocks_of_a_document_are_right(document: Path, tmp_path: Path) -> None:
    for number, block in enumerate(blocks(document)):
        check(block, tmp_path / str(number))


def test_a_wrong_block_would_be_found(tmp_path: Path) -> None:
    document = tmp_path / "x.md"
    document.write_text("- a\n\n  ```toml\n  # connections.d/crm-book.toml\n  wniner = 'left'\n  ```\n")
    (block,) = blocks(document)
    assert dict(files(block)) == {"connections.d/crm-book.toml": block}
    with pytest.raises(Exception, match="wniner"):
        check(block, tmp_path / "folder")


def test_the_table_of_the_pair_is_what_the_command_tells() -> None:
    rows = pair(BY_NAME["zoho_crm"], BY_NAME["carddav"])
    lines = [f"| {row.part} | {row.where} | {', '.join(row.choices) or '-'} | {row.note} |" for row in rows]
    table = "\n".join(["| part | where | choices | note |", "|---|---|---|---|", *lines, ""])
    assert table in (ROOT / "README.md").read_text(encoding="utf-8"), "the table of the pair should be:\n" + table
