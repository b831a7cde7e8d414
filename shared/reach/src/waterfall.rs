//! The waterfall: reason after reason, and who is left.

use columns::{
    Among, Code, Family, Group, Key, List, Members, NotRead, Of, Program, ShardNumber, Slot, Span, Test,
    Text, View,
};
use domain::{
    CampaignId, ConsentState, Declined, Timestamp, Zone,
    campaign::{Kind, Plan, Rules, Why, plan::Part, trial::REST},
    customer::Reach,
    template::Channel,
};
use jiff::civil::DateTime;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use crate::{bounds::Bounds, costs::Costs, laws::countries_of};

/// In the order in which somebody is left out.
pub const STAGES: [Why; 11] = [
    Why::NoAddress,
    Why::InvalidAddress,
    Why::Unsubscribed,
    Why::NoConsent,
    Why::Declined,
    Why::Suppressed,
    Why::DuplicateAddress,
    Why::FrequencyCap,
    Why::HeldOut,
    Why::QuietHours,
    Why::OverBudget,
];

/// How a campaign asks.
#[derive(Clone)]
pub struct Asked<'a> {
    pub campaign: CampaignId,
    pub channel: Channel,
    pub kind: Kind,
    pub rules: &'a Rules,
    pub now: Timestamp,
    /// The shop's clock.
    pub zone: &'a Zone,
    /// When everybody is due by their own clocks. `None`: at once.
    pub local: Option<DateTime>,
    /// Whom other campaigns chose in the days that the cap looks at, for each of them.
    pub earlier: &'a [Members],
    pub costs: &'a dyn Costs,
}

/// Who was chosen, by when they may be written to, and who was left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Waterfall {
    pub audience: u64,
    /// In the order of `STAGES`; each is in one of them only.
    pub left_out: Vec<(Why, Members)>,
    /// Those who may be written to at once come first.
    pub waves: Vec<Wave>,
    /// When whoever waits for the best of several words is to get them, where there are several.
    pub decided_at: Option<Timestamp>,
}

/// Those who may be written to from the same instant on, at the same price, in the same words.
#[derive(Debug, Clone, PartialEq)]
pub struct Wave {
    /// `None`: at once.
    pub not_before: Option<Timestamp>,
    /// `None`: nobody knows.
    pub micros: Option<u64>,
    pub arm: u8,
    pub members: Members,
}

impl Asked<'_> {
    fn bounds(&self) -> Bounds<'_> {
        let Self { channel, kind, zone, .. } = *self;
        Bounds { channel, kind, quiet: self.rules.quiet, zone }
    }
}

/// What must have been read of the audience.
pub fn families(bounds: &Bounds<'_>, local: Option<DateTime>) -> BTreeSet<Family> {
    let asks_places = bounds.are_any() || local.is_some();
    let places = asks_places.then_some(Family::Tags);
    [Family::Core, Family::Name].into_iter().chain(places).collect()
}

/// Of those who are meant.
pub fn found(view: &View, meant: &Members, asked: &Asked<'_>) -> Result<Waterfall, NotRead> {
    let mut fall = Fall { view, left: meant.clone(), out: Vec::new() };
    let (state, has, suppressed) = match asked.channel {
        Channel::Email => (Code::EmailState, Reach::HAS_EMAIL, Reach::EMAIL_SUPPRESSED),
        Channel::Sms => (Code::SmsState, Reach::HAS_PHONE, Reach::SMS_SUPPRESSED),
    };
    let states = |states: &[ConsentState]| {
        Test::Code(state, states.iter().fold(0, |bits, state| bits | 1 << *state as u64))
    };
    fall.drop_all(Why::NoAddress, Test::Not(Box::new(Test::Bits(Code::Reach, has, 0))))?;
    fall.drop_all(Why::InvalidAddress, states(&[ConsentState::Invalid]))?;
    if asked.kind.needs_consent() {
        fall.drop_all(Why::Unsubscribed, states(&[ConsentState::Unsubscribed, ConsentState::Redacted]))?;
        fall.drop_all(Why::NoConsent, Test::Not(Box::new(states(&[ConsentState::Subscribed]))))?;
    }
    let topic = Declined::bit(asked.kind);
    // No bits are in everybody.
    if topic != 0 {
        fall.drop_all(Why::Declined, Test::Bits(Code::Declined, topic, 0))?;
    }
    fall.drop_all(Why::Suppressed, Test::Bits(Code::Reach, suppressed, 0))?;
    let twins = fall.twins(asked.channel)?;
    fall.drop(Why::DuplicateAddress, &twins);
    if let Some(cap) = asked.rules.cap {
        let capped = reached(asked.earlier, usize::from(cap.messages));
        fall.drop(Why::FrequencyCap, &capped);
    }
    let held_out = i64::from(asked.rules.held_out_percent);
    if held_out > 0 {
        fall.drop_all(Why::HeldOut, bucket(asked.campaign, held_out))?;
    }
    let audience = meant.len();
    let mut waves = fall.waves(asked)?;
    if let Some(budget) = asked.rules.budget_micros {
        fall.drop_beyond(budget, asked.rules.care.takings(), &mut waves);
    }
    Ok(Waterfall { audience, left_out: fall.out, waves, decided_at: decided_at(asked) })
}

impl Waterfall {
    pub fn chosen(&self) -> u64 {
        self.waves.iter().map(|wave| wave.members.len()).sum()
    }

    /// What is kept of it, for shards from the first on.
    pub fn plan(&self, shards: &[ShardNumber]) -> Plan {
        let mut parts = Vec::new();
        for (Wave { not_before, micros, arm, members }, wave) in self.waves.iter().zip(0..) {
            for shard in shards {
                let chosen = u32::try_from(members.of_shard(*shard).len()).unwrap_or(u32::MAX);
                if chosen > 0 {
                    let (not_before, micros, arm) = (*not_before, *micros, *arm);
                    parts.push(Part { wave, not_before, shard: shard.0, chosen, micros, arm });
                }
            }
        }
        let message_micros = self.waves.iter().filter_map(|wave| wave.micros).max().unwrap_or(0);
        let left_out = self.left_out.iter().map(|(why, members)| (*why, members.len())).collect();
        Plan { audience: self.audience, left_out, parts, decided_at: self.decided_at, message_micros }
    }
}

/// By when they may be written to. `None`: at once.
type Times = BTreeMap<Option<Timestamp>, Members>;

/// Those who live in the same countries.
type Neighbours = (Vec<Box<str>>, Members);

/// Those who are left, and those who are not any more.
struct Fall<'a> {
    view: &'a View,
    left: Members,
    out: Vec<(Why, Members)>,
}

impl Fall<'_> {
    fn drop_all(&mut self, why: Why, test: Test) -> Result<(), NotRead> {
        let members = self.who(test)?;
        self.drop(why, &members);
        Ok(())
    }

    fn drop(&mut self, why: Why, who: &Members) {
        let out = self.left.and(who);
        self.left = self.left.without(&out);
        self.out.push((why, out));
    }

    fn who(&self, test: Test) -> Result<Members, NotRead> {
        Ok(self.view.select(&Program::new(test))?.members())
    }

    /// Whoever has the address of somebody who was a customer before them.
    fn twins(&self, channel: Channel) -> Result<Members, NotRead> {
        let column = match channel {
            Channel::Email => Text::Email,
            Channel::Sms => Text::Phone,
        };
        let left = Program::new(Test::Members(Arc::new(self.left.clone())));
        let selected = self.view.select(&left)?;
        let mut all = selected.texts(column)?;
        all.sort_unstable_by_key(|(slot, _)| *slot);
        let mut seen = HashSet::with_capacity(all.len());
        let again = all.into_iter().filter(|(_, address)| !seen.insert(*address));
        Ok(again.map(|(slot, _)| slot).collect())
    }

    /// By when they may be written to, at which price and in which words. Who never may is left out.
    fn waves(&mut self, asked: &Asked<'_>) -> Result<Vec<Wave>, NotRead> {
        let at_once = self.by_time(asked, asked.now)?;
        // Their hours are those of the instant at which there is something for them.
        let later = match decided_at(asked) {
            Some(decided_at) => self.by_time(asked, decided_at)?,
            None => Times::new(),
        };
        let (arms, priced) = (self.arms(asked)?, asked.costs.of(self.view, &self.left)?);
        let mut waves = Vec::new();
        for (not_before, arm, members) in arms.iter().flat_map(|(arm, those)| {
            let by_time = if *arm == REST { &later } else { &at_once };
            by_time.iter().map(move |(not_before, members)| (*not_before, *arm, members.and(those)))
        }) {
            for (micros, those) in &priced {
                let members = members.and(those);
                if !members.is_empty() {
                    waves.push(Wave { not_before, micros: *micros, arm, members });
                }
            }
        }
        waves.sort_by_key(|wave| (wave.not_before, wave.micros.unwrap_or(u64::MAX), wave.arm));
        Ok(waves)
    }

    /// Who gets which words. Each is always in the same arm of a campaign.
    fn arms(&self, asked: &Asked<'_>) -> Result<Vec<(u8, Members)>, NotRead> {
        let Some(trial) = &asked.rules.trial else { return Ok(vec![(0, self.left.clone())]) };
        let id = asked.campaign.to_string();
        let (mut arms, mut first, mut rest) = (Vec::new(), 0, self.left.clone());
        for (arm, share) in (0..).zip(&trial.shares) {
            let span = Span::new(first, first + i64::from(*share) - 1);
            first += i64::from(*share);
            if *share == 0 {
                continue;
            }
            let those = self.who(Test::bucket([id.as_bytes(), b"arm"], 100, span))?.and(&self.left);
            rest = rest.without(&those);
            arms.push((arm, those));
        }
        arms.push((REST, rest));
        Ok(arms)
    }

    /// By when they may be written to, not before that instant.
    fn by_time(&mut self, asked: &Asked<'_>, from: Timestamp) -> Result<Times, NotRead> {
        let bounds = asked.bounds();
        if !bounds.are_any() && asked.local.is_none() {
            return Ok([(Some(from).filter(|at| *at > asked.now), self.left.clone())].into());
        }
        let (mut waves, mut never) = (Times::new(), Members::default());
        let groups = if bounds.has_law() { self.by_telephones(&bounds)? } else { self.by_countries()? };
        for (countries, members) in groups {
            let next = bounds.next(countries.iter().map(AsRef::as_ref), asked.local, from);
            // Who has hours now has some later, too; whoever sends looks once more.
            let Some(at) = next.or((from > asked.now).then_some(from)) else {
                never = never.or(&members);
                continue;
            };
            let wave = waves.entry(Some(at).filter(|at| *at > asked.now)).or_default();
            *wave = wave.or(&members);
        }
        if from == asked.now {
            self.drop(Why::QuietHours, &never);
        }
        Ok(waves)
    }

    /// As below, and by the countries that their telephones may be of.
    fn by_telephones(&self, bounds: &Bounds<'_>) -> Result<Vec<Neighbours>, NotRead> {
        let left = Program::new(Test::Members(Arc::new(self.left.clone())));
        let selected = self.view.select(&left)?;
        let mut phones = HashMap::<&[&str], (&str, Vec<Slot>)>::new();
        for (slot, phone) in selected.texts(Text::Phone)? {
            phones.entry(countries_of(phone)).or_insert((phone, Vec::new())).1.push(slot);
        }
        let phones: Vec<(&str, Members)> =
            phones.into_values().map(|(phone, slots)| (phone, slots.into_iter().collect())).collect();
        let mut groups = Vec::new();
        for (countries, members) in self.by_countries()? {
            let countries: Vec<&str> = countries.iter().map(AsRef::as_ref).collect();
            for (phone, those) in &phones {
                let members = members.and(those);
                if !members.is_empty() {
                    let all = bounds.countries(&countries, Some(phone));
                    groups.push((all.into_iter().map(Into::into).collect(), members));
                }
            }
        }
        Ok(groups)
    }

    /// All who are left, by all the countries in which they have an address.
    fn by_countries(&self) -> Result<Vec<Neighbours>, NotRead> {
        let left = Program::new(Test::Members(Arc::new(self.left.clone())));
        let present = self.view.select(&left)?.tally(&Key::List(List::Countries), &[]);
        let mut groups = vec![(Vec::new(), self.left.clone())];
        for group in present.into_keys() {
            let Group::Word(country) = group else { continue };
            let those = Among::Exactly(BTreeSet::from([country.clone()]));
            let there = self.who(Test::List(Of::Known(List::Countries), those))?;
            let mut parted = Vec::new();
            for (countries, members) in groups {
                let (inside, outside) = (members.and(&there), members.without(&there));
                if !inside.is_empty() {
                    let with = countries.iter().cloned().chain([country.clone()]).collect();
                    parted.push((with, inside));
                }
                if !outside.is_empty() {
                    parted.push((countries, outside));
                }
            }
            groups = parted;
        }
        Ok(groups)
    }

    /// Those who wait longest go first, and of those who wait equally long the dearest, and of those the newest customers. What
    /// has no price that is known is more than anybody has. What may be taken so often may cost so often.
    fn drop_beyond(&mut self, budget_micros: u64, takings: u8, waves: &mut Vec<Wave>) {
        let (mut room, mut over) = (budget_micros, Members::default());
        for Wave { micros, members, .. } in waves.iter_mut() {
            let micros = micros.map(|micros| micros.saturating_mul(takings.into()));
            let affordable = micros.map_or(0, |micros| room.checked_div(micros).unwrap_or(u64::MAX));
            let all: Vec<Slot> = members.iter().collect();
            let (kept, beyond) =
                all.split_at(usize::try_from(affordable).unwrap_or(usize::MAX).min(all.len()));
            room -= micros.unwrap_or(0) * kept.len() as u64;
            over = over.or(&beyond.iter().copied().collect());
            *members = kept.iter().copied().collect();
        }
        waves.retain(|wave| !wave.members.is_empty());
        self.drop(Why::OverBudget, &over);
    }
}

/// When the words of a trial are to be compared.
fn decided_at(asked: &Asked<'_>) -> Option<Timestamp> {
    asked.rules.trial.as_ref().map(|trial| asked.now + Duration::from_hours(trial.hours.into()))
}

/// Who is in at least so many of them.
fn reached(earlier: &[Members], times: usize) -> Members {
    let mut at_least = vec![Members::default(); times];
    for members in earlier {
        for place in (0..times).rev() {
            let again = if place == 0 { members.clone() } else { at_least[place - 1].and(members) };
            at_least[place] = at_least[place].or(&again);
        }
    }
    at_least.pop().unwrap_or_default()
}

/// So many of a hundred: the same ones for each look at the same campaign.
fn bucket(campaign: CampaignId, percent: i64) -> Test {
    Test::bucket([campaign.to_string().as_bytes()], 100, Span::new(0, percent - 1))
}
