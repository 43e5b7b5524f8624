//! Who is nearest to a shown name, by the name alone. Measures the index in a benchmark and is no part of the program, which
//! has no way to ask for a person.

use crate::identify::directory::Directory;
use crate::identify::near::near_names;
use crate::identify::near_readings::{ADDED_WORD, Read, add, readings_of, words_of};
use crate::model::person::Employee;
use crate::text::fold;
use crate::text::script::is_han;

/// Han characters that are seldom more than a name.
const HAN_NAME_MAX: usize = 3;

impl Directory {
    /// The employees whose names a shown name is nearest, at most so many: misspelt, in another order or by its sound. Exact
    /// ones come first, those who are equally near in the order of the directory. Nobody where none is near.
    pub fn nearest(&self, shown: &str, most: usize) -> Vec<&Employee> {
        let plain = fold::plain(shown);
        let mut readings = readings_of(&plain, |_| true);
        add_fronts(&mut readings, words_of(&plain).first().unwrap_or(&""));
        let mut found: Vec<u32> = Vec::new();
        for alike in near_names(self, &readings).chunk_by(|a, b| a.apart == b.apart) {
            if found.len() >= most {
                break;
            }
            let mut people: Vec<u32> = alike.iter().flat_map(|near| near.people).copied().collect();
            people.sort_unstable();
            people.dedup();
            people.retain(|person| !found.contains(person));
            found.extend(people.into_iter().take(most - found.len()));
        }
        found.into_iter().map(|person| &self.person(person).employee).collect()
    }
}

/// The first characters of a long run: a name may stand before a word without a gap. Most such fronts are none, so that
/// they are no evidence.
fn add_fronts(read: &mut Vec<Read>, run: &str) {
    let ends = run.char_indices().map(|(at, _)| at).skip(2).take(2);
    let is_longer = run.chars().count() > HAN_NAME_MAX && run.contains(is_han);
    ends.filter(|_| is_longer).for_each(|end| add(read, &[&run[..end]], ADDED_WORD));
}

#[cfg(test)]
mod tests {
    use crate::identify::directory::Directory;
    use crate::model::person::Employee;

    const NAMES: [&str; 6] = ["林知夏", "欧阳舟", "周行简", "周行健", "Mary Smith", "林知"];

    fn directory() -> Directory {
        let employee = |name: &&str| Employee { id: (*name).into(), name: (*name).to_owned(), ..Employee::default() };
        Directory::of(&NAMES.iter().map(employee).collect::<Vec<_>>())
    }

    fn nearest(shown: &str) -> Vec<String> {
        directory().nearest(shown, 5).iter().map(|employee| employee.name.clone()).collect()
    }

    #[test]
    fn a_disguised_name_is_nearest_to_its_bearer_s() {
        for shown in
            ["林z知夏", "i知夏", "林知夏88", "林知夏客服", "林知夏_official", "林之夏", "linzixia", "L1nzh1xia"]
        {
            assert_eq!(nearest(shown).first().map(String::as_str), Some("林知夏"), "{shown}");
        }
        for shown in ["mary_smiht", "M4ry 5mith", "Smith Mary", "Mary Smith support.hr", "mray.smith2024"] {
            assert_eq!(nearest(shown), ["Mary Smith"], "{shown}");
        }
    }

    #[test]
    fn an_exact_name_stands_before_one_of_the_same_sound_and_a_shorter_one() {
        assert_eq!(nearest("周行健")[..2], ["周行健", "周行简"]);
        assert_eq!(nearest("林知夏"), ["林知夏", "林知"]);
    }

    #[test]
    fn who_is_equally_near_stands_in_the_order_of_the_directory_and_no_more_than_asked_for() {
        let directory = directory();
        let ids = |most| directory.nearest("周行剑", most).iter().map(|e| e.name.clone()).collect::<Vec<_>>();
        assert_eq!(ids(5), ["周行简", "周行健"]);
        assert_eq!(ids(1), ["周行简"]);
    }

    #[test]
    fn nobody_is_near_what_has_no_characters_of_a_name() {
        for shown in ["", "😀", "8", "望楼官方旗舰店", &"a".repeat(5000)] {
            assert_eq!(nearest(shown), [] as [&str; 0], "{shown}");
        }
    }
}
