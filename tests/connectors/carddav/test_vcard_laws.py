"""Laws of the vCard editor, on generated cards and on noise."""

import contextlib

from hypothesis import example, given
from hypothesis import strategies as st

from zohosyncd.connectors.carddav.vcard import Edit, VCardError, parameters, parse, parse_octets, values

NAMES = st.sampled_from(["FN", "n", "TEL", "Email", "NOTE", "ADR", "X-CUSTOM", "BDAY", "PHOTO", "ORG"])
GROUPS = st.sampled_from(["", "", "item1.", "ITEM2.", "g-3."])
PARAMS = st.lists(
    st.sampled_from([
        ";TYPE=work", ";type=HOME,pref", ";WORK", ';TYPE="work,voice"', ";PREF=1", ";VALUE=uri",
        ';LABEL="a:b;c^nd"', ";X-EMPTY=", ";ENCODING=QUOTED-PRINTABLE", ";CHARSET=UTF-8",
    ]),
    max_size=3,
).map("".join)  # fmt: skip
PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=120)
WRITABLE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\x7f", min_codepoint=0x20) | st.just("\n")
)
ENDINGS = st.sampled_from(["\r\n", "\n"])
VERSIONS = st.sampled_from(["2.1", "3.0", "4.0"])
DIALECT_NOISE = st.lists(
    st.sampled_from(["BEGIN:VCARD", "END:VCARD", "VERSION:3.0", "VERSION:2.1", "\r\n", "\n", " ", "\t", "=", ":", ";", '"', ".", ",",
                     "\\", "\\n", "N;ENCODING=QUOTED-PRINTABLE:=C3=", "CHARSET=utf-16", "BDAY:1980", "item1.", "^n", "é", "\ufeff", "\r"])
    | st.text(max_size=3),
    max_size=30,
).map("".join)  # fmt: skip


@st.composite
def card_texts(draw):
    ending = draw(ENDINGS)
    rows = ["BEGIN:VCARD", f"VERSION:{draw(VERSIONS)}"]
    for _ in range(draw(st.integers(0, 8))):
        row = draw(GROUPS) + draw(NAMES) + draw(PARAMS) + ":" + draw(PRINTABLE)
        for cut in sorted(draw(st.lists(st.integers(1, len(row)), max_size=3)), reverse=True):
            row = row[:cut] + ending + draw(st.sampled_from([" ", "\t"])) + row[cut:]
        rows.append(row)
    return ending.join([*rows, "END:VCARD", ""])


def read_everything(card):
    """Ask a card all that can be asked; only VCardError may come out."""
    for at in range(len(card.lines)):
        for question in (card.text, card.components, card.component_lists, card.items, card.label, card.date):
            with contextlib.suppress(VCardError):
                question(at)
        found = card.parameters(at)
        assert found.preference is None or found.preference >= 0
        assert found.types is not None
    return card.is_group, card.free_group()


@given(card_texts())
def test_a_card_that_nobody_changed_is_the_same_text(text):
    card = parse(text)
    assert card.serialise() == text
    assert Edit(card).card().serialise() == text
    read_everything(card)


@given(card_texts(), WRITABLE, st.data())
def test_changing_one_line_leaves_all_others(text, new, data):
    card = parse(text)
    places = [at for at, line in enumerate(card.lines) if line.name not in {"", "BEGIN", "END", "VERSION"}]
    edit = Edit(card)
    if places:
        at = data.draw(st.sampled_from(places))
        edit.replace_text(at, new)
        after = edit.card()
        assert after.lines[:at] + after.lines[at + 1 :] == card.lines[:at] + card.lines[at + 1 :]
        assert after.text(at) == new
        assert after.lines[at].head == card.lines[at].head
        assert parse(after.serialise()) == after
    else:
        edit.insert_text("NOTE", new)
        assert edit.card().text(len(card.lines) - 1) == new


@given(WRITABLE, VERSIONS)
@example("\\n", "3.0")
@example("\\;,:\n", "2.1")
def test_a_text_comes_back_from_its_escaped_form(text, version):
    assert values.unescape(values.escape(text, version), version) == text


@given(st.lists(WRITABLE, min_size=1), VERSIONS)
def test_components_come_back(texts, version):
    whole = ";".join(values.escape(text, version) for text in texts)
    assert [values.unescape(part, version) for part in values.split_components(whole)] == texts
    assert values.with_components(whole, {}, version) == whole


@given(st.lists(WRITABLE, min_size=1), st.sampled_from(["3.0", "4.0"]))
def test_lists_come_back(texts, version):
    whole = values.joined_list(texts, version)
    assert [values.unescape(part, version) for part in values.split_list(whole)] == texts


@given(st.lists(WRITABLE.filter(lambda text: "\t" not in text), min_size=1, max_size=4))
def test_parameters_come_back(texts):
    raw = parameters.written([("X-P", texts), ("TYPE", ["work"])])
    found = parameters.read(raw)
    assert found.get("X-P") == tuple(texts)
    assert found.types == {"work"}
    assert parameters.without(raw, ["X-P"]) == ";TYPE=work"
    card = parse(f"BEGIN:VCARD\nTEL{raw}:1\nEND:VCARD\n")
    assert card.parameters(1) == found


@given(WRITABLE, st.integers(10, 76))
def test_quoted_printable_comes_back(text, room):
    pieces = values.to_quoted_printable(text, room)
    assert all(len(piece) < 76 for piece in pieces)
    assert values.from_quoted_printable("".join(pieces), "utf-8") == text


@given(DIALECT_NOISE)
@example("BEGIN:VCARD\nN;QUOTED-PRINTABLE:=\n\nEND:VCARD")
@example("BEGIN:VCARD\nN;QUOTED-PRINTABLE:=")
def test_noise_raises_nothing_but_its_own_error(noise):
    for text in (noise, f"BEGIN:VCARD\r\nVERSION:3.0\r\n{noise}\r\nEND:VCARD\r\n"):
        try:
            card = parse(text)
        except VCardError:
            continue
        assert card.serialise() == text
        read_everything(card)


@given(st.binary(max_size=200) | DIALECT_NOISE.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_noisy_octets_raise_nothing_but_their_own_error(noise):
    octets = b"BEGIN:VCARD\r\nFN:" + noise + b"\r\nEND:VCARD\r\n"
    try:
        card = parse_octets(octets)
    except VCardError:
        return
    assert card.octets() == octets
    read_everything(card)
