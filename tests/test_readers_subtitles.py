from __future__ import annotations

from pathlib import Path

import pytest
from readers_support import outcome, read_one, refusal

SRT = """\
1
00:01:02,500 --> 00:01:04,000
<i>Маяк светит</i>
на мысу.

2
00:01:04,200 --> 00:01:05,000
It shines.

3
01:00:10,000 --> 01:00:12,000
Кто там?
"""
VTT = """\
WEBVTT

NOTE Filmed in Kem

00:01.000 --> 00:02.000
<v.loud Anna>Who is there?</v>

00:02.000 --> 00:03.000
<c.red>It is me.</c>

00:03.000 --> 00:04.000
It is me.
"""
ASS = """\
[Script Info]
Title: Маяк
ScriptType: v4.00+

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:03.00,Default,Anna,0,0,0,,{\\b1}Hello{\\b0}\\Nthere, you
Comment: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,,secret
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}
"""


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        (
            "a.srt",
            SRT,
            "[00:01:02] Маяк светит на мысу.\n[00:01:04] It shines.\n\n[01:00:10] Кто там?",
        ),
        (
            "a.vtt",
            VTT,
            "Filmed in Kem\n\n[00:00:01] Anna: Who is there?\n[00:00:02] It is me.",
        ),
        ("a.ass", ASS, "[00:00:01] Anna: Hello there, you"),
    ],
)
def test_a_cue_is_a_line_with_its_time(tmp_path: Path, name: str, data: str, text: str) -> None:
    assert read_one(tmp_path, name, data).text == text


def test_a_script_has_a_title(tmp_path: Path) -> None:
    assert read_one(tmp_path, "a.ass", ASS).title == "Маяк"


def test_a_long_talk_without_a_pause_is_parted_at_the_end_of_a_sentence(tmp_path: Path) -> None:
    cues = "".join(
        f"{at}\n00:{at // 60:02}:{at % 60:02},000 --> 00:{at // 60:02}:{at % 60:02},900\n"
        f"{'The lamp of the tower' if at % 2 else 'shines over the sea.'}\n\n"
        for at in range(60)
    )
    paragraphs = read_one(tmp_path, "a.srt", cues).text.split("\n\n")
    assert len(paragraphs) > 1
    assert all(paragraph.endswith("sea.") for paragraph in paragraphs[:-1])


@pytest.mark.parametrize("name", ["a.srt", "a.vtt", "a.ass"])
def test_a_file_without_a_cue_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, name, "no times here\n") == ("bad_format", "no cue with a time in it")
    assert outcome(tmp_path, name, b" \n")[0] == "no_text"
