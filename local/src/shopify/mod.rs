//! A Shopify of our own: shops that answer as Shopify does and tell their app what happens, so that everything can be
//! tried with no account. Written from Shopify's schema and documents alone: it knows nothing of the product's side.
//!
//! Every shop has a domain, and is reached below `/shopify/<domain>`, with Shopify's own paths behind it. Clock and dice
//! are inputs; the same seed makes the same shop.

mod access;
mod acting;
mod app;
pub mod books;
mod bucket;
mod bulk;
mod graphql;
mod http;
pub mod ids;
mod journal;
mod rush;
mod shop;
mod switches;
#[cfg(test)]
mod tests;
mod visit;
mod webhooks;
mod words;

use axum::Router;
use flows::{Clock, Dice};
use jiff::{Timestamp, tz::TimeZone};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

pub use app::{AppSettings, CLIENT_ID, CLIENT_SECRET};
pub use shop::Shop;
pub use switches::{Denied, Door, Fault, Plan, Switches};
pub use webhooks::{Courier, Delivered, Parcel, Web, Within};

use crate::demo::{Wish, shop::ZONE};
use app::App;
use books::Books;
use bulk::Bulk;
use ids::{Kind, id};
use journal::{Begun, Journal};
use shop::{Front, State};

/// The shop that is there at home.
pub const DOMAIN: &str = "demo-shop.myshopify.com";
/// What it has defined of its own for its customers, by Shopify's types, and pinned.
pub const DEFINED: [(&str, &str); 3] = [
    ("facts.birth_date", "date"),
    ("taste.cups_a_day", "number_integer"),
    ("taste.roast", "single_line_text_field"),
];
/// More customers than that are not held here; they have about 400,000 orders.
pub const CUSTOMERS_MAX: u32 = 150_000;

/// All shops, and the app that is to be connected with them.
#[derive(Clone)]
pub struct Shopify {
    inner: Arc<Inner>,
}

struct Inner {
    /// Where its router is mounted: `http://127.0.0.1:8787/shopify`.
    base: String,
    app: Arc<App>,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
    /// Where journals and files are kept; in memory if nowhere.
    folder: Option<PathBuf>,
    shops: Mutex<BTreeMap<String, Arc<Shop>>>,
}

impl Shopify {
    pub fn at(base: &str, settings: AppSettings, clock: Arc<dyn Clock>, dice: Arc<dyn Dice>) -> Self {
        let (base, app, shops) = (base.to_owned(), Arc::new(App::new(settings)), Mutex::default());
        Self { inner: Arc::new(Inner { base, app, clock, dice, folder: None, shops }) }
    }

    /// With shops that survive a restart.
    pub fn in_folder(
        base: &str,
        settings: AppSettings,
        (clock, dice): (Arc<dyn Clock>, Arc<dyn Dice>),
        folder: &Path,
    ) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let (base, app, shops) = (base.to_owned(), Arc::new(App::new(settings)), Mutex::default());
        let folder = Some(folder.to_owned());
        Ok(Self { inner: Arc::new(Inner { base, app, clock, dice, folder, shops }) })
    }

    /// A shop, as it was left or as it is wished for.
    pub fn open(&self, domain: &str, wish: Wish) -> std::io::Result<Arc<Shop>> {
        let inner = &*self.inner;
        let now = Timestamp::from_second(inner.clock.now().as_second()).unwrap_or_default();
        let begun = Begun { seed: wish.seed, customers: wish.customers.min(CUSTOMERS_MAX), at: now };
        let path = inner.folder.as_ref().map(|folder| folder.join(format!("{domain}.jsonl")));
        let (begun, notes, journal) = match path {
            None => (begun, Vec::new(), None),
            Some(path) => {
                let (begun, notes, journal) = Journal::open(&path, begun)?;
                (begun, notes, Some(journal))
            }
        };
        let base = format!("{}/{domain}", inner.base);
        let bulk = Bulk::new(inner.folder.clone(), base.clone());
        let mut state = State::new(Books::new(begun.seed, begun.customers, begun.at), bulk);
        for note in notes {
            state.restore(note);
        }
        let mut shops = inner.shops.lock().unwrap_or_else(PoisonError::into_inner);
        let front = Front {
            domain: domain.to_owned(),
            base,
            id: id(Kind::Shop, number_of(domain)),
            zone: TimeZone::get(ZONE).unwrap_or(TimeZone::UTC),
            created_at: begun.at,
            app: inner.app.clone(),
        };
        let shop = Arc::new(Shop::new(front, (inner.clock.clone(), inner.dice.clone()), state, journal));
        shops.insert(domain.to_owned(), shop.clone());
        Ok(shop)
    }

    pub fn shop(&self, domain: &str) -> Option<Arc<Shop>> {
        self.inner.shops.lock().unwrap_or_else(PoisonError::into_inner).get(domain).cloned()
    }

    fn shops(&self) -> Vec<Arc<Shop>> {
        self.inner.shops.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// To be mounted at `/shopify`.
    pub fn router(&self) -> Router {
        http::router(self.clone())
    }

    /// Does what is due: bulk operations, and webhooks by that courier. Answers how much there was.
    pub async fn tick(&self, courier: &dyn Courier) -> usize {
        let mut done = 0;
        for shop in self.shops() {
            while shop.with(|state, now, dice| state.bulk_step(shop.front(), dice, now)) {
                done += 1;
                tokio::task::yield_now().await;
            }
            done += shop.deliver(courier).await;
        }
        done
    }

    /// A new secret of the app. The old one is good beside it; webhooks change to the new one within an hour.
    pub fn rotate_secret(&self, secret: &str) {
        self.inner.app.rotate(secret, self.inner.clock.now());
    }
}

/// The same number for the same domain.
fn number_of(domain: &str) -> u64 {
    domain.bytes().fold(7, |number, byte| (number * 31 + u64::from(byte)) % 100_000_000)
}
