//! From an id to what has it, and no further than is asked: of most that is named somewhere only the id is wanted.

use apollo_compiler::resolvers::ResolveInfo;

use super::{
    Ask,
    object::{self, Answer, Thing, leaf, unknown},
    products,
};
use crate::shopify::{
    books::records::Subject,
    ids::{Kind, gid, of_gid},
    words::utc,
};

const KINDS: [Kind; 4] = [Kind::Customer, Kind::Order, Kind::Product, Kind::ProductVariant];

impl Ask<'_> {
    /// What has that global id, of the kinds that can be reached from elsewhere.
    pub(super) fn node(&self, gid: &str) -> Option<Thing> {
        let (kind, id) = KINDS.into_iter().find_map(|kind| Some((kind, of_gid(kind, gid)?)))?;
        self.whole(kind, id)
    }

    pub(super) fn whole(&self, kind: Kind, id: u64) -> Option<Thing> {
        let state = self.state.borrow();
        let books = &state.books;
        match kind {
            Kind::Customer => books.customer(id).map(|customer| Thing::Customer(Box::new(customer))),
            Kind::Order => {
                let created = books.times(Subject::Order, id)?.0;
                let order = books.order(id).filter(|_| self.may_see_of(created));
                order.map(|order| Thing::Order(Box::new(order)))
            }
            Kind::Product => books.product(id).map(|product| Thing::Product(Box::new(product.clone()))),
            Kind::ProductVariant => books.variant(id).map(products::variant),
            _ => None,
        }
    }

    /// As `whole`, but nothing of it is made yet.
    pub(super) fn later(&self, kind: Kind, id: u64) -> Option<Thing> {
        let state = self.state.borrow();
        let books = &state.books;
        let is_there = match kind {
            Kind::Customer => books.times(Subject::Customer, id).is_some(),
            Kind::Order => {
                books.times(Subject::Order, id).is_some_and(|(created, _)| self.may_see_of(created))
            }
            Kind::Product => books.product(id).is_some(),
            Kind::ProductVariant => books.variant(id).is_some(),
            _ => false,
        };
        is_there.then_some(Thing::Later(kind, id))
    }
}

pub(super) fn field<'a>(
    ask: &'a Ask<'_>,
    kind: Kind,
    id: u64,
    field: &str,
    info: &'a ResolveInfo<'a>,
) -> Answer<'a> {
    if field == "id" {
        return Ok(leaf(gid(kind, id)));
    }
    if kind == Kind::Order && ["createdAt", "processedAt"].contains(&field) {
        let created = ask.state.borrow().books.times(Subject::Order, id).map(|(created, _)| created);
        let at = created.and_then(|created| jiff::Timestamp::from_second(created).ok());
        return Ok(leaf(at.map(utc)));
    }
    let thing = ask.whole(kind, id).ok_or_else(unknown)?;
    object::field(ask, &thing, field, info)
}
