//! Who somebody in the shop's admin is here, and in which tenant: known, known by their address, or new.
//!
//! The session token proves the shop and Shopify's number of the person. The first time Shopify is asked for their address:
//! one that it has verified is theirs, as one that Google has verified is. From then on the number is enough.

use domain::{EmailAddress, Name, Permission, ResetCause, ShopDomain, Shown, Task, User};
use shopify::oauth::Associate;
use store::{Held, Place, Staff, Step, Store, StoreError};

use super::sign_in::InAdmin;
use crate::{
    App,
    auth::{
        reset::new_reset,
        signup::{new_tenant, new_user},
    },
    error::Problem,
    shop::InTheWay,
};

/// As often as others make them known at the same moment.
const TRIES: usize = 4;

pub(super) struct Found {
    pub(super) user: Held<User>,
    pub(super) place: Place,
}

/// Nobody is made known twice: of two first loads at once one finds what the other has made.
pub(super) async fn found(deps: &App, in_admin: &InAdmin) -> Result<Found, Problem> {
    let session = in_admin.session();
    let mut told: Option<Associate> = None;
    for _ in 0..TRIES {
        if let Some(staff) = deps.store.staff(&session.shop, &session.user).await? {
            return known(deps, &session.shop, &staff).await;
        }
        let associate = match told.take() {
            Some(associate) => associate,
            None => in_admin.associate(deps).await?,
        };
        let meeting = Meeting { deps, shop: &session.shop, number: &session.user, associate: &associate };
        meeting.met().await?;
        told = Some(associate);
    }
    Err(StoreError::Conflict(0).into())
}

/// The shop is the tenant's, or free for it; and the person is one of its members still.
async fn known(deps: &App, shop: &ShopDomain, staff: &Staff) -> Result<Found, Problem> {
    let owner = deps.store.shop_owner(shop).await?.filter(|owner| !owner.has_left);
    let tenant = owner.map_or(staff.tenant, |owner| owner.tenant);
    let user = deps.store.user(staff.user).await?;
    let place = deps.store.place(staff.user, tenant).await?;
    match (user, place) {
        (Some(user), Some(place)) => Ok(Found { user, place }),
        _ => Err(InTheWay::StoreTaken.refused()),
    }
}

/// Somebody is there for the first time.
struct Meeting<'a> {
    deps: &'a App,
    shop: &'a ShopDomain,
    number: &'a str,
    associate: &'a Associate,
}

impl Meeting<'_> {
    /// Makes them known, and what they need to be somewhere. Overtaken, nothing is done.
    async fn met(&self) -> Result<(), Problem> {
        let Self { deps, associate, .. } = self;
        let email: EmailAddress = associate.email.parse().map_err(|_| unverified())?;
        let held = deps.store.user_with_email(&email).await?;
        if held.is_some() && !associate.email_verified {
            return Err(unverified());
        }
        let owner = deps.store.shop_owner(self.shop).await?;
        let place = match (&held, &owner) {
            (Some(user), Some(owner)) => deps.store.place(user.id, owner.tenant).await?,
            _ => None,
        };
        let mut told = None;
        let mut steps = Vec::new();
        let user = match &held {
            Some(held) => {
                let user = User::clone(held).vouched_for(Shown::Nothing, deps.now());
                steps.push(Store::user_changed(held, &user));
                if user.password_hash != held.password_hash {
                    let reset = new_reset(deps, user.email.clone(), ResetCause::Dropped);
                    steps.push(Store::reset_asked(&reset));
                    told = Some(reset.id);
                }
                user
            }
            None => self.newcomer(email, &mut steps),
        };
        let tenant = match (place, owner) {
            (Some(place), Some(owner))
                if !owner.has_left || place.member.role.may(Permission::ManageAccount) =>
            {
                owner.tenant
            }
            (_, Some(owner)) if !owner.has_left => return Err(InTheWay::StoreTaken.refused()),
            _ => {
                let (tenant, _, step) = new_tenant(deps, &user, name_of(self.shop));
                steps.push(step);
                tenant.id
            }
        };
        steps.push(Store::staff_known(self.shop, self.number, &Staff { user: user.id, tenant }));
        match deps.store.commit(steps).await {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        if let Some(reset) = told {
            deps.nudge(Task::MailReset { reset }).await;
        }
        Ok(())
    }

    fn newcomer(&self, email: EmailAddress, steps: &mut Vec<Step>) -> User {
        let name = self.associate.name().parse().unwrap_or_else(|_| name_of(self.shop));
        let user = new_user(self.deps, email, name, None, None);
        let user = if self.associate.email_verified { user.proven(self.deps.now()) } else { user };
        steps.push(Store::user_made(&user));
        user
    }
}

fn name_of(shop: &ShopDomain) -> Name {
    let name = shop.name().chars().take(100).collect::<String>();
    name.parse().expect("a shop's name is letters, digits and dashes")
}

fn unverified() -> Problem {
    let detail = "Shopify has not verified your mail address, and somebody has an account by it; verify it there first";
    Problem::forbidden("email_not_verified", detail)
}
