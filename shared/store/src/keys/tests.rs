//! The keys as they stand in the table, and the order that they have there.

use super::*;
use columns::{BlockNumber, Family, ShardNumber, Slot};
use domain::{
    CampaignId, CartName, CustomerId, OrderId, ProductId, SenderId, Thing, campaign::Upshot,
    sender::Identity, timeline::Channel,
};

/// A changed snapshot is a migration of everything that is stored.
#[test]
fn the_keys_are_these() {
    let at = Timestamp::from_second(1_790_000_000).unwrap();
    let dice = [0; 10];
    let (t, user_id) = (TenantId::new(at, dice), UserId::new(at, [1; 10]));
    let email = "ada@example.com".parse().unwrap();
    let (invitation_id, reset_id) = (InvitationId::new(at, dice), ResetId::new(at, dice));
    let keys = [
        login(&email),
        google_login("1234"),
        staff_login(&"nordlicht.myshopify.com".parse().unwrap(), "42"),
        user(user_id),
        membership(user_id, t),
        session(SessionId::new(at, dice)),
        api_key_by_hash("5e88"),
        reset(reset_id),
        shop(&"nordlicht.myshopify.com".parse().unwrap()),
        tenant(t),
        connection(t),
        upkeep(t),
        notice(t),
        noted(t, at, "w-1"),
        topics(t),
        member(t, user_id),
        invitation(t, invitation_id),
        api_key(t, ApiKeyId::new(at, dice)),
        job(t, JobId::new(at, dice)),
        run(t, RunId::new(at, dice)),
        syncing(t),
        request(t, RequestId::new(at, dice)),
        segments(t),
        counted(t),
        segment(t, SegmentId::new(at, dice)),
        scores(t),
        scoring_run(t, at),
        report(t, ReportId::new(at, dice)),
        mailing(t, ReportId::new(at, dice)),
        campaign(t, CampaignId::new(at, dice)),
        campaign_words(t, CampaignId::new(at, dice), 2, 0),
        campaign_words(t, CampaignId::new(at, dice), 2, 1),
        campaign_move(t, CampaignId::new(at, dice), 3),
        campaign_heard(t, CampaignId::new(at, dice)),
        campaign_told(t, CampaignId::new(at, dice)),
        mails_wanted(t, user_id),
        telephone(t, user_id),
        notice_sent(t, "01M3250V000000000000000000.2", user_id),
        plans_laid(t),
        plan(t, CampaignId::new(at, dice)),
        campaign_people(t, CampaignId::new(at, dice), 7, "Y00000", ShardNumber(1)),
        message_chunk(t, CampaignId::new(at, dice), 17),
        written(t, CampaignId::new(at, dice)),
        outcomes(t, CampaignId::new(at, dice), Upshot::Opened, ShardNumber(1)),
        sender(t, SenderId::new(at, dice)),
        sending(t),
        claim(&Identity::Domain("shop.test".parse().unwrap())),
        sift(Queue::Ingest),
        data_key(t),
        answer(Some(t), "d16e57"),
        answer(None, "d16e57"),
        used("d16e57"),
        slots(t),
        customer(t, CustomerId::Shopify(7001)),
        customer(t, CustomerId::new(at, dice)),
        untold(t, CustomerId::Shopify(7001), Channel::Email),
        order(t, CustomerId::Shopify(7001), 1_790_000_000, 3),
        event(t, CustomerId::Shopify(7001), at, 'C', "email"),
        event(t, CustomerId::Shopify(7001), at, 'K', CampaignId::new(at, dice)),
        order_place(t, OrderId::Shopify(9001)),
        reading(t, Thing::Customer(CustomerId::Shopify(7001))),
        cart(t, "d16e57"),
        cart_name(t, &CartName::Cart("eeafa2".to_owned())),
        cart_name(t, &CartName::Checkout(981_820_079_255_243_537)),
        address(t, "d16e57", "EMAIL"),
        address(t, "d16e57", GONE),
        forgotten_address(t, "d16e57"),
        name(t, CustomerId::Shopify(7001), "d16e57"),
        suppression(t, "d16e57"),
        product(t, ProductId::Shopify(8001)),
        directory(t, Slot(70_000)),
        delta(t, Slot(70_000)),
        head(t, ShardNumber(1)),
        settlement(t, ShardNumber(1)),
        members(t, ShardNumber(1), SegmentId::new(at, dice)),
        chunk(t, 7, Family::Orders, BlockNumber(17), 2),
        recent(t, ShardNumber(1), 7, 2),
        socket(&"L0SM9cOFvHcCIhw=".parse().unwrap()),
        socket_of(t, &"L0SM9cOFvHcCIhw=".parse().unwrap()),
        rate_of_tenant(t),
        rate_of_digest("d16e57"),
        due(at, "invitation", invitation_id),
    ];
    let listed = keys.iter().map(|key| format!("{key:?}")).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(listed);
}

#[test]
fn a_tenant_is_never_the_prefix_of_a_neighbour() {
    // The ids differ in their last letters only, as …12 and …123 would if ids had no fixed form.
    let at = Timestamp::UNIX_EPOCH;
    let (one, other) = (TenantId::new(at, [0; 10]), TenantId::new(at, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));
    assert!(!tenant_partition(other).starts_with(&tenant_partition(one)));
    assert!(tenant_partition(one).ends_with('#'));
    assert!(!answer(Some(other), "a").pk.starts_with(&tenant_partition(one)));
    assert!("1".parse::<TenantId>().is_err() && format!("{one}#").parse::<TenantId>().is_err());
}
