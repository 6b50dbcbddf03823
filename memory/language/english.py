"""English words by their endings and a short list of what is irregular."""

from __future__ import annotations

from functools import lru_cache

from memctl.memory.language.token import Reading

_IRREGULAR = {
    form: lemma
    for lemma, forms in {
        "be": "am is are was were been being 'm 're",
        "have": "has had having 've",
        "do": "does did done doing",
        "go": "goes went gone going",
        "get": "got gotten getting",
        "buy": "bought",
        "bring": "brought",
        "begin": "began begun beginning",
        "become": "became becoming",
        "break": "broke broken",
        "catch": "caught",
        "choose": "chose chosen",
        "come": "came coming",
        "drink": "drank drunk",
        "drive": "drove driven driving",
        "eat": "ate eaten",
        "feel": "felt",
        "find": "found",
        "fly": "flew flown flies",
        "forget": "forgot forgotten",
        "give": "gave given",
        "grow": "grew grown",
        "hear": "heard",
        "hold": "held",
        "keep": "kept",
        "know": "knew known",
        "learn": "learnt",
        "leave": "left leaving",
        "lose": "lost losing",
        "make": "made making",
        "mean": "meant",
        "meet": "met",
        "pay": "paid",
        "play": "plays",
        "put": "putting",
        "quit": "quitting",
        "read": "reads",
        "ride": "rode ridden riding",
        "run": "ran running",
        "say": "said",
        "see": "saw seen",
        "sell": "sold",
        "send": "sent",
        "sing": "sang sung",
        "sleep": "slept",
        "speak": "spoke spoken",
        "spend": "spent",
        "study": "studied studies studying",
        "swim": "swam swum swimming",
        "take": "took taken taking",
        "teach": "taught",
        "tell": "told",
        "think": "thought",
        "wear": "wore worn",
        "win": "won winning",
        "write": "wrote written writing",
        "adopt": "adopted",
        "wife": "wives",
        "child": "children",
        "person": "people",
        "mouse": "mice",
        "foot": "feet",
        "man": "men",
        "woman": "women",
    }.items()
    for form in forms.split()
}
_CLOSED = {
    "pron": "i me my mine myself you your yours yourself he him his himself she her hers herself it"
    " its itself we us our ours ourselves they them their theirs themselves who whom whose which"
    " what that this these those someone anyone everyone something anything everything nobody",
    "prep": "in on at to from of for with without by about into onto over under between among after"
    " before during since until till through across against near around behind beside besides off"
    " out up down as like than per via despite except towards toward upon within",
    "conj": "and or but nor so yet because although though while if unless whereas when where",
    "adv": "not n't never always often usually sometimes already still now currently also just only"
    " really very too quite almost actually recently lately again anymore longer even well mostly"
    " mainly basically currently presently today yesterday tomorrow nowadays here there ever soon"
    " absolutely definitely probably maybe perhaps finally then ago yes no both all",
    "other": "a an the any some no few many several own another each every",
    "verb": "am is are was were be been being have has had do does did will would can could shall"
    " should may might must ca wo ai 'm 're 's 've 'd 'll",
    "num": "one two three four five six seven eight nine ten eleven twelve thirteen"
    " fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
    " hundred",
}
_POS = {word: pos for pos, words in _CLOSED.items() for word in words.split()}


@lru_cache(maxsize=32_768)
def readings(folded: str) -> tuple[Reading, ...]:
    """Return what a folded word may be: a closed class, or any of the open ones."""
    if folded in _POS:
        lemma = _IRREGULAR.get(folded, folded)
        return (Reading(lemma, pos=_POS[folded]),)
    if folded[:1].isdigit():
        return (Reading(folded, pos="num"),)
    if folded.endswith("ly") and len(folded) > 4 and folded not in {"family", "july", "italy"}:
        return (Reading(folded, pos="adv"),)
    found = dict.fromkeys([_IRREGULAR.get(folded, folded), folded, *_bare(folded)])
    return tuple(Reading(lemma, pos="noun") for lemma in found)


def _bare(word: str) -> list[str]:
    """Return a word without what may be an ending."""
    if len(word) < 4:
        return []
    if word.endswith("ies"):
        return [word[:-3] + "y", word[:-1]]
    if word.endswith("ied"):
        return [word[:-3] + "y"]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return [word[:-1], *([word[:-2]] if word.endswith("es") else [])]
    for ending in ("ing", "ed"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 1:
            doubled = [stem[:-1]] if len(stem) > 2 and stem[-1] == stem[-2] else []
            return [stem, stem + "e", *doubled]
    return []
