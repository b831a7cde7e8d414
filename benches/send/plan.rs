//! Who gets a campaign, and why everybody else does not: as the function `campaign` chooses them, and the choice alone.

use crate::{
    people::{anybody, was_chosen},
    shop::{Shop, campaign},
    spent::{Spent, median, memory_marked, memory_peak, spent},
};
use columns::{Members, Slot};
use domain::{
    Campaign, Timestamp, Zone,
    campaign::{Cap, Kind, Plan, Quiet, Rules, State, plan::Part},
    template::{Body, Channel, Words},
};
use flows::Clock;
use reach::{Asked, Bounds, Each, Waterfall, families, found};
use std::{
    collections::BTreeMap,
    fs,
    io::{BufWriter, Write as _},
    path::Path,
    sync::Arc,
};
use store::{Chosen, local::LocalTable};

const EARLIER: u8 = 3;
const COLD: u8 = 3;
const WARM: u8 = 7;
const QUIET: Quiet = Quiet { from: 21, to: 8 };

pub(crate) async fn measured(count: u32, folder: &Path) {
    let table = Arc::new(LocalTable::in_memory());
    let shop = Shop::of(table.clone());
    shop.founded(count, anybody).await;
    for number in 1..=EARLIER {
        earlier(&shop, number, count).await;
    }
    let before = memory_marked();
    let mut id = 100;
    let mut rounds = async |shop: &dyn Fn() -> Arc<Shop>, rounds: u8| {
        let (mut all, mut plan) = (Vec::new(), None);
        for _ in 0..rounds {
            id += 1;
            let (took, planned) = planned(&shop(), id).await;
            all.push(took);
            plan = Some(planned);
        }
        (median(&all), plan.expect("it was planned"))
    };
    let (cold, plan) = Box::pin(rounds(&|| Arc::new(Shop::of(table.clone())), COLD)).await;
    let peak = memory_peak();
    say("planned, cold", cold, &told(&plan));
    println!(r#"{{"asked":"memory","before":{before:.0},"peak":{peak:.0}}}"#);
    let shop = Arc::new(shop);
    planned(&shop, 99).await;
    let (warm, plan) = Box::pin(rounds(&|| shop.clone(), WARM)).await;
    say("planned, warm", warm, &told(&plan));
    let (alone, at) = alone(&shop, count).await;
    say("the waterfall alone", alone, &told(&plan));
    write_csv(folder, count, at).expect("the folder takes files");
}

/// One that was sent a day or more ago, and whom it chose.
async fn earlier(shop: &Shop, number: u8, count: u32) {
    let id = campaign(number);
    shop.launched(id, Rules::default(), &words()).await;
    let members = chosen_by(number, count);
    let of_shards = columns::ShardNumber::of_first(count).map(|shard| Part {
        wave: 0,
        not_before: None,
        shard: shard.0,
        chosen: u32::try_from(members.of_shard(shard).len()).unwrap_or(0),
        micros: None,
        arm: 0,
    });
    let plan = Plan { audience: count.into(), parts: of_shards.collect(), ..Plan::default() };
    let chosen = Chosen { waves: [(0, members)].into(), ..Chosen::default() };
    let laid = shop.store.plans_laid().await.expect("memory holds");
    let done = shop.store.lay_plan(id, number.into(), (&plan, &chosen), &laid).await.expect("memory holds");
    assert_eq!(done, store::Lay::Done, "there is none yet");
    let held = shop.store.campaign(id).await.expect("it can be read").expect("it was made");
    let at = held.launched_at.map(|at| at - std::time::Duration::from_hours(24) * u32::from(number));
    let after = Campaign { state: State::Sent, launched_at: at, ..Campaign::clone(&held) };
    shop.done(vec![shop.store.campaign_kept(&held, &after)]).await;
}

fn chosen_by(number: u8, count: u32) -> Members {
    (0..count).filter(|slot| was_chosen(*slot, number.into())).map(Slot).collect()
}

/// From the launched campaign to its plan on the table. Afterwards it counts for no other's cap.
async fn planned(shop: &Shop, number: u8) -> (Spent, Plan) {
    let id = campaign(number);
    let rules = Rules { cap: Some(Cap { messages: 2, days: 7 }), quiet: Some(QUIET), ..Rules::default() };
    shop.launched(id, rules, &words()).await;
    let (took, ()) = spent(shop.keep(id)).await;
    let planned = shop.store.plan(id).await.expect("it can be read").expect("it was planned");
    let held = shop.store.campaign(id).await.expect("it can be read").expect("it was made");
    let after = Campaign { state: State::Cancelled, ..Campaign::clone(&held) };
    shop.done(vec![shop.store.campaign_kept(&held, &after)]).await;
    (took, planned.plan)
}

/// The audience and all that is asked being held.
async fn alone(shop: &Shop, count: u32) -> (Spent, Timestamp) {
    let (zone, now) = (Zone::UTC, shop.around.now());
    let bounds = Bounds { channel: Channel::Email, kind: Kind::Newsletter, quiet: Some(QUIET), zone: &zone };
    let needed: Vec<_> = families(&bounds, None).into_iter().collect();
    let audience = shop.store.audience(&needed).await.expect("it can be read");
    let meant: Members = (0..count).map(Slot).collect();
    let earlier: Vec<Members> = (1..=EARLIER).map(|number| chosen_by(number, count)).collect();
    let rules = Rules { cap: Some(Cap { messages: 2, days: 7 }), quiet: Some(QUIET), ..Rules::default() };
    let asked = Asked {
        campaign: campaign(98),
        channel: Channel::Email,
        kind: Kind::Newsletter,
        rules: &rules,
        now,
        zone: &zone,
        local: None,
        earlier: &earlier,
        costs: &Each(None),
    };
    let mut all = Vec::new();
    let mut fall = Waterfall::default();
    for _ in 0..WARM {
        let (took, again) =
            spent(async { found(&audience.view, &meant, &asked).expect("all is read") }).await;
        all.push(took);
        fall = again;
    }
    assert!(fall.chosen() > 0, "somebody is left");
    (median(&all), now)
}

/// How many are left out for each reason, and how many may be written to by when.
fn told(plan: &Plan) -> String {
    let mut waves = BTreeMap::<i64, u64>::new();
    for part in &plan.parts {
        *waves.entry(part.not_before.map_or(0, Timestamp::as_second)).or_default() += u64::from(part.chosen);
    }
    let out = plan
        .left_out
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(why, count)| format!(r#""{why:?}":{count}"#));
    let waves = waves.iter().map(|(at, count)| format!(r#""{at}":{count}"#));
    format!("{{{}}}", out.chain(waves).collect::<Vec<_>>().join(","))
}

fn say(asked: &str, spent: Spent, found: &str) {
    println!(r#"{{"asked":"{asked}","seconds":{:.4},"cpu":{:.4},"found":{found}}}"#, spent.wall, spent.cpu);
}

/// The same people for another engine, with what no SQL knows: by when each set of countries may be written to.
fn write_csv(folder: &Path, count: u32, now: Timestamp) -> std::io::Result<()> {
    let mut customers = BufWriter::new(fs::File::create(folder.join("customers.csv"))?);
    let mut earlier = BufWriter::new(fs::File::create(folder.join("earlier.csv"))?);
    let mut hours = BTreeMap::new();
    writeln!(customers, "slot,email,state,is_suppressed,countries")?;
    writeln!(earlier, "campaign,slot")?;
    let zone = Zone::UTC;
    let bounds = Bounds { channel: Channel::Email, kind: Kind::Newsletter, quiet: Some(QUIET), zone: &zone };
    for slot in 0..count {
        let customer = anybody(slot);
        let email = customer.email.as_ref().map_or("", |email| email.as_str());
        let state = customer.email_consent.as_ref().map_or(0, |consent| consent.state as u8);
        let countries: Vec<_> =
            customer.addresses.iter().filter_map(|address| address.country.as_deref()).collect();
        let told = if countries.is_empty() { "-".to_owned() } else { countries.join(" ") };
        writeln!(customers, "{slot},{email},{state},{},{told}", u8::from(customer.suppressed.email))?;
        let at = || {
            bounds
                .next(countries.iter().copied(), None, now)
                .filter(|at| *at > now)
                .map_or(0, Timestamp::as_second)
        };
        hours.entry(told).or_insert_with(at);
        for number in (1..=EARLIER).filter(|number| was_chosen(slot, (*number).into())) {
            writeln!(earlier, "{number},{slot}")?;
        }
    }
    let hours = hours.iter().map(|(countries, at)| format!("{countries},{at}\n"));
    fs::write(folder.join("hours.csv"), format!("countries,not_before\n{}", hours.collect::<String>()))?;
    customers.flush()?;
    earlier.flush()
}

fn words() -> Words {
    Words::Email {
        subject: "Hi {{ customer.first_name }}".to_owned(),
        preheader: String::new(),
        body: Body::Html("<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>".to_owned()),
        text: None,
    }
}
