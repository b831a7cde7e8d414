//! Which clocks people have, by the country that they live in. `places.txt` is the table, with its source.

use domain::Zone;
use std::{collections::BTreeMap, sync::LazyLock};

static CLOCKS: LazyLock<BTreeMap<&str, Vec<Zone>>> = LazyLock::new(|| {
    let lines = include_str!("places.txt").lines().filter(|line| !line.starts_with('#'));
    let place = |line: &'static str| {
        let (country, zones) = line.split_once(' ')?;
        Some((country, zones.split(' ').filter_map(|zone| zone.parse().ok()).collect()))
    };
    lines.filter_map(place).collect()
});

/// Of a country by its two capital letters. Any of these may be somebody's who lives there: whatever must hold must hold in all.
/// `None`: it is no country that is known.
pub fn clocks_of(country: &str) -> Option<&'static [Zone]> {
    CLOCKS.get(country).map(Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read_whole() {
        let told = include_str!("places.txt").lines().filter(|line| !line.starts_with('#'));
        let mut countries = 0;
        for line in told {
            let mut words = line.split(' ');
            let country = words.next().unwrap();
            let clocks = clocks_of(country).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(clocks.len(), words.count(), "{line}");
            countries += 1;
        }
        assert!(countries > 240, "{countries}");
        assert_eq!(clocks_of("FR").map(<[Zone]>::len), Some(1));
        assert!(clocks_of("US").is_some_and(|clocks| clocks.len() > 5));
        assert_eq!(clocks_of("XX"), None);
    }
}
