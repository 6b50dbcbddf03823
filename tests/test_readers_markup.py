from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers_support import outcome, read_one

from memctl.ingest.document import Document

ASCIIDOC = """\
= Маяк на мысу
:author: Анна Котова
:keywords: море, свет

It was *built* in _1911_; see link:http://example.org[the `map`] and <<light,the lamp>>.

// a secret
[source,python]
----
= not a heading
x = [[1]]
----

== Height

.Parts
|===
|Part |Metres

|mast |47
|===

* one
** two

////
a secret
////
include::/etc/passwd[]
image::tower.png[The tower, width=20]
NOTE: It is dark.
"""
ORG = """\
#+TITLE: Маяк
#+AUTHOR: Anna
#+FILETAGS: :sea:light:
# a secret
* TODO [#A] Height /of/ it   :tower:
:PROPERTIES:
:ID: secret
:END:
It is *tall*, see [[http://example.org][the map]] and ~x_y_z~.
| part | m  |
|------+----|
| mast | 47 |
#+BEGIN_SRC python
* not a heading
#+END_SRC
** DONE Свет
- [X] one
#+INCLUDE: "/etc/passwd"
"""
WIKI = """\
{{Маяк
| высота = 47
| город = [[Кемь]]
}}
'''Маяк''' стоит на [[мыс]]у [[Белое море|Белого моря]].<ref>Котова, 1911</ref><!-- secret -->
== История ==
[[Файл:a.jpg|thumb|200px|Вид с моря]]
Built in {{nowrap|1911}}{{secret}}, see [http://example.org the map].
* one
** two
{| class="wikitable"
|+ Parts
! part !! m
|-
| align="right" | mast || 47
|}
<syntaxhighlight lang="python">
== not a heading ==
</syntaxhighlight>
[[Категория:Маяки]]
"""
TYPST = """\
#set document(title: "The tower", author: ("Anna", "Пётр"))
#let height = (
  47
)
= Маяк <top>
// a secret
It is *tall* and $h^2 = 4$; see #link("http://example.org")[the map].
/* a secret */
== Parts
#table(columns: 2, [part], [m], [mast], [47])
```python
= not a heading
```
#include "secret.typ"
"""
RST = """\
Маяк
====

:Author: Анна

Built in *1911*, see :ref:`the map <map>` and `the site <http://example.org>`_.

.. a secret
.. include:: /etc/passwd
.. raw:: html

   <b>secret</b>

.. versionadded:: 3.1
   A *lamp*.

Parts
-----

====  ==
part  m
====  ==
mast  47
====  ==

* one

  * two

.. code-block:: python
   :linenos:

   # not text
"""
LATEX = r"""
\documentclass{article} % сверено с подлинником
\title{Маяк}\author{Анна \and Peter}
\begin{document}
\maketitle
\section{Height \emph{of} it}
It is \textbf{tall}: $h^2 = 4$ \cite{kotova}; 5\,\% of Caf\'e M\"uller. % checked twice
%\usepackage{old}
%%%%%%
See \href{http://example.org}{the map}~--- and \verb|x_y|.
\input{/etc/passwd}

\subsection*{Parts}
\begin{tabular}{lr}
\hline
part & m \\ \hline
mast & 47 \\
\end{tabular}
\begin{itemize}
\item one
\end{itemize}
\begin{verbatim}
% not a comment
\end{verbatim}
\[ a = \frac{1}{2} \]
\end{document}
a secret
"""
SOURCES = {
    "a.adoc": ASCIIDOC,
    "a.org": ORG,
    "a.wiki": WIKI,
    "a.typ": TYPST,
    "a.rst": RST,
    "a.tex": LATEX,
}


def headings(document: Document) -> list[tuple[int, str]]:
    return [(heading.level, heading.title) for heading in document.headings]


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_that_is_hidden_or_outside_is_read(tmp_path: Path, name: str) -> None:
    text = read_one(tmp_path, name, SOURCES[name]).text
    assert "secret" not in text
    assert "passwd" not in text
    assert "root:" not in text


@pytest.mark.parametrize("name", SOURCES)
def test_a_table_is_a_block_of_rows_in_every_language(tmp_path: Path, name: str) -> None:
    tables = [
        text for kind, text in blocks(read_one(tmp_path, name, SOURCES[name])) if kind == "table"
    ]
    assert [table.split("\n")[-1] for table in tables] == ["mast | 47"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.adoc", [(1, "Маяк на мысу"), (2, "Height")]),
        ("a.org", [(1, "Height of it"), (2, "Свет")]),
        ("a.wiki", [(2, "История")]),
        ("a.typ", [(1, "Маяк"), (2, "Parts")]),
        ("a.rst", [(1, "Маяк"), (2, "Parts")]),
        ("a.tex", [(1, "Height of it"), (2, "Parts")]),
    ],
)
def test_headings_have_their_levels_and_no_markup(
    tmp_path: Path, name: str, expected: list[tuple[int, str]]
) -> None:
    document = read_one(tmp_path, name, SOURCES[name])
    assert headings(document) == expected
    for heading in document.headings:
        assert document.text[heading.start : heading.end] == heading.title


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a.adoc", "= not a heading\nx = [[1]]"),
        ("a.org", "* not a heading"),
        ("a.wiki", "== not a heading =="),
        ("a.typ", "= not a heading"),
        ("a.rst", "# not text"),
        ("a.tex", "% not a comment"),
    ],
)
def test_code_is_a_block_and_stands_as_it_is_written(tmp_path: Path, name: str, code: str) -> None:
    assert ("code", code) in blocks(read_one(tmp_path, name, SOURCES[name]))


@pytest.mark.parametrize(
    ("name", "prose"),
    [
        ("a.adoc", "It was built in 1911; see the map and the lamp."),
        ("a.adoc", "- one\n  - two"),
        ("a.adoc", "The tower\nNOTE: It is dark."),
        ("a.org", "It is tall, see the map and x_y_z."),
        ("a.wiki", "высота: 47\nгород: Кемь"),
        ("a.wiki", "Маяк стоит на мысу Белого моря. (Котова, 1911)"),
        ("a.wiki", "Вид с моря\nBuilt in 1911, see the map.\n- one\n  - two"),
        ("a.typ", "It is tall and $h^2 = 4$; see the map."),
        ("a.rst", "Built in 1911, see the map and the site."),
        ("a.rst", "3.1\n\nA lamp."),
        ("a.rst", "- one\n  - two"),
        ("a.tex", "It is tall: $h^2 = 4$; 5 % of Café Müller."),
        ("a.tex", "See the map\xa0— and x_y."),
        ("a.tex", "\\[ a = \\frac{1}{2} \\]"),
    ],
)
def test_prose_loses_its_markup_and_keeps_its_words(tmp_path: Path, name: str, prose: str) -> None:
    assert prose in read_one(tmp_path, name, SOURCES[name]).text


def test_what_a_source_says_of_itself_is_its_metadata(tmp_path: Path) -> None:
    found = {name: read_one(tmp_path, name, text) for name, text in SOURCES.items()}
    assert found["a.adoc"].metadata == {"author": ("Анна Котова",), "keywords": ("море", "свет")}
    assert found["a.org"].metadata == {"author": ("Anna",), "tags": ("sea", "light")}
    assert found["a.wiki"].metadata == {"keywords": ("Маяки",)}
    assert found["a.typ"].metadata == {"author": ("Anna", "Пётр")}
    assert found["a.rst"].metadata == {"author": ("Анна",)}
    assert found["a.tex"].metadata == {"author": ("Анна", "Peter")}
    titles = [found[name].title for name in ("a.adoc", "a.org", "a.typ", "a.tex")]
    assert titles == ["Маяк на мысу", "Маяк", "The tower", "Маяк"]


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize(
    "unit",
    ["{{", "[[", "<!--", "{|\n", "/*", "#let x = (\n", "\\[", "\\section{", "$", "*a ", "|===\n"],
)
def test_what_is_opened_and_never_closed_costs_no_more_than_its_length(
    tmp_path: Path, name: str, unit: str
) -> None:
    code, document = outcome(tmp_path, name, (unit * (30_000 // len(unit)) + " end\n").encode())
    assert code == "no_text" or document


PIECES = (
    "= A =|== Б|* x|** y|{{a|}}|[[b|c]]|'''|----|....|```|```py|{|||}|#+BEGIN_SRC|#+END_SRC|"
    ":END:|#let x = (|)|\\section{A}|\\begin{verbatim}|\\end{verbatim}|$x$|.. a::|   b|====|текст|"
    "|===||<pre>|</pre>|"
).split("|")


@given(st.sampled_from(list(SOURCES)), st.lists(st.sampled_from(PIECES), max_size=20))
def test_any_mixture_of_lines_is_read_or_has_no_text(name: str, lines: list[str]) -> None:
    with TemporaryDirectory() as folder:
        code, document = outcome(Path(folder), name, "\n".join(lines).encode())
    assert code in {"", "no_text"}
    for heading in document.headings if document else ():
        assert document
        assert document.text[heading.start : heading.end] == heading.title


def test_comments_of_latex_keep_their_sign_and_dead_commands_go(tmp_path: Path) -> None:
    text = read_one(tmp_path, "a.tex", LATEX).text
    assert text.startswith("% сверено с подлинником\n\n")
    assert "\n\n% checked twice\n\n" in text
    assert "usepackage" not in text
    assert "%%" not in text
