//! Shops as tenants of SES's own: what customers of one complain of stops the mail of that one.
//!
//! A tenant is called by the shop's id. It sends by what it was joined with and by nothing else: the configuration set, and the
//! shop's own addresses and domains. Everything may be done twice.

use aws_sdk_sesv2::operation::{
    create_tenant::CreateTenantError,
    create_tenant_resource_association::CreateTenantResourceAssociationError as JoinError,
    delete_tenant_resource_association::DeleteTenantResourceAssociationError as PartError,
};
use domain::{TenantId, sender::Identity};
use flows::FlowError;

use crate::{Clients, failure::Failure, identities::of};

pub struct SesTenants {
    pub clients: Clients,
    /// What the names of SES's things begin with: `arn:aws:ses:us-east-1:123456789012`.
    pub arn: String,
}

impl SesTenants {
    /// The shop is a tenant, and may write in that name.
    pub(crate) async fn join(
        &self,
        tenant: TenantId,
        identity: &Identity,
        configuration_set: Option<&str>,
    ) -> Result<(), FlowError> {
        if self.joined(tenant, &self.arn_of(identity)).await? {
            return Ok(());
        }
        let made = self.clients.ses().create_tenant().tenant_name(tenant.to_string()).send().await;
        if let Err(error) = made {
            let is_there =
                error.as_service_error().is_some_and(CreateTenantError::is_already_exists_exception);
            if !is_there {
                return Err(of(Failure::of("SES", &error)));
            }
        }
        let set = configuration_set.map(|name| format!("{}:configuration-set/{name}", self.arn));
        for arn in set.into_iter().chain([self.arn_of(identity)]) {
            if !self.joined(tenant, &arn).await? {
                return Err(FlowError::unavailable("a tenant of SES's that was made is not there"));
            }
        }
        Ok(())
    }

    /// It writes in that name no more.
    pub(crate) async fn part(&self, tenant: TenantId, identity: &Identity) -> Result<(), FlowError> {
        let asked = (self.clients.ses().delete_tenant_resource_association())
            .tenant_name(tenant.to_string())
            .resource_arn(self.arn_of(identity));
        match asked.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(PartError::is_not_found_exception) => Ok(()),
            Err(error) => Err(of(Failure::of("SES", &error))),
        }
    }

    /// `false`: there is no such tenant.
    async fn joined(&self, tenant: TenantId, arn: &str) -> Result<bool, FlowError> {
        let asked = (self.clients.ses().create_tenant_resource_association())
            .tenant_name(tenant.to_string())
            .resource_arn(arn);
        let Err(error) = asked.send().await else { return Ok(true) };
        let told = error.as_service_error();
        if told.is_some_and(JoinError::is_already_exists_exception) {
            return Ok(true);
        }
        if told.is_some_and(JoinError::is_not_found_exception) {
            return Ok(false);
        }
        Err(of(Failure::of("SES", &error)))
    }

    fn arn_of(&self, identity: &Identity) -> String {
        format!("{}:identity/{}", self.arn, identity.as_str())
    }
}
