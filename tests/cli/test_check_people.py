"""``check`` looks at the people who have been read: rules that match nobody, required fields that are missing."""

import re
from pathlib import Path

from tests.cli.conftest import CONNECTION, Zohosyncd, control
from tests.cli.test_commands import append, connection_file

NAMELESS = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:uid-nameless\r\nN:;;;;\r\nFN:\r\nEMAIL:nameless@example.org\r\nEND:VCARD\r\n"
)
RULES = """
[[rules]]
from = "zoho"
if = [{ field = "Customer_Number", is = "C-0" }]

[[rules]]
from = "book"
"""


def test_check_says_whom_the_rules_do_not_match_and_who_lacks_a_required_field(
    zohosyncd: Zohosyncd, conf: Path
) -> None:
    control(conf, "edit", app="carddav", object="/ann/contacts/", create={"vcard": NAMELESS})
    file = connection_file(conf)
    file.write_text(file.read_text().replace('first_sync = "auto"', 'first_sync = "approve"'))
    append(file, RULES)
    before = zohosyncd("check", "--config", conf)
    assert before.code == 0
    assert "matches no record" not in before.out
    assert zohosyncd("sync", CONNECTION, "--config", conf).code == 3
    ran = zohosyncd("check", "--config", conf)
    assert ran.code == 0
    assert re.search(r"^note on zoho-book: rules\[1\]: it matches no record of zoho \(of \d+\)$", ran.out, re.MULTILINE)
    assert "rules[2]: it matches" not in ran.out
    lacking = "zoho requires Last_Name; records of book that would be created there and lack it: "
    found = re.search(re.escape(lacking) + r"(\d+)$", ran.out, re.MULTILINE)
    assert found is not None, ran.out
    refused = zohosyncd("plan", CONNECTION, "--json", "--config", conf).json["quarantine"]
    assert int(found[1]) == sum(refused.values()) == 1, "a rehearsal finds the same"
