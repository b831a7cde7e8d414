//! Where the demo's cities lie: each address lies in the middle of its own.

use domain::Point;

/// Degrees north and east.
const CITIES: [(&str, f64, f64); 41] = [
    ("Berlin", 52.52, 13.405),
    ("Hamburg", 53.5511, 9.9937),
    ("München", 48.1351, 11.582),
    ("Köln", 50.9375, 6.9603),
    ("Leipzig", 51.3397, 12.3731),
    ("Bremen", 53.0793, 8.8017),
    ("Freiburg im Breisgau", 47.999, 7.8421),
    ("Kiel", 54.3233, 10.1228),
    ("Wien", 48.2082, 16.3738),
    ("Graz", 47.0707, 15.4395),
    ("Linz", 48.3069, 14.2858),
    ("Innsbruck", 47.2692, 11.4041),
    ("Paris", 48.8566, 2.3522),
    ("Lyon", 45.764, 4.8357),
    ("Nantes", 47.2184, -1.5536),
    ("Besançon", 47.2378, 6.0241),
    ("Strasbourg", 48.5734, 7.7521),
    ("London", 51.5074, -0.1278),
    ("Manchester", 53.4808, -2.2426),
    ("Edinburgh", 55.9533, -3.1883),
    ("Leeds", 53.8008, -1.5491),
    ("Bristol", 51.4545, -2.5879),
    ("New York", 40.7128, -74.006),
    ("San Francisco", 37.7749, -122.4194),
    ("Chicago", 41.8781, -87.6298),
    ("Seattle", 47.6062, -122.3321),
    ("Austin", 30.2672, -97.7431),
    ("Boston", 42.3601, -71.0589),
    ("Amsterdam", 52.3676, 4.9041),
    ("Rotterdam", 51.9244, 4.4777),
    ("Utrecht", 52.0907, 5.1214),
    ("Groningen", 53.2194, 6.5665),
    ("Stockholm", 59.3293, 18.0686),
    ("Göteborg", 57.7089, 11.9746),
    ("Malmö", 55.605, 13.0038),
    ("Madrid", 40.4168, -3.7038),
    ("Barcelona", 41.3874, 2.1686),
    ("València", 39.4699, -0.3763),
    ("Warszawa", 52.2297, 21.0122),
    ("Kraków", 50.0647, 19.945),
    ("Gdańsk", 54.352, 18.6466),
];

/// `None`: it is no city of ours.
pub(crate) fn point_of(city: &str) -> Option<Point> {
    let (_, latitude, longitude) = CITIES.into_iter().find(|(name, ..)| *name == city)?;
    Point::of_degrees(latitude, longitude)
}
