from __future__ import annotations

import pytest

from memctl.ingest.readers.numberformats import shown


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.1 + 0.2, "General", "0.3"),
        (12345678901234, "", "12345678901234"),
        (1e21, "General", "1e+21"),
        (1234567.891, "#,##0.00", "1234567.89"),
        (-1234.5, "#,##0.00;(#,##0.00)", "-1234.50"),
        (-3, "0;[Red]-0", "-3"),
        (-0.001, "0.00", "0.00"),
        (7, "00000", "00007"),
        (2.5, "0.##", "2.5"),
        (2, "0.##", "2"),
        (0.256, "0%", "26%"),
        (1_500_000, '0.0,,"M"', "1.5M"),
        (42, '0" кг"', "42 кг"),
        (5, "[$€-407] #,##0.00", "€ 5.00"),
        (5, '_-* #,##0.00\\ "₽"_-;\\-* #,##0.00\\ "₽"_-', "5.00 ₽"),
        (12000, "0.00E+00", "1.20E+04"),
        (0.5, "# ?/?", "0.5"),
        (45292, "dd.mm.yyyy", "2024-01-01"),
        (45292, "[$-419]d mmmm yyyy;@", "2024-01-01"),
        (45292.75, "yyyy-mm-dd h:mm:ss", "2024-01-01 18:00:00"),
        (45292, "mmm-yy", "2024-01"),
        (0.75, "h:mm AM/PM", "18:00"),
        (1.5, "[h]:mm:ss", "36:00:00"),
        (59, "dd.mm.yyyy", "1900-02-28"),
        (61, "dd.mm.yyyy", "1900-03-01"),
        (2958465, "dd.mm.yyyy", "9999-12-31"),
        (2958466, "dd.mm.yyyy", "2958466"),
        (-1, "dd.mm.yyyy", "-1"),
        (float("inf"), "0", "inf"),
    ],
)
def test_numbers_are_written_as_they_are_shown(value: float, code: str, text: str) -> None:
    assert shown(value, code)[0] == text


def test_days_may_be_counted_from_1904() -> None:
    assert shown(0, "dd.mm.yyyy", from_1904=True) == ("1904-01-01", True)
    assert shown(2958465, "dd.mm.yyyy", from_1904=True) == ("2958465", False)
