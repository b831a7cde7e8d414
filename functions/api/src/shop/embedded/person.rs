//! Who somebody in the shop's admin is here, and in which tenant: known, known by their address, or new.
//!
//! The session token proves the shop and Shopify's number of the person. The first time Shopify is asked for their address:
//! one that it has verified is theirs, as one that Google has verified is. From then on the number is enough, also where
//! their tenant has ended since.

use domain::{EmailAddress, Permission, ResetCause, ShopDomain, Shown, Task, TenantId, User};
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
    shop::{InTheWay, name_of},
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
    let meeting = Meeting { deps, shop: &session.shop, number: &session.user };
    let mut told: Option<Associate> = None;
    for _ in 0..TRIES {
        if let Some(staff) = deps.store.staff(&session.shop, &session.user).await? {
            if let Some(found) = meeting.again(&staff).await? {
                return Ok(found);
            }
            continue;
        }
        let associate = match told.take() {
            Some(associate) => associate,
            None => in_admin.associate(deps).await?,
        };
        if let Err(refused) = meeting.for_the_first_time(&associate).await
            // What is in the way may be what another load of theirs has made meanwhile.
            && deps.store.staff(&session.shop, &session.user).await?.is_none()
        {
            return Err(refused);
        }
        told = Some(associate);
    }
    Err(StoreError::Conflict(0).into())
}

/// Somebody is there, in that shop.
struct Meeting<'a> {
    deps: &'a App,
    shop: &'a ShopDomain,
    number: &'a str,
}

impl Meeting<'_> {
    /// The shop is the tenant's, or free for it; and the person is one of its members still. Where they are nowhere and the
    /// shop is nobody's, as after all was erased, they begin anew, and are found the next time.
    async fn again(&self, staff: &Held<Staff>) -> Result<Option<Found>, Problem> {
        let owner = self.deps.store.shop_owner(self.shop).await?.filter(|owner| !owner.has_left);
        let tenant = owner.as_ref().map_or(staff.tenant, |owner| owner.tenant);
        let user = self.deps.store.user(staff.user).await?;
        let place = self.deps.store.place(staff.user, tenant).await?;
        match (user, place) {
            (Some(user), Some(place)) => Ok(Some(Found { user, place })),
            (Some(user), None) if owner.is_none() => {
                let mut steps = vec![Store::user_unchanged(&user)];
                let anew = Staff { user: user.id, tenant: self.tenant_of(&user, &mut steps).await? };
                steps.push(Store::staff_changed(self.shop, self.number, staff, &anew));
                self.made(steps).await?;
                Ok(None)
            }
            _ => Err(InTheWay::StoreTaken.refused()),
        }
    }

    /// Makes them known, and what they need to be somewhere. Overtaken, nothing is done.
    async fn for_the_first_time(&self, associate: &Associate) -> Result<(), Problem> {
        let deps = self.deps;
        let email: EmailAddress = associate.email.parse().map_err(|_| unverified())?;
        let held = deps.store.user_with_email(&email).await?;
        if held.is_some() && !associate.email_verified {
            return Err(unverified());
        }
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
            None => self.newcomer(email, associate, &mut steps),
        };
        let tenant = self.tenant_of(&user, &mut steps).await?;
        steps.push(Store::staff_known(self.shop, self.number, &Staff { user: user.id, tenant }));
        if self.made(steps).await?
            && let Some(reset) = told
        {
            deps.nudge(Task::MailReset { reset }).await;
        }
        Ok(())
    }

    /// The tenant that has the shop, if they are in it; the one that had it, if they may connect it; else one of their own.
    async fn tenant_of(&self, user: &User, steps: &mut Vec<Step>) -> Result<TenantId, Problem> {
        let owner = self.deps.store.shop_owner(self.shop).await?;
        let place = match &owner {
            Some(owner) => self.deps.store.place(user.id, owner.tenant).await?,
            None => None,
        };
        match (place, owner) {
            (Some(place), Some(owner))
                if !owner.has_left || place.member.role.may(Permission::ManageAccount) =>
            {
                Ok(owner.tenant)
            }
            (_, Some(owner)) if !owner.has_left => Err(InTheWay::StoreTaken.refused()),
            _ => {
                let (tenant, _, step) = new_tenant(self.deps, user, name_of(self.shop));
                steps.push(step);
                Ok(tenant.id)
            }
        }
    }

    /// Whether all was made. Overtaken, nothing is.
    async fn made(&self, steps: Vec<Step>) -> Result<bool, Problem> {
        match self.deps.store.commit(steps).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn newcomer(&self, email: EmailAddress, associate: &Associate, steps: &mut Vec<Step>) -> User {
        let name = associate.name().parse().unwrap_or_else(|_| name_of(self.shop));
        let user = new_user(self.deps, email, name, None, None);
        let user = if associate.email_verified { user.proven(self.deps.now()) } else { user };
        steps.push(Store::user_made(&user));
        user
    }
}

fn unverified() -> Problem {
    let detail = "Shopify has not verified your mail address, and somebody has an account by it; verify it there first";
    Problem::forbidden("email_not_verified", detail)
}
