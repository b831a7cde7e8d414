//! What is due: work that must happen even if the message that asked for it was lost.

use domain::{
    CampaignId, CustomerId, InvitationId, JobId, ReportId, RequestId, ResetId, RunId, TenantId, Timestamp,
    timeline::Channel,
};

use crate::{
    Store, StoreError,
    campaigns::DUE_CAMPAIGN,
    carts::DUE_CART,
    invitations::{DUE_INVITATION, DUE_RESET},
    jobs::DUE_JOB,
    keys,
    mailings::DUE_MAILING,
    privacy::DUE_REQUEST,
    runs::{DUE_RUN, DUE_SYNC},
    scores::DUE_SCORES,
    segments::DUE_SEGMENTS,
    table::{Item, Position, Range, Sort, Within},
    untold::DUE_UNTOLD,
    upkeep::{DUE_NOTICE, DUE_UPKEEP},
};

/// One thing whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    Invitation {
        tenant: TenantId,
        invitation: InvitationId,
    },
    Reset {
        reset: ResetId,
    },
    Job {
        tenant: TenantId,
        job: JobId,
    },
    Cart {
        tenant: TenantId,
        token: String,
    },
    Request {
        tenant: TenantId,
        request: RequestId,
    },
    Campaign {
        tenant: TenantId,
        campaign: CampaignId,
    },
    /// A report is to be mailed.
    Mailing {
        tenant: TenantId,
        report: ReportId,
    },
    /// A shop is to be told what its customer wants.
    Untold {
        tenant: TenantId,
        customer: CustomerId,
        channel: Channel,
    },
    /// A shop's connection is to be looked after.
    Upkeep {
        tenant: TenantId,
    },
    /// The owners are to be told that the connection is over.
    Notice {
        tenant: TenantId,
    },
    Run {
        tenant: TenantId,
        run: RunId,
    },
    /// The tenant's shop is to be asked what has changed.
    Sync {
        tenant: TenantId,
    },
    /// What the tenant's customers will do is to be worked out.
    Scores {
        tenant: TenantId,
    },
    /// It is to be looked whether it is settled who is in the tenant's segments.
    Segments {
        tenant: TenantId,
    },
}

/// Where the index goes on, in those of its partitions that do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRest(Vec<(u8, Position)>);

impl Store {
    /// What was due at `now`, oldest first within each of the index's partitions; at most `limit` of each, and where it goes on.
    /// The index lags behind by moments: what is missing now comes with a later call. An entry that nobody understands keeps
    /// nothing waiting: it is logged and left where it is.
    pub async fn due_before(
        &self,
        now: Timestamp,
        limit: u32,
        rest: Option<DueRest>,
    ) -> Result<(Vec<(Timestamp, Due)>, Option<DueRest>), StoreError> {
        let places: Vec<(u8, Option<Position>)> = match rest {
            None => (0..keys::DUE_PARTITIONS).map(|partition| (partition, None)).collect(),
            Some(DueRest(rest)) => rest.into_iter().map(|(partition, at)| (partition, Some(at))).collect(),
        };
        let (mut due, mut rest) = (Vec::new(), Vec::new());
        for (partition, after) in places {
            let range = Range {
                within: Within::Index(keys::due_partition(partition)),
                sort: Sort::Between("0".to_owned(), keys::due_before(now)),
                backward: false,
                limit,
                after,
                consistent: false,
            };
            let page = self.table.query(&range).await?;
            for item in page.items {
                match understand(&item).and_then(|due| Ok((due_at(&item)?, due))) {
                    Ok(understood) => due.push(understood),
                    Err(wrong) => tracing::error!("due work is left out: {wrong}"),
                }
            }
            rest.extend(page.next.map(|next| (partition, next)));
        }
        Ok((due, (!rest.is_empty()).then_some(DueRest(rest))))
    }
}

fn due_at(item: &Item) -> Result<Timestamp, StoreError> {
    let place = item.index.as_ref().map_or("", |index| index.sk.as_str());
    let millis = place.split('#').next().and_then(|millis| millis.parse().ok());
    let at = millis.and_then(|millis| Timestamp::from_millisecond(millis).ok());
    at.ok_or_else(|| StoreError::Broken(format!("the index holds an entry that is due at no time: {place}")))
}

fn understand(item: &Item) -> Result<Due, StoreError> {
    let place = item.index.as_ref().map_or("", |index| index.sk.as_str());
    let broken = || StoreError::Broken(format!("the index holds an entry that is not due work: {place}"));
    let mut parts = place.splitn(3, '#').skip(1);
    match (parts.next(), parts.next()) {
        (Some(DUE_INVITATION), Some(id)) => {
            let (tenant, invitation) = id.split_once('.').ok_or_else(broken)?;
            let tenant = tenant.parse().map_err(|_| broken())?;
            Ok(Due::Invitation { tenant, invitation: invitation.parse().map_err(|_| broken())? })
        }
        (Some(DUE_JOB), Some(id)) => {
            let (tenant, job) = id.split_once('.').ok_or_else(broken)?;
            let tenant = tenant.parse().map_err(|_| broken())?;
            Ok(Due::Job { tenant, job: job.parse().map_err(|_| broken())? })
        }
        (Some(DUE_CART), Some(id)) => {
            let (tenant, token) = id.split_once('.').ok_or_else(broken)?;
            Ok(Due::Cart { tenant: tenant.parse().map_err(|_| broken())?, token: token.to_owned() })
        }
        (Some(DUE_CAMPAIGN), Some(id)) => {
            let (tenant, campaign) = id.split_once('.').ok_or_else(broken)?;
            let tenant = tenant.parse().map_err(|_| broken())?;
            Ok(Due::Campaign { tenant, campaign: campaign.parse().map_err(|_| broken())? })
        }
        (Some(DUE_MAILING), Some(id)) => {
            let (tenant, report) = id.split_once('.').ok_or_else(broken)?;
            let tenant = tenant.parse().map_err(|_| broken())?;
            Ok(Due::Mailing { tenant, report: report.parse().map_err(|_| broken())? })
        }
        (Some(DUE_UNTOLD), Some(id)) => {
            let (tenant, rest) = id.split_once('.').ok_or_else(broken)?;
            let (customer, name) = rest.split_once('.').ok_or_else(broken)?;
            let tenant = tenant.parse().map_err(|_| broken())?;
            let customer = customer.parse().map_err(|_| broken())?;
            let channel = Channel::ALL.into_iter().find(|channel| channel.name() == name);
            Ok(Due::Untold { tenant, customer, channel: channel.ok_or_else(broken)? })
        }
        (Some(DUE_UPKEEP), Some(id)) => Ok(Due::Upkeep { tenant: id.parse().map_err(|_| broken())? }),
        (Some(DUE_NOTICE), Some(id)) => Ok(Due::Notice { tenant: id.parse().map_err(|_| broken())? }),
        (Some(DUE_RUN), Some(id)) => {
            let (tenant, run) = id.split_once('.').ok_or_else(broken)?;
            let tenant = tenant.parse().map_err(|_| broken())?;
            Ok(Due::Run { tenant, run: run.parse().map_err(|_| broken())? })
        }
        (Some(DUE_SEGMENTS), Some(id)) => Ok(Due::Segments { tenant: id.parse().map_err(|_| broken())? }),
        (Some(DUE_SCORES), Some(id)) => Ok(Due::Scores { tenant: id.parse().map_err(|_| broken())? }),
        (Some(DUE_SYNC), Some(id)) => Ok(Due::Sync { tenant: id.parse().map_err(|_| broken())? }),
        (Some(DUE_REQUEST), Some(id)) => {
            let (tenant, request) = id.split_once('.').ok_or_else(broken)?;
            let tenant = tenant.parse().map_err(|_| broken())?;
            Ok(Due::Request { tenant, request: request.parse().map_err(|_| broken())? })
        }
        (Some(DUE_RESET), Some(id)) => Ok(Due::Reset { reset: id.parse().map_err(|_| broken())? }),
        _ => Err(broken()),
    }
}
