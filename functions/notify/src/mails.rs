//! What our own mails say. Plain text; the token stands behind the `#`, where no server's log sees it.

use domain::{Invitation, Reset};
use flows::Mail;

pub(crate) fn invitation(invitation: &Invitation, team: &str, origin: &str, token: &str) -> Mail {
    let role = invitation.role;
    Mail {
        to: invitation.email.to_string(),
        subject: format!("You are invited to {team} on Regulars"),
        text: format!(
            "Hello,\n\nyou are invited to join {team} on Regulars as {role}. Open this link to accept; it works \
             for seven days:\n\n{origin}/accept-invitation#token={token}\n\nIf you do not know what this is about, \
             you need not do anything.\n"
        ),
        about: format!("invitation:{}", invitation.id),
    }
}

pub(crate) fn reset(reset: &Reset, origin: &str, token: &str) -> Mail {
    Mail {
        to: reset.email.to_string(),
        subject: "Set a new password for Regulars".to_owned(),
        text: format!(
            "Hello,\n\nsomebody, we hope you, asked for a new password for this address. This link sets one; it \
             works once, within an hour:\n\n{origin}/reset-password#token={token}\n\nIf it was not you, nothing \
             has changed, and you need not do anything.\n"
        ),
        about: format!("reset:{}", reset.id),
    }
}
