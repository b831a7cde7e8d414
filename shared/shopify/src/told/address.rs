//! Where somebody lives, as Shopify has it.

use domain::{Point, customer::Address, fields};

use super::Reader;

#[derive(Debug, Clone, Default)]
pub(crate) struct AddressSaid {
    pub(crate) company: Option<String>,
    pub(crate) line1: Option<String>,
    pub(crate) line2: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) postcode: Option<String>,
    pub(crate) country: Option<String>,
    /// Degrees north and east.
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
}

impl AddressSaid {
    pub(super) fn told(self, it: &mut Reader<'_>) -> Option<Address> {
        let mut line = |what, part: Option<String>, max| part.and_then(|part| it.line(what, &part, max));
        let address = Address {
            company: line("address.company", self.company, fields::PLACE_CHARS_MAX),
            line1: line("address.line1", self.line1, fields::PLACE_CHARS_MAX),
            line2: line("address.line2", self.line2, fields::PLACE_CHARS_MAX),
            city: line("address.city", self.city, fields::PLACE_CHARS_MAX),
            region: line("address.region", self.region, fields::PLACE_CHARS_MAX),
            postcode: line("address.postcode", self.postcode, fields::POSTCODE_CHARS_MAX),
            country: self
                .country
                .filter(|code| !code.is_empty())
                .and_then(|code| it.take("address.country", fields::country(&code))),
            point: None,
        };
        let point =
            self.latitude.zip(self.longitude).and_then(|(north, east)| Point::of_degrees(north, east));
        // A place without a word is no address.
        fields::address(address).ok().map(|address| Address { point, ..address })
    }
}
