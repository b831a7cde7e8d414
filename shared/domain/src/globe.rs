//! Where addresses lie: what Shopify calls their regions and cities, and the points of the globe.

use serde::{Deserialize, Serialize};

use crate::customer::Address;

/// A point in millionths of a degree, north and east positive: a tenth of a metre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Point {
    pub latitude: i32,
    pub longitude: i32,
}

impl Point {
    /// `None`: there is no such place. A shop that does not know where an address lies may say nought and nought, which is
    /// in the sea.
    #[expect(clippy::cast_possible_truncation, reason = "no more than 180 million is within what it holds")]
    pub fn of_degrees(latitude: f64, longitude: f64) -> Option<Self> {
        let is_place = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        let is_known = latitude != 0.0 || longitude != 0.0;
        let millionths = |degrees: f64| (degrees * 1e6).round() as i32;
        (is_place && is_known)
            .then(|| Self { latitude: millionths(latitude), longitude: millionths(longitude) })
    }

    pub fn degrees(self) -> (f64, f64) {
        (f64::from(self.latitude) / 1e6, f64::from(self.longitude) / 1e6)
    }
}

/// Shopify has codes of five letters: TAMPS is in Mexico.
const REGION_CHARS_MAX: usize = 5;
/// The codes of ISO 3166-2, which people also write in small letters.
const ISO_CHARS_MAX: usize = 3;

impl Address {
    /// As in "US-NY". `None`: the region is not told by its code.
    pub fn region_code(&self) -> Option<String> {
        let (country, region) = (self.country.as_deref()?, self.region.as_deref()?);
        // "Q ROO" is one code.
        let code: String = region.chars().filter(|letter| !letter.is_whitespace()).collect();
        let is_plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_short = (1..=ISO_CHARS_MAX).contains(&code.len());
        let is_loud = code.len() <= REGION_CHARS_MAX && !code.bytes().any(|byte| byte.is_ascii_lowercase());
        (is_plain && !code.is_empty() && (is_short || is_loud))
            .then(|| format!("{country}-{}", code.to_ascii_uppercase()))
    }

    /// Lies where the same address among these does, if it is not told where.
    #[must_use]
    pub fn located_as(self, held: &[Self]) -> Self {
        let same = |held: &&Self| Self { point: None, ..(**held).clone() } == self;
        let known = held.iter().find(same).and_then(|held| held.point);
        Self { point: self.point.or(known), ..self }
    }

    /// As in "US-NY-NewYorkCity", or "DE-Berlin" where no region is told by its code: the words of the city, each with a capital,
    /// and nothing between them.
    pub fn city_code(&self) -> Option<String> {
        let place = self.region_code().or_else(|| self.country.clone())?;
        let words = self.city.as_deref()?.split(|letter: char| !letter.is_alphanumeric());
        let city: String = words.map(capital).collect();
        let city = match (&*place, &*city) {
            // As most who live there write it.
            ("US-NY", "NewYork") => "NewYorkCity",
            (_, city) => city,
        };
        (!city.is_empty()).then(|| format!("{place}-{city}"))
    }
}

/// A word that is written in capitals or without any gets one; one of both stays.
fn capital(word: &str) -> String {
    let is_mixed = word.chars().any(char::is_uppercase) && word.chars().any(char::is_lowercase);
    let mut letters = word.chars();
    let first = letters.next().map(char::to_uppercase);
    let rest = letters.as_str();
    let rest = if is_mixed { rest.to_owned() } else { rest.to_lowercase() };
    first.into_iter().flatten().chain(rest.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(country: &str, region: &str, city: &str) -> Address {
        let told = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (country, region, city) = (told(country), told(region), told(city));
        Address { city, region, country, ..Address::default() }
    }

    #[test]
    fn regions_are_known_by_their_codes_alone() {
        let check = |country: &str, region: &str, code: Option<&str>| {
            assert_eq!(address(country, region, "").region_code().as_deref(), code, "{region}");
        };
        check("US", "NY", Some("US-NY"));
        check("us", "ny", Some("us-NY"));
        check("GB", "eng", Some("GB-ENG"));
        check("JP", "13", Some("JP-13"));
        check("MX", "TAMPS", Some("MX-TAMPS"));
        check("MX", "Q ROO", Some("MX-QROO"));
        for name in ["Texas", "New York", "Île", "N.Y.", "OAXACA", "-", ""] {
            check("US", name, None);
        }
        check("", "NY", None);
    }

    #[test]
    fn cities_have_one_spelling_with_and_without_a_region() {
        let check = |address: &Address, code: Option<&str>| assert_eq!(address.city_code().as_deref(), code);
        for city in ["New York City", "new york city", "NEW YORK CITY", " New  York-City ", "New York"] {
            check(&address("US", "NY", city), Some("US-NY-NewYorkCity"));
        }
        check(&address("US", "TX", "New York"), Some("US-TX-NewYork"));
        check(&address("US", "TX", "McAllen"), Some("US-TX-McAllen"));
        check(&address("DE", "", "Berlin"), Some("DE-Berlin"));
        check(&address("BR", "São Paulo", "São Paulo"), Some("BR-SãoPaulo"));
        check(&address("DE", "", "--"), None);
        check(&address("DE", "", ""), None);
        check(&address("", "NY", "Albany"), None);
    }

    #[test]
    fn points_lie_on_the_globe() {
        let ottawa = Point { latitude: 45_421_500, longitude: -75_697_200 };
        assert_eq!(Point::of_degrees(45.4215, -75.6972), Some(ottawa));
        assert_eq!(ottawa.degrees(), (45.4215, -75.6972));
        assert_eq!(Point::of_degrees(0.0, 12.5), Some(Point { latitude: 0, longitude: 12_500_000 }));
        for (latitude, longitude) in [(90.1, 0.0), (0.0, -180.1), (f64::NAN, 1.0), (0.0, 0.0)] {
            assert_eq!(Point::of_degrees(latitude, longitude), None);
        }
    }
}
