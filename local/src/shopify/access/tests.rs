//! Chains of tokens, as Shopify keeps them.

use super::*;
use crate::world::SeededDice;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

fn installed(dice: &SeededDice) -> (Access, Granted) {
    let mut access = Access::default();
    let scopes = ["read_customers", "write_customers", "read_orders"].map(str::to_owned);
    let code = access.code(scopes.into(), dice, at(0));
    let granted = access.redeem(&code, true, dice, at(10)).expect("the code is good");
    assert_eq!(access.redeem(&code, true, dice, at(10)), None, "a code is good once");
    (access, granted)
}

#[test]
fn a_code_ends_after_a_minute() {
    let dice = SeededDice::new(1);
    let mut access = Access::default();
    let code = access.code(vec!["read_orders".to_owned()], &dice, at(0));
    assert_eq!(access.redeem(&code, true, &dice, at(60)), None);
}

#[test]
fn a_token_ends_after_an_hour_and_what_it_may_is_said_once() {
    let dice = SeededDice::new(1);
    let (mut access, granted) = installed(&dice);
    assert_eq!(granted.scope, "write_customers,read_orders");
    assert_eq!((granted.expires_in, granted.refresh_token_expires_in), (Some(3_600), Some(7_776_000)));
    assert!(access.let_in(&granted.access_token, at(3_609)).is_ok());
    assert_eq!(access.let_in(&granted.access_token, at(3_610)), Err(Stranger::Unknown));
    assert_eq!(access.let_in("shpat_guessed", at(10)), Err(Stranger::Unknown));
}

#[test]
fn a_former_refresh_token_is_good_until_its_replacement_is_used() {
    let dice = SeededDice::new(1);
    let (mut access, first) = installed(&dice);
    let refresh = |granted: &Granted| granted.refresh_token.clone().expect("a refresh token");
    let second = access.refresh(&refresh(&first), &dice, at(20)).expect("the first is good");
    // The answer was lost: the same token again.
    let third = access.refresh(&refresh(&first), &dice, at(30)).expect("the first is good still");
    assert_ne!(second.access_token, third.access_token);
    assert_eq!(
        access.let_in(&second.access_token, at(40)),
        Err(Stranger::Unknown),
        "the lost pair is nobody's"
    );
    assert!(access.let_in(&first.access_token, at(40)).is_ok());
    assert!(access.let_in(&third.access_token, at(40)).is_ok());
    assert_eq!(access.refresh(&refresh(&first), &dice, at(50)), None, "the replacement was used");
    assert_eq!(access.refresh(&refresh(&second), &dice, at(50)), None);
    assert!(access.refresh(&refresh(&third), &dice, at(50)).is_some());
}

#[test]
fn refresh_tokens_end() {
    let dice = SeededDice::new(1);
    let (access, first) = installed(&dice);
    let token = first.refresh_token.expect("a refresh token");
    let day = 86_400;
    assert!(access.clone().refresh(&token, &dice, at(90 * day + 9)).is_some());
    assert!(access.clone().refresh(&token, &dice, at(90 * day + 10)).is_none());
    let mut lost = access;
    assert!(lost.refresh(&token, &dice, at(20)).is_some());
    assert!(
        lost.refresh(&token, &dice, at(30 * day + 20)).is_none(),
        "the former one is good for thirty days at most"
    );
}

#[test]
fn a_new_grant_ends_all_older_refresh_tokens_at_once() {
    let dice = SeededDice::new(1);
    let (mut access, first) = installed(&dice);
    let second = access.grant(true, &dice, at(20));
    assert_eq!(access.refresh(&first.refresh_token.expect("one"), &dice, at(30)), None);
    assert!(access.let_in(&first.access_token, at(30)).is_ok(), "ends by itself");
    assert!(access.refresh(&second.refresh_token.expect("one"), &dice, at(30)).is_some());
}

#[test]
fn after_an_uninstallation_every_token_is_dead() {
    let dice = SeededDice::new(1);
    let (mut access, granted) = installed(&dice);
    access.uninstall();
    assert_eq!(access.let_in(&granted.access_token, at(20)), Err(Stranger::Unknown));
    assert_eq!(access.refresh(&granted.refresh_token.expect("one"), &dice, at(20)), None);
}

#[test]
fn a_token_that_never_ends_is_granted_and_not_let_in() {
    let dice = SeededDice::new(1);
    let (mut access, _) = installed(&dice);
    let endless = access.grant(false, &dice, at(20));
    assert_eq!((endless.expires_in, endless.refresh_token), (None, None));
    assert_eq!(access.let_in(&endless.access_token, at(20)), Err(Stranger::Endless));
    let pair = access.migrate(&endless.access_token, &dice, at(30)).expect("it is changed for a pair");
    assert!(access.let_in(&pair.access_token, at(30)).is_ok());
    assert_eq!(access.migrate(&endless.access_token, &dice, at(30)), None, "once");
    assert_eq!(
        access.migrate(&pair.access_token, &dice, at(30)),
        None,
        "a token that ends is none to be changed"
    );
}
