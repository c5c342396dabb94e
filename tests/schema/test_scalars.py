from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from schema.scalars import read_instant, write_instant


@given(st.datetimes(timezones=st.just(UTC)))
@example(datetime(1, 1, 1, tzinfo=UTC))
@example(datetime(2026, 1, 31, 12, tzinfo=UTC))
@example(datetime(2026, 1, 31, 12, 0, 0, 999, tzinfo=UTC))
@example(datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
def test_an_instant_is_written_in_utc_with_milliseconds(instant: datetime) -> None:
    written = write_instant(instant)
    assert written == instant.isoformat("T", "milliseconds").removesuffix("+00:00") + "Z"
    assert read_instant(written) == instant.replace(microsecond=instant.microsecond // 1000 * 1000)
