"""A quick look at a file of questions: how many are answered, and rightly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from memctl.cli.output import count
from memctl.cli.shell.state import Shell
from memctl.query.evaluation import Tally, read_cases, share

_SHOWN = {
    "Containment": "answers hold a right one",
    "Supported": "claims are supported by their sources",
    "Answered": "answerable questions answered",
    "AbstR": "unanswerable questions refused",
}


def trial(shell: Shell, file: Path) -> Iterator[str]:
    """Yield lines that say how the questions of a file fared; see ``memctl eval run`` for more.

    The conversation is left as it is.

    Raises:
        MemctlError: the file is none, or a question cannot be asked.
    """
    cases = read_cases(file)
    asker = shell.asker
    asked = [(case, asker.ask(case.question, shell.filters)) for case in cases]
    answered = sum(not answer.abstained for _, answer in asked)
    yield f"{count(len(cases), 'question')}, {answered:,} answered"
    for name, words in _SHOWN.items():
        tally = Tally.of_shares([share(name, case, answer, ()) for case, answer in asked])
        if tally.questions:
            counts, of = tally.counts.sum(), tally.of.sum()
            yield f"{counts:,.0f} of {of:,.0f} {words} ({tally.value:.1%})"
