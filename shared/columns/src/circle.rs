//! Whether a place lies within a circle on the globe.

use serde::{Deserialize, Serialize};

/// Around a point in millionths of a degree; its edge belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circle {
    pub latitude: i32,
    pub longitude: i32,
    pub millimetres: i64,
}

/// The mean radius of the globe. It is flatter than a ball, so that what is said of a distance is right to half a percent.
const RADIUS_MILLIMETRES: f64 = 6_371_008_771.4;

impl Circle {
    /// A place as the columns have it: the word of `place`. Any other word lies nowhere.
    #[expect(clippy::cast_precision_loss, reason = "a millimetre more or less is none")]
    pub fn has(&self, word: &str) -> bool {
        let read = |part: &str| part.parse::<i32>().ok();
        let place =
            word.split_once(' ').and_then(|(latitude, longitude)| read(latitude).zip(read(longitude)));
        place.is_some_and(|place| self.millimetres_to(place) <= self.millimetres as f64)
    }

    /// A place as a word of a list.
    pub fn place(latitude: i32, longitude: i32) -> String {
        format!("{latitude} {longitude}")
    }

    /// By the haversines of what lies between: right also for neighbours.
    fn millimetres_to(&self, (latitude, longitude): (i32, i32)) -> f64 {
        let angle = |millionths: i32| (f64::from(millionths) / 1e6).to_radians();
        let (here, there) = (angle(self.latitude), angle(latitude));
        let (up, along) = ((there - here) / 2.0, (angle(longitude) - angle(self.longitude)) / 2.0);
        let share = up.sin().powi(2) + here.cos() * there.cos() * along.sin().powi(2);
        2.0 * RADIUS_MILLIMETRES * share.sqrt().min(1.0).asin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_globe() {
        let check = |from: (i32, i32), to: (i32, i32), kilometres: i64| {
            let circle = |metres: i64| Circle {
                latitude: from.0,
                longitude: from.1,
                millimetres: (kilometres * 1_000 + metres) * 1_000,
            };
            let place = Circle::place(to.0, to.1);
            assert!(circle(500).has(&place) && !circle(-500).has(&place), "{from:?} to {to:?}");
        };
        let (ottawa, toronto) = ((45_421_500, -75_697_200), (43_653_200, -79_383_200));
        check(ottawa, toronto, 352);
        check(toronto, ottawa, 352);
        // Over the line where the day changes, and from pole to pole.
        check((0, 179_500_000), (0, -179_500_000), 111);
        check((90_000_000, 0), (-90_000_000, 0), 20_015);
        check((0, 0), (0, 0), 0);
    }

    #[test]
    fn what_is_no_place_lies_nowhere() {
        let everywhere = Circle { latitude: 0, longitude: 0, millimetres: i64::MAX };
        for word in ["", "1", "1,2", "a b", "1 2 3", " "] {
            assert!(!everywhere.has(word), "{word}");
        }
        assert!(everywhere.has("1 2"));
    }
}
