//! Figures and symbols that stand for letters: l1nzhixia, x!nghe. Says nothing about where they may stand.

/// Letters for figures and symbols. `1`, `!` and `|` are either of two.
const LETTERS: [(char, [char; 2]); 13] = [
    ('0', ['o', 'o']),
    ('1', ['i', 'l']),
    ('!', ['i', 'l']),
    ('|', ['i', 'l']),
    ('2', ['z', 'z']),
    ('3', ['e', 'e']),
    ('4', ['a', 'a']),
    ('@', ['a', 'a']),
    ('5', ['s', 's']),
    ('$', ['s', 's']),
    ('7', ['t', 't']),
    ('8', ['b', 'b']),
    ('9', ['g', 'g']),
];

/// The two letters for which a figure or symbol may stand, often the same one.
pub(crate) fn letters(figure: char) -> Option<[char; 2]> {
    LETTERS.iter().find(|(known, _)| *known == figure).map(|(_, letters)| *letters)
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn a_figure_stands_for_a_letter_or_for_either_of_two() {
        assert_eq!(letters('0'), Some(['o', 'o']));
        assert_eq!(letters('1'), Some(['i', 'l']));
        assert_eq!(['a', '6'].map(letters), [None, None]);
    }
}
