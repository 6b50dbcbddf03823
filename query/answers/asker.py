"""From a question to a checked answer, by the built-in answerer or by a language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field, replace

from memctl.ingest import detect
from memctl.query.answers.abstention import confidence, threshold
from memctl.query.answers.answer import Answer, Claim
from memctl.query.answers.check import Checked, Level, check
from memctl.query.answers.context import Context, budget, chosen, everything
from memctl.query.answers.conversation import made_whole
from memctl.query.answers.extractive import Answerer, abstained
from memctl.query.answers.learned import Learned
from memctl.query.answers.passages import Passage
from memctl.query.answers.places import printed_pages
from memctl.query.answers.prompt import Prompt, Template
from memctl.query.answers.refusal import other_language, refuses
from memctl.query.answers.statements import MARKERS, stated
from memctl.query.answers.suspects import Suspicion, suspicions
from memctl.query.answers.written import Draft, Show, write
from memctl.query.batch import Question
from memctl.query.filters import Filter
from memctl.query.hit import Hit
from memctl.query.how import How
from memctl.query.llm import Writer
from memctl.query.rewrite import standalone
from memctl.query.search import Searcher
from memctl.query.syntax import parse
from memctl.query.terms import stems
from memctl.query.verify import Verifier

MAX_TOKENS = 1_024  # of an answer
# The least confidence of an answer in another language where there are texts in the question's, in
# notes of two languages: from .25 to .33 six were wrong and one was right.
_RIVALLED = 0.33
# The same of what is looked for where the question's own language holds no answer: of 281
# questions to notes on other things two are answered by it, at .5 six and at .25 some twenty; the
# least sure of 16 answers that were right has .68.
_ELSEWHERE = 0.66
_QUOTES = '"“”„«»'


@dataclass(frozen=True, slots=True)
class Asking:
    """How questions are answered, as a value: from ``k`` passages, found as ``how`` says.

    Without a ``writer`` sentences of the documents are quoted. ``verify`` says what becomes of
    what the passages do not say: ``warn`` marks it, ``strict`` leaves it out. ``template`` is the
    prompt, else that of the question's language.
    """

    writer: Writer | None = None
    k: int = 8
    _: KW_ONLY
    verify: Level = "warn"
    context: Context = field(default_factory=Context)
    template: Template | None = None
    how: How | None = None
    max_tokens: int = MAX_TOKENS


@dataclass(frozen=True, slots=True)
class Sent:
    """What a model is sent, and how many tokens its answer may have."""

    prompt: Prompt
    passages: tuple[Passage, ...]
    _: KW_ONLY
    writer: Writer
    length: int


@dataclass(frozen=True, slots=True)
class Sure:
    """How likely it is that the documents answer, and whether that is enough to answer."""

    confidence: float
    _: KW_ONLY
    enough: bool


class Asker:
    """Answers questions from what a searcher finds."""

    def __init__(self, searcher: Searcher, asking: Asking) -> None:
        self.searcher = searcher
        self.asking = asking
        self._extractive = Answerer(searcher)
        self._verifier = None if asking.verify == "off" else Verifier(searcher.embedder)

    def ask(
        self, question: Question, filters: Sequence[Filter] = (), *, show: Show | None = None
    ) -> Answer:
        """Answer a question from what passes ``filters`` and its own.

        ``show`` gets the parts of a text that is written, as they come. With ``strict`` nothing
        is shown before it is checked.

        Raises:
            UsageError: the question is empty, or nothing fits into the window of the model.
            LanguageModelError: the model cannot be reached, or wrote nothing.
        """
        whole = self.whole(question)
        hits = self.hits(question, whole, filters)
        return self.answer(question, hits, filters, asked=whole, show=show)

    def whole(self, question: Question) -> str:
        """Return a question as it is understood without its conversation.

        Raises:
            LanguageModelError: the model that frees it cannot be reached.
        """
        if not question.turns:
            return question.text
        writer = self.asking.writer
        if writer is not None:
            return standalone(question.text, question.turns, writer)
        return made_whole(question.text, question.turns)

    def hits(self, question: Question, whole: str, filters: Sequence[Filter] = ()) -> list[Hit]:
        """Return the passages that are looked at for an answer to a whole question."""
        found = self._found(whole, question, filters)
        if found or parse(whole).strict or not any(mark in whole for mark in _QUOTES):
            return found
        # What a person quotes need not stand there word for word, unless it is demanded: +"so".
        loose = whole.translate(dict.fromkeys(map(ord, _QUOTES), " "))
        return self._found(loose, question, filters) if loose.strip() else found

    def _found(self, whole: str, question: Question, filters: Sequence[Filter]) -> list[Hit]:
        (hits,) = self.searcher.search(
            [whole],
            self.asking.k,
            filters=filters,
            also=question.filters,
            how=self.asking.how,
        )
        return hits

    def answer(
        self,
        question: Question,
        hits: Sequence[Hit],
        filters: Sequence[Filter] = (),
        *,
        asked: str = "",
        show: Show | None = None,
        learned: Learned | None = None,
        searched: bool = True,
    ) -> Answer:
        """Answer a question from hits; see ``ask``. What was ``learned`` before is told a model.

        Where they hold no answer that can be quoted, others are looked at, if ``searched`` says
        that the hits are those of a search and not given.
        """
        whole = asked or question.text
        writer = self.asking.writer
        if writer is None:
            own = detect(whole) in self.searcher.languages
            free = searched and not _names_language(whole, question, filters)
            answer = self._quoted(whole, hits, across=_RIVALLED if own and free else 0.0)
            if answer.abstained and searched:
                answer = self._looked_further(answer, question, whole, filters)
            whole, answer = answer.question, replace(answer, question=question.text)
        else:
            paper = self.sent(question, hits, filters, asked=whole, writer=writer, learned=learned)
            answer = self._written(question.text, paper, self._sure(whole, hits), show)
        return replace(answer, asked=whole if whole != question.text else "")

    def _looked_further(
        self, answer: Answer, question: Question, whole: str, filters: Sequence[Filter]
    ) -> Answer:
        """Return an answer from other languages, or without what a conversation lent; else it."""
        found = self._quoted(whole, self._elsewhere(whole, question, filters), across=_ELSEWHERE)
        if not found.abstained:
            return found
        if not _lent(whole, question.text):
            return answer
        bare = self._quoted(question.text, self._found(question.text, question, filters))
        return answer if bare.abstained else bare

    def _quoted(self, whole: str, hits: Sequence[Hit], *, across: float = 0.0) -> Answer:
        answer = self._extractive.answer_from(whole, hits, across=across)
        found = _suspected(hits, only={each.document for each in answer.citations})
        return replace(answer, suspected=found)

    def _elsewhere(self, whole: str, question: Question, filters: Sequence[Filter]) -> list[Hit]:
        """Return what is found in other languages than the question's, unless it names one."""
        languages = sorted({*self.searcher.languages} - {detect(whole), "und"})
        if not languages or _names_language(whole, question, filters):
            return []
        others = tuple(Filter("lang", language) for language in languages)
        return self._found(whole, replace(question, filters=(*question.filters, *others)), filters)

    def sent(
        self,
        question: Question,
        hits: Sequence[Hit],
        filters: Sequence[Filter] = (),
        *,
        asked: str,
        writer: Writer,
        learned: Learned | None = None,
    ) -> Sent:
        """Return what a model is sent for a question.

        Raises:
            UsageError: nothing fits into the window of the model.
            LanguageModelError: the model counts its own tokens and cannot be reached.
        """
        template = self.asking.template or Template.built_in(detect(question.text))
        bare = template.filled(asked, [], question.turns, learned=learned)
        room = budget(
            writer,
            self.asking.context,
            frame=f"{bare.instruction}\n{bare.request}",
            max_tokens=self.asking.max_tokens,
        )
        if self.asking.context.kind == "full":
            together = (filters, question.filters, parse(asked).filters)
            passages = everything(self.searcher.store, together, writer, room.passages)
        else:
            passages = chosen(hits, writer, room.passages)
        prompt = template.filled(asked, passages, question.turns, learned=learned)
        return Sent(prompt, tuple(passages), writer=writer, length=room.answer)

    def _written(self, question: str, sent: Sent, sure: Sure, show: Show | None) -> Answer:
        if not sent.passages:
            return abstained(question, sure.confidence, sent.writer.name)
        live = None if self.asking.verify == "strict" else show
        draft = write(sent.prompt, sent.passages, sent.writer, max_tokens=sent.length, show=live)
        answer = self._checked(question, draft, sent.passages, sent.writer.name, sure)
        return replace(answer, suspected=_suspected([each.hit for each in sent.passages]))

    def _checked(
        self, question: str, draft: Draft, passages: Sequence[Passage], model: str, sure: Sure
    ) -> Answer:
        sentences = stated(draft.text)
        answer = Answer(
            question,
            draft.text,
            abstained=False,
            confidence=sure.confidence,
            model=model,
            usage=draft.usage,
            notes=draft.notes,
            fault=draft.fault,
        )
        if not draft.fault and refuses(draft.text, sentences):
            return replace(answer, abstained=True)
        paged = [each.hit.document for each in passages if each.hit.pages]
        printed = printed_pages(paged, self.searcher.store.catalog)
        checked = check(sentences, passages, self._verifier, printed=printed)
        spoken = other_language(question, draft.text)
        if spoken:
            note = f"the model answered in another language: {spoken}"
            answer = replace(answer, notes=(*answer.notes, note))
        answer = replace(answer, claims=checked.claims, citations=checked.citations)
        # Where hardly a passage speaks of the question, an answer must be supported to be one.
        level, found = self.asking.verify, {claim.status for claim in answer.claims}
        hollow = level == "warn" and not sure.enough and "supported" not in found
        return _strict(answer, checked) if level == "strict" or hollow else answer

    def _sure(self, whole: str, hits: Sequence[Hit]) -> Sure:
        _, evidence = self._extractive.weigh(whole, hits)
        if evidence is None:
            return Sure(0.0, enough=False)
        sure = confidence(evidence)
        return Sure(sure, enough=sure >= threshold(evidence))


def _names_language(whole: str, question: Question, filters: Sequence[Filter]) -> bool:
    """Whether it is said which language the passages are to be in."""
    said = (*filters, *question.filters, *parse(whole).filters)
    return any(each.field == "lang" for each in said)


def _lent(whole: str, bare: str) -> bool:
    """Whether a conversation only lent words to a question that says more than a name itself."""
    said = (word for word in bare.split() if word[:1].islower() and stems(word))
    return whole != bare and whole.startswith(bare.strip()) and any(said)


def _strict(answer: Answer, checked: Checked) -> Answer:
    """Return only what is supported; where nothing is, the documents hold no answer."""
    kept = [claim for claim in checked.claims if claim.status == "supported"]
    dropped = len(checked.claims) - len(kept)
    if not kept:
        none = abstained(answer.question, answer.confidence, answer.model)
        note = f"nothing of what the model wrote stands in the passages ({dropped} sentences)"
        return replace(none, usage=answer.usage, notes=(*answer.notes, note), fault=answer.fault)
    text, claims = "", list[Claim]()
    for claim in kept:
        piece = answer.text[claim.start : claim.end].strip()
        if not MARKERS.search(piece):  # it was found where it stands, and not by the model
            piece += " " + "".join(f"[{n}]" for n in claim.citations)
        text += f" {piece}" if text else piece
        claims.append(replace(claim, start=len(text) - len(piece), end=len(text)))
    cited = {n for claim in kept for n in claim.citations}
    notes = answer.notes
    if dropped:
        notes = (*notes, f"left out, as the passages do not say it: {dropped} sentences")
    return replace(
        answer,
        text=text,
        claims=tuple(claims),
        citations=tuple(each for each in answer.citations if each.n in cited),
        notes=notes,
    )


def _suspected(hits: Sequence[Hit], only: set[str] | None = None) -> tuple[Suspicion, ...]:
    """Return the places in passages that speak to a model; ``only`` those of some documents."""
    found = [
        each
        for hit in hits
        if only is None or hit.document in only
        for each in suspicions(hit.document, hit.passage, start=hit.passage_start)
    ]
    return tuple(dict.fromkeys(found))
