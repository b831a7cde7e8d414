//! What happened with a customer, newest first: orders, what they agreed to, who changed what is known of them.

use crate::{
    Consent, CustomerId, Minor, Order, SegmentId, Timestamp, campaign::MessageId, customer::Change, template,
};

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub at: Timestamp,
    pub event: Event,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// As it is now, at the time it was placed.
    Order(Box<Order>),
    Consent(Channel, Consent),
    Changed(Change),
    Merged(CustomerId),
    LeftCart(LeftBehind),
    Moved(Moved),
    Written(Written),
}

/// A basket that nobody paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftBehind {
    pub total: Minor,
    /// Where they can go on: sealed.
    pub way_back: Option<Vec<u8>>,
}

/// Somebody has joined a segment, or left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub segment: SegmentId,
    /// As it was called then.
    pub name: String,
    pub joined: bool,
}

/// A campaign has written to them. What became of it is with the campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub message: MessageId,
    /// As the campaign was called then.
    pub name: String,
    pub channel: template::Channel,
}

/// How somebody is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Email,
    Sms,
}

impl Channel {
    pub const ALL: [Self; 2] = [Self::Email, Self::Sms];

    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

impl From<template::Channel> for Channel {
    fn from(channel: template::Channel) -> Self {
        match channel {
            template::Channel::Email => Self::Email,
            template::Channel::Sms => Self::Sms,
        }
    }
}
