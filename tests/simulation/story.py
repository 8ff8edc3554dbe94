"""One seed, one story: people edit, apps fail, the process dies; then everything heals and has to come to rest."""

import hashlib
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.crash.company import CONNECTION, Company, Life
from tests.crash.virtual import SeededEntropy, run
from zohosyncd.supervisor.daemon import Seams, open_daemon

ZOHO, BOOK = "/crm/v8/Contacts*", "/ann/contacts/*"
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("zoho_crm", {"method": "*", "path": ZOHO, "fault": "status", "status": 500, "executed": False}),
    ("zoho_crm", {"method": "POST", "path": ZOHO, "fault": "status", "status": 502, "executed": True}),
    ("zoho_crm", {"method": "PUT", "path": ZOHO, "fault": "status", "status": 500, "executed": True}),
    ("zoho_crm", {"method": "*", "path": ZOHO, "fault": "reset", "executed": True}),
    ("zoho_crm", {"method": "POST", "path": ZOHO, "fault": "hang", "executed": True}),
    ("zoho_crm", {"method": "*", "path": ZOHO, "fault": "status", "status": 429, "headers": {"Retry-After": "2"}}),
    ("zoho_crm", {"method": "GET", "path": ZOHO, "fault": "html"}),
    ("zoho_crm", {"method": "GET", "path": ZOHO, "fault": "empty"}),
    ("zoho_crm", {"method": "POST", "path": ZOHO, "fault": "rows", "share": 0.5, "code": "RECORD_LOCKED"}),
    ("carddav", {"method": "*", "path": BOOK, "fault": "status", "status": 503, "executed": False}),
    ("carddav", {"method": "PUT", "path": BOOK, "fault": "reset", "executed": True}),
    ("carddav", {"method": "PUT", "path": BOOK, "fault": "status", "status": 500, "executed": True}),
    ("carddav", {"method": "REPORT", "path": BOOK, "fault": "truncate"}),
)
PAIRS = {"Title": "TITLE", "Description": "NOTE"}


@dataclass(frozen=True)
class Edit:
    """What a person did: who was edited, which field, on which side, to which value."""

    step: int
    mail: str
    field: str
    side: str
    value: str


class Story:
    """A seeded story of a small company."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.company = Company(folder)
        connection = folder / f"connections.d/{CONNECTION}.toml"
        winner = self.chance.choice(("left", "right"))
        connection.write_text(connection.read_text() + f'winner = "{winner}"\n')
        self.edits: list[Edit] = []
        self.log: list[str] = []
        self.mails = ["ann@example.org", "bob@example.org", "eve@example.org"]
        self._step = 0
        self._new = 0

    def tell(self, steps: int) -> None:
        """Let it happen, then heal everything and come to rest."""
        for self._step in range(steps):
            for _ in range(self.chance.randint(0, 3)):
                self.chance.choice(
                    (self._edit_contact, self._edit_card, self._edit_contact, self._edit_card, self._new_person)
                )()
            if self.chance.random() < 0.6:
                self._break()
            self._note(self._live())
            self._heal()
            self.company.clock.keep(self.company.clock.elapsed + self.chance.uniform(0, 200))
        self.log.append(f"quiet after {self.company.until_quiet()} lives")
        self.log.append(repr([sorted(each.items(), key=repr) for each in self.company.people()]))

    def _live(self) -> Life:
        dice = self.chance.random()
        if dice < 0.25:
            return self.company.live(commit=self.chance.randint(1, 30), durable=self.chance.random() < 0.5)
        if dice < 0.5:
            return self.company.live(request=self.chance.randint(1, 8))
        return self.company.live(rounds=self.chance.randint(1, 2))

    def _note(self, life: Life) -> None:
        calls = [f"{each.method} {each.url} {hashlib.sha256(each.body).hexdigest()[:8]}" for each in life.sent]
        self.log += [*calls, f"died={life.died} commits={life.commits} report={life.report.get('writes')}"]

    def _break(self) -> None:
        for app in ("zoho_crm", "carddav"):
            rules = [
                {**rule, "count": self.chance.randint(1, 3), "rate": self.chance.choice((0.4, 1.0))}
                for each, rule in FAULTS
                if each == app and self.chance.random() < 0.2
            ]
            self.company.control("faults", {"app": app, "rules": rules})

    def _heal(self) -> None:
        for app in ("zoho_crm", "carddav"):
            self.company.control("faults", {"app": app, "rules": []})

    # --- people -----------------------------------------------------------------------------------------------

    def contact(self, mail: str) -> dict[str, Any] | None:
        contacts = self.company.world.apps["zoho_crm"].state()["Contacts"]
        return next((each for each in contacts if (each["Email"] or "").lower() == mail), None)

    def card(self, mail: str) -> tuple[str, str] | None:
        cards = self.company.world.apps["carddav"].state()["/ann/contacts/"]
        return next(((href, text) for href, text in sorted(cards.items()) if mail in text.lower()), None)

    def _value(self) -> str:
        return f"value {len(self.edits) + 1}"

    def _edit_contact(self) -> None:
        mail, field = self.chance.choice(self.mails), self.chance.choice(tuple(PAIRS))
        contact = self.contact(mail)
        if contact is not None:
            self.edits.append(Edit(self._step, mail, field, "zoho", self._value()))
            change = {"id": contact["id"], "set": {field: self.edits[-1].value}}
            self.company.control("edit", {"app": "zoho_crm", "object": "Contacts", **change})

    def _edit_card(self) -> None:
        mail, field = self.chance.choice(self.mails), self.chance.choice(tuple(PAIRS))
        found = self.card(mail)
        if found is not None:
            self.edits.append(Edit(self._step, mail, field, "book", self._value()))
            name, (href, text) = PAIRS[field], found
            kept = [line for line in text.replace("\r\n ", "").splitlines() if line.partition(":")[0] != name]
            kept.insert(-1, f"{name}:{self.edits[-1].value}")
            change = {"id": href, "set": {"vcard": "\r\n".join(kept) + "\r\n"}}
            self.company.control("edit", {"app": "carddav", "object": "/ann/contacts/", **change})

    def _new_person(self) -> None:
        self._new += 1
        mail = f"new{self._new}@example.org"
        self.mails.append(mail)
        if self.chance.random() < 0.5:
            values = {"First_Name": "New", "Last_Name": f"Person{self._new}", "Email": mail}
            self.company.control("edit", {"app": "zoho_crm", "object": "Contacts", "create": values})
        else:
            text = (
                f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{mail}\r\nN:Person{self._new};New;;;\r\nFN:New Person{self._new}\r\n"
                f"EMAIL:{mail}\r\nEND:VCARD\r\n"
            )
            self.company.control("edit", {"app": "carddav", "object": "/ann/contacts/", "create": {"vcard": text}})

    # --- what must be true at the end ---------------------------------------------------------------------------

    def check(self) -> None:
        """Nobody twice, both sides the same, every edit seen, overwritten by a later one, or kept in the journal."""
        contacts = self.company.world.apps["zoho_crm"].state()["Contacts"]
        cards = self.company.world.apps["carddav"].state()["/ann/contacts/"]
        assert len(contacts) == len(cards) == 9 + self._new
        for mail in self.mails:
            assert sum((each["Email"] or "").lower() == mail for each in contacts) == 1, mail
            assert sum(mail in text.lower() for text in cards.values()) == 1, mail
        for mail in self.mails:
            self._check_person(mail)

    def _check_person(self, mail: str) -> None:
        contact, found = self.contact(mail), self.card(mail)
        assert contact is not None
        assert found is not None
        history = run(self.company.clock, self._history(mail))
        for field, name in PAIRS.items():
            lines = [line for line in found[1].replace("\r\n ", "").splitlines() if line.startswith(f"{name}:")]
            shown = lines[0].partition(":")[2] if lines else None
            assert contact[field] == shown, f"{mail} {field}: {contact[field]} and {shown}"
            edits = [edit for edit in self.edits if (edit.mail, edit.field) == (mail, field)]
            for at, edit in enumerate(edits):
                seen = edit.value == shown
                overwritten = any(later.side == edit.side or later.step > edit.step for later in edits[at + 1 :])
                kept = any(entry["kind"] == "clash" and edit.value in entry["lost"].values() for entry in history)
                assert seen or overwritten or kept, f"lost: {edit}; shown: {shown}"

    async def _history(self, mail: str) -> list[dict[str, Any]]:
        from tests.connectors.inprocess import WorldSender

        sender = WorldSender(self.company.world, self.company.clock)
        seams = Seams(self.company.clock, SeededEntropy(0), sender, inline_storage=True)
        async with open_daemon(self.company.folder, serving=False, seams=seams) as daemon:
            told = await daemon.commands.explain(CONNECTION, mail)
        return [entry for person in told["persons"] for entry in person["history"]]
