//! Lists by number, one behind the other in memory.

/// What belongs to each of many numbers, in the order in which it was given.
#[derive(Debug, Default)]
pub(crate) struct Groups<T> {
    /// Where each list ends.
    ends: Box<[u32]>,
    all: Box<[T]>,
}

impl<T> Groups<T> {
    /// The lists of the numbers from 0 on.
    pub(crate) fn of(lists: impl IntoIterator<Item = Vec<T>>) -> Self {
        let mut all = Vec::new();
        let mut end_after = |list: Vec<T>| {
            all.extend(list);
            all.len() as u32
        };
        let ends = lists.into_iter().map(&mut end_after).collect();
        Self { ends, all: all.into() }
    }

    /// The list of a number.
    pub(crate) fn get(&self, number: usize) -> &[T] {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[start as usize..self.ends[number] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::Groups;

    #[test]
    fn each_number_has_its_own_list() {
        let groups = Groups::of([vec![7, 8], vec![], vec![9]]);
        assert_eq!([groups.get(0), groups.get(1), groups.get(2)], [&[7, 8][..], &[], &[9]]);
    }
}
