#!/usr/bin/env bash
# A short tour: ingest this corpus, index it, ask three questions. Run it with: make demo
set -eu

cd "$(dirname "$0")/.."
BIN="${BIN:-.venv/bin}"
STORE="$(mktemp -d)"
trap 'rm -rf "$STORE"' EXIT

show() { # print a command as one would type it
    printf '\n$ memctl'
    for word in "$@"; do
        case "$word" in
            *[!A-Za-z0-9_./=-]*) printf ' "%s"' "$word" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
}

run() {
    show "$@"
    "$BIN/memctl" "$@"
}

printf '== Read the sample corpus into a new store\n'
run ingest sample_corpus --store "$STORE"

printf '\n== Build the search index\n'
run index build --store "$STORE"

printf '\n== Look at the store\n'
run status --store "$STORE"

printf '\n== Ask in English\n'
run ask "How small does a 768-dimensional float vector become with product quantisation and m = 96?" --store "$STORE"

printf '\n== Ask in Russian\n'
run ask "Чему равна постоянная k в слиянии по обратным рангам?" --store "$STORE"

printf '\n== Ask what these documents cannot answer\n'
set -- ask "How long should I boil a soft egg?" --store "$STORE"
show "$@"
code=0
"$BIN/memctl" "$@" || code=$?
if [ "$code" -ne 4 ]; then
    printf '\nThe demo failed: exit code 4 (no answer in the documents) was due, not %s.\n' "$code" >&2
    exit 1
fi
printf '\nExit code 4: nothing in the documents answers this, and to abstain is right.\n'
