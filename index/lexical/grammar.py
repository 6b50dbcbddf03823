"""Words of grammar, folded: in a question they stand beside what is asked for."""

from __future__ import annotations

# The English ones are those that Lucene leaves out; the Russian ones are their like. Question
# words stay: in "Who wrote Who?" they tell, and elsewhere they are too frequent to count.
GRAMMAR = frozenset(
    """
    a an and are as at be but by for if in into is it no not of on or such that the their then
    there these they this to was will with
    а без бы в во вот для до же за и из или их к как ко ли на не ни но о об он она они оно от по
    под при с со так то у что эта эти это этот
    """.split()
)
