//! People and how they are found: by id, by mail address, by Google account, as staff of a shop.
//!
//! A mail address and a Google account belong to one user each: the login items are made only where none is.

use domain::{EmailAddress, Name, ShopDomain, TenantId, Timestamp, User, UserId};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, Store, StoreError, keys,
    record::{Entry, read, read_as},
    table::{When, Write},
};

/// Who a person of a shop's staff is here, and for which tenant that was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    pub user: UserId,
    pub tenant: TenantId,
}

impl Store {
    /// `number`: Shopify's, of the person.
    pub async fn staff(&self, shop: &ShopDomain, number: &str) -> Result<Option<Held<Staff>>, StoreError> {
        self.get(keys::staff_login(shop, number)).await?.map(read::<Staff>).transpose()
    }

    /// `Conflict` if that person is somebody already.
    pub fn staff_known(shop: &ShopDomain, number: &str, staff: &Staff) -> Step {
        Step(vec![Entry::new(keys::staff_login(shop, number), staff).create()])
    }

    /// `Conflict` if somebody else changed it.
    pub fn staff_changed(shop: &ShopDomain, number: &str, held: &Held<Staff>, staff: &Staff) -> Step {
        Step(vec![Entry::new(keys::staff_login(shop, number), staff).replace(held.version)])
    }

    pub async fn user(&self, id: UserId) -> Result<Option<Held<User>>, StoreError> {
        self.get(keys::user(id)).await?.map(read_as::<UserRecord, _>).transpose()
    }

    pub async fn user_with_email(&self, email: &EmailAddress) -> Result<Option<Held<User>>, StoreError> {
        self.user_behind(keys::login(email)).await
    }

    pub async fn user_with_google(&self, subject: &str) -> Result<Option<Held<User>>, StoreError> {
        self.user_behind(keys::google_login(subject)).await
    }

    async fn user_behind(&self, login: crate::RawKey) -> Result<Option<Held<User>>, StoreError> {
        match self.get(login).await? {
            Some(item) => self.user(read::<LoginRecord>(item)?.user).await,
            None => Ok(None),
        }
    }

    /// A new user, found by their address and, if they have one, by their Google account.
    pub fn user_made(user: &User) -> Step {
        let login = LoginRecord { user: user.id };
        let mut writes = vec![
            Entry::new(keys::login(&user.email), &login).create(),
            Entry::new(keys::user(user.id), &UserRecord::from(user)).create(),
        ];
        if let Some(subject) = &user.google_subject {
            writes.push(Entry::new(keys::google_login(subject), &login).create());
        }
        Step(writes)
    }

    /// A change of what is known of a user; address and Google account stay.
    pub fn user_changed(held: &Held<User>, user: &User) -> Step {
        Step(vec![Entry::new(keys::user(user.id), &UserRecord::from(user)).replace(held.version)])
    }

    /// A change with the user's first Google account. `Conflict` if it is somebody else's.
    pub fn google_linked(held: &Held<User>, user: &User) -> Step {
        let mut step = Self::user_changed(held, user);
        let login = LoginRecord { user: user.id };
        let key = user.google_subject.as_deref().map(keys::google_login);
        step.0.extend(key.map(|key| Entry::new(key, &login).create()));
        step
    }

    /// Writes nothing, but holds the other steps to a user that has not changed.
    pub fn user_unchanged(held: &Held<User>) -> Step {
        Step(vec![Write::Check(keys::user(held.id), When::Version(held.version))])
    }
}

#[derive(Serialize, Deserialize)]
struct LoginRecord {
    user: UserId,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct UserRecord {
    id: UserId,
    email: EmailAddress,
    name: Name,
    password_hash: Option<String>,
    google_subject: Option<String>,
    /// Users of before this was asked have shown nothing.
    #[serde(default, with = "millisecond::optional")]
    email_proven_at: Option<Timestamp>,
    epoch: u32,
    #[serde(default)]
    hand: u32,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
}

impl From<&User> for UserRecord {
    fn from(user: &User) -> Self {
        let User { id, email, name, password_hash, google_subject, email_proven_at, epoch, hand, created_at } =
            user.clone();
        Self { id, email, name, password_hash, google_subject, email_proven_at, epoch, hand, created_at }
    }
}

impl From<UserRecord> for User {
    fn from(record: UserRecord) -> Self {
        let UserRecord {
            id,
            email,
            name,
            password_hash,
            google_subject,
            email_proven_at,
            epoch,
            hand,
            created_at,
        } = record;
        Self { id, email, name, password_hash, google_subject, email_proven_at, epoch, hand, created_at }
    }
}
