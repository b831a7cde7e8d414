//! Files on S3, in a bucket of their own. Links are S3's own: presigned, so that a file never passes through a function.
//!
//! Whoever follows a link sends the file and its length, and nothing else: no checksum, no header of AWS's.

use async_trait::async_trait;
use aws_sdk_s3::{
    config::{Config, timeout::TimeoutConfig},
    operation::{get_object::GetObjectOutput, head_object::HeadObjectOutput},
    presigning::{PresignedRequest, PresigningConfig},
    types::{CompletedMultipartUpload, CompletedPart},
};
use flows::{
    Files, FlowError,
    files::{FileName, PARTS_MAX, Writing, disposition},
};
use std::time::Duration;
use tokio::time::timeout;

use crate::{Clients, clients::OPERATION_SECONDS_MAX, failure::Failure};

pub struct S3Files {
    clients: Clients,
    bucket: String,
}

impl S3Files {
    pub fn new(clients: Clients, bucket: impl Into<String>) -> Self {
        Self { clients, bucket: bucket.into() }
    }
}

impl S3Files {
    /// What S3 says of a file. `None`: there is none.
    async fn told(&self, name: FileName) -> Result<Option<HeadObjectOutput>, FlowError> {
        let asked = self.clients.s3().head_object().bucket(&self.bucket).key(name.to_string());
        match asked.send().await.map_err(|error| Failure::of("S3", &error)) {
            Ok(told) => Ok(Some(told)),
            Err(failure) if failure.is(&["NotFound", "NoSuchKey"]) => Ok(None),
            Err(failure) => Err(of(failure)),
        }
    }

    /// A part of a file, which is yet to come. `None`: the file ends before it.
    async fn opened(
        &self,
        name: FileName,
        from: u64,
        bytes_max: usize,
    ) -> Result<Option<GetObjectOutput>, FlowError> {
        // A range of nothing would be taken for none, and all of the file would come.
        let last = from.saturating_add(bytes_max.max(1) as u64 - 1);
        let asked = self.clients.s3().get_object().bucket(&self.bucket).key(name.to_string());
        let asked = asked.range(format!("bytes={from}-{last}"));
        match asked.send().await.map_err(|error| Failure::of("S3", &error)) {
            Ok(told) => Ok(Some(told)),
            Err(failure) if failure.is(&["InvalidRange"]) => Ok(None),
            Err(failure) if failure.is(&["NoSuchKey"]) => Err(FlowError::NotFound("file")),
            Err(failure) => Err(of(failure)),
        }
    }
}

#[async_trait]
impl Files for S3Files {
    async fn link_to_bring(&self, name: FileName, bytes: u64, valid: Duration) -> Result<String, FlowError> {
        let length = i64::try_from(bytes).map_err(FlowError::broken)?;
        // The length is signed, too: S3 takes no other.
        let asked = self.clients.s3().put_object().bucket(&self.bucket).key(name.to_string());
        let signed = asked.content_length(length).presigned(holding(valid)?).await;
        link(&signed.map_err(|error| of(Failure::of("S3", &error)))?)
    }

    async fn link_to_take(&self, name: FileName, called: &str, valid: Duration) -> Result<String, FlowError> {
        let asked = (self.clients.s3().get_object())
            .bucket(&self.bucket)
            .key(name.to_string())
            .response_content_type(name.content_type())
            .response_content_disposition(disposition(called));
        let signed = asked.presigned(holding(valid)?).await;
        link(&signed.map_err(|error| of(Failure::of("S3", &error)))?)
    }

    async fn bytes(&self, name: FileName) -> Result<Option<u64>, FlowError> {
        let Some(told) = self.told(name).await? else { return Ok(None) };
        let length = told.content_length.and_then(|length| u64::try_from(length).ok());
        length.map(Some).ok_or_else(|| FlowError::broken("S3 does not say how long a file is"))
    }

    async fn mark(&self, name: FileName) -> Result<Option<String>, FlowError> {
        let Some(told) = self.told(name).await? else { return Ok(None) };
        told.e_tag.map(Some).ok_or_else(|| FlowError::broken("S3 does not say by which tag it knows a file"))
    }

    async fn read(&self, name: FileName, from: u64, bytes_max: usize) -> Result<Vec<u8>, FlowError> {
        match self.opened(name, from, bytes_max).await? {
            Some(told) => body(told, bytes_max).await,
            None => Ok(Vec::new()),
        }
    }

    async fn read_marked(
        &self,
        name: FileName,
        mark: &str,
        from: u64,
        bytes_max: usize,
    ) -> Result<Option<Vec<u8>>, FlowError> {
        match self.opened(name, from, bytes_max).await? {
            Some(told) if told.e_tag.as_deref() == Some(mark) => body(told, bytes_max).await.map(Some),
            Some(_) => Ok(None),
            None => Ok(self.mark(name).await?.filter(|now| now == mark).map(|_| Vec::new())),
        }
    }

    async fn write(&self, name: FileName, bytes: Vec<u8>) -> Result<(), FlowError> {
        let asked = self.clients.s3().put_object().bucket(&self.bucket).key(name.to_string());
        let written = asked.content_type(name.content_type()).body(bytes.into()).send().await;
        written.map(drop).map_err(|error| of(Failure::of("S3", &error)))
    }

    async fn begin(&self, name: FileName) -> Result<Writing, FlowError> {
        let asked = self.clients.s3().create_multipart_upload().bucket(&self.bucket).key(name.to_string());
        let begun = asked.content_type(name.content_type()).send().await;
        let begun = begun.map_err(|error| of(Failure::of("S3", &error)))?;
        let id = begun.upload_id.ok_or_else(|| FlowError::broken("S3 gave no name to an upload"))?;
        Ok(Writing { name, id, parts: Vec::new() })
    }

    async fn add(&self, writing: &mut Writing, bytes: Vec<u8>) -> Result<(), FlowError> {
        if writing.parts.len() >= PARTS_MAX {
            return Err(FlowError::broken("a file has no more parts than S3 takes"));
        }
        let asked = (self.clients.s3().upload_part())
            .bucket(&self.bucket)
            .key(writing.name.to_string())
            .upload_id(&writing.id)
            .part_number(number(writing.parts.len())?)
            .body(bytes.into());
        let added = asked.send().await.map_err(|error| of(Failure::of("S3", &error)))?;
        writing.parts.push(added.e_tag.ok_or_else(|| FlowError::broken("S3 gave no tag to a part"))?);
        Ok(())
    }

    async fn finish(&self, writing: Writing) -> Result<(), FlowError> {
        if writing.parts.is_empty() {
            return Err(FlowError::broken("a file has one part at least"));
        }
        let part = |(place, tag): (usize, String)| {
            Ok(CompletedPart::builder().part_number(number(place)?).e_tag(tag).build())
        };
        let parts = writing.parts.into_iter().enumerate().map(part);
        let parts = parts.collect::<Result<Vec<_>, FlowError>>()?;
        let asked = (self.clients.s3().complete_multipart_upload())
            .bucket(&self.bucket)
            .key(writing.name.to_string())
            .upload_id(writing.id)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build());
        // Many parts take S3 longer than other calls: it has all the time that there is, once.
        let patient = TimeoutConfig::builder()
            .operation_attempt_timeout(Duration::from_secs(OPERATION_SECONDS_MAX))
            .operation_timeout(Duration::from_secs(OPERATION_SECONDS_MAX));
        let patient = Config::builder().timeout_config(patient.build());
        match asked.customize().config_override(patient).send().await {
            Ok(_) => Ok(()),
            Err(error) => match of(Failure::of("S3", &error)) {
                FlowError::NotFound(_) if self.bytes(writing.name).await?.is_some() => Ok(()),
                error => Err(error),
            },
        }
    }

    async fn remove(&self, name: FileName) -> Result<(), FlowError> {
        let asked = self.clients.s3().delete_object().bucket(&self.bucket).key(name.to_string());
        asked.send().await.map(drop).map_err(|error| of(Failure::of("S3", &error)))
    }
}

fn holding(valid: Duration) -> Result<PresigningConfig, FlowError> {
    PresigningConfig::expires_in(valid).map_err(FlowError::broken)
}

/// Whoever follows a link sends what every client sends, and nothing that they would have to be told of.
fn link(signed: &PresignedRequest) -> Result<String, FlowError> {
    let told =
        signed.headers().map(|(name, _)| name).find(|name| !matches!(*name, "content-length" | "host"));
    match told {
        Some(name) => Err(FlowError::broken(format!("a link would need the header {name}"))),
        None => Ok(signed.uri().to_owned()),
    }
}

/// The SDK's patience ends with the head of an answer.
async fn body(told: GetObjectOutput, bytes_max: usize) -> Result<Vec<u8>, FlowError> {
    let read = timeout(Duration::from_secs(OPERATION_SECONDS_MAX), told.body.collect()).await;
    let read = read.map_err(FlowError::unavailable)?.map_err(FlowError::unavailable)?;
    let mut read: Vec<u8> = read.into_bytes().into();
    read.truncate(bytes_max);
    Ok(read)
}

/// Parts are counted from 1.
fn number(place: usize) -> Result<i32, FlowError> {
    i32::try_from(place + 1).map_err(FlowError::broken)
}

/// A bucket that is away or closed to us is for people to put right, while the work waits.
fn of(failure: Failure) -> FlowError {
    if failure.is(&["NoSuchUpload"]) {
        return FlowError::NotFound("file that is being written");
    }
    let is_ours = ["EntityTooSmall", "EntityTooLarge", "InvalidArgument", "InvalidPart", "MalformedXML"];
    if failure.is(&is_ours) || failure.is_refused() {
        FlowError::broken(failure)
    } else {
        failure.unavailable()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{JobId, TenantId, Timestamp};
    use flows::files::FilePart;

    #[tokio::test]
    async fn a_link_asks_nothing_of_whoever_follows_it_but_the_length() {
        let told = |name: &str| match name {
            "AWS_REGION" => Some("eu-central-1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN" => Some("test".to_owned()),
            _ => None,
        };
        let files = S3Files::new(Clients::from_variables(told), "bucket");
        let (at, minute) = (Timestamp::UNIX_EPOCH, Duration::from_mins(1));
        let name = FileName::Job {
            tenant: TenantId::new(at, [1; 10]),
            job: JobId::new(at, [1; 10]),
            part: FilePart::Brought,
        };
        let bring = files.link_to_bring(name, 7, minute).await.unwrap();
        let take = files.link_to_take(name, "a.csv", minute).await.unwrap();
        for (link, signed) in [(&bring, "content-length%3Bhost"), (&take, "host")] {
            assert!(
                link.starts_with(&format!("https://bucket.s3.eu-central-1.amazonaws.com/{name}?")),
                "{link}"
            );
            assert!(link.contains(&format!("&X-Amz-SignedHeaders={signed}&")), "{link}");
            assert!(link.contains("&X-Amz-Expires=60&"), "{link}");
            assert!(!link.to_lowercase().contains("checksum"), "{link}");
        }
    }
}
