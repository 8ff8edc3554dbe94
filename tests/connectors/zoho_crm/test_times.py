"""Moments are read by sums and tables where they have their usual form: that must be what a calendar says."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zohosyncd.connectors.zoho_crm.times import header_time, in_utc, instant

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=OFFSETS)


@given(MOMENTS, st.sampled_from(["seconds", "minutes", "milliseconds"]))
def test_a_moment_is_what_the_calendar_says(moment, precision):
    text = moment.isoformat(timespec=precision)
    exact = datetime.fromisoformat(text)
    assert instant(text) == exact.timestamp()
    assert in_utc(text) == exact.astimezone(UTC).isoformat(timespec="seconds") == header_time(exact.timestamp())


@given(st.text(alphabet="0123456789-+:TZ. W", max_size=30) | st.text(max_size=30))
def test_whatever_is_no_moment_is_none(text):
    try:
        moment = datetime.fromisoformat(text)
        expected = None if moment.tzinfo is None else moment.timestamp()
    except (ValueError, OverflowError):
        expected = None
    if expected is None or 0 <= expected < 4_000_000_000:
        assert instant(text) == expected


@pytest.mark.parametrize(
    "text",
    ["2026-11-24T12:00:60+01:00", "2026-11-24T24:00:00+01:00", "2026-02-30T12:00:00+01:00", "2026-11-24T12:00:00",
     "2026-11-24T12:00:00+25:00", "2026-11-24", "", "0001-01-01T00:00:00+05:30", "+2026-11-2T12:00:00+01:00"],
)  # fmt: skip
def test_nearly_a_moment(text):
    assert instant(text) is in_utc(text) is None


@pytest.mark.parametrize(
    ("text", "utc"),
    [("2026-11-24T03:15:09+05:30", "2026-11-23T21:45:09+00:00"), ("2026-12-31T23:59:59-11:00", "2027-01-01T10:59:59+00:00"),
     ("2026-11-24T12:00:00Z", "2026-11-24T12:00:00+00:00"), ("1969-12-31T23:59:59+00:00", "1969-12-31T23:59:59+00:00"),
     ("2026-11-24T12:00:00.9+00:00", "2026-11-24T12:00:00+00:00")],
)  # fmt: skip
def test_offsets_move_the_day(text, utc):
    assert in_utc(text) == utc
