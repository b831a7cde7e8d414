//! One notice to one member, by mail and by text as they want it. What has gone one way does not go it again because the other
//! failed, or somebody else could not be told.

use domain::{Name, UserId};
use flows::{FlowError, Mail};
use store::{Held, NoticeSent, TenantStore};

use crate::{
    Deps, marked,
    texts::{self, Texted},
};

/// Of whom, and of what.
pub(crate) struct Notice<'a> {
    pub(crate) deps: &'a Deps,
    pub(crate) store: &'a TenantStore,
    pub(crate) shop: &'a Name,
    /// Each notice has a name of its own, by which it is known whom it has reached.
    pub(crate) what: String,
    /// Where more of it is told, to whoever signs in.
    pub(crate) page: String,
}

/// Which ways somebody wants it.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) mail: bool,
    pub(crate) text: bool,
}

type Sent = Option<Held<NoticeSent>>;

impl Notice<'_> {
    pub(crate) async fn told(
        &self,
        user: UserId,
        wanted: Wanted,
        letter: impl FnOnce() -> Mail,
    ) -> Result<(), FlowError> {
        if !wanted.mail && !wanted.text {
            return Ok(());
        }
        let mut held = self.store.notice_sent(&self.what, user).await?;
        let before = held.as_deref().copied().unwrap_or_default();
        let letter = letter();
        let words = format!("Regulars: {}. {}", letter.subject, self.page);
        let mut sent = Ok(());
        if wanted.mail && !before.mailed {
            sent = self.deps.mailer.send(letter).await;
            if sent.is_ok() {
                held = self.noted(user, held, NoticeSent { mailed: true, ..before }).await?;
            }
        }
        if wanted.text && !before.texted {
            sent = sent.and(self.texted(user, held, words).await);
        }
        sent
    }

    /// To a telephone that they have proven, and from which they have not said STOP.
    async fn texted(&self, user: UserId, held: Sent, words: String) -> Result<(), FlowError> {
        let Some(telephone) = self.store.telephone(user).await? else { return Ok(()) };
        let by = self.deps.store.user(user).await?.map(|user| user.maker());
        if !by.is_some_and(|by| telephone.is_open(by)) {
            return Ok(());
        }
        let before = held.as_deref().copied().unwrap_or_default();
        let held = self.noted(user, held, NoticeSent { texted: true, ..before }).await?;
        let tag = format!("{}-{user}", self.what.replace('.', "-"));
        match texts::text(self.deps, self.store, self.shop, &telephone.number, (&tag, words)).await {
            Ok(Texted::Yes) => Ok(()),
            Ok(Texted::Not(why)) => {
                tracing::warn!(tenant = %self.store.id(), why = why.as_str(), "a notice was not texted");
                Ok(())
            }
            Err(error) => {
                let (step, _) = self.step(user, held.as_ref(), before);
                marked(self.store.commit(vec![step]).await)?;
                Err(error)
            }
        }
    }

    /// `Conflict`, where another delivery was faster: this one comes again, and finds what that has done.
    async fn noted(&self, user: UserId, held: Sent, sent: NoticeSent) -> Result<Sent, FlowError> {
        let (step, held) = self.step(user, held.as_ref(), sent);
        self.store.commit(vec![step]).await?;
        Ok(Some(held))
    }

    fn step(
        &self,
        user: UserId,
        held: Option<&Held<NoticeSent>>,
        sent: NoticeSent,
    ) -> (store::Step, Held<NoticeSent>) {
        self.store.notice_sent_put((&self.what, user), held, sent, self.deps.clock.now())
    }
}
