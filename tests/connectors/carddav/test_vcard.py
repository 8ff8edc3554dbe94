"""The vCard editor on cards in the dialects of real address books."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.connectors.carddav.vcard import Edit, VCardError, blank, parse, parse_octets
from zohosyncd.core.errors import DataError


def crlf(text):
    return text.strip("\n").replace("\n", "\r\n") + "\r\n"


GOOGLE = crlf("""
BEGIN:VCARD
VERSION:3.0
FN:Dr. Zoë Müller-Lüdenscheidt
N:Müller-Lüdenscheidt;Zoë;Maria;Dr.;
EMAIL;TYPE=INTERNET;TYPE=WORK:zoe@example.org
item1.EMAIL;TYPE=INTERNET:zoe.private@example.net
item1.X-ABLabel:Verein
TEL;TYPE=CELL:+49 170 1234567
item2.ADR:;;Hauptstraße 1;Berlin;;10115;DE;Hauptstraße 1\\n10115 Berlin\\nDE
item2.X-ABLabel:
ORG:Müller\\, Söhne & Co.
TITLE:Einkauf
BDAY:--0501
item3.URL:https\\://www.example.org/profile
item3.X-ABLabel:PROFILE
NOTE:Zeile eins\\nZeile zwei\\, mit Komma
PHOTO:https://images.example.org/a=s100
CATEGORIES:myContacts,Kunden
END:VCARD
""")

APPLE = crlf("""
BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//iOS 17.4//EN
N:Nguyễn;Anh;;;
FN:Anh Nguyễn
X-PHONETIC-LAST-NAME:Nwin
item1.EMAIL;type=INTERNET;type=pref:anh@example.org
item1.X-ABLabel:_$!<HomePage>!$_
item2.TEL;type=CELL;type=VOICE;type=pref:(030) 1234-567
item2.X-ABLabel:_$!<Home>!$_
item3.ADR;type=HOME;type=pref:;;1 Infinite Loop\\nBuilding 2;Cupertino;CA;95014;United States
item3.X-ABADR:us
BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-01
X-ABDATE;type=pref:2010-06-07
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJ
 CQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/
 2wBDAQkJCQwLDBgNDRgyIRwhMjIyMjI=
X-SOCIALPROFILE;type=twitter;x-user=anh:https://social.example/anh
REV:2026-01-02T03:04:05Z
UID:5B4A2C10-0000-4000-8000-000000000001
END:VCARD
""")

OUTLOOK = crlf("""
BEGIN:VCARD
VERSION:2.1
N;LANGUAGE=de;CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE:M=FCller;Hans;;Dr.
FN;CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE:Dr. Hans M=FCller
ORG:Example GmbH;Sales\\; Export
TEL;WORK;VOICE:+49 (30) 12345
TEL;PREF;CELL:0170 1234567
ADR;WORK;PREF;ENCODING=QUOTED-PRINTABLE:;;Hauptstr. 1=0D=0AHinterhaus;Berlin;;10115;Deutschland
LABEL;WORK;PREF;ENCODING=QUOTED-PRINTABLE:Hauptstr. 1=0D=0AHinterhaus=0D=0A=
10115 Berlin
NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:A long note that Outlook breaks =
 somewhere in a line, with =C3=A9=
=C3=A8 and the rest
X-MS-OL-DEFAULT-POSTAL-ADDRESS:2
EMAIL;PREF;INTERNET:hans@example.org
REV:20260102T030405Z
END:VCARD
""")

NEXTCLOUD = crlf("""
BEGIN:VCARD
VERSION:4.0
PRODID:-//Sabre//Sabre VObject 4.5.4//EN
UID:urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af
FN:Иван Петров
N:Петров;Иван;Сергеевич,Сергей;;
KIND:individual
EMAIL;TYPE="work,internet";PREF=2:ivan@example.org
EMAIL;TYPE=home;PREF=1:ivan@example.net
TEL;VALUE=uri;TYPE="voice,work":tel:+7-495-123-45-67;ext=5
ADR;TYPE=WORK;LABEL="ул. Ленина 1^nМосква, ^'центр^'":;;ул. Ленина 1;Москва;;101000;Россия
BDAY:19800501
ANNIVERSARY:20100607
GENDER:M
CATEGORIES:Клиенты,Друзья\\, близкие
NOTE:Очень длинная заметка\\, которая сложена посреди слова и продолжае
 тся на следующей строке
X-CUSTOM;X-P="a:b;c":kept
END:VCARD
""")

CARDS = {"google": GOOGLE, "apple": APPLE, "outlook": OUTLOOK, "nextcloud": NEXTCLOUD}
DIALECTS = pytest.mark.parametrize("text", CARDS.values(), ids=CARDS.keys())


def by_name(card, name):
    return [card.text(at) for at in card.positions(name)]


def changed(text, change):
    """The text after one change, cut into physical lines."""
    edit = Edit(parse(text))
    change(edit)
    return edit.card().serialise()


class TestReading:
    @DIALECTS
    @pytest.mark.parametrize("ending", ["\r\n", "\n", "\r\r\n"])
    def test_gives_the_same_text_back(self, text, ending):
        text = text.replace("\r\n", ending)
        assert parse(text).serialise() == text
        assert parse_octets(text.encode()).octets() == text.encode()

    def test_knows_googles_cards(self):
        card = parse(GOOGLE)
        first, second = card.positions("EMAIL")
        assert (card.text(second), card.label(second), card.label(first)) == ("zoe.private@example.net", "Verein", "")
        assert card.parameters(first).types == {"internet", "work"}
        assert card.components(card.first("N")) == ("Müller-Lüdenscheidt", "Zoë", "Maria", "Dr.", "")
        assert by_name(card, "ORG") == ["Müller, Söhne & Co."]
        assert by_name(card, "URL") == ["https://www.example.org/profile"]
        assert by_name(card, "NOTE") == ["Zeile eins\nZeile zwei, mit Komma"]
        assert card.items(card.first("CATEGORIES")) == ("myContacts", "Kunden")
        assert card.date(card.first("BDAY")) == "--05-01"

    def test_knows_apples_cards(self):
        card = parse(APPLE)
        phone = card.first("TEL")
        assert (card.label(phone), card.parameters(phone).preference) == ("Home", 1)
        assert card.components(card.first("ADR"))[2] == "1 Infinite Loop\nBuilding 2"
        assert card.date(card.first("BDAY")) == "--05-01"
        assert by_name(card, "PHOTO")[0].endswith("AQkJCQwLDBgNDRgyIRwhMjIyMjI=")
        assert card.uid.startswith("5B4A2C10")
        assert card.free_group() == "item4"

    def test_knows_outlooks_cards(self):
        card = parse(OUTLOOK)
        assert card.version == "2.1"
        assert card.components(card.first("N")) == ("Müller", "Hans", "", "Dr.")
        assert by_name(card, "FN") == ["Dr. Hans Müller"]
        assert card.components(card.first("ORG")) == ("Example GmbH", "Sales; Export")
        work, cell = card.positions("TEL")
        assert card.parameters(work).types == {"work", "voice"}
        assert (card.parameters(work).preference, card.parameters(cell).preference) == (None, 1)
        assert card.components(card.first("ADR"))[2] == "Hauptstr. 1\nHinterhaus"
        assert by_name(card, "LABEL") == ["Hauptstr. 1\nHinterhaus\n10115 Berlin"]
        assert by_name(card, "NOTE") == ["A long note that Outlook breaks  somewhere in a line, with éè and the rest"]

    def test_knows_nextclouds_cards(self):
        card = parse(NEXTCLOUD)
        work, home = card.positions("EMAIL")
        assert card.parameters(work).types == {"work", "internet"}
        assert (card.parameters(work).preference, card.parameters(home).preference) == (2, 1)
        assert card.component_lists(card.first("N"))[2] == ("Сергеевич", "Сергей")
        assert card.parameters(card.first("ADR")).get("LABEL") == ('ул. Ленина 1\nМосква, "центр"',)
        assert card.items(card.first("CATEGORIES")) == ("Клиенты", "Друзья, близкие")
        assert "и продолжается на" in by_name(card, "NOTE")[0]
        assert card.parameters(card.first("X-CUSTOM")).get("X-P") == ("a:b;c",)
        assert by_name(card, "TEL") == ["tel:+7-495-123-45-67;ext=5"]
        assert card.date(card.first("BDAY")) == "1980-05-01"

    def test_joins_a_character_that_a_fold_tore_apart(self):
        octets = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zo\xc3\r\n \xab\r\nEND:VCARD\r\n"
        card = parse_octets(octets)
        assert (by_name(card, "FN"), card.octets()) == (["Zoë"], octets)
        edit = Edit(card)
        edit.insert_text("NOTE", "new")
        assert edit.card().octets() == octets.replace(b"END", b"NOTE:new\r\nEND")

    def test_accepts_a_byte_order_mark_and_blank_lines(self):
        text = "\ufeffBEGIN:VCARD\nVERSION:3.0\n\nFN:A\n\nEND:VCARD\n\n"
        assert parse(text).serialise() == text
        assert by_name(parse(text), "FN") == ["A"]

    @pytest.mark.parametrize("name", ["KIND:group", "X-ADDRESSBOOKSERVER-KIND:group", "kind: Group"])
    def test_tells_lists_of_people_from_people(self, name):
        assert parse(GOOGLE.replace("CATEGORIES:myContacts,Kunden", name)).is_group
        assert not any(parse(text).is_group for text in CARDS.values())

    @pytest.mark.parametrize(
        ("text", "line", "reason"),
        [
            ("", 0, "empty"),
            ("FN:A\n", 1, "does not begin"),
            ("BEGIN:VCARD\nFN:Secret\n", 0, "no END"),
            ("BEGIN:VCARD\nEND:VCARD\nBEGIN:VCARD\nEND:VCARD\n", 3, "more than one"),
            ("BEGIN:VCARD\nEND:VCARD\nFN:Secret\n", 3, "after END"),
            ("BEGIN:VCARD\nFN:Sec\0ret\nEND:VCARD\n", 2, "NUL"),
            ("BEGIN:VCARD\nFN:A\n Secret\nSecret\nEND:VCARD\n", 4, "not a property"),
            ('BEGIN:VCARD\nTEL;TYPE="Secret:1\nEND:VCARD\n', 2, "quoted parameter"),
            ("BEGIN:VCARD\nFN:\ud83d\nEND:VCARD\n", 2, "not UTF-8"),
            ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", 1, "not of a VCARD"),
        ],
    )
    def test_says_where_and_why_a_text_is_no_card(self, text, line, reason):
        with pytest.raises(VCardError, match=reason) as caught:
            parse(text)
        assert isinstance(caught.value, DataError)
        assert caught.value.line == line
        assert "Secret" not in str(caught.value)

    def test_says_where_a_charset_is_unknown(self):
        card = parse(OUTLOOK.replace("CHARSET=Windows-1252", "CHARSET=klingon"))
        with pytest.raises(VCardError, match="line 3: a charset"):
            card.components(card.first("N"))


class TestChanging:
    @DIALECTS
    def test_keeps_every_other_line(self, text):
        before = parse(text)
        for at, line in enumerate(before.lines):
            if line.name in {"BEGIN", "END", "VERSION"}:
                continue
            replaced, deleted = Edit(before), Edit(before)
            replaced.replace_text(at, "Ж" * 100 + ";,\\\n.")
            deleted.delete(at)
            after = replaced.card()
            assert [*after.lines[:at], *after.lines[at + 1 :]] == [*before.lines[:at], *before.lines[at + 1 :]]
            assert deleted.card().serialise() == "".join(x.raw for n, x in enumerate(before.lines) if n != at)
            assert parse(after.serialise()) == after
            assert after.text(at) == "Ж" * 100 + ";,\\\n."
            assert all(len(row.encode()) <= 76 for row in after.lines[at].raw.split("\r\n"))

    def test_changes_one_part_of_a_name_only(self):
        text = changed(NEXTCLOUD, lambda edit: edit.replace_components(edit.card().first("N"), {0: "Смит; Ко"}))
        assert text == NEXTCLOUD.replace("N:Петров;Иван", "N:Смит\\; Ко;Иван")

    def test_fills_up_missing_parts(self):
        text = changed(GOOGLE, lambda edit: edit.replace_components(edit.card().first("ORG"), {1: "Einkauf"}))
        assert "ORG:Müller\\, Söhne & Co.;Einkauf\r\n" in text

    def test_writes_plainly_what_was_quoted_printable(self):
        text = OUTLOOK.replace("VERSION:2.1", "VERSION:3.0")
        text = changed(text, lambda edit: edit.replace_components(edit.card().first("N"), {1: "Jürgen"}))
        assert "N;LANGUAGE=de:Müller;Jürgen;;Dr.\r\n" in text

    def test_writes_quoted_printable_in_21_where_it_must(self):
        text = changed(OUTLOOK, lambda edit: edit.replace_components(edit.card().first("N"), {1: "Jürgen"}))
        new = "N;LANGUAGE=de;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:M=C3=BCller;J=C3=BCrg=\r\nen;;Dr.\r\n"
        assert new in text
        assert parse(text).components(2) == ("Müller", "Jürgen", "", "Dr.")

    @pytest.mark.parametrize(
        "folded",
        [
            "ENCODING=Q\r\n UOTED-PRINTABLE",
            "ENCODING=\r\n QUOTED-PRINTABLE",
            "ENC\r\n\tODING=\r\n Q\r\n UOTED-PRINTABLE",
        ],
    )
    def test_reads_a_folded_encoding_alike_whatever_else_the_card_holds(self, folded):
        card = f"BEGIN:VCARD\r\nVERSION:2.1\r\nFN:A\r\nNOTE;{folded}:M=C3=\r\n=BCller\r\nEND:VCARD\r\n"
        before = parse(card)
        note = before.first("NOTE")
        assert before.lines[note].params == ";ENCODING=QUOTED-PRINTABLE"
        assert before.text(note) == "Müller"
        edit = Edit(before)
        edit.replace_text(before.first("FN"), "Ä")  # brings a second encoding into the card, unfolded
        assert parse(edit.card().serialise()) == edit.card()

    def test_folds_at_75_octets_between_characters(self):
        text = changed(GOOGLE, lambda edit: edit.replace_text(edit.card().first("NOTE"), "ä€😀" * 60))
        lines = text[text.index("NOTE:") : text.index("PHOTO:")].split("\r\n")
        assert 72 <= max(len(line.encode()) for line in lines) <= 75
        assert text.replace("\r\n ", "").count("ä€😀") == 60

    def test_adds_lines_where_it_is_told(self):
        def change(edit):
            edit.insert_text("EMAIL", "b@example.org", params=[("TYPE", ["work", "x,y"])], group="item9", after=4)
            edit.insert_text("X-ABLabel", "Büro", group="item9", after=4)
            edit.insert_components("ADR", ["", "", "A;B", "C"], params=[("LABEL", ['"A"\nB'])])

        text = changed(GOOGLE, change)
        added = 'item9.EMAIL;TYPE=work,"x,y":b@example.org\r\nitem9.X-ABLabel:Büro\r\n'
        last = "ADR;LABEL=^'A^'^nB:;;A\\;B;C\r\n"
        assert text == GOOGLE.replace("item1.EMAIL", added + "item1.EMAIL").replace("END:", last + "END:")
        assert parse(text).parameters(len(parse(text).lines) - 2).get("LABEL") == ('"A"\nB',)

    def test_removes_a_labelled_line_with_its_label(self):
        text = changed(APPLE, lambda edit: edit.delete_with_labels(6))
        assert text == "".join(line for line in APPLE.splitlines(keepends=True) if not line.startswith("item1."))
        both = changed(APPLE.replace("item2.TEL", "item1.TEL"), lambda edit: edit.delete_with_labels(6))
        assert "item1.X-ABLabel" in both

    def test_uses_the_line_ends_of_the_card(self):
        text = changed(GOOGLE.replace("\r\n", "\n"), lambda edit: edit.insert_text("NOTE", "x" * 100))
        assert "\r" not in text
        assert "\n " in text

    def test_leaves_out_what_no_card_may_hold(self):
        text = changed(GOOGLE, lambda edit: edit.replace_text(2, "A\x0bB\ud83d\r\nC"))
        assert "FN:AB\\nC\r\n" in text

    @pytest.mark.parametrize("at", [0, 1, 18, 99])
    def test_refuses_to_touch_the_frame(self, at):
        edit = Edit(parse(GOOGLE))
        with pytest.raises(ValueError, match="cannot be changed"):
            edit.replace(at, "x")
        with pytest.raises(ValueError, match="line ends"):
            edit.replace(2, "A\nEND:VCARD")
        with pytest.raises(ValueError, match="before END"):
            edit.insert("X", "y", after=18)

    def test_begins_a_new_card(self):
        for version in ("3.0", "4.0"):
            edit = Edit(blank(version, "u-1"))
            edit.insert_text("FN", "Ann")
            text = f"BEGIN:VCARD\r\nVERSION:{version}\r\nUID:u-1\r\nFN:Ann\r\nEND:VCARD\r\n"
            assert (edit.card().serialise(), edit.card().uid) == (text, "u-1")


def dated(line, version="3.0"):
    return f"BEGIN:VCARD\r\nVERSION:{version}\r\n{line}\r\nEND:VCARD\r\n"


class TestDates:
    @pytest.mark.parametrize(
        ("line", "day"),
        [
            ("BDAY:19800501", "1980-05-01"),
            ("BDAY:1980-05-01", "1980-05-01"),
            ("BDAY;VALUE=date:1980-05-01", "1980-05-01"),
            ("BDAY:--0501", "--05-01"),
            ("BDAY:--05-01", "--05-01"),
            ("BDAY:--0229", "--02-29"),
            ("BDAY:1980-05-01T00:00:00Z", "1980-05-01"),
            ("BDAY:19800501T000000Z", "1980-05-01"),
            ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-01", "--05-01"),
            ("BDAY;VALUE=date;X-APPLE-OMIT-YEAR=1604:1604-05-01", "--05-01"),
            ("BDAY;X-APPLE-OMIT-YEAR=1604:1980-05-01", "1980-05-01"),
            ("BDAY;VALUE=text:19800501", None),
            ("BDAY;VALUE=text:circa 1800", None),
            ("BDAY:1980", None),
            ("BDAY:1980-05", None),
            ("BDAY:1980-04-31", None),
            ("BDAY:٠٩٨٠0501", None),
            ("BDAY:", None),
        ],
    )
    def test_are_read_in_every_spelling(self, line, day):
        assert parse(dated(line)).date(2) == day

    @pytest.mark.parametrize(
        ("version", "line", "day", "result"),
        [
            ("3.0", "BDAY:1980-05-01", "1981-06-02", "BDAY:1981-06-02"),
            ("3.0", "BDAY:19800501", "1981-06-02", "BDAY:19810602"),
            ("3.0", "BDAY:1980-05-01T00:00:00Z", "1981-06-02", "BDAY:1981-06-02T00:00:00Z"),
            ("3.0", "BDAY;value=date:1980-05-01", "--06-02", "BDAY;value=date;X-APPLE-OMIT-YEAR=1604:1604-06-02"),
            (
                "3.0",
                "BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-01",
                "--06-02",
                "BDAY;X-APPLE-OMIT-YEAR=1604:1604-06-02",
            ),
            ("3.0", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-01", "1981-06-02", "BDAY:1981-06-02"),
            ("3.0", "BDAY:--0501", "--06-02", "BDAY:--0602"),
            ("3.0", "BDAY:--05-01", "--06-02", "BDAY:--06-02"),
            ("3.0", "BDAY:--05-01", "1981-06-02", "BDAY:1981-06-02"),
            ("3.0", "BDAY;VALUE=text:spring", "1981-06-02", "BDAY:1981-06-02"),
            ("4.0", "BDAY:19800501", "1981-06-02", "BDAY:19810602"),
            ("4.0", "BDAY:19800501", "--06-02", "BDAY:--0602"),
            ("4.0", "BDAY:--0501", "1981-06-02", "BDAY:19810602"),
            ("4.0", "BDAY:1980-05-01", "--06-02", "BDAY:--06-02"),
            ("4.0", "BDAY;VALUE=text;X-A=1:spring", "--06-02", "BDAY;X-A=1:--0602"),
        ],
    )
    def test_are_changed_in_the_spelling_of_the_card(self, version, line, day, result):
        text = changed(dated(line, version), lambda edit: edit.replace_date(2, day))
        assert text == dated(result, version)
        assert parse(text).date(2) == day

    @pytest.mark.parametrize(
        ("version", "day", "result"),
        [
            ("3.0", "1981-06-02", "BDAY:1981-06-02"),
            ("3.0", "--06-02", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-06-02"),
            ("4.0", "1981-06-02", "BDAY:19810602"),
            ("4.0", "--06-02", "BDAY:--0602"),
        ],
    )
    def test_are_added_in_the_spelling_of_the_version(self, version, day, result):
        text = changed(dated("FN:A", version), lambda edit: edit.insert_date("BDAY", day))
        assert text == dated(f"FN:A\r\n{result}", version)
        assert parse(text).date(3) == day

    @pytest.mark.parametrize("day", ["1981-02-30", "02.06.1981", "1981", ""])
    def test_that_do_not_exist_are_not_written(self, day):
        with pytest.raises(ValueError, match="YYYY-MM-DD"):
            changed(dated("BDAY:1980-05-01"), lambda edit: edit.replace_date(2, day))

    @given(st.dates(), st.sampled_from(["3.0", "4.0"]), st.booleans())
    def test_come_back_as_they_were_written(self, day, version, with_year):
        text = f"{day.year:04}-{day:%m-%d}" if with_year else f"--{day:%m-%d}"
        edit = Edit(parse(dated("FN:A", version)))
        edit.insert_date("BDAY", text)
        assert edit.card().date(3) == text
