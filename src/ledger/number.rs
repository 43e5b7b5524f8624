//! Numbers for new terms whose number the editor left empty. A number once given is never used again.

use crate::ledger::lines::Lines;

const PREFIX: &str = "W";
const DIGITS: usize = 3;

/// Numbers the lines without number, after the largest of `taken` and of the lines themselves; returns how many.
/// Only for ledgers of terms: nothing else has numbers that may be invented.
pub fn number_lines(lines: &mut Lines, taken: &[String]) -> usize {
    let Some(at) = lines.ledger.position("id").filter(|_| lines.ledger.position("term").is_some()) else { return 0 };
    let own: Vec<String> = lines.rows.iter().map(|line| lines.key(line)).collect();
    let numbered = || own.iter().chain(taken).filter_map(|id| split(id));
    let last = numbered().map(|(_, number, _)| number).max().unwrap_or(0);
    let (prefix, digits) = numbered().next().map_or((PREFIX, DIGITS), |(prefix, _, digits)| (prefix, digits));
    let unnumbered = lines.rows.iter_mut().filter(|line| line.cells[at].is_empty());
    unnumbered.zip(last + 1..).map(|(line, number)| line.cells[at] = format!("{prefix}{number:0digits$}")).count()
}

/// `W027` → W, 27, three digits.
fn split(id: &str) -> Option<(&str, u64, usize)> {
    let prefix = id.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &id[prefix.len()..];
    Some((prefix, digits.parse().ok().filter(|number| *number < 1_000_000)?, digits.len()))
}

#[cfg(test)]
mod tests {
    use super::number_lines;
    use crate::ledger::definition::Ledger;
    use crate::ledger::lines::{Lines, read};
    use crate::ledger::table::Limits;

    fn numbered(ledger: &str, text: &str, taken: &[&str]) -> Vec<String> {
        let mut lines: Lines = read(Ledger::named(ledger).unwrap(), "x.csv", text.as_bytes(), &Limits::default()).0;
        number_lines(&mut lines, &taken.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        lines.rows.iter().map(|line| line.cells[0].clone()).collect()
    }

    #[test]
    fn new_terms_are_numbered_after_everything_that_was_ever_given() {
        let text = "编号,词条,类别\nX009,甲,商标\n,乙,商标\n,丙,商标\n";
        assert_eq!(numbered("terms", text, &["X030", "X012"]), ["X009", "X031", "X032"]);
        assert_eq!(numbered("terms", "编号,词条,类别\n,甲,商标\n", &[]), ["W001"]);
    }

    #[test]
    fn nobody_gets_an_invented_employee_number() {
        assert_eq!(numbered("employees", "工号,姓名\n,林知远\n", &["X001"]), [""]);
    }
}
