"""Dates that are told whole, and those of which only the year is sure."""

from __future__ import annotations

import pytest

from memctl.memory.when import date_text, told_date


@pytest.mark.parametrize(
    ("text", "day", "whole"),
    [
        ("2024-05-31", "2024-05-31", True),
        ("2024-05", "2024-05", True),
        ("1925", "1925", True),
        ("31.12.2021", "2021-12-31", True),
        ("8 May 2023", "2023-05-08", True),
        ("May 8, 2023", "2023-05-08", True),
        ("1:56 pm on 8 May, 2023", "2023-05-08", True),
        ("8 мая 2023 года", "2023-05-08", True),
        ("май 2023", "2023-05", True),
        ("2024-03-01T10:00:00Z", "2024-03-01", True),
        ("32.13.2021", "2021", False),
        ("5/8/2023", "2023", False),
        ("2024-02-30", "2024", False),
        ("soon", "", False),
        ("", "", True),
    ],
)
def test_a_date_is_told_whole_or_not(text: str, day: str, whole: bool) -> None:  # noqa: FBT001
    assert told_date(text) == (day, whole)


@pytest.mark.parametrize("text", ["February 30, 2024", "31 февраля 2024", "30.02.2024"])
def test_a_day_that_there_is_not_is_not_told_whole(text: str) -> None:
    day, whole = told_date(text)
    assert not whole
    assert day.startswith("2024")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("October 9th so no excuses", "October 9th"),
        ("May 5th in 1990", "May 5th 1990"),
        ("5 мая, в 1990 году", "5 мая 1990"),
        ("5 мая 1990", "5 мая 1990"),
        ("whenever", ""),
    ],
)
def test_of_a_text_the_words_of_a_date_are_taken(text: str, date: str) -> None:
    assert date_text(text) == date
