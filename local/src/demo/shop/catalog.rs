//! What the demo shop sells: coffee and tea, what they are made with, and what goes with them.

use std::collections::BTreeSet;

use domain::{
    Minor, Product, ProductId, Timestamp, VariantId,
    product::{self, ProductStatus, Variant},
};

use super::dice::{Dice, Throw};

/// When people want it, month by month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Season {
    Always,
    Summer,
    Winter,
    Christmas,
    Spring,
}

impl Season {
    /// How much more than usual, from January on.
    fn months(self) -> [f64; 12] {
        match self {
            Self::Always => [1.0; 12],
            Self::Summer => [0.2, 0.2, 0.4, 0.9, 1.8, 2.6, 2.8, 2.4, 1.1, 0.4, 0.2, 0.2],
            Self::Winter => [1.8, 1.5, 1.0, 0.5, 0.3, 0.2, 0.2, 0.3, 0.7, 1.4, 2.0, 2.2],
            Self::Christmas => [0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.8, 4.0, 5.0],
            Self::Spring => [0.5, 0.9, 2.2, 2.6, 1.8, 0.8, 0.4, 0.4, 0.6, 0.6, 0.5, 0.5],
        }
    }

    fn tag(self) -> Option<&'static str> {
        match self {
            Self::Always => None,
            Self::Summer => Some("summer"),
            Self::Winter => Some("winter"),
            Self::Christmas => Some("christmas"),
            Self::Spring => Some("spring"),
        }
    }
}

/// A product, and how much it is wanted.
#[derive(Debug, Clone)]
pub(super) struct Good {
    pub(super) product: Product,
    season: Season,
    /// Among those of its kind: the first of a kind are the shop's best sellers.
    wanted: f64,
}

impl Good {
    /// In a month from 1 to 12.
    pub(super) fn wanted_in(&self, month: i8) -> f64 {
        let month = usize::try_from(month - 1).unwrap_or_default();
        self.wanted * self.season.months()[month % 12]
    }
}

use Season::{Always, Christmas, Spring, Summer, Winter};

/// Each with its kind, the vendor, its variants with what they cost compared to the first, and its products with a price
/// in cents.
type Kind =
    (&'static str, &'static str, &'static [(&'static str, i64)], &'static [(&'static str, i64, Season)]);

pub(super) const KINDS: [Kind; 6] = [
    (
        "Coffee",
        "Speicherstadt Roasters",
        &[("250 g", 100), ("500 g", 185), ("1 kg", 345)],
        &[
            ("House Espresso", 890, Always),
            ("Filter Roast No. 1", 940, Always),
            ("Breakfast Blend", 820, Always),
            ("Winter Blend", 990, Winter),
            ("Cold Brew Blend", 960, Summer),
            ("Ethiopia Yirgacheffe", 1_240, Always),
            ("Colombia Huila", 1_150, Always),
            ("Guatemala Antigua", 1_190, Always),
            ("Kenya Nyeri", 1_390, Always),
            ("Sumatra Mandheling", 1_180, Always),
            ("Decaf Espresso", 990, Always),
            ("Christmas Roast", 1_290, Christmas),
            ("Spring Harvest Microlot", 1_690, Spring),
        ],
    ),
    (
        "Tea",
        "Kontor & Söhne",
        &[("100 g", 100), ("250 g", 225)],
        &[
            ("Earl Grey", 690, Always),
            ("Darjeeling First Flush", 1_290, Spring),
            ("Assam Breakfast", 650, Always),
            ("East Frisian Blend", 620, Always),
            ("Sencha", 790, Always),
            ("Jasmine Pearls", 1_490, Always),
            ("Rooibos Vanilla", 590, Always),
            ("Moroccan Mint", 640, Summer),
            ("Masala Chai", 720, Winter),
            ("Peach Iced Tea", 680, Summer),
            ("Orange & Clove", 710, Christmas),
            ("Camomile Blossom", 560, Winter),
            ("Ceremonial Matcha", 2_490, Always),
        ],
    ),
    (
        "Brewing",
        "Werkbank",
        &[("Steel", 100), ("Black", 108), ("Copper", 125)],
        &[
            ("Hand Filter 02", 2_490, Always),
            ("French Press 1 l", 3_990, Always),
            ("Gooseneck Kettle", 6_990, Always),
            ("Hand Grinder", 8_900, Always),
            ("Moka Pot", 3_490, Always),
            ("Milk Frother", 2_990, Winter),
            ("Cold Brew Maker", 3_290, Summer),
            ("Kitchen Scale", 4_490, Always),
            ("Tea Strainer", 1_290, Always),
            ("Travel Press", 3_190, Summer),
            ("Espresso Machine Uno", 42_900, Christmas),
        ],
    ),
    (
        "Cups",
        "Töpferei Elbe",
        &[("White", 100), ("Sand", 100), ("Ocean", 105), ("Night", 105)],
        &[
            ("Espresso Cup", 1_190, Always),
            ("Cappuccino Cup", 1_490, Always),
            ("Mug 350 ml", 1_690, Always),
            ("Tea Bowl", 1_890, Always),
            ("Teapot 1.2 l", 5_490, Winter),
            ("Latte Glass, Set of 2", 2_190, Always),
            ("Insulated Cup To Go", 2_690, Spring),
            ("Iced Tea Carafe", 3_490, Summer),
            ("Star Mug", 1_890, Christmas),
        ],
    ),
    (
        "Treats",
        "Café Löwe",
        &[("One", 100), ("Box of 3", 280)],
        &[
            ("Cantuccini", 590, Always),
            ("Dark Chocolate 70 %", 450, Always),
            ("Sea Salt Caramels", 690, Always),
            ("Butter Shortbread", 540, Always),
            ("Blossom Honey", 790, Always),
            ("Lebkuchen", 640, Christmas),
            ("Butterstollen", 1_890, Christmas),
            ("Easter Eggs, Nougat", 890, Spring),
            ("Lemon Wafers", 490, Summer),
        ],
    ),
    (
        "Gifts",
        "Nordlicht",
        &[("One size", 100)],
        &[
            ("Discovery Set Coffee", 2_990, Always),
            ("Discovery Set Tea", 2_790, Always),
            ("Advent Calendar", 4_990, Christmas),
            ("Gift Box Breakfast", 5_490, Winter),
            ("Barista Workshop, Voucher", 8_900, Christmas),
            ("Tote Bag", 1_490, Summer),
        ],
    ),
];

/// Colours of pictures, so that each product's has one of its own.
const PICTURES: &str = "https://images.example.com/products";

/// All that the shop ever sold, in the order of the kinds. Some are not on sale any more, or not yet.
pub(super) fn goods(seed: u64, opened_at: Timestamp, now: Timestamp) -> Vec<Good> {
    let mut goods = Vec::new();
    for (kind, vendor, variants, products) in &KINDS {
        for (place, (title, price, season)) in products.iter().enumerate() {
            let number = goods.len();
            let mut dice = Dice::new(seed, Throw::Product, number as u64);
            let place = u32::try_from(place).unwrap_or_default();
            let product = Product {
                kind: Some((*kind).to_owned()),
                vendor: Some((*vendor).to_owned()),
                status: if number % 29 == 28 { ProductStatus::Archived } else { ProductStatus::Active },
                ..product(&mut dice, (title, *price, variants), opened_at, now)
            };
            let tags = season.tag().into_iter().chain((place < 3).then_some("bestseller"));
            let tags: BTreeSet<String> = tags.map(str::to_owned).chain([kind.to_lowercase()]).collect();
            let wanted = 1.0 / (1.0 + f64::from(place) * 0.35);
            goods.push(Good { product: Product { tags, ..product }, season: *season, wanted });
        }
    }
    goods
}

fn product(
    dice: &mut Dice,
    (title, price, variants): (&str, i64, &[(&str, i64)]),
    opened_at: Timestamp,
    now: Timestamp,
) -> Product {
    let handle = handle_of(title);
    let changed_days = i64::try_from(dice.below(60)).unwrap_or_default();
    let sku: String =
        handle.split('-').filter_map(|word| word.chars().next()).collect::<String>().to_uppercase();
    let variants = variants.iter().enumerate().map(|(place, (name, percent))| Variant {
        id: VariantId::new(opened_at, dice.ten()),
        title: (*name).to_owned(),
        sku: product::sku(&format!("{sku}-{price}-{place}")).ok(),
        price: Minor::new((price * percent / 100 + 9) / 10 * 10).unwrap_or_default(),
        inventory: Some(i64::try_from(dice.below(400)).unwrap_or_default() - 4),
    });
    let variants = variants.collect();
    Product {
        id: ProductId::new(opened_at, dice.ten()),
        title: title.to_owned(),
        image_url: product::image_url(&format!("{PICTURES}/{handle}.jpg")).ok(),
        handle: Some(handle),
        status: ProductStatus::Active,
        vendor: None,
        kind: None,
        tags: BTreeSet::new(),
        variants,
        created_at: opened_at,
        updated_at: now - jiff::SignedDuration::from_hours(24 * changed_days),
    }
}

fn handle_of(title: &str) -> String {
    let letters = title
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect::<String>();
    letters.split_whitespace().collect::<Vec<_>>().join("-")
}
