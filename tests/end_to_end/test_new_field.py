"""A connection wants a field that nobody has read yet: everything is read anew beside the polls, which go on for others."""

from pathlib import Path
from typing import Any

from tests.bench.company import Company
from zohosyncd.sandbox.wire import Answer, Delayed, Request, Response

WEB = '[[rules]]\nfrom = "left"\nif = [ { field = "Lead_Source", in = ["Web Download"] } ]\n'
PRESS = '[[rules]]\nfrom = "left"\nif = [ { field = "Customer_Group", in = ["Press"] } ]\n'
PAGE = 100.0
"""Seconds that a page of a complete read takes."""


def slowly(company: Company) -> list[str]:
    """Let complete reads take long; what is asked of the list: ``all``, or ``new`` where changes are asked for."""
    handle, asked = company.world.handle, []

    def slow(request: Request) -> Answer:
        answer = handle(request)
        query = dict(request.query)
        if request.path != "/crm/v8/Contacts" or request.method != "GET" or "ids" in query:
            return answer
        asked.append("new" if "if-modified-since" in request.headers else "all")
        assert isinstance(answer, Response)
        return answer if asked[-1] == "new" else Delayed(PAGE / 2, answer)

    company.world.handle = slow  # type: ignore[method-assign]
    return asked


def shown(company: Company, user: str, text: str) -> bool:
    return any(text in card for card in company.cards(user).values())


def test_the_other_connections_go_on_while_everybody_is_read_anew(tmp_path: Path) -> None:
    company = Company(tmp_path, ("60s", "60s"), WEB)
    account = tmp_path / "accounts.d/zoho.toml"
    account.write_text(account.read_text() + 'long_reads = "list"\ntimeout = "100s"\n')
    one = company.contact(0, Lead_Source="Web Download")
    for n in range(1, 990):
        company.contact(n, Customer_Group="Press" if n == 989 else None)
    company.serve(600.0)
    assert len(company.cards("user0")) == len(company.cards("user1")) == 1
    file = tmp_path / "connections.d/zoho-user0.toml"
    file.write_text(file.read_text() + PRESS)
    asked = slowly(company)
    arrived: list[float] = []

    async def serving(daemon: Any) -> None:
        async def edited() -> None:
            await company.clock.sleep(90.0)
            company.zoho.edit({"object": "Contacts", "id": one, "set": {"Title": "Judge"}})
            for _ in range(100):
                await company.clock.sleep(10.0)
                if shown(company, "user1", "TITLE:Judge"):
                    break
            arrived.append(company.clock.elapsed)
            assert not shown(company, "user0", "Person 989"), "who is told by the new field cannot be known yet"
            assert asked.count("all") < 5
            assert asked.count("new") >= 2
            await company.clock.sleep(1_500.0)
            daemon.stop()

        began = company.clock.elapsed
        daemon._tasks.start_soon(edited)
        await daemon.serve()
        arrived[0] -= began

    company.live(serving)
    assert arrived[0] < 90.0 + 200.0
    assert shown(company, "user0", "Person 989")
    assert shown(company, "user0", "TITLE:Judge")
    assert (len(company.cards("user0")), len(company.cards("user1"))) == (2, 1)
    assert asked.count("all") == 5, "nothing is read twice"
