//! Which clocks people have, by the country that they live in. `places.txt` is the table, with its source.

use domain::Zone;
use std::{collections::BTreeMap, sync::LazyLock};

/// Where somebody is, as far as that decides what time it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Any of these may be theirs: whatever must hold must hold in all.
    pub clocks: Vec<Zone>,
}

static PLACES: LazyLock<BTreeMap<&str, Place>> = LazyLock::new(|| {
    let lines = include_str!("places.txt").lines().filter(|line| !line.starts_with('#'));
    let place = |line: &'static str| {
        let (country, zones) = line.split_once(' ')?;
        let clocks: Vec<Zone> = zones.split(' ').filter_map(|zone| zone.parse().ok()).collect();
        Some((country, Place { clocks }))
    };
    lines.filter_map(place).collect()
});

/// Of a country by its two capital letters. `None`: of no country that is known.
pub fn clocks_of(country: &str) -> Option<&'static Place> {
    PLACES.get(country)
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
            let place = clocks_of(country).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(place.clocks.len(), words.count(), "{line}");
            countries += 1;
        }
        assert!(countries > 240, "{countries}");
        assert_eq!(clocks_of("FR").map(|place| place.clocks.len()), Some(1));
        assert!(clocks_of("US").is_some_and(|place| place.clocks.len() > 5));
        assert_eq!(clocks_of("XX"), None);
    }
}
