"""Passages that speak to a model and not to a reader. They are flagged; nothing rests on it."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass

from memctl.query.answers.fence import inert, neutral

_SHOWN = 120  # characters

_PATTERNS = {
    "tells a model to drop its instructions": (
        r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|rules|prompts?)\b",
        r"\b(?:забудь|игнорируй|не обращай внимания на|отмени|нарушь)\w*\b.{0,40}"
        r"\b(?:инструкци|указани|правил|промпт)\w*",
    ),
    "tells a model what to answer": (
        r"\b(?:answer|reply|respond|say|output|print|write)\s+(?:only|just|exactly|nothing but)\b",
        r"\b(?:ответь|отвечай|напиши|пиши|выведи|скажи)\w*\s+(?:только|лишь|ровно|одно|исключительно)",
        r"\b(?:append|add|include)\b.{0,60}\bto (?:the|your|every) (?:answer|reply|response)",
        r"\b(?:добавь|вставь|допиши)\w*\b.{0,60}\b(?:ответ|к ответу|в ответ)",
        r"\balways (?:cite|mention|recommend|answer)\b",
        r"\bвсегда (?:цитируй|ссылайся|упоминай|рекомендуй|отвечай)",
    ),
    "gives a model a role": (
        r"\byou are (?:now|no longer)\b",
        r"^\s*(?:system|assistant)\s*:",
        r"\b(?:ты|вы) (?:теперь|больше не)\b.{0,40}\b(?:ассистент|модель|помощник|бот|ии)\w*",
    ),
    "wants something kept or done": (
        r"\bremember (?:for ?ever|permanently|from now on)\b",
        r"\bзапомни\w* (?:навсегда|навеки|раз и навсегда)",
        r"\b(?:decode|расшифруй|декодируй)\b.{0,30}\b(?:and obey|and follow|and execute|и выполни)",
        r"\b(?:call|invoke|use|вызови)\b.{0,20}\{\s*\"(?:tool|function|name)\"",
        r"!\[[^\]]*\]\(\s*https?://[^)]*(?:<[^>]*>|\{[^}]*\})",
    ),
}
_COMPILED = {
    reason: re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE)
    for reason, patterns in _PATTERNS.items()
}
_TOKENS = "holds tokens of a chat template"
_CHAT = re.compile(
    r"<\|[^<>|\n]{1,40}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>", re.IGNORECASE
)
_TAGS = "hides text in characters that nobody sees"
_INVISIBLE = re.compile("[\U000e0020-\U000e007e]{4}|[\u200b\u200c\u2060-\u2064]{6}")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Where a document speaks to a model, and what it says there."""

    document: str
    start: int
    _: KW_ONLY
    end: int
    reason: str
    text: str


def suspicions(document: str, text: str, *, start: int = 0) -> list[Suspicion]:
    """Return what of ``text``, which begins at ``start`` of its document, looks like an injection.

    At most one for each kind of reason.
    """
    found: list[Suspicion] = []
    checks = {**_COMPILED, _TOKENS: _CHAT, _TAGS: _INVISIBLE}
    for reason, pattern in checks.items():
        match = pattern.search(text)
        if match:
            said = " ".join(inert(neutral(match.group())).split())[:_SHOWN]
            found.append(
                Suspicion(
                    document,
                    start + match.start(),
                    end=start + match.end(),
                    reason=reason,
                    text=said,
                )
            )
    return sorted(found, key=lambda each: each.start)
