//! The waterfall: reason after reason, and who is left.

use columns::{
    Among, Code, Family, Group, Key, List, Members, NotRead, Of, Program, ShardNumber, Slot, Span, Test,
    Text, View,
};
use domain::{
    CampaignId, ConsentState, Timestamp, Zone,
    campaign::{Kind, Plan, Rules, Why, plan::Part},
    customer::Reach,
    template::Channel,
};
use jiff::civil::DateTime;
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use crate::{hours::next_allowed, places::clocks_of};

/// In the order in which somebody is left out.
pub const STAGES: [Why; 10] = [
    Why::NoAddress,
    Why::InvalidAddress,
    Why::Unsubscribed,
    Why::NoConsent,
    Why::Suppressed,
    Why::DuplicateAddress,
    Why::FrequencyCap,
    Why::HeldOut,
    Why::QuietHours,
    Why::OverBudget,
];

/// How a campaign asks.
#[derive(Debug, Clone)]
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
    /// Of one message, at most.
    pub message_micros: u64,
}

/// Who was chosen, by when they may be written to, and who was left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Waterfall {
    pub audience: u64,
    /// In the order of `STAGES`; each is in one of them only.
    pub left_out: Vec<(Why, Members)>,
    /// Those who may be written to at once come first.
    pub waves: Vec<(Option<Timestamp>, Members)>,
}

/// What must have been read of the audience.
pub fn families(rules: &Rules, local: Option<DateTime>) -> BTreeSet<Family> {
    let asks_places = rules.quiet.is_some() || local.is_some();
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
    if let Some(budget) = asked.rules.budget_micros.filter(|_| asked.message_micros > 0) {
        fall.drop_beyond(budget / asked.message_micros, &mut waves);
    }
    Ok(Waterfall { audience, left_out: fall.out, waves })
}

impl Waterfall {
    pub fn chosen(&self) -> u64 {
        self.waves.iter().map(|(_, members)| members.len()).sum()
    }

    /// What is kept of it, for shards from the first on.
    pub fn plan(&self, shards: &[ShardNumber], message_micros: u64) -> Plan {
        let mut parts = Vec::new();
        for ((not_before, members), wave) in self.waves.iter().zip(0..) {
            for shard in shards {
                let chosen = u32::try_from(members.of_shard(*shard).len()).unwrap_or(u32::MAX);
                if chosen > 0 {
                    parts.push(Part { wave, not_before: *not_before, shard: shard.0, chosen });
                }
            }
        }
        let left_out = self.left_out.iter().map(|(why, members)| (*why, members.len())).collect();
        Plan { audience: self.audience, left_out, parts, message_micros }
    }
}

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

    /// By when they may be written to. Who never may is left out.
    fn waves(&mut self, asked: &Asked<'_>) -> Result<Vec<(Option<Timestamp>, Members)>, NotRead> {
        if asked.rules.quiet.is_none() && asked.local.is_none() {
            return Ok(vec![(None, self.left.clone())]);
        }
        let (mut waves, mut never) = (BTreeMap::<Option<Timestamp>, Members>::new(), Members::default());
        for (countries, members) in self.by_countries()? {
            let clocks = countries.iter().filter_map(|country| clocks_of(country));
            let mut clocks: Vec<Zone> = clocks.flatten().cloned().collect();
            if clocks.is_empty() {
                // Nobody knows where they are.
                clocks.push(asked.zone.clone());
            }
            match next_allowed(&clocks, asked.rules.quiet, asked.local, asked.now) {
                Some(at) => {
                    let wave = waves.entry(Some(at).filter(|at| *at > asked.now)).or_default();
                    *wave = wave.or(&members);
                }
                None => never = never.or(&members),
            }
        }
        self.drop(Why::QuietHours, &never);
        Ok(waves.into_iter().collect())
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

    /// Those who wait longest go first, and of those who wait equally long the newest customers.
    fn drop_beyond(&mut self, affordable: u64, waves: &mut Vec<(Option<Timestamp>, Members)>) {
        let (mut room, mut over) = (usize::try_from(affordable).unwrap_or(usize::MAX), Members::default());
        for (_, members) in waves.iter_mut() {
            let all: Vec<Slot> = members.iter().collect();
            let (kept, beyond) = all.split_at(room.min(all.len()));
            room -= kept.len();
            over = over.or(&beyond.iter().copied().collect());
            *members = kept.iter().copied().collect();
        }
        waves.retain(|(_, members)| !members.is_empty());
        self.drop(Why::OverBudget, &over);
    }
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
