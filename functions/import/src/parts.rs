//! A file that is written as its bytes come, in parts that storages take.

use flows::{
    Files, FlowError,
    files::{FileName, PART_BYTES_MIN, Writing},
};

pub(crate) struct Parts<'a> {
    files: &'a dyn Files,
    writing: Writing,
    /// Those of the next part.
    bytes: Vec<u8>,
}

impl<'a> Parts<'a> {
    /// In place of what an earlier try has written.
    pub(crate) async fn begun(files: &'a dyn Files, name: FileName) -> Result<Self, FlowError> {
        Ok(Self { files, writing: files.begin(name).await?, bytes: Vec::new() })
    }

    pub(crate) async fn add(&mut self, more: impl IntoIterator<Item = u8>) -> Result<(), FlowError> {
        self.bytes.extend(more);
        if self.bytes.len() < PART_BYTES_MIN {
            return Ok(());
        }
        self.files.add(&mut self.writing, std::mem::take(&mut self.bytes)).await
    }

    /// The file is there; a file of nothing has a part, too.
    pub(crate) async fn finish(mut self) -> Result<(), FlowError> {
        if !self.bytes.is_empty() || self.writing.parts.is_empty() {
            self.files.add(&mut self.writing, self.bytes).await?;
        }
        self.files.finish(self.writing).await
    }
}
