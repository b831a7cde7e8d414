//! Tenants are apart in the data layer itself (TEN-03): no filter keeps them so that could be forgotten. Whatever one
//! tenant's store is asked or given, the table is asked about that tenant's partitions alone.

use async_trait::async_trait;
use domain::{
    ApiKey, ApiKeyId, Invitation, InvitationId, Maker, Member, Permission, Plan, Product, ProductId, Role,
    Segment, SegmentId, Tenant, TenantId, TenantStatus, User, UserId,
    product::ProductStatus,
    segment::{RuleText, SegmentState, Turns},
};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};
use store::{
    Held, Item, KeptAnswer, Month, Move, Page, Products, Range, RawKey, Store, StoreError, Table,
    TenantStore, Write,
    local::LocalTable,
    table::{Add, Within},
};

use crate::instants::at;

/// A table that remembers what it was asked about.
struct Watched {
    table: LocalTable,
    partitions: Mutex<BTreeSet<String>>,
}

impl Watched {
    fn saw<'a>(&self, partitions: impl IntoIterator<Item = &'a String>) {
        let mut seen = self.partitions.lock().unwrap_or_else(PoisonError::into_inner);
        seen.extend(partitions.into_iter().cloned());
    }

    /// Since the last look.
    fn seen(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.partitions.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything of a tenant's own partitions, as it is stored.
    fn of(&self, tenant: TenantId) -> Vec<Item> {
        let all = self.table.dump().expect("memory holds");
        all.into_iter().filter(|item| item.key.pk.starts_with(&format!("T#{tenant}#"))).collect()
    }
}

#[async_trait]
impl Table for Watched {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        self.saw(keys.iter().map(|key| &key.pk));
        self.table.get(keys).await
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        let (Within::Partition(pk) | Within::Index(pk)) = &range.within;
        self.saw([pk]);
        self.table.query(range).await
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.saw(writes.iter().map(|write| &write.key().pk));
        self.table.write(writes).await
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        self.saw([&add.key.pk]);
        self.table.add(add).await
    }
}

const MONTH: &str = "calls_2026_09";

/// A tenant with something of everything. The ids of what is in it are the same in every house.
struct House {
    tenant: Tenant,
    member: Member,
    invitation: Invitation,
    key: ApiKey,
    answer: KeptAnswer,
    product: Product,
    segment: Segment,
}

impl House {
    fn new(number: u8) -> Self {
        let (id, user) = (TenantId::new(at(0), [number; 10]), UserId::new(at(0), [7; 10]));
        let name: domain::Name = format!("House {number}").parse().expect("a name");
        let email: domain::EmailAddress = format!("house{number}@example.com").parse().expect("an address");
        Self {
            tenant: Tenant {
                id,
                name: name.clone(),
                shop: None,
                status: TenantStatus::Active,
                plan: Plan::Free,
                owners: 1,
                members: 1,
                currency: domain::Currency::USD,
                currency_changes: 0,
                zone: domain::Zone::UTC,
                created_at: at(0),
            },
            member: Member {
                tenant: id,
                user,
                email: email.clone(),
                name: name.clone(),
                role: Role::Owner,
                since: at(0),
            },
            invitation: Invitation {
                id: InvitationId::new(at(0), [8; 10]),
                tenant: id,
                email,
                role: Role::Viewer,
                invited_by: Maker { user, hand: 0 },
                created_at: at(0),
                expires_at: at(100),
                told_at: None,
                claimed_until: None,
                due_at: at(60),
            },
            key: ApiKey {
                id: ApiKeyId::new(at(0), [9; 10]),
                tenant: id,
                name,
                hash: format!("5e8{number}"),
                scopes: [Permission::ReadTeam].into(),
                created_by: Maker { user, hand: 0 },
                created_at: at(0),
            },
            answer: KeptAnswer {
                request: format!("r{number}"),
                sealed: Some(vec![number]),
                expires_at: at(100),
            },
            product: Product {
                id: ProductId::Shopify(8),
                title: format!("Tea of house {number}"),
                handle: None,
                status: ProductStatus::Active,
                vendor: None,
                kind: None,
                tags: BTreeSet::new(),
                image_url: None,
                variants: Vec::new(),
                created_at: at(0),
                updated_at: at(0),
            },
            segment: Segment {
                id: SegmentId::new(at(0), [6; 10]),
                name: format!("Segment of house {number}").parse().expect("a name"),
                description: None,
                rule: Some(RuleText { text: "EVERYONE".to_owned(), hash: "5e88".to_owned() }),
                turns: Turns::Never,
                asks_beside: false,
                state: SegmentState::Active,
                edition: 1,
                era: 1,
                created_at: at(0),
                created_by: user,
                updated_at: at(0),
                updated_by: user,
            },
        }
    }

    async fn build(&self, store: &Store) -> TenantStore {
        let own = store.for_task(self.tenant.id);
        let steps = vec![
            Store::tenant_made(&self.tenant, &self.member),
            own.invitation_made(&self.invitation),
            own.api_key_made(&self.key),
            own.data_key_made(self.answer.sealed.clone().unwrap_or_default()),
            own.product_told(None, &self.product),
            Store::answer_kept(Some(own.id()), "digest", &self.answer, None),
        ];
        store.commit(steps).await.expect("nothing of it is there yet");
        let made = own.segment_made(&own.segments().await.expect("it reads"), &self.segment);
        own.commit(vec![made]).await.expect("it is the first");
        count(&own).await.expect("the first call");
        own
    }
}

fn owner_of_both() -> User {
    User {
        id: UserId::new(at(0), [7; 10]),
        email: "owner@example.com".parse().expect("an address"),
        name: "Owner".parse().expect("a name"),
        password_hash: None,
        google_subject: None,
        email_proven_at: None,
        epoch: 0,
        hand: 0,
        created_at: at(0),
    }
}

async fn count(own: &TenantStore) -> Result<i64, StoreError> {
    let month = Month { name: MONTH.to_owned(), calls_max: 10 };
    own.call_counted(Move { by: 1, within: 0..=9 }, &month, at(100)).await
}

async fn two() -> (Arc<Watched>, Store, [House; 2], [TenantStore; 2]) {
    let table = Arc::new(Watched { table: LocalTable::in_memory(), partitions: Mutex::default() });
    let (store, houses) = (Store::new(table.clone()), [House::new(1), House::new(2)]);
    let [one, two] = &houses;
    store.commit(vec![Store::user_made(&owner_of_both())]).await.expect("nobody is there yet");
    let own = [one.build(&store).await, two.build(&store).await];
    table.seen();
    (table, store, houses, own)
}

#[tokio::test]
async fn equal_ids_of_two_tenants_are_two_things() {
    let (_, store, houses, owns) = two().await;
    for (house, own) in houses.iter().zip(&owns) {
        let plain = |held: Option<Held<Invitation>>| held.map(Held::into_inner);
        assert_eq!(
            plain(own.invitation(house.invitation.id).await.expect("it reads")).as_ref(),
            Some(&house.invitation)
        );
        assert_eq!(
            *own.member(house.member.user).await.expect("it reads").expect("it is there"),
            house.member
        );
        assert_eq!(*own.api_key(house.key.id).await.expect("it reads").expect("it is there"), house.key);
        let answer = store.kept_answer(Some(own.id()), "digest").await.expect("it reads");
        assert_eq!(answer.map(Held::into_inner).as_ref(), Some(&house.answer));
        assert_eq!(own.product(house.product.id).await.expect("it reads").as_ref(), Some(&house.product));
        let all = Products::All(vec![house.product.clone()]);
        assert_eq!(own.products(10).await.expect("it reads"), all, "a list is of one tenant");
        assert_eq!(own.wrapped_data_key().await.expect("it reads"), house.answer.sealed.clone());
        let (answers, _) = own.answers_kept(10, None).await.expect("it reads");
        assert_eq!(answers.len(), 1, "answers are of one tenant");
    }
    let [first, second] = &owns;
    let kept = first.product_kept(houses[0].product.id).await.expect("it reads").expect("it is there");
    first
        .commit(vec![first.product_ended(Some(&kept), houses[0].product.id, at(1))])
        .await
        .expect("its own ends");
    assert_eq!(first.products(10).await.expect("it reads"), Products::All(Vec::new()));
    assert_eq!(
        second.product(houses[1].product.id).await.expect("it reads").as_ref(),
        Some(&houses[1].product)
    );
    let held = first.invitation(houses[0].invitation.id).await.expect("it reads").expect("it is there");
    first.commit(vec![first.invitation_ended(&held)]).await.expect("its own ends");
    assert!(first.invitations().await.expect("it reads").is_empty());
    assert_eq!(second.invitations().await.expect("it reads").len(), 1, "the other's of the same id does not");
}

#[tokio::test]
async fn whatever_a_tenants_store_is_asked_or_given_it_touches_nothing_of_anothers() {
    let (table, store, [mine, theirs], [own, other]) = two().await;
    let before = table.of(other.id());
    assert!(before.len() > 5, "there is something of everything: {before:#?}");
    // Theirs in our hands, as a mistake of a handler might put them there: read, and then handed to our store.
    let invitation = other.invitation(theirs.invitation.id).await.expect("it reads").expect("it is there");
    let member = other.member(theirs.member.user).await.expect("it reads").expect("it is there");
    let key = other.api_key(theirs.key.id).await.expect("it reads").expect("it is there");
    let tenant = other.tenant().await.expect("it reads").expect("it is there");
    let product = other.product_kept(theirs.product.id).await.expect("it reads").expect("it is there");
    let segments = other.segments().await.expect("it reads");
    let segment = segments.get(theirs.segment.id).expect("it is there");
    let answer = store.kept_answer(Some(other.id()), "digest").await.expect("it reads").expect("it is there");
    table.seen();

    let listed = (
        own.invitations().await.expect("it reads"),
        own.members().await.expect("it reads"),
        own.api_keys().await.expect("it reads"),
    );
    assert_eq!((&*listed.0[0], &*listed.1[0], &*listed.2[0]), (&mine.invitation, &mine.member, &mine.key));
    assert_eq!(*own.tenant().await.expect("it reads").expect("it is there"), mine.tenant);
    assert_eq!(own.rate().await.expect("it reads").calls_in(MONTH), 1);
    assert_eq!(count(&own).await.expect("a call"), 2);
    let guest = |member: &Member| Member { user: UserId::new(at(0), [3; 10]), ..member.clone() };
    let new = Invitation { id: InvitationId::new(at(0), [3; 10]), ..theirs.invitation.clone() };
    let new_key = ApiKey { id: ApiKeyId::new(at(0), [3; 10]), hash: "5e83".to_owned(), ..theirs.key.clone() };
    let steps = [
        own.invitation_made(&new),
        own.invitation_changed(&invitation, &theirs.invitation),
        own.invitation_ended(&invitation),
        own.api_key_made(&new_key),
        own.member_joined(&guest(&theirs.member)),
        own.member_changed(&member, &theirs.member),
        own.member_left(&member),
        own.tenant_changed(&tenant, &theirs.tenant),
        own.data_key_made(vec![3]),
        own.api_key_revoked(&key),
        own.product_told(Some(&product), &theirs.product),
        own.segment_made(
            &segments,
            &Segment { id: SegmentId::new(at(0), [3; 10]), ..theirs.segment.clone() },
        ),
        own.segment_changed(&segments, segment, &theirs.segment),
        own.segment_ended(&segments, segment, at(1)),
        own.product_ended(Some(&product), theirs.product.id, at(1)),
        own.answer_forgotten("digest", &answer),
    ];
    for step in steps {
        // Some find what they ask for, some do not; all of them look at home.
        let _ = own.commit(vec![step]).await;
    }

    let partitions = table.seen();
    let is_theirs = |partition: &&String| partition.contains(&other.id().to_string());
    assert_eq!(partitions.iter().filter(is_theirs).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(table.of(other.id()), before, "and nothing of theirs has changed");
    // What is stored leads on: a membership or a key that named another tenant would open it.
    let names = |told: String| told.contains(&other.id().to_string());
    let all = table.table.dump().expect("memory holds").into_iter();
    let ours = all.filter(|item| !names(format!("{:?}", item.key)) && item.key.pk != "KEY#5e82");
    assert_eq!(ours.filter(|item| names(format!("{item:?}"))).collect::<Vec<_>>(), Vec::new());
    let standing = store.standing_of_key("5e83").await.expect("it reads").expect("the key was made");
    assert_eq!(standing.store.id(), own.id(), "a key opens the tenant in which it was made");
}
