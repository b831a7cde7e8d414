//! Baskets as they stand in the table, and by what they are named beside their tokens: kept apart, and removed with them.

use async_trait::async_trait;
use domain::{Begun, Cart, CartName, CustomerId, Namesakes, TenantId, timeline::LeftBehind};
use std::sync::{Arc, Mutex};
use store::{
    Item, Page, Range, RawKey, Store, StoreError, Table, Write,
    local::LocalTable,
    table::{Add, Position},
};

use crate::instants::at;

/// Attributes in the order of their names.
fn shown<'a>(items: impl IntoIterator<Item = &'a Item>) -> String {
    let shown = |item: &Item| {
        let mut body: Vec<_> =
            item.body.iter().map(|(name, value)| format!("    {name}: {value:?}")).collect();
        body.sort();
        let head = format!("{:?} v{} until {:?}", item.key, item.version, item.expires_at);
        format!("{head} due {:?}\n{}", item.index, body.join("\n"))
    };
    items.into_iter().map(shown).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_basket_is_kept_so_and_so_is_that_it_was_left_behind() {
    let table = Arc::new(LocalTable::in_memory());
    let team = Store::new(table.clone()).for_task(TenantId::new(at(0), [1; 10]));
    let cart = Cart {
        customer: Some(CustomerId::Shopify(7_001)),
        total: domain::Minor::new(420).unwrap(),
        way_back: Some(vec![7, 8]),
        begun_at: Some(at(0)),
        updated_at: Some(at(1)),
        ended_at: Some(at(2)),
        ended_with: Some(at(3)),
        noted: Some((CustomerId::Shopify(7_001), at(1))),
        names: [CartName::Cart("eeafa2".to_owned()), CartName::Checkout(1 << 60)].into(),
        named_at: Some(at(1)),
    };
    let left = LeftBehind { total: cart.total, way_back: cart.way_back.clone() };
    let noted = team.cart_noted(CustomerId::Shopify(7_001), at(1), "d16e57", &left);
    team.commit(vec![team.cart_kept("d16e57", None, &cart, Some(at(9))), noted]).await.unwrap();
    assert_eq!(team.cart("d16e57").await.unwrap().unwrap().into_inner(), cart);
    insta::assert_snapshot!(shown(&table.dump().unwrap()));
}

#[tokio::test]
async fn a_name_is_kept_so_and_goes_with_the_last_basket_that_bears_it() {
    let table = Arc::new(LocalTable::in_memory());
    let team = Store::new(table.clone()).for_task(TenantId::new(at(0), [1; 10]));
    let names = [CartName::Cart("eeafa2".to_owned()), CartName::Checkout(1 << 60)];
    let cart =
        Cart { customer: Some(CustomerId::Shopify(7_001)), names: names.clone().into(), ..Cart::default() };
    let other = Cart { customer: Some(CustomerId::Shopify(7_002)), ..Cart::default() };
    let begun = |number| Begun { at: at(1), number };
    let bearing = Namesakes::default()
        .with("d16e57", begun(Some(1 << 60)), at(8))
        .ended(at(2))
        .ended_by_number(1 << 61, at(3), false)
        .known(1 << 60, at(8))
        .of_cart("eeafa2");
    for (token, cart) in [("d16e57", &cart), ("other", &other)] {
        team.commit(vec![team.cart_kept(token, None, cart, None)]).await.unwrap();
    }
    for name in &names {
        team.commit(vec![team.namesakes_still(name, None)]).await.unwrap();
        team.commit(vec![team.namesakes_kept(name, None, &bearing)]).await.unwrap();
        assert_eq!(team.namesakes(name).await.unwrap().unwrap().into_inner(), bearing);
        for overtaken in [team.namesakes_kept(name, None, &bearing), team.namesakes_still(name, None)] {
            let again = team.commit(vec![overtaken]).await;
            assert!(matches!(again, Err(StoreError::Conflict(_))), "somebody was faster");
        }
    }
    let kept = table.dump().unwrap();
    insta::assert_snapshot!(shown(kept.iter().filter(|item| item.key.pk.ends_with("#N"))));

    let hers = team.carts_of(&[CustomerId::Shopify(7_001)].into()).await.unwrap();
    assert_eq!(hers, [("d16e57".to_owned(), cart.clone())]);
    let held = team.cart("d16e57").await.unwrap().unwrap();
    let before = team.namesakes(&names[0]).await.unwrap().unwrap();
    let shared = before.with("other", begun(None), at(8));
    team.commit(vec![team.namesakes_kept(&names[0], Some(&before), &shared)]).await.unwrap();
    let overtaken = vec![team.namesake_forgotten(&names[0], &before, "d16e57")];
    assert!(matches!(team.commit(overtaken).await, Err(StoreError::Conflict(_))), "somebody was faster");
    let mut steps = vec![team.cart_forgotten("d16e57", &held)];
    for name in &names {
        let bearers = team.namesakes(name).await.unwrap().unwrap();
        steps.push(team.namesake_forgotten(name, &bearers, "d16e57"));
    }
    team.commit(steps).await.unwrap();
    assert_eq!(table.dump().unwrap().len(), 2, "the other's, and what it is named");
    let left = team.namesakes(&names[0]).await.unwrap().unwrap();
    assert_eq!(left.tokens(), ["other".to_owned()].into());
    team.commit(vec![team.namesake_forgotten(&names[0], &left, "other")]).await.unwrap();
    assert_eq!(table.dump().unwrap().len(), 1, "a name goes with the last");
}

/// A table of a large shop's baskets, which are made as they are asked for.
struct Large {
    like: Item,
    baskets: usize,
    /// How many items each question was answered with.
    answered: Mutex<Vec<usize>>,
}

#[async_trait]
impl Table for Large {
    async fn get(&self, _: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        Err(StoreError::Broken("nothing is asked for by its key".into()))
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        let from =
            range.after.as_ref().map_or(0, |after| after.key.sk.parse::<usize>().expect("a number") + 1);
        let to = (from + range.limit as usize).min(self.baskets);
        let basket = |number: usize| {
            let key = RawKey::new(self.like.key.pk.clone(), format!("{number:032}"));
            Item { key, ..self.like.clone() }
        };
        let items: Vec<_> = (from..to).map(basket).collect();
        self.answered.lock().expect("nobody panics").push(items.len());
        let next = items.last().filter(|_| to < self.baskets);
        Ok(Page { next: next.map(|last| Position::after(last, &range.within)), items })
    }

    async fn write(&self, _: Vec<Write>) -> Result<(), StoreError> {
        Err(StoreError::Broken("nothing is written".into()))
    }

    async fn add(&self, _: Add) -> Result<Vec<i64>, StoreError> {
        Err(StoreError::Broken("nothing is counted".into()))
    }
}

#[tokio::test]
async fn somebodys_baskets_are_found_among_a_hundred_thousand_a_page_at_a_time() {
    let table = Arc::new(LocalTable::in_memory());
    let tenant = TenantId::new(at(0), [1; 10]);
    let small = Store::new(table.clone()).for_task(tenant);
    let cart = Cart {
        customer: Some(CustomerId::Shopify(7_001)),
        way_back: Some(vec![7; 200]),
        begun_at: Some(at(0)),
        ..Cart::default()
    };
    small.commit(vec![small.cart_kept("d16e57", None, &cart, Some(at(9)))]).await.unwrap();
    let like = table.dump().unwrap().pop().unwrap();
    let large = Arc::new(Large { like, baskets: 100_000, answered: Mutex::default() });
    let found = Store::new(large.clone()).for_task(tenant).carts_of(&[CustomerId::Shopify(8)].into()).await;
    assert_eq!(found.unwrap(), []);
    let answered = large.answered.lock().unwrap();
    assert_eq!(
        (answered.len(), answered.iter().sum::<usize>()),
        (100, 100_000),
        "few questions, and each a page"
    );
}
