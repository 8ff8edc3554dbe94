"""Two accounts that are logins of one organisation spend of the same credits, and the operator is told."""

from pathlib import Path
from typing import Any

from tests.bench.company import Company


def test_accounts_and_check_say_who_shares_an_organisation(tmp_path: Path) -> None:
    company = Company(tmp_path)
    (tmp_path / "accounts.d/sales.toml").write_text((tmp_path / "accounts.d/zoho.toml").read_text())
    told: dict[str, Any] = {}

    async def ask(daemon: Any) -> None:
        told.update(list=await daemon.commands.account_list.accounts(), check=await daemon.commands.check())

    company.live(ask)
    shared = {name: each["same_org"] for name, each in told["list"]["accounts"].items()}
    assert shared == {"sales": ["zoho"], "zoho": ["sales"], "user0": []}
    notes = {name: each["notes"] for name, each in told["check"]["accounts"].items()}
    assert notes["user0"] == []
    assert "together they may spend 100% of its credits" in notes["zoho"][0]
    assert notes["zoho"][0].startswith("the same organisation as sales")
