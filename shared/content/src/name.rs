//! What a template may name: this list and nothing else, with the names that others use for the same.

/// What kind of thing stands behind a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Count,
    Money,
    Day,
    Truth,
    /// A list of texts.
    Texts,
    /// A list of what lies in a basket.
    Lines,
    /// One of those.
    Line,
}

impl Kind {
    pub(crate) fn described(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Count => "a number",
            Self::Money => "an amount",
            Self::Day => "a date",
            Self::Truth => "true or false",
            Self::Texts | Self::Lines => "a list",
            Self::Line => "one of a list",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    FullName,
    FirstName,
    LastName,
    Email,
    Phone,
    City,
    Country,
    Language,
    TotalSpent,
    Orders,
    AverageOrder,
    FirstOrder,
    LastOrder,
    Tags,
    ShopName,
    ShopUrl,
    ShopEmail,
    CampaignName,
    Discount,
    Basket,
    BasketTotal,
    BasketUrl,
    UnsubscribeUrl,
    PreferencesUrl,
    ViewUrl,
}

const KNOWN: [(Name, &str, Kind); 25] = [
    (Name::FullName, "customer.name", Kind::Text),
    (Name::FirstName, "customer.first_name", Kind::Text),
    (Name::LastName, "customer.last_name", Kind::Text),
    (Name::Email, "customer.email", Kind::Text),
    (Name::Phone, "customer.phone", Kind::Text),
    (Name::City, "customer.city", Kind::Text),
    (Name::Country, "customer.country", Kind::Text),
    (Name::Language, "customer.language", Kind::Text),
    (Name::TotalSpent, "customer.total_spent", Kind::Money),
    (Name::Orders, "customer.orders_count", Kind::Count),
    (Name::AverageOrder, "customer.average_order", Kind::Money),
    (Name::FirstOrder, "customer.first_order_date", Kind::Day),
    (Name::LastOrder, "customer.last_order_date", Kind::Day),
    (Name::Tags, "customer.tags", Kind::Texts),
    (Name::ShopName, "shop.name", Kind::Text),
    (Name::ShopUrl, "shop.url", Kind::Text),
    (Name::ShopEmail, "shop.email", Kind::Text),
    (Name::CampaignName, "campaign.name", Kind::Text),
    (Name::Discount, "campaign.discount", Kind::Text),
    (Name::Basket, "cart.items", Kind::Lines),
    (Name::BasketTotal, "cart.total", Kind::Money),
    (Name::BasketUrl, "cart.url", Kind::Text),
    (Name::UnsubscribeUrl, "unsubscribe_url", Kind::Text),
    (Name::PreferencesUrl, "preferences_url", Kind::Text),
    (Name::ViewUrl, "view_url", Kind::Text),
];

/// As other systems write them.
const OTHERS: [(&str, Name); 22] = [
    ("name", Name::FullName),
    ("customer_name", Name::FullName),
    ("customername", Name::FullName),
    ("customer.full_name", Name::FullName),
    ("firstname", Name::FirstName),
    ("first_name", Name::FirstName),
    ("customer.firstname", Name::FirstName),
    ("lastname", Name::LastName),
    ("last_name", Name::LastName),
    ("customer.lastname", Name::LastName),
    ("email", Name::Email),
    ("phone", Name::Phone),
    ("spending", Name::TotalSpent),
    ("total_spend", Name::TotalSpent),
    ("total_spent", Name::TotalSpent),
    ("customer.total_spend", Name::TotalSpent),
    ("total_orders", Name::Orders),
    ("total_visits", Name::Orders),
    ("discount", Name::Discount),
    ("shop_name", Name::ShopName),
    ("unsubscribe_link", Name::UnsubscribeUrl),
    ("unsubscribe", Name::UnsubscribeUrl),
];

/// Below this two words have nothing to do with each other.
const LIKENESS_LEAST: f64 = 0.84;

impl Name {
    /// Small and capital letters are the same.
    pub fn of(written: &str) -> Option<Self> {
        let told = written.to_ascii_lowercase();
        let ours = KNOWN.iter().find(|(_, known, _)| *known == told).map(|(name, ..)| *name);
        ours.or_else(|| OTHERS.iter().find(|(other, _)| *other == told).map(|(_, name)| *name))
    }

    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|(name, ..)| *name)
    }

    pub fn written(self) -> &'static str {
        self.known().1
    }

    pub fn kind(self) -> Kind {
        self.known().2
    }

    fn known(self) -> (Self, &'static str, Kind) {
        // The list is in the order of the names; a test holds it so.
        KNOWN[self as usize]
    }
}

/// The one that lies nearest, among these and what is known anyway.
pub(crate) fn nearest<'a>(written: &str, besides: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let told = written.to_ascii_lowercase();
    let known = KNOWN.iter().map(|(_, known, _)| *known).chain(besides);
    // Somebody may leave out what a name begins with.
    let likeness = |known: &str| {
        let last = known.rsplit('.').next().unwrap_or(known);
        strsim::jaro_winkler(&told, known).max(strsim::jaro_winkler(&told, last))
    };
    let rated = known.map(|known| (likeness(known), known));
    // The first of those that are as near.
    let (likeness, best) = rated.min_by(|one, two| two.0.total_cmp(&one.0))?;
    (likeness >= LIKENESS_LEAST).then(|| best.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_the_names() {
        for (place, name) in Name::all().enumerate() {
            assert_eq!(name as usize, place, "{}", name.written());
            assert_eq!(Name::of(name.written()), Some(name));
        }
    }

    #[test]
    fn names_of_other_systems_are_ours() {
        let check = |written: &str, ours: Option<&str>| {
            assert_eq!(Name::of(written).map(Name::written), ours, "{written}");
        };
        check("name", Some("customer.name"));
        check("spending", Some("customer.total_spent"));
        check("total_visits", Some("customer.orders_count"));
        check("customer.firstName", Some("customer.first_name"));
        check("campaign.discount", Some("campaign.discount"));
        check("customer", None);
        check("password", None);
    }

    #[test]
    fn the_nearest_is_offered() {
        let check = |written: &str, near: Option<&str>| {
            assert_eq!(nearest(written, ["item.title"]).as_deref(), near, "{written}");
        };
        check("customer.fist_name", Some("customer.first_name"));
        check("frist_name", Some("customer.first_name"));
        check("item.titel", Some("item.title"));
        check("zzz", None);
    }
}
