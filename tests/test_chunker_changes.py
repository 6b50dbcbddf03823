"""After a change the cuts soon fall where they fell before."""

from __future__ import annotations

import random

import pytest
from chunking_support import Draft, plain

from memctl.ingest.chunking import ChunkRules, cut
from memctl.ingest.document import Document

WORDS = {
    "ru": "насос лампа цех ремонт давление сталь рабочий вода проверка предохранитель смена "
    "масло подшипник вал ось журнал отчёт мастер новый старый большой стоит идёт".split(),
    "en": "pump lamp shop repair pressure steel worker water check fuse shift oil bearing shaft "
    "axle journal report master new old large stands runs".split(),
}
METHODS = ["structure", "sentences", "parents"]


def prose(seed: int, language: str, sentences: int) -> str:
    """Sentences of 4 to 25 words, in paragraphs of 1 to 7."""
    dice = random.Random(seed)
    text = ""
    for _ in range(sentences):
        words = dice.choices(WORDS[language], k=dice.randint(4, 25))
        text += " ".join(words).capitalize() + (".\n\n" if dice.random() < 0.25 else ". ")
    return text.rstrip() + "\n\n"


def book(language: str, changed: int, added: str, *, pages: int = 100) -> Document:
    """Pages of some 200 to 900 tokens, some with headings; to one of them text is added."""
    draft = Draft()
    dice = random.Random(7)
    for page in range(pages):
        if dice.random() < 0.3:
            draft.add(f"# {WORDS[language][page % 20]} {page}\n\n", "heading")
        text = prose(page, language, dice.randint(14, 50))
        draft.add(added + text[100:] if page == changed else text)
        draft.turn()
    return draft.document()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_chunks_that_do_not_touch_a_page_or_its_neighbours_keep_their_text(
    language: str, method: str
) -> None:
    rules = ChunkRules(256, method=method)
    before = cut(book(language, -1, ""), rules)
    for page, longer in ((0, 3), (50, 40), (99, 17)):
        after = {
            chunk.text for chunk in cut(book(language, page, prose(-page, language, longer)), rules)
        }
        near = set(range(page, page + 3))  # pages count from 1
        far = [chunk for chunk in before if not near & set(chunk.pages)]
        assert len(far) > len(before) * 0.9
        assert [chunk for chunk in far if chunk.text not in after] == []


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_change_in_a_text_without_pages_or_headings_stays_small(language: str) -> None:
    text = prose(1, language, 2000)
    rules = ChunkRules(256)
    before = {chunk.text for chunk in cut(plain(text), rules)}
    for at in range(20_000, 100_000, 9_000):
        place = text.index(". ", at) + 2
        changed = text[:place] + prose(at, language, 3) + text[place:]
        new = [chunk for chunk in cut(plain(changed), rules) if chunk.text not in before]
        assert len(new) <= 12


@pytest.mark.parametrize("mark", ["heading", "page"])
def test_a_heading_or_page_after_a_long_stretch_begins_a_chunk_wherever_the_first_one_began(
    mark: str,
) -> None:
    for lead in range(0, 60, 7):
        draft = Draft()
        draft.add(prose(3, "ru", 30)[: 50 * lead + 60] + "\n\n")
        starts: list[int] = []
        for section in range(12):
            if mark == "heading":
                starts.append(draft.add(f"# Раздел {section}\n\n", "heading")[0])
            else:
                draft.turn()
                starts.append(len(draft.text))
            draft.add(prose(section, "ru", 11 + 2 * section))
        draft.turn()
        cuts = {chunk.start for chunk in cut(draft.document(), ChunkRules(256))}
        assert set(starts[1:]) <= cuts


def test_many_short_pages_are_joined_alike_after_a_change() -> None:
    def slides(changed: int) -> list[str]:
        draft = Draft()
        for page in range(200):
            draft.add(prose(page, "en", 3 if page != changed else 5))
            draft.turn()
        return [chunk.text for chunk in cut(draft.document(), ChunkRules(256))]

    before = set(slides(-1))
    for page in (20, 90, 150):
        assert len([text for text in slides(page) if text not in before]) <= 8
