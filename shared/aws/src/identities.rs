//! In whose name shops write, as SES and SNS know it.
//!
//! SES proves a domain by three names of DKIM in its DNS, an address by a link in a mail to it. Numbers are the account's or not; a name
//! in place of a number is nobody's, and the countries that allow it ask for no proof here.

use async_trait::async_trait;
use aws_sdk_sesv2::{
    operation::{
        create_email_identity::CreateEmailIdentityError, delete_email_identity::DeleteEmailIdentityError,
        get_email_identity::GetEmailIdentityError,
    },
    types::{DkimAttributes, VerificationStatus},
};
use domain::{
    Standing, TenantId,
    sender::{DnsRecord, Identity, RecordKind},
};
use flows::{Farewells, FlowError, Identities, senders::Checked};

use crate::{Clients, failure::Failure, ses_tenants::SesTenants};

/// Pages of thirty numbers: no account has more.
const PAGES_MAX: usize = 20;

pub struct AwsIdentities {
    pub clients: Clients,
    pub configuration_set: Option<String>,
    /// `None`: shops are no tenants of SES's.
    pub tenants: Option<SesTenants>,
}

#[async_trait]
impl Identities for AwsIdentities {
    async fn register(&self, tenant: TenantId, identity: &Identity) -> Result<Checked, FlowError> {
        if matches!(identity, Identity::Address(_) | Identity::Domain(_)) {
            let asked = (self.clients.ses().create_email_identity())
                .email_identity(identity.as_str())
                .set_configuration_set_name(self.configuration_set.clone());
            if let Err(error) = asked.send().await {
                let is_known = error
                    .as_service_error()
                    .is_some_and(CreateEmailIdentityError::is_already_exists_exception);
                if !is_known {
                    return Err(of(Failure::of("SES", &error)));
                }
            }
        }
        let checked = self.check(tenant, identity).await?;
        checked.ok_or_else(|| FlowError::unavailable("an identity that was made is not there"))
    }

    /// Whoever is proven may be written in the name of: so before that is told it is the tenant's, too.
    async fn check(&self, tenant: TenantId, identity: &Identity) -> Result<Option<Checked>, FlowError> {
        match identity {
            Identity::Address(_) | Identity::Domain(_) => {
                let checked = self.mail(identity).await?;
                if let (Some(_), Some(tenants)) = (&checked, &self.tenants) {
                    tenants.join(tenant, identity, self.configuration_set.as_deref()).await?;
                }
                Ok(checked)
            }
            Identity::Number(phone) => self.number(phone.as_str()).await.map(Some),
            Identity::Name(_) => Ok(Some(Checked { standing: Standing::Verified, records: Vec::new() })),
        }
    }

    async fn forget(&self, tenant: TenantId, identity: &Identity) -> Result<(), FlowError> {
        if !matches!(identity, Identity::Address(_) | Identity::Domain(_)) {
            return Ok(());
        }
        if let Some(tenants) = &self.tenants {
            tenants.part(tenant, identity).await?;
        }
        let asked = self.clients.ses().delete_email_identity().email_identity(identity.as_str());
        match asked.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(DeleteEmailIdentityError::is_not_found_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(of(Failure::of("SES", &error))),
        }
    }
}

#[async_trait]
impl Farewells for AwsIdentities {
    async fn farewell(&self, tenant: TenantId, identity: &Identity) -> Result<(), FlowError> {
        self.forget(tenant, identity).await
    }
}

impl AwsIdentities {
    async fn mail(&self, identity: &Identity) -> Result<Option<Checked>, FlowError> {
        let asked = self.clients.ses().get_email_identity().email_identity(identity.as_str());
        let told = match asked.send().await {
            Ok(told) => told,
            Err(error)
                if error.as_service_error().is_some_and(GetEmailIdentityError::is_not_found_exception) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(of(Failure::of("SES", &error))),
        };
        let standing = match told.verification_status {
            Some(VerificationStatus::Success) if told.verified_for_sending_status => Standing::Verified,
            Some(VerificationStatus::Failed) => Standing::Failed,
            _ => Standing::Pending,
        };
        let records = match identity {
            Identity::Domain(domain) => records(domain.as_str(), told.dkim_attributes.as_ref()),
            Identity::Address(_) | Identity::Number(_) | Identity::Name(_) => Vec::new(),
        };
        Ok(Some(Checked { standing, records }))
    }

    /// Whether it is one of the account's.
    async fn number(&self, phone: &str) -> Result<Checked, FlowError> {
        let mut next = None;
        for _ in 0..PAGES_MAX {
            let asked = self.clients.sns().list_origination_numbers().set_next_token(next);
            let told = asked.send().await.map_err(|error| of(Failure::of("SNS", &error)))?;
            let numbers = told.phone_numbers.unwrap_or_default();
            if numbers.iter().any(|number| number.phone_number.as_deref() == Some(phone)) {
                return Ok(Checked { standing: Standing::Verified, records: Vec::new() });
            }
            next = told.next_token;
            if next.is_none() {
                break;
            }
        }
        Ok(Checked { standing: Standing::Pending, records: Vec::new() })
    }
}

/// What SES looks for, and what mailboxes of 2024 and later ask of whoever writes to many.
fn records(domain: &str, dkim: Option<&DkimAttributes>) -> Vec<DnsRecord> {
    let tokens = dkim.and_then(|dkim| dkim.tokens.as_deref()).unwrap_or_default();
    let dkim = tokens.iter().map(|token| DnsRecord {
        kind: RecordKind::Cname,
        name: format!("{token}._domainkey.{domain}"),
        value: format!("{token}.dkim.amazonses.com"),
    });
    let dmarc = DnsRecord {
        kind: RecordKind::Txt,
        name: format!("_dmarc.{domain}"),
        value: "v=DMARC1; p=none;".to_owned(),
    };
    dkim.chain([dmarc]).collect()
}

pub(crate) fn of(failure: Failure) -> FlowError {
    if failure.is(&["BadRequestException"]) || failure.is_refused() {
        return FlowError::invalid(
            "/identity",
            "identity_refused",
            "the mail provider does not take this identity",
        );
    }
    if failure.is_throttled() {
        return FlowError::TooMany { code: "mail_throttled", retry_after_seconds: 1, limits: None };
    }
    failure.unavailable()
}
