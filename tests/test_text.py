from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memctl.ingest import clean, one_line


@given(st.text())
def test_cleaning_keeps_the_length_and_is_done_once(text: str) -> None:
    once = clean(text)
    assert len(once) == len(text)
    assert clean(once) == once


@given(st.text())
def test_clean_text_can_be_encoded(text: str) -> None:
    assert clean(text).encode("utf-8").decode("utf-8") == clean(text)


def test_what_steers_a_terminal_or_hides_text_becomes_a_space() -> None:
    devils = "\x1b\x00\x07\x9b\u202e\u2066\u2028\ufeff\ud800\U000e0041\r"
    assert clean(f"a{devils}b") == f"a{' ' * len(devils)}b"


def test_letters_tabs_newlines_and_emoji_stay() -> None:
    text = "Ёлка\t«é»\n👩‍🚀 и̶"
    assert clean(text) == text


def test_one_line_folds_white_space_and_controls() -> None:
    assert one_line("a\n\x1b[2J  b\t") == "a [2J b"
