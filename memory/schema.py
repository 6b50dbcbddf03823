"""The tables of a memory: one file for one user, with the words and vectors that it is found by.

Everything stands in the same database, so that a turn with its facts, its vectors and its words is
there whole or not at all, and what is forgotten is forgotten in one place.
"""

from __future__ import annotations

FORMAT = 1

_COLUMNS = {
    "meta": "key value",
    "episodes": "number key session ordinal role speaker said_at id text",
    "windows": "number episode start end terms vector",
    "facts": "number subject attribute value key state valid_from valid_to learned_at episode start"
    " end confidence surprise block confirmations sessions used pinned touched ended_by language"
    " text terms vector",
    "tellings": "number fact episode start end",
    "entries": "number time operation note undone",
    "changes": "number entry place row before",
    "summaries": "number session text model",
    "lessons": "number kind situation advice uses vector",
}
TABLES = tuple(_COLUMNS)


def columns(table: str) -> str:
    """Return the columns of a table but for its sum, as SQL."""
    return ", ".join(_COLUMNS[table].split())


def _sum(table: str) -> str:
    return f"sum INTEGER GENERATED ALWAYS AS (row_sum({columns(table)})) STORED"


def _words(table: str, place: int) -> str:
    """Return triggers that keep the index of words in step with a table."""
    row = f"2 * {{}}.number + {place}"
    new, old = row.format("new"), row.format("old")
    return f"""
CREATE TRIGGER {table}_added AFTER INSERT ON {table} BEGIN
    INSERT INTO words (rowid, terms) VALUES ({new}, new.terms);
END;
CREATE TRIGGER {table}_gone AFTER DELETE ON {table} BEGIN
    DELETE FROM words WHERE rowid = {old};
END;
CREATE TRIGGER {table}_changed AFTER UPDATE OF terms ON {table} BEGIN
    UPDATE words SET terms = new.terms WHERE rowid = {old};
END;
"""


SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, {_sum("meta")}) WITHOUT ROWID;
CREATE TABLE episodes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,   -- a number is given once and never again
    key BLOB NOT NULL UNIQUE,                   -- sha256 of where it stands and what it says
    session TEXT NOT NULL, ordinal INTEGER NOT NULL,
    role TEXT NOT NULL, speaker TEXT NOT NULL,
    said_at TEXT NOT NULL, id TEXT NOT NULL, text TEXT NOT NULL,
    {_sum("episodes")}
);
CREATE INDEX episodes_session ON episodes (session, ordinal);
CREATE INDEX episodes_day ON episodes (said_at);
CREATE TABLE windows (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    episode INTEGER NOT NULL REFERENCES episodes ON DELETE CASCADE,
    start INTEGER NOT NULL, end INTEGER NOT NULL,
    terms TEXT NOT NULL,                        -- stems, as they are found by
    vector BLOB NOT NULL,                       -- unit, 16-bit floats
    {_sum("windows")}
);
CREATE INDEX windows_episode ON windows (episode);
CREATE TABLE facts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL, attribute TEXT NOT NULL, value TEXT NOT NULL, key TEXT NOT NULL,
    state TEXT NOT NULL,                        -- current, ended, denied
    valid_from TEXT NOT NULL, valid_to TEXT NOT NULL, learned_at TEXT NOT NULL,
    episode INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    confidence REAL NOT NULL, surprise REAL NOT NULL,
    block TEXT NOT NULL, confirmations INTEGER NOT NULL,
    sessions TEXT NOT NULL,                     -- JSON, those that it was told in
    used INTEGER NOT NULL, pinned INTEGER NOT NULL, touched INTEGER NOT NULL,
    ended_by INTEGER NOT NULL, language TEXT NOT NULL,
    text TEXT NOT NULL, terms TEXT NOT NULL, vector BLOB NOT NULL,
    {_sum("facts")}
);
CREATE INDEX facts_slot ON facts (subject, attribute);
CREATE INDEX facts_value ON facts (subject, attribute, key);
CREATE INDEX facts_episode ON facts (episode);
CREATE TABLE tellings (                         -- each time that a fact was told, and where
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    fact INTEGER NOT NULL, episode INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    {_sum("tellings")}
);
CREATE INDEX tellings_fact ON tellings (fact);
CREATE TABLE entries (                          -- the journal: what was done
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time TEXT NOT NULL, operation TEXT NOT NULL, note TEXT NOT NULL, undone INTEGER NOT NULL,
    {_sum("entries")}
);
CREATE TABLE changes (                          -- and how to take it back
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    entry INTEGER NOT NULL REFERENCES entries, place TEXT NOT NULL, row INTEGER NOT NULL,
    before TEXT,                                -- JSON; NULL where the row was not there
    {_sum("changes")}
);
CREATE INDEX changes_entry ON changes (entry);
CREATE TABLE summaries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT NOT NULL UNIQUE, text TEXT NOT NULL, model TEXT NOT NULL, {_sum("summaries")}
);
CREATE TABLE lessons (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,                         -- lesson or example
    situation TEXT NOT NULL, advice TEXT NOT NULL, uses INTEGER NOT NULL, vector BLOB NOT NULL,
    {_sum("lessons")}
);
CREATE VIRTUAL TABLE words USING fts5 (
    terms, detail = none, tokenize = "unicode61 remove_diacritics 0 tokenchars '_'"
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, 'row');
{_words("facts", 0)}
{_words("windows", 1)}
"""
