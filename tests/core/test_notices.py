"""Whoever has to know is told once that something broke, and once that it works again."""

from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.core.notices import Message, Notice, Standing, Topic, Trouble, due

NOW = 1_800_000_000.0
LOGIN = Topic(Trouble.AUTHORISATION, "zoho")
STANDS, OVER = Standing(stands=True), Standing(stands=False)


class Told:
    """What is stored, and what each channel was told, over restarts."""

    def __init__(self, *channels: str) -> None:
        self.channels = list(channels)
        self.known: dict[Topic, Notice] = {}
        self.heard: dict[str, list[Message]] = {}
        self.now = NOW

    def look(self, seen: dict[Topic, Standing], *, fails: frozenset[str] = frozenset()) -> list[str]:
        """One look; what was said by it, as ``channel state``."""
        self.now += 10
        found = due(self.known, seen, channels=self.channels, instance="i", now=self.now)
        self.known |= {each.topic: each for each in found.new}
        for topic in found.gone:
            self.known.pop(topic, None)
        said = []
        for channel, waiting in found.messages.items():
            for notice, message in waiting:
                if channel in fails:
                    continue
                self.known[notice.topic] = self.known[notice.topic].heard(channel, over=message.over)
                self.heard.setdefault(channel, []).append(message)
                said.append(f"{channel} {'over' if message.over else 'stands'}")
        return said


def test_a_trouble_is_told_once_and_its_end_once() -> None:
    told = Told("mail")
    assert told.look({LOGIN: OVER}) == []
    assert told.look({LOGIN: STANDS}) == ["mail stands"]
    assert told.look({LOGIN: STANDS}) == []
    assert told.look({LOGIN: OVER}) == ["mail over"]
    assert told.look({LOGIN: OVER}) == []
    assert told.known == {}
    assert told.look({LOGIN: STANDS}) == ["mail stands"]


def test_what_is_not_known_just_after_a_start_changes_nothing() -> None:
    told = Told("mail")
    told.look({LOGIN: STANDS})
    assert told.look({}) == []
    assert told.look({LOGIN: STANDS}) == []
    assert told.look({}) == []
    assert told.look({LOGIN: OVER}) == ["mail over"]


def test_nobody_is_told_of_a_trouble_that_ends_within_its_patience() -> None:
    told = Told("mail")
    patient = Standing(stands=True, patience=25)
    assert told.look({LOGIN: patient}) == []
    assert told.look({LOGIN: OVER}) == []
    assert told.known == {}
    said = [told.look({LOGIN: patient}) for _ in range(5)]
    assert said == [[], [], [], ["mail stands"], []]


def test_a_trouble_counts_from_when_it_began_not_from_when_it_was_seen() -> None:
    told = Told("mail")
    assert told.look({LOGIN: Standing(stands=True, since=NOW - 100, patience=60)}) == ["mail stands"]
    assert told.heard["mail"][0].since == NOW - 100
    assert Told("mail").look({LOGIN: Standing(stands=True, since=NOW + 9_999, patience=1)}) == []


def test_each_channel_is_told_for_itself() -> None:
    told = Told("mail", "webhook")
    assert told.look({LOGIN: STANDS}, fails=frozenset({"mail"})) == ["webhook stands"]
    assert told.look({LOGIN: STANDS}) == ["mail stands"]
    assert told.look({LOGIN: OVER}, fails=frozenset({"webhook"})) == ["mail over"]
    assert told.look({}) == []
    assert told.look({LOGIN: OVER}) == ["webhook over"]
    assert told.look({LOGIN: OVER}) == []
    assert told.known == {}


def test_a_channel_that_nobody_configures_any_more_is_not_waited_for() -> None:
    told = Told("mail", "webhook")
    told.look({LOGIN: STANDS})
    told.channels = ["webhook"]
    assert told.look({LOGIN: OVER}) == ["webhook over"]
    told.look({LOGIN: OVER})
    assert told.known == {}


def test_a_repeated_message_has_the_same_id_and_another_break_has_another() -> None:
    def message(since: float, *, over: bool = False, at: float = NOW) -> Message:
        return Message("i", LOGIN, over, since, at)

    assert message(1.0).id == message(1.0, at=NOW + 99).id
    assert len({message(1.0).id, message(2.0).id, message(1.0, over=True).id}) == 3
    assert message(1.0, over=True).answers == message(1.0).id
    assert message(1.0).answers == ""


def test_every_trouble_has_its_sentences() -> None:
    for trouble in Trouble:
        for over in (False, True):
            said = Message("i", Topic(trouble, "crm-book"), over, NOW, NOW, 7).as_json()
            assert "{" not in said["text"] + said["do_now"]
            assert said["state"] == ("recovered" if over else "broken")
            assert said["since"] == "2027-01-15T08:00:00Z"
    assert (
        Message("i", LOGIN, False, NOW, NOW, cure="give `zohosyncd auth zoho`").do_now == "give `zohosyncd auth zoho`"
    )


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from([LOGIN, Topic(Trouble.HELD, "crm-book")]), st.sampled_from([STANDS, OVER])),
            st.frozensets(st.sampled_from(["mail", "webhook"])),
        ),
        max_size=20,
    )
)
def test_whatever_happens_break_and_recovery_alternate_for_each_channel(
    looks: list[tuple[dict[Topic, Standing], frozenset[str]]],
) -> None:
    told = Told("mail", "webhook")
    for seen, fails in looks:
        told.look(seen, fails=fails)
    for messages in told.heard.values():
        for topic in {each.topic for each in messages}:
            said = [each.over for each in messages if each.topic == topic]
            assert said == [bool(at % 2) for at in range(len(said))]
    everything = dict.fromkeys([LOGIN, Topic(Trouble.HELD, "crm-book")], OVER)
    told.look(everything)
    told.look(everything)
    assert told.known == {}
