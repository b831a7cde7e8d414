//! Messages that have everything in them that may go wrong on the way, and what a provider is to have of them.

use std::collections::BTreeMap;

use domain::{Mailbox, TenantId, TextFrom, Timestamp};

use super::super::{Letter, Short, Unsubscribe, Urgency, shown};

pub type Told = BTreeMap<&'static str, String>;

/// # Panics
/// Never.
pub fn letter() -> Letter {
    let mail = |text: &str| text.parse().expect("an address");
    Letter {
        tenant: TenantId::new(Timestamp::UNIX_EPOCH, [7; 10]),
        message: "01J9-1-s7001".parse().expect("a tag"),
        from: Mailbox { name: "Kühne \"& Söhne\"".parse().ok(), address: mail("news@shop.test") },
        to: mail("ada+list@example.com"),
        reply_to: Some(mail("owner@shop.test")),
        subject: "Für dich, Ada: 10 % & \"mehr\" 🎉".to_owned(),
        html: Some("<p>Grüße &amp; <b>\"mehr\"</b>\u{2028}</p>\r\n".to_owned()),
        text: "Grüße & \"mehr\"\nhttps://shop.test/?a=1&b=2".to_owned(),
        unsubscribe: Some(Unsubscribe {
            url: "https://t.shop.test/u/abc?x=1&y=2".to_owned(),
            mail: Some(mail("unsubscribe@shop.test")),
        }),
    }
}

/// With nothing that may be left out.
pub fn plain_letter() -> Letter {
    let letter = letter();
    Letter {
        from: Mailbox { name: None, ..letter.from },
        reply_to: None,
        html: None,
        unsubscribe: None,
        ..letter
    }
}

/// # Panics
/// Never.
pub fn short() -> Short {
    Short {
        tenant: TenantId::new(Timestamp::UNIX_EPOCH, [7; 10]),
        message: "01J9-1-s7002".parse().expect("a tag"),
        from: TextFrom::Name("DemoShop".parse().expect("a name")),
        to: "+14155552671".parse().expect("a number"),
        text: "Grüße & \"mehr\": https://shop.test/?a=1&b=2 🎉".to_owned(),
        urgency: Urgency::Promotional,
        price_max_usd_mills: Some(80),
    }
}

/// What a provider is to have of it.
pub fn of_letter(letter: &Letter) -> Told {
    let mut told = Told::from([
        ("tenant", letter.tenant.to_string()),
        ("message", letter.message.to_string()),
        ("from", shown(&letter.from)),
        ("to", letter.to.to_string()),
        ("subject", letter.subject.clone()),
        ("text", letter.text.clone()),
    ]);
    told.extend(letter.reply_to.as_ref().map(|address| ("reply_to", address.to_string())));
    told.extend(letter.html.clone().map(|html| ("html", html)));
    told.extend(letter.list_headers());
    told
}

/// What a provider is to have of it.
pub fn of_short(short: &Short) -> Told {
    let mut told = Told::from([
        ("tenant", short.tenant.to_string()),
        ("message", short.message.to_string()),
        ("from", short.from.to_string()),
        ("to", short.to.as_str().to_owned()),
        ("text", short.text.clone()),
        ("urgency", format!("{:?}", short.urgency)),
    ]);
    // In dollars, as providers want it.
    told.extend(short.price_max_usd_mills.map(|mills| ("price_max", format!("0.{mills:03}"))));
    told
}
