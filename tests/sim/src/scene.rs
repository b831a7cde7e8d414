//! What a seed makes: a small shop, a campaign, what people and merchants do meanwhile, and how much goes wrong.

use domain::{
    ConsentState,
    campaign::{Care, Kind, Quiet, Rules, Trial, trial::Metric},
    template::Channel,
};
use send::Pace;

use crate::rolls::Rolls;

/// All that is different from seed to seed. Who sends, and by which protocol, makes no difference to it.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub seed: u64,
    pub people: Vec<Somebody>,
    pub channel: Channel,
    pub kind: Kind,
    pub rules: Rules,
    pub pace: Pace,
    pub weather: Weather,
    pub temper: Temper,
    /// By when.
    pub deeds: Vec<(i64, Deed)>,
    /// From then on nothing goes wrong any more.
    pub calm_at: i64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Somebody {
    pub consent: Option<ConsentState>,
    pub has_address: bool,
    /// Their provider takes nothing for them, and says so.
    pub is_refused: bool,
}

/// How much goes wrong around functions, of a thousand each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weather {
    /// Between two awaits.
    pub dies: u32,
    /// For seconds, or for minutes.
    pub stands_still: u32,
    pub table_before: u32,
    pub table_after: u32,
    /// It was done, asked for once more on the way, and refused the second time.
    pub told_twice: u32,
    pub queue_before: u32,
    pub queue_after: u32,
    pub lost: u32,
    pub twice: u32,
    /// By minutes.
    pub late: u32,
    /// How fast time goes by, beside the steps of processes.
    pub step_millis: i64,
    /// How far the clocks of two machines are apart.
    pub skew_millis: i64,
    /// Kills whoever takes this step of all that functions take; nothing else goes wrong by itself.
    pub dies_at: Option<u64>,
}

/// How the provider does its work, of a thousand each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Temper {
    pub silent_before: u32,
    pub silent_after: u32,
    pub refuses_for_now: u32,
    pub refuses_us: u32,
    pub throttles: u32,
    /// From and to, in which it takes nothing at all.
    pub storm: Option<(i64, i64)>,
    pub receipts_lost: u32,
    pub receipts_twice: u32,
    pub receipts_late: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Launch,
    Pause,
    Resume,
    Cancel,
    Withdraw(u32, How),
    /// The shop is stopped by whoever runs the installation, and goes on later.
    Stop,
    GoOn,
    /// Tasks that were done already come once more.
    Redrive,
}

/// How somebody says that they want no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    ByLink,
    /// No more of the kind that the campaign is of, on the page of what they want.
    OfItsTopic,
    AtTheShop,
    Erased,
    OnTheList,
}

impl Scene {
    pub(crate) fn of(seed: u64) -> Self {
        let mut rolls = Rolls::new(seed, 1);
        let count = if rolls.is_among(900) { rolls.within(5, 20) } else { rolls.within(21, 60) };
        let people: Vec<_> = (0..count).map(|_| somebody(&mut rolls)).collect();
        let care = rolls.one_of(&[Care::NeverTwice, Care::NeverTwice, Care::NeverZero]);
        let kind = rolls.one_of(&[Kind::Newsletter, Kind::Promotional, Kind::Transactional]);
        let rules = Rules {
            care,
            held_out_percent: if rolls.is_among(150) { 20 } else { 0 },
            quiet: rolls.is_among(100).then_some(Quiet { from: 20, to: 9 }),
            is_untracked: true,
            ..Rules::default()
        };
        let slow = Pace { account: 1_000, tenant: 5 };
        let pace = if rolls.is_among(200) { slow } else { Pace { account: 1_000, tenant: 1_000 } };
        let calm_at = rolls.within(60, 1_800) * 1_000;
        let deeds = deeds(&mut rolls, count, calm_at);
        let channel = rolls.one_of(&[Channel::Email, Channel::Sms, Channel::Sms]);
        let (weather, temper) = (Weather::of(&mut rolls), Temper::of(&mut rolls, calm_at));
        Self { seed, people, channel, kind, rules, pace, weather, temper, deeds, calm_at }
    }

    /// The same, where some try two texts, and the others wait for the better one.
    pub(crate) fn with_a_trial(seed: u64) -> Self {
        let mut scene = Self::of(seed);
        let share = [10, 30, 50][usize::try_from(seed % 3).unwrap_or(0)];
        scene.rules.trial = Some(Trial { shares: vec![share, share], metric: Metric::Delivered, hours: 1 });
        scene
    }

    /// A small one in which nothing goes wrong but that whoever takes a step dies there.
    pub(crate) fn with_a_death_at(step: u64, care: Care) -> Self {
        let all = Somebody { consent: Some(ConsentState::Subscribed), has_address: true, is_refused: false };
        let weather = Weather { dies_at: Some(step), step_millis: 20, ..Weather::default() };
        Self {
            seed: step,
            people: vec![all; 6],
            channel: Channel::Sms,
            kind: Kind::Newsletter,
            rules: Rules { care, is_untracked: true, ..Rules::default() },
            pace: Pace { account: 1_000, tenant: 1_000 },
            weather,
            temper: Temper::default(),
            deeds: vec![(0, Deed::Launch), (1_000, Deed::Withdraw(3, How::ByLink))],
            calm_at: 600_000,
        }
    }
}

fn somebody(rolls: &mut Rolls) -> Somebody {
    use ConsentState::{NotSubscribed, Pending, Subscribed, Unsubscribed};
    let others = [None, Some(NotSubscribed), Some(Pending), Some(Unsubscribed)];
    let consent = if rolls.is_among(800) { Some(Subscribed) } else { rolls.one_of(&others) };
    Somebody { consent, has_address: !rolls.is_among(50), is_refused: rolls.is_among(40) }
}

fn deeds(rolls: &mut Rolls, count: i64, calm_at: i64) -> Vec<(i64, Deed)> {
    let mut deeds: Vec<_> = (0..=rolls.below(4)).map(|_| (rolls.within(0, 2_000), Deed::Launch)).collect();
    // Most of what happens happens while it is being sent, which takes seconds.
    let soon = |rolls: &mut Rolls| {
        if rolls.is_among(700) { rolls.within(0, 30_000) } else { rolls.within(0, calm_at) }
    };
    for _ in 0..rolls.below(8) {
        let who = u32::try_from(rolls.within(0, count - 1)).unwrap_or(0);
        let how = rolls.one_of(&[How::ByLink, How::OfItsTopic, How::AtTheShop, How::Erased, How::OnTheList]);
        deeds.push((soon(rolls), Deed::Withdraw(who, how)));
    }
    if rolls.is_among(300) {
        for _ in 0..=rolls.below(3) {
            let at = soon(rolls);
            deeds.push((at, Deed::Pause));
            deeds.push((at + rolls.within(0, 200_000), Deed::Resume));
        }
    }
    if rolls.is_among(120) {
        deeds.push((soon(rolls), Deed::Cancel));
    }
    if rolls.is_among(100) {
        let at = soon(rolls);
        deeds.extend([(at, Deed::Stop), (at + rolls.within(1_000, 400_000), Deed::GoOn)]);
    }
    for _ in 0..rolls.below(4) {
        deeds.push((soon(rolls), Deed::Redrive));
    }
    deeds
}

impl Weather {
    fn of(rolls: &mut Rolls) -> Self {
        Self {
            dies: rolls.rate(12),
            stands_still: rolls.rate(4),
            table_before: rolls.rate(15),
            table_after: rolls.rate(15),
            told_twice: rolls.rate(6),
            queue_before: rolls.rate(40),
            queue_after: rolls.rate(40),
            lost: rolls.rate(60),
            twice: rolls.rate(150),
            late: rolls.rate(60),
            step_millis: rolls.within(1, 60),
            skew_millis: i64::from(rolls.rate(3_000)),
            dies_at: None,
        }
    }
}

impl Temper {
    fn of(rolls: &mut Rolls, calm_at: i64) -> Self {
        let begins = rolls.within(0, calm_at / 2);
        Self {
            silent_before: rolls.rate(80),
            silent_after: rolls.rate(80),
            refuses_for_now: rolls.rate(80),
            refuses_us: rolls.rate(20),
            throttles: rolls.rate(100),
            storm: rolls.is_among(150).then_some((begins, begins + calm_at / 3)),
            receipts_lost: rolls.rate(300),
            receipts_twice: rolls.rate(300),
            receipts_late: rolls.rate(400),
        }
    }
}
