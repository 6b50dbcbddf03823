from __future__ import annotations

import pytest

from memctl.ingest.readers.days import dated, iso
from memctl.ingest.readers.frontmatter import split


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("12.11.2016", "2016-11-12"),
        ("12.11.2016 14:30", "2016-11-12"),
        ("5 марта 2017 г.", "2017-03-05"),
        ("7 мая 2017 года", "2017-05-07"),
        ("1 Января 2020", "2020-01-01"),
        ("March 5, 2017", "2017-03-05"),
        ("Sept. 3rd, 2019", "2019-09-03"),
        ("5 March 2017", "2017-03-05"),
        ("2017/3/5", "2017-03-05"),
        ("2017-03-05T10:00:00Z", "2017-03-05T10:00:00Z"),
        ("05/03/2017", "05/03/2017"),
        ("31.02.2016", "31.02.2016"),
        ("вчера", "вчера"),
        ("", ""),
    ],
)
def test_a_day_is_read_as_it_is_written_in_notes(written: str, day: str) -> None:
    assert iso(written) == day


def test_only_what_is_called_a_date_is_read_as_one() -> None:
    assert dated("title", ["12.11.2016"]) == ("12.11.2016",)
    metadata, _ = split("---\nдата: 5 марта 2017\nversion: 12.11.2016\n---\n\nТекст.\n")
    assert metadata == {"date": ("2017-03-05",), "version": ("12.11.2016",)}
