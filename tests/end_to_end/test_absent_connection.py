"""A connection that was away for a while: removed, disabled, or waiting for its app since the start."""

from pathlib import Path

from tests.end_to_end.edited_folder import Firm
from zohosyncd.supervisor.daemon import Daemon

NORA = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:nora\r\nN:Neu;Nora;;;\r\nFN:Nora Neu\r\nTEL:+49 30 901820\r\nEND:VCARD\r\n"


def test_its_keys_are_those_of_what_has_changed_meanwhile(tmp_path: Path) -> None:
    firm = Firm(tmp_path, 1, many=2)
    file = firm.connection_file("user1")
    text = file.read_text() + 'match = ["email", "phone+given_name"]\n'
    file.write_text(text)

    async def story(daemon: Daemon) -> None:
        await firm.clock.sleep(200)
        file.unlink()
        assert (await daemon.commands.reload())["applied"]
        firm.contact(50, First_Name="Nora", Last_Name="Neu", Phone="030 901820", Email="nora@example.net")
        await firm.clock.sleep(200)
        body = {"app": "carddav", "object": "/user1/contacts/", "create": {"vcard": NORA}}
        firm._control("edit", body)
        file.write_text(text)
        assert (await daemon.commands.reload())["applied"]
        await firm.clock.sleep(400)
        assert len([each for each in firm.contacts().values() if each["Last_Name"] == "Neu"]) == 1
        assert len([card for card in firm.cards("user1").values() if "Nora" in card]) == 1

    firm.day(story)
