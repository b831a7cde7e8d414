//! In whose name a shop may write, and in whose not.

use super::*;

fn sender(identity: Identity, standing: Standing) -> Sender {
    let at = Timestamp::UNIX_EPOCH;
    Sender {
        id: SenderId::new(at, [1; 10]),
        identity,
        name: None,
        standing,
        records: Vec::new(),
        created_at: at,
        created_by: UserId::new(at, [2; 10]),
        checked_at: None,
    }
}

#[test]
fn a_shop_writes_in_no_name_that_it_has_not_proven() {
    let address = |text: &str| text.parse::<EmailAddress>().unwrap();
    let domain = || Identity::Domain("shop.test".parse().unwrap());
    for (standing, may) in [
        (Standing::Unverified, false),
        (Standing::Pending, false),
        (Standing::Failed, false),
        (Standing::Verified, true),
    ] {
        assert_eq!(sender(domain(), standing).covers(&address("news@shop.test")), may, "{standing:?}");
    }
    let proven = sender(domain(), Standing::Verified);
    for other in ["news@shop.test.evil.test", "news@eu.shop.test", "news@evilshop.test"] {
        assert!(!proven.covers(&address(other)), "{other}");
    }
    let one = sender(Identity::Address(address("news@shop.test")), Standing::Verified);
    assert!(one.covers(&address("News@shop.test")) && !one.covers(&address("boss@shop.test")));
    let number: Phone = "+14155552671".parse().unwrap();
    let named = sender(Identity::Number(number.clone()), Standing::Verified);
    assert!(named.covers_text(&TextFrom::Number(number)));
    assert!(!named.covers_text(&TextFrom::Name("Shop".parse().unwrap())));
}

#[test]
fn what_a_message_says_of_who_it_is_from_is_the_senders() {
    let shop: Name = "Kaffeehaus".parse().unwrap();
    let news: EmailAddress = "news@shop.test".parse().unwrap();
    let other: EmailAddress = "news@other.test".parse().unwrap();
    let letters = |name: &str| {
        Some(Voice::Letters(Mailbox { name: Some(name.parse().unwrap()), address: news.clone() }))
    };
    let domain = sender(Identity::Domain("shop.test".parse().unwrap()), Standing::Verified);
    assert_eq!(domain.voice(Some(&news), &shop), letters("Kaffeehaus"));
    assert_eq!((domain.voice(None, &shop), domain.voice(Some(&other), &shop)), (None, None));
    let address = sender(Identity::Address(news.clone()), Standing::Verified);
    let named = Sender { name: Some("Ada".parse().unwrap()), ..address.clone() };
    assert_eq!(address.voice(None, &shop), letters("Kaffeehaus"));
    assert_eq!((named.voice(Some(&news), &shop), named.voice(Some(&other), &shop)), (letters("Ada"), None));
    let name = Identity::Name("Shop".parse().unwrap());
    assert_eq!(name.channel(), Channel::Sms);
    let name = sender(name, Standing::Verified);
    let texts = TextFrom::Name("Shop".parse().unwrap());
    assert_eq!((name.voice(None, &shop), name.voice(Some(&news), &shop)), (Some(Voice::Texts(texts)), None));
}

#[test]
fn who_names_it_first_has_it_for_a_while_and_who_proves_it_for_good() {
    let (mine, other) =
        (TenantId::new(Timestamp::UNIX_EPOCH, [1; 10]), TenantId::new(Timestamp::UNIX_EPOCH, [2; 10]));
    let at = |hours: i64| Timestamp::from_second(hours * 3_600).unwrap();
    let claim = Claim::new(mine, at(0));
    assert!(!claim.is_anothers(mine, at(0)) && claim.is_anothers(other, at(71)));
    assert!(!claim.is_anothers(other, at(72)));
    assert!(Claim { until: None, ..claim }.is_anothers(other, at(10_000)));
}

#[test]
fn a_domain_has_labels() {
    for good in ["example.com", " Shop.Example.CO.UK", "xn--bcher-kva.example", "a-b.io"] {
        assert!(good.parse::<MailDomain>().is_ok(), "{good:?}");
    }
    for wrong in [
        "",
        "localhost",
        "a..b",
        "-a.com",
        "a-.com",
        "a b.com",
        "a.com/",
        "a@b.com",
        "10.0.0.1",
        "ä.de",
        "a.com.",
    ] {
        assert_eq!(wrong.parse::<MailDomain>(), Err(BadDomain), "{wrong:?}");
    }
}

#[test]
fn a_senders_name_is_what_networks_show() {
    for good in ["A", "Demo Shop 1", " 1a "] {
        assert!(good.parse::<SenderName>().is_ok(), "{good:?}");
    }
    for wrong in ["", "123", "Twelve chars", "Shöp", "a-b", "a\tb"] {
        assert_eq!(wrong.parse::<SenderName>(), Err(BadSenderName), "{wrong:?}");
    }
}
