//! Where people live, as the language page has it.

use domain::Customer;
use rules::{Coordinates, Decimal, Distance};

use crate::people::{PLACES, Where};

/// Of each address that has one.
pub(crate) fn codes(who: &Customer, of: fn(&Where) -> Option<&'static str>) -> Vec<String> {
    let place = |address| PLACES.iter().find(|place| place.is(address));
    who.addresses.iter().filter_map(|address| of(place(address)?)).map(Into::into).collect()
}

/// Has an address within that distance.
pub(crate) fn is_near(coordinates: Coordinates, distance: Distance, who: &Customer) -> bool {
    let number = |decimal: Decimal| decimal.to_string().parse::<f64>().expect("a number");
    let kilometres = match distance {
        Distance::Kilometres(decimal) => number(decimal),
        Distance::Miles(decimal) => number(decimal) * 1.609_344,
    };
    let to = (number(coordinates.latitude), number(coordinates.longitude));
    let mut points = who.addresses.iter().filter_map(|address| address.point);
    points.any(|at| apart(at.degrees(), to) <= kilometres)
}

/// Kilometres over the ball: by the chord that leads through it.
fn apart(one: (f64, f64), other: (f64, f64)) -> f64 {
    let line = |(latitude, longitude): (f64, f64)| {
        let (up, along) = (latitude.to_radians(), longitude.to_radians());
        [up.cos() * along.cos(), up.cos() * along.sin(), up.sin()]
    };
    let chord: f64 = line(one).iter().zip(line(other)).map(|(one, other)| (one - other).powi(2)).sum();
    6_371.008_771_4 * 2.0 * (chord.sqrt() / 2.0).asin()
}
