//! One record of each kind, as it is stored. A changed snapshot is a migration of everything that is stored.

use domain::{
    ApiKey, ApiKeyId, Invitation, InvitationId, Maker, Member, Permission, Plan, Product, ProductId,
    RequestId, Reset, ResetCause, ResetId, Role, Run, RunId, RunState, Session, SessionId, Syncing, Tenant,
    TenantId, TenantStatus, Thing, User, UserId, VariantId,
    event::{Because, BodyDigest, Noted, Outcome},
    privacy::{Asks, Done, FileSearched, Request, Searching, State, WordsSearched, Writing},
    product::{ProductStatus, Variant},
    run::{FailureUntold, InList, Mode, OrdersHere, Part, PartState, Place, RefusedRow, Resource, Tally},
};
use std::sync::Arc;
use store::{AddressDigest, Due, KeptAnswer, Month, Move, Store, Table, Way, When, Write, local::LocalTable};

use crate::instants::at;
use crate::shown::shown;

fn tenant(id: TenantId, name: domain::Name) -> Tenant {
    Tenant {
        id,
        name,
        shop: None,
        status: TenantStatus::Active,
        plan: Plan::Free,
        owners: 1,
        members: 1,
        currency: domain::Currency::USD,
        currency_changes: 0,
        zone: domain::Zone::UTC,
        created_at: at(0),
    }
}

#[tokio::test]
async fn the_records_are_these() {
    let table = Arc::new(LocalTable::in_memory());
    let store = Store::new(table.clone());
    let (user_id, tenant_id) = (UserId::new(at(0), [1; 10]), TenantId::new(at(0), [2; 10]));
    let team = store.for_task(tenant_id);
    let email: domain::EmailAddress = "ada@example.com".parse().unwrap();
    let name: domain::Name = "Ada".parse().unwrap();
    let user = User {
        id: user_id,
        email: email.clone(),
        name: name.clone(),
        password_hash: Some("$argon2id$…".into()),
        google_subject: Some("1234".into()),
        email_proven_at: Some(at(2)),
        epoch: 0,
        hand: 1,
        created_at: at(0),
    };
    let tenant = tenant(tenant_id, name.clone());
    let owner = Member {
        tenant: tenant_id,
        user: user_id,
        email: email.clone(),
        name: name.clone(),
        role: Role::Owner,
        since: at(0),
    };
    let session = Session {
        id: SessionId::new(at(0), [3; 10]),
        user: user_id,
        tenant: Some(tenant_id),
        generation: 2,
        rotated_at: at(5),
        epoch: 0,
        created_at: at(0),
        expires_at: at(100),
        revoked: false,
    };
    let invitation = Invitation {
        id: InvitationId::new(at(0), [4; 10]),
        tenant: tenant_id,
        email: email.clone(),
        role: Role::Viewer,
        invited_by: Maker { user: user_id, hand: 1 },
        created_at: at(0),
        expires_at: at(100),
        told_at: None,
        due_at: at(60),
        claimed_until: None,
    };
    let reset_id = ResetId::new(at(0), [5; 10]);
    let reset = Reset {
        id: reset_id,
        email,
        cause: ResetCause::Forgotten,
        created_at: at(0),
        expires_at: at(100),
        told_at: Some(at(1)),
        due_at: at(60),
        claimed_until: None,
    };
    let key = ApiKey {
        id: ApiKeyId::new(at(0), [6; 10]),
        tenant: tenant_id,
        name,
        hash: "5e88".into(),
        scopes: [Permission::ReadTeam, Permission::ReadAccount].into(),
        created_by: Maker { user: user_id, hand: 1 },
        created_at: at(0),
    };
    let answer = KeptAnswer { request: "digest".into(), sealed: Some(vec![1, 2, 3]), expires_at: at(100) };
    store
        .commit(vec![
            Store::user_made(&user),
            Store::tenant_made(&tenant, &owner),
            Store::session_opened(&session),
            team.invitation_made(&invitation),
            Store::reset_asked(&reset),
            team.api_key_made(&key),
            team.data_key_made(vec![7, 8]),
            Store::answer_kept(Some(tenant_id), "digest", &answer, None),
            Store::used_once("digest", at(100)),
        ])
        .await
        .unwrap();
    let month = Month { name: "calls_2026_09".into(), calls_max: 10 };
    team.call_counted(Move { by: 1_790_000_001_000, within: 0..=0 }, &month, at(100)).await.unwrap();
    store.rate_moved("digest", 7, None, at(100)).await.unwrap();

    let listed: Vec<_> = table.dump().unwrap().iter().map(shown).collect();
    insta::assert_snapshot!(listed.join("\n"));
}

#[tokio::test]
async fn a_product_is_kept_so_and_so_is_its_end() {
    let table = Arc::new(LocalTable::in_memory());
    let team = Store::new(table.clone()).for_task(TenantId::new(at(0), [2; 10]));
    let product = Product {
        id: ProductId::Shopify(8_001),
        title: "Earl Grey".into(),
        handle: Some("earl-grey".into()),
        status: ProductStatus::Active,
        vendor: Some("Teahouse".into()),
        kind: Some("Tea".into()),
        tags: ["black".to_owned()].into(),
        image_url: Some("https://cdn.example.com/tea.jpg".into()),
        variants: vec![Variant {
            id: VariantId::Shopify(9_001),
            title: "100 g".into(),
            sku: Some("EG-100".into()),
            price: domain::Minor::new(420).unwrap(),
            inventory: Some(-2),
        }],
        created_at: at(0),
        updated_at: at(3),
    };
    let gone = Product { id: ProductId::Shopify(8_002), ..product.clone() };
    team.commit(vec![team.product_told(None, &product), team.product_told(None, &gone)]).await.unwrap();
    let held = team.product_kept(gone.id).await.unwrap().unwrap();
    team.commit(vec![team.product_ended(Some(&held), gone.id, at(4))]).await.unwrap();
    assert_eq!(team.product(product.id).await.unwrap().as_ref(), Some(&product));
    let listed: Vec<_> = table.dump().unwrap().iter().map(shown).collect();
    insta::assert_snapshot!(listed.join("\n"));
}

#[tokio::test]
async fn records_of_before_are_read_as_nothing_shown_and_first_hands() {
    let table = Arc::new(LocalTable::in_memory());
    let store = Store::new(table.clone());
    let tenant = TenantId::new(at(0), [2; 10]);
    let email: domain::EmailAddress = "ada@example.com".parse().unwrap();
    let user = User {
        id: UserId::new(at(0), [1; 10]),
        email: email.clone(),
        name: "Ada".parse().unwrap(),
        password_hash: None,
        google_subject: None,
        email_proven_at: Some(at(1)),
        epoch: 0,
        hand: 1,
        created_at: at(0),
    };
    let key = ApiKey {
        id: ApiKeyId::new(at(0), [6; 10]),
        tenant,
        name: "Ada".parse().unwrap(),
        hash: "5e88".into(),
        scopes: [Permission::ReadTeam].into(),
        created_by: user.maker(),
        created_at: at(0),
    };
    let invitation = Invitation {
        id: InvitationId::new(at(0), [4; 10]),
        tenant,
        email: email.clone(),
        role: Role::Viewer,
        invited_by: user.maker(),
        created_at: at(0),
        expires_at: at(100),
        told_at: None,
        due_at: at(60),
        claimed_until: None,
    };
    let reset = Reset {
        id: ResetId::new(at(0), [5; 10]),
        email,
        cause: ResetCause::Dropped,
        created_at: at(0),
        expires_at: at(100),
        told_at: None,
        due_at: at(60),
        claimed_until: None,
    };
    let team = store.for_task(tenant);
    let steps = vec![
        Store::user_made(&user),
        team.api_key_made(&key),
        team.invitation_made(&invitation),
        Store::reset_asked(&reset),
    ];
    store.commit(steps).await.unwrap();
    for mut old in table.dump().unwrap() {
        let mut body = old.body.into_inner();
        for name in ["email_proven_at", "hand", "cause"] {
            body.remove(name);
        }
        old.body = body.into();
        table.write(vec![Write::Put(old, When::Always)]).await.unwrap();
    }
    let read = store.user(user.id).await.unwrap().unwrap();
    assert_eq!((read.email_proven_at, read.hand), (None, 0));
    assert_eq!(team.api_key(key.id).await.unwrap().unwrap().created_by, read.maker());
    assert_eq!(team.invitation(invitation.id).await.unwrap().unwrap().invited_by, read.maker());
    assert_eq!(store.reset(reset.id).await.unwrap().unwrap().cause, ResetCause::Forgotten);
}

#[tokio::test]
async fn what_became_of_an_event_is_kept_so() {
    let table = Arc::new(LocalTable::in_memory());
    let team = Store::new(table.clone()).for_task(TenantId::new(at(0), [1; 10]));
    let noted = Noted {
        id: "b54557e4".to_owned(),
        topic: "orders/create".to_owned(),
        at: at(1),
        tried_at: at(2),
        attempts: 1,
        ours: 0,
        outcome: Outcome::Refused { why: "currency is another".to_owned() },
        body: Some(BodyDigest([7; 32])),
        version: "2026-10".to_owned(),
        unread: None,
    };
    let applied = Noted {
        id: "c".to_owned(),
        outcome: Outcome::Applied { left_out: None },
        attempts: 3,
        ours: 2,
        body: None,
        unread: Some("Shopify denies it".to_owned()),
        ..noted.clone()
    };
    let late = Noted {
        id: "d".to_owned(),
        outcome: Outcome::Unchanged { left_out: Some("shop".to_owned()), because: Some(Because::Late) },
        ..applied.clone()
    };
    team.commit([&noted, &applied, &late].map(|noted| team.event_note(None, noted)).into()).await.unwrap();
    assert_eq!(team.event_noted(at(1), "d").await.unwrap().unwrap().into_inner(), late);
    team.commit(vec![team.thing_read(Thing::Shop, at(3))]).await.unwrap();
    assert_eq!(team.read_at(Thing::Shop).await.unwrap(), Some(at(3)));
    assert_eq!(team.event_noted(at(1), "b54557e4").await.unwrap().unwrap().into_inner(), noted);
    assert!(team.commit(vec![team.event_note(None, &noted)]).await.is_err(), "it is noted once");
    let listed: Vec<_> = table.dump().unwrap().iter().map(shown).collect();
    insta::assert_snapshot!(listed.join("\n"));
}

#[tokio::test]
async fn runs_and_what_they_have_to_do_with_each_other_are_kept_so() {
    let table = Arc::new(LocalTable::in_memory());
    let store = Store::new(table.clone());
    let team = store.for_task(TenantId::new(at(0), [1; 10]));
    let since = Some(at(-600));
    let tally = Tally { created: 1, updated: 2, unchanged: 3, refused: 1, missed: 1 };
    let places = [
        PartState::Done,
        PartState::Reading(Place::Bulk {
            operation: "gid://shopify/BulkOperation/7".to_owned(),
            offset: 4_096,
        }),
        PartState::Reading(Place::Page(InList { after: Some("cursor".into()), begun_at: since, rows: 31 })),
        PartState::Failed { why: "denied".to_owned() },
        PartState::Waiting,
    ];
    let sized =
        |state| Part { state, total: Some(7), page_rows: Some(31), ..Part::new(Resource::Orders, since) };
    let parts = places.into_iter().map(|state| Part { tally, ..sized(state) }).collect();
    let refused = RefusedRow { what: "order s9".to_owned(), why: "its currency is another".to_owned() };
    let run = Run {
        refused: vec![refused],
        missed: vec!["customer s1".to_owned()],
        shards: [0, 3].into(),
        told_at: Some(at(2)),
        stuck_since: Some(at(1)),
        ..Run::new(RunId::new(at(1), [4; 10]), team.id(), Mode::Reconciliation, parts, at(1))
    };
    // Handed another tenant's, it is this one's.
    let foreign = Run { tenant: TenantId::new(at(0), [9; 10]), ..run.clone() };
    let failed = Run { id: RunId::new(at(0), [4; 10]), parts: Vec::new(), ..run.clone() }
        .ended(RunState::Failed { why: "the shop is not connected".to_owned() }, at(5));
    let syncing = Syncing {
        open: Some(run.id),
        watermarks: [(Resource::Customers, at(0))].into(),
        owed: [Resource::Products].into(),
        reconciled_at: Some(at(-1)),
        orders: OrdersHere::Owed(at(2)),
        orders_from: Some(at(-9)),
        synced_at: Some(at(3)),
        failures: 1,
        untold: Some(FailureUntold { run: failed.id, claimed_until: Some(at(4)) }),
        next_at: Some(at(600)),
    };
    team.commit(vec![team.run_made(&foreign), team.run_made(&failed), team.syncing_changed(None, &syncing)])
        .await
        .unwrap();
    assert_eq!(*team.open_run().await.unwrap().unwrap(), run);
    assert_eq!(team.runs(10).await.unwrap(), [run.clone(), failed.clone()], "newest first");
    assert_eq!(*team.syncing().await.unwrap().unwrap(), syncing);
    let (due, _) = store.due_before(at(10_000), 10, None).await.unwrap();
    let due: Vec<_> = due.into_iter().map(|(_, due)| due).collect();
    assert!(due.contains(&Due::Run { tenant: team.id(), run: run.id }), "{due:?}");
    assert!(due.contains(&Due::Sync { tenant: team.id() }) && due.len() == 2, "{due:?}");
    let held = team.run(run.id).await.unwrap().unwrap();
    team.commit(vec![team.run_changed(&held, &run)]).await.unwrap();
    assert!(team.commit(vec![team.run_changed(&held, &run)]).await.is_err(), "one at a time");
    assert!(team.commit(vec![team.syncing_changed(None, &syncing)]).await.is_err(), "there is one");
    let listed: Vec<_> = table.dump().unwrap().iter().map(shown).collect();
    insta::assert_snapshot!(listed.join("\n"));
}

#[tokio::test]
async fn what_somebody_asks_by_law_is_kept_so() {
    let table = Arc::new(LocalTable::in_memory());
    let team = Store::new(table.clone()).for_task(TenantId::new(at(0), [1; 10]));
    let customer = Some(domain::CustomerId::Shopify(7001));
    let asked = |dice, asks| Request::new(RequestId::new(at(0), dice), asks, customer, vec![7, 8], at(1));
    let place = WordsSearched { kind: Writing::Template, id: "01M3250V00040G2081040G2081".to_owned() };
    let searching = Some(Searching::Words(place));
    let erased = Request { searching, ..asked([2; 10], Asks::Erasure) };
    let done = Done { customers: 1, orders: 2, events: 3, letters: 4, answers: 6, files: 5 };
    let told =
        Request { done, mailed_at: Some(at(4)), ..asked([3; 10], Asks::Data) }.ended(State::Done, at(3));
    let why = "it was connected again".to_owned();
    let refused = asked([4; 10], Asks::ShopErasure).ended(State::Refused { why }, at(3));
    let digest = AddressDigest { way: Way::Email, digest: "d16e57".to_owned() };
    let steps = [&erased, &told, &refused].map(|request| team.request_made(request));
    team.commit(steps.into_iter().chain([team.address_gone(&digest, at(5))]).collect()).await.unwrap();
    assert!(team.commit(vec![team.request_made(&erased)]).await.is_err(), "it is made once");
    let id = erased.id;
    for request in [erased, told, refused] {
        assert_eq!(team.request(request.id).await.unwrap().unwrap().into_inner(), request);
    }
    assert_eq!(team.addresses_gone(&[digest]).await.unwrap(), [Some(at(5))]);
    let listed: Vec<_> = table.dump().unwrap().iter().map(shown).collect();
    insta::assert_snapshot!(listed.join("\n"));
    for searching in [
        Searching::Events { at: at(6), id: "e".to_owned() },
        Searching::Answers { digest: "a115".to_owned() },
        Searching::Files(FileSearched { job: domain::JobId::new(at(0), [5; 10]), part: 1, bytes: 9 }),
    ] {
        let held = team.request(id).await.unwrap().unwrap();
        let further = Request { searching: Some(searching), ..Request::clone(&held) };
        team.commit(vec![team.request_changed(&held, &further)]).await.unwrap();
        assert_eq!(team.request(id).await.unwrap().unwrap().into_inner(), further, "it is known again");
    }
}
