//! Imports of any size: asked for, the file brought past us to where files are, and started.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    Job, JobId, JobState, Task, fields,
    job::{Import, Kind, Work},
};
use flows::files::{FileName, FilePart};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{found, made, must_manage, view::JobView};
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::{Faults, Input, Named},
    once::{Answer, Done, Once},
    who::Acting,
};

/// Ten million customers.
const BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
const FILE_CHARS_MAX: usize = 255;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportTold {
    /// `customers` or `orders`.
    of: String,
    /// How long the file is: at most 2 GB.
    bytes: u64,
    /// What you call it.
    file: Option<String>,
    /// Look at the file, store nothing. A quarter of a megabyte is looked at together: of rows about one customer or order
    /// that stand further apart, each is told as if the others were not there, so that somebody may be counted as new twice.
    #[serde(default)]
    dry_run: bool,
    /// Where the file's consents are from; without it no consent is raised.
    attest: Option<String>,
    /// The country of telephone numbers that do not say their own.
    phone_country: Option<String>,
    /// Unknown columns become attributes.
    #[serde(default)]
    attributes: bool,
    /// Of orders: whose address nobody has, becomes a guest. Else the order is refused.
    #[serde(default)]
    guests: bool,
}

/// Begin an import of any size
///
/// The answer says where to `PUT` the file. Once it is there, start the job.
#[utoipa::path(post, operation_id = "begin_import", path = "/api/v1/imports", tag = "Files", request_body = ImportTold,
    responses((status = 201, body = JobView)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn begin(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(told): Input<ImportTold>,
) -> Result<Response, Problem> {
    let mut faults = Faults::default();
    let it = &mut faults;
    let of = it.take("/of", kind(&told.of));
    let bytes = if (1..=BYTES_MAX).contains(&told.bytes) {
        Ok(told.bytes)
    } else {
        Err(format!("must be from 1 to {BYTES_MAX}"))
    };
    let bytes = it.take("/bytes", bytes);
    let import = Import {
        of: of.unwrap_or(Kind::Customers),
        file: it.maybe("/file", told.file, |name| fields::line(&name, FILE_CHARS_MAX)),
        bytes: bytes.unwrap_or_default(),
        is_dry: told.dry_run,
        attested: it.maybe("/attest", told.attest, |word| fields::method(&word)),
        country: it.maybe("/phone_country", told.phone_country, |country| fields::country(&country)),
        keeps_unknown: told.attributes,
        makes_guests: told.guests,
        mark: None,
    };
    let import = faults.none(Some(import))?;
    must_manage(&caller, import.of)?;
    let job = Job::new(JobId::new(deps.now(), deps.roll()), Work::Import(import), deps.now());
    made(&deps, &caller, once, &job).await
}

fn kind(word: &str) -> Result<Kind, &'static str> {
    match word {
        "customers" => Ok(Kind::Customers),
        "orders" => Ok(Kind::Orders),
        _ => Err("is neither customers nor orders"),
    }
}

/// Start an import
///
/// Its file must be there; if another is brought in its place from now on, the job fails. Started again, it goes on as it
/// does.
#[utoipa::path(post, operation_id = "start_import", path = "/api/v1/imports/{job}/start", tag = "Files",
    params(("job" = String, Path, description = "the job's id")),
    responses((status = 202, body = JobView), (status = 404, body = ProblemDocument),
    (status = 409, description = "the file is not there yet, or the job has ended", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn start(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    let held = found(&caller.store, &id).await?;
    let Work::Import(import) = &held.work else {
        return Err(Problem::conflict("no_import", "this job is no import"));
    };
    must_manage(&caller, import.of)?;
    let (job, steps) = match held.state {
        JobState::Waiting => {
            let name = FileName::Job { tenant: caller.store.id(), job: held.id, part: FilePart::Brought };
            let mark = match deps.files.bytes(name).await? {
                Some(bytes) if bytes == import.bytes => deps.files.mark(name).await?,
                _ => None,
            };
            let Some(mark) = mark else {
                let sentence = format!(
                    "the file is not there yet: PUT its {} bytes to the link that the job shows",
                    import.bytes
                );
                return Err(Problem::conflict("not_brought", sentence));
            };
            // The link to bring it holds still: what comes by it from now on is another file.
            let work = Work::Import(Import { mark: Some(mark), ..import.clone() });
            let job = Job { work, ..Job::clone(&held) }.moved(JobState::Queued, deps.now());
            let steps = vec![caller.store.job_changed(&held, &job)];
            (job, steps)
        }
        _ if held.is_open() => (Job::clone(&held), Vec::new()),
        _ => return Err(Problem::conflict("job_ended", format!("this job is {}", held.state.word()))),
    };
    let answer = Answer::new(StatusCode::ACCEPTED, &JobView::of(&job));
    match once.commit(steps, answer).await? {
        Done::Answered(response) => {
            if held.state == JobState::Waiting {
                deps.nudge(Task::DoJob { tenant: caller.store.id(), job: job.id }).await;
            }
            Ok(response)
        }
        Done::Against(_) => {
            Err(Problem::conflict("changed_meanwhile", "somebody else has just started or cancelled it"))
        }
    }
}
