"""Two hundred names of many kinds through the joined-name lens: nothing is lost, moved or guessed.

One app keeps the parts of a name, the other one full name. Each line is "given | additional | family", and after
"=" what can be told of the full name alone: "given | family" where the name itself says so, "?" where a split would be
a guess.
"""

from itertools import pairwise

import pytest

from zohosyncd.core.lens.joined_name import UNCLEAR, UNCLEAR_SPLIT, JoinedName, NamePart, name_canon
from zohosyncd.core.lens.text import TextLens
from zohosyncd.core.names import full_name, is_east_asian
from zohosyncd.core.record import Value

PARTS = JoinedName(NamePart("given"), NamePart("family"), NamePart("additional"))
TWO_PARTS = JoinedName(NamePart("given"), NamePart("family"))
WHOLE = TextLens("name", name_canon)

NAMES = """
# two words
Anna || Schmidt = Anna | Schmidt
José || Núñez = José | Núñez
Zoë || Šimůnková = Zoë | Šimůnková
Łukasz || Żółkowski = Łukasz | Żółkowski
Ağca || Yıldız = Ağca | Yıldız
İpek || Işık = İpek | Işık
Søren || Ørsted = Søren | Ørsted
Þóra || Jónsdóttir = Þóra | Jónsdóttir
Ștefan || Țepeș = Ștefan | Țepeș
Nguyễn || Ánh = Nguyễn | Ánh
Sinéad || O'Connor = Sinéad | O'Connor
Siobhán || O’Brien = Siobhán | O’Brien
Jean || D'Alembert = Jean | D'Alembert
Ian || McKellen = Ian | McKellen
Al || Gore = Al | Gore
Van || Morrison = Van | Morrison
Ben || Roe = Ben | Roe
Li || Wei = Li | Wei
X || Æ = X | Æ
anna || schmidt = anna | schmidt
ANNA || SCHMIDT = ANNA | SCHMIDT
Ελένη || Παπαδοπούλου = Ελένη | Παπαδοπούλου
Анна || Ахматова = Анна | Ахматова
Олена || Пчілка = Олена | Пчілка
Նարեկ || Հակոբյան = Նարեկ | Հակոբյան
ნინო || ჩხეიძე = ნინო | ჩხეიძე
נועה || כהן = נועה | כהן
محمد || علي = محمد | علي
فاطمة || الزهراء = فاطمة | الزهراء
अमिता || शर्मा = अमिता | शर्मा
স্বপ্না || সেন = স্বপ্না | সেন
สมชาย || ใจดี = สมชาย | ใจดี
# hyphens
Jean-Claude || Juncker = Jean-Claude | Juncker
Anna-Lena || Müller-Lüdenscheidt = Anna-Lena | Müller-Lüdenscheidt
Sabine || Leutheusser-Schnarrenberger = Sabine | Leutheusser-Schnarrenberger
Mary-Kate || Olsen = Mary-Kate | Olsen
# particles
Ludwig || van Beethoven = Ludwig | van Beethoven
Vincent || van Gogh = Vincent | van Gogh
Jean-Claude || Van Damme = ?
Alexander || Van der Bellen = ?
Rogier || van der Weyden = Rogier | van der Weyden
Annette || von Droste-Hülshoff = Annette | von Droste-Hülshoff
Otto || von Bismarck = Otto | von Bismarck
Ursula || von der Leyen = Ursula | von der Leyen
Maria || zu Guttenberg = Maria | zu Guttenberg
Clemens || vom Hagen = Clemens | vom Hagen
Charles || de Gaulle = Charles | de Gaulle
Simone || de Beauvoir = Simone | de Beauvoir
Alphonse || de La Fontaine = ?
Honoré || du Bellay = Honoré | du Bellay
Leonardo || da Vinci = Leonardo | da Vinci
Vasco || da Gama = Vasco | da Gama
Oscar || de la Renta = Oscar | de la Renta
Olivia || de la Cruz = Olivia | de la Cruz
Luca || della Robbia = Luca | della Robbia
Giovanni || dalla Costa = ?
Andrea || del Sarto = Andrea | del Sarto
Rosa || dos Santos = Rosa | dos Santos
João || das Neves = João | das Neves
Ivo || te Brake = Ivo | te Brake
Gerard || ter Borch = Gerard | ter Borch
Hilma || af Klint = Hilma | af Klint
Osama || bin Zayd = Osama | bin Zayd
Aisyah || binti Ahmad = Aisyah | binti Ahmad
Khalid || ibn Walid = Khalid | ibn Walid
Hafez || al Assad = Hafez | al Assad
Bassem || El Masri = ?
David || Ben Gurion = ?
Chaim || Bat Dor = ?
José || de San Martín = ?
Fiona || Mac Giolla = ?
Susan || St. James = ?
|| von Goethe = | von Goethe
|| de la Cruz = | de la Cruz
# double family names: the full name alone does not tell
Gabriel || García Márquez = ?
Federico || García Lorca = ?
Mario || Vargas Llosa = ?
Carmen || Ruiz Picasso = ?
Isabel || Allende Llona = ?
Ana || Pereira Gomes = ?
Andrew || Lloyd Webber = ?
Helena || Bonham Carter = ?
Ralph || Vaughan Williams = ?
Kristin || Scott Thomas = ?
Rosa || Gómez de la Serna = ?
Pedro || Calderón de la Barca = ?
Teresa || Sánchez de Cepeda = ?
Camila || Rodríguez Ortega = ?
Lucía || Fernández y López = ?
Miguel || de Cervantes Saavedra = ?
Carlos || de la Torre Paz = ?
# two given names: the same
Anna Maria || Schmidt = ?
Johann Sebastian || Bach = ?
Hans Christian || Andersen = ?
Mary Ann || Evans = ?
María José || Castillo = ?
María del Carmen || López = ?
Juan Carlos || Borbón = ?
Karl Friedrich Hieronymus || Münch = ?
Billie Jean || King = ?
Anna Maria || von Trapp = ?
Carl Maria || von Weber = ?
Marie Anne || de Vichy = ?
José Luis || García Márquez = ?
Luiz Inácio || da Silva = ?
# additional names
Johann | Wolfgang | Goethe = ?
Anna | Luise | Schmidt = ?
Edgar | Allan | Poe = ?
Louisa | May | Alcott = ?
Antoine | Marie Roger | de Saint-Exupéry = ?
Franklin | Delano | Roosevelt = ?
Pyotr | Ilyich | Tchaikovsky = ?
Анна | Андреевна | Ахматова = ?
Лев | Николаевич | Толстой = ?
Иван | Сергеевич | Тургенев = ?
Abu | Bakr | Siddiq = ?
# initials belong to the given name
John | F. | Kennedy = John F. | Kennedy
Samuel | L. | Jackson = Samuel L. | Jackson
Ursula | K. | Le Guin = ?
J. || Smith = J. | Smith
J. R. R. || Tolkien = J. R. R. | Tolkien
J.R.R. || Tolkien = J.R.R. | Tolkien
C. S. || Lewis = C. S. | Lewis
J. Edgar || Hoover = J. Edgar | Hoover
M. Night || Shyamalan = M. Night | Shyamalan
George | W | Bush = George W | Bush
Philip | K. | Dick = Philip K. | Dick
W. E. B. || Du Bois = ?
J.-P. || Sartre = J.-P. | Sartre
Harry | S | Truman = Harry S | Truman
Robert A. || Heinlein = Robert A. | Heinlein
A. A. || Milne = A. A. | Milne
Л. Н. || Толстой = Л. Н. | Толстой
# titles before the name stay with the given name
Dr. Anna || Schmidt = Dr. Anna | Schmidt
Prof. Dr. Anna || Schmidt = Prof. Dr. Anna | Schmidt
Frau || Schmidt = Frau | Schmidt
Herr || von Bülow = Herr | von Bülow
Mrs. Anna || Lee = Mrs. Anna | Lee
Sir Isaac || Newton = Sir Isaac | Newton
Lady Ada || Lovelace = Lady Ada | Lovelace
Doña Inés || Suárez = Doña Inés | Suárez
Prof. Maria || von Trapp = Prof. Maria | von Trapp
Rev. Martin || King = Rev. Martin | King
Dipl.-Ing. Uwe || Koch = Dipl.-Ing. Uwe | Koch
Mme Marie || Curie = Mme Marie | Curie
Dr. Anna Maria || Schmidt = ?
# suffixes stay with the family name
Sammy || Davis, Jr. = Sammy | Davis, Jr.
Robert || Downey Jr. = Robert | Downey Jr.
Cuba || Gooding jr = Cuba | Gooding jr
Henry || Ford II = Henry | Ford II
Louis || Tully III = Louis | Tully III
Anna || Schmidt, PhD = Anna | Schmidt, PhD
Anna || Schmidt PhD MBA = Anna | Schmidt PhD MBA
Anna || Schmidt, M.D. = Anna | Schmidt, M.D.
John | Q. | Adams, Esq. = John Q. | Adams, Esq.
Kurt || Vonnegut Jr. = Kurt | Vonnegut Jr.
Otto || von Habsburg, Dr. = Otto | von Habsburg, Dr.
Martin Luther || King, Jr. = ?
Oliver Wendell || Holmes Sr. = ?
# one word
Madonna || = Madonna |
Björk || = Björk |
Pelé || = Pelé |
Suharto || = Suharto |
Drita || = Drita |
Наталья || = Наталья |
محمود || = محمود |
# East Asian: family name first
太郎 || 山田 = 太郎 | 山田
花子 || 佐藤 = 花子 | 佐藤
一郎 || 鈴木 = 一郎 | 鈴木
さくら || 高橋 = さくら | 高橋
ハナコ || サトウ = ハナコ | サトウ
小明 || 王 = 小明 | 王
伟 || 李 = 伟 | 李
中山 || 孫 = 中山 | 孫
詩涵 || 歐陽 = 詩涵 | 歐陽
민수 || 김 = 민수 | 김
지영 || 박 = 지영 | 박
서연 || 남궁 = 서연 | 남궁
々子 || 佐々木 = 々子 | 佐々木
山田太郎 || = 山田太郎 |
王小明 || = 王小明 |
김민수 || = 김민수 |
|| 山田 = ?
# East Asian names in Latin letters, Vietnamese, Indonesian, Indian
Taro || Yamada = Taro | Yamada
Min-su || Kim = Min-su | Kim
Xiaoming || Wang = Xiaoming | Wang
Ki-moon || Ban = Ki-moon | Ban
Park || Chung-hee = Park | Chung-hee
Nguyen Van An || = ?
Nguyễn || Văn An = ?
Dewi || Sukarno Putri = ?
A. P. J. Abdul || Kalam = A. P. J. Abdul | Kalam
S. || Ramanujan = S. | Ramanujan
Venkata Raman || Chandrasekhara = ?
# Arabic in several words
عمر || بن الخطاب = ?
محمد بن سلمان || آل سعود = ?
Mohammed bin Salman || Al Saud = ?
Abdel || Fattah el-Sisi = ?
Ahmed || El-Sayed = Ahmed | El-Sayed
"""


def _lines() -> list[tuple[dict[str, str], tuple[str, str] | None]]:
    found = []
    for line in NAMES.strip().splitlines():
        if line.startswith("#"):
            continue
        parts, _, told = line.partition("=")
        given, additional, family = (part.strip() for part in parts.split("|"))
        split = None if told.strip() == "?" else tuple(part.strip() for part in told.split("|"))
        found.append(({"given": given, "additional": additional, "family": family}, split))
    return found


LINES = _lines()
every_name = pytest.mark.parametrize(("parts", "told"), LINES, ids=[full_name(**parts) for parts, _ in LINES])
TURNED = [
    ("Schmidt, Anna", "Anna", "Schmidt"),
    ("García Márquez, Gabriel", "Gabriel", "García Márquez"),
    ("van Beethoven, Ludwig", "Ludwig", "van Beethoven"),
    ("Bach, Johann Sebastian", "Johann Sebastian", "Bach"),
    ("de la Cruz Lopez, Maria del Carmen", "Maria del Carmen", "de la Cruz Lopez"),
    ("Толстой, Лев Николаевич", "Лев Николаевич", "Толстой"),
    ("Kim, Min-su", "Min-su", "Kim"),
    ("Kennedy, John F.", "John F.", "Kennedy"),
    ("O'Connor ,  Sinéad", "Sinéad", "O'Connor"),
]


def record(parts: dict[str, str]) -> dict[str, Value]:
    return {name: text or None for name, text in parts.items()}


def test_there_are_two_hundred_of_them() -> None:
    names = [full_name(**parts) for parts, _ in LINES] + [text for text, *_ in TURNED]
    assert len(set(names)) == len(names) >= 200


@every_name
def test_it_goes_there_and_back_and_nothing_is_written(parts: dict[str, str], told: object) -> None:
    here, there = record(parts), {"name": None}
    there |= WHOLE.put(PARTS.get(here), there)
    assert there["name"] == full_name(**parts)
    assert PARTS.put(WHOLE.get(there), here) == {}
    assert PARTS.refuses(WHOLE.get(there), here) is None
    assert WHOLE.put(PARTS.get(here), there) == {}


@every_name
def test_where_only_the_full_name_is_known_nothing_is_guessed(
    parts: dict[str, str], told: tuple[str, str] | None
) -> None:
    name = full_name(**parts)
    empty = dict.fromkeys(TWO_PARTS.fields)
    made = {**empty, **TWO_PARTS.put(name, empty)}
    if told is None and TWO_PARTS.refuses(name) is None:
        # One word that is a family name is taken for a given name: the full name stays the same.
        assert " " not in name
    elif told is None:
        assert TWO_PARTS.refuses(name) == UNCLEAR_SPLIT
        assert made == empty
    else:
        assert TWO_PARTS.refuses(name) is None
        assert made == {"given": told[0] or None, "family": told[1] or None}
        assert name_canon(TWO_PARTS.get(made)) == name_canon(name)


@every_name
def test_another_part_here_is_another_full_name_there(parts: dict[str, str], told: object) -> None:
    for part in parts:
        changed = {**parts, part: "優" if is_east_asian(full_name(**parts)) else "Quirin"}
        there: dict[str, Value] = {"name": full_name(**parts)}
        there |= WHOLE.put(PARTS.get(record(changed)), there)
        assert there["name"] == full_name(**changed)
        assert PARTS.put(WHOLE.get(there), record(changed)) == {}


@every_name
def test_another_part_there_changes_that_part_alone_here(parts: dict[str, str], told: object) -> None:
    """One part is replaced in the full name: here just that part changes; where nothing stays, it may be unclear."""
    here, filled = record(parts), [part for part in parts if parts[part]]
    for part in filled:
        for new in ("優", "優子") if is_east_asian(full_name(**parts)) else ("Quirin", "Quirin Xaver"):
            view = full_name(**{**parts, part: new})
            patch, refusal = PARTS.put(view, here), PARTS.refuses(view, here)
            if len(filled) > 1:
                assert (patch, refusal) == ({part: new}, None)
            else:
                assert (patch, refusal) in [({part: new}, None), ({}, UNCLEAR)]


@every_name
def test_two_parts_changed_at_once_are_not_told_apart(parts: dict[str, str], told: object) -> None:
    if not (parts["given"] and parts["family"]):
        return
    view = "優 優子" if is_east_asian(full_name(**parts)) else "Quirin Xaver Zyx"
    here = record(parts)
    assert PARTS.refuses(view, here) == UNCLEAR
    assert PARTS.put(view, here) == {}


@pytest.mark.parametrize(("text", "given", "family"), TURNED)
def test_family_name_first_with_a_comma(text: str, given: str, family: str) -> None:
    empty = dict.fromkeys(TWO_PARTS.fields)
    assert TWO_PARTS.put(text, empty) == {"given": given, "family": family}
    here: dict[str, Value] = {"given": given, "family": family}
    assert TWO_PARTS.put(text, here) == {}
    assert WHOLE.put(TWO_PARTS.get(here), {"name": text}) == {}, "it stays as it was typed"
    changed = f"{family}, Quirin"
    assert TWO_PARTS.put(changed, here) == {"given": "Quirin"}


def test_a_name_given_to_the_next_person_never_leaves_a_part_of_the_one_before() -> None:
    """Over all neighbours of the list: what is written shows the new name, or nothing is written and it is told."""
    for (before, _), (after, _) in pairwise(LINES):
        here, view = record(before), full_name(**after)
        patch = PARTS.put(view, here)
        if PARTS.refuses(view, here) is None:
            assert name_canon(PARTS.get({**here, **patch})) == name_canon(view)
        else:
            assert patch == {}
