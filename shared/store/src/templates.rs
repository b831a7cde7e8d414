//! Templates: each an item that lists read, and one with the words of its edition.

use domain::{
    Name, Template, TemplateId, Timestamp, UserId,
    template::{Channel, Words},
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{When, Write},
};

/// As often as it is changed while it is read.
const TRIES: usize = 8;

impl TenantStore {
    /// The oldest first, without their words.
    pub async fn templates(&self) -> Result<Vec<Held<Template>>, StoreError> {
        let items = self.all(keys::tenant_partition(self.id()), keys::TEMPLATE).await?;
        items.into_iter().map(read_as::<TemplateRecord, _>).collect()
    }

    /// And the words that belong to it as it is.
    pub async fn template(&self, id: TemplateId) -> Result<Option<(Held<Template>, Words)>, StoreError> {
        for _ in 0..TRIES {
            let Some(item) = self.get(keys::template(self.id(), id)).await? else { return Ok(None) };
            let template: Held<Template> = read_as::<TemplateRecord, _>(item)?;
            if let Some(item) = self.get(keys::template_words(self.id(), id, template.edition)).await? {
                let words: Held<WordsRecord> = read_as::<WordsRecord, _>(item)?;
                return Ok(Some((template, words.into_inner().words)));
            }
            // It was changed or has ended in between.
        }
        Err(StoreError::Conflict(0))
    }

    pub fn template_made(&self, template: &Template, words: &Words) -> Step {
        let first =
            Entry::new(keys::template(self.id(), template.id), &TemplateRecord::from(template)).create();
        Step(vec![first, self.words_put(template, words)])
    }

    /// `Conflict` if somebody else has changed it.
    pub fn template_changed(&self, held: &Held<Template>, template: &Template, words: &Words) -> Step {
        let record = TemplateRecord::from(template);
        let first = Entry::new(keys::template(self.id(), held.id), &record).replace(held.version);
        Step(vec![first, self.words_put(template, words), self.words_ended(held)])
    }

    /// `Conflict` as above.
    pub fn template_ended(&self, held: &Held<Template>) -> Step {
        let first = Write::Delete(keys::template(self.id(), held.id), When::Version(held.version));
        Step(vec![first, self.words_ended(held)])
    }

    fn words_put(&self, template: &Template, words: &Words) -> Write {
        let key = keys::template_words(self.id(), template.id, template.edition);
        Entry::new(key, &WordsRecord { words: words.clone() }).create()
    }

    fn words_ended(&self, held: &Template) -> Write {
        Write::Delete(keys::template_words(self.id(), held.id, held.edition), When::Always)
    }
}

#[derive(Serialize, Deserialize)]
struct WordsRecord {
    words: Words,
}

#[derive(Serialize, Deserialize)]
struct TemplateRecord {
    id: TemplateId,
    name: Name,
    channel: Channel,
    edition: u32,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    created_by: UserId,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
    updated_by: UserId,
}

impl From<&Template> for TemplateRecord {
    fn from(template: &Template) -> Self {
        let Template { id, name, channel, edition, created_at, created_by, updated_at, updated_by } =
            template.clone();
        Self { id, name, channel, edition, created_at, created_by, updated_at, updated_by }
    }
}

impl From<TemplateRecord> for Template {
    fn from(record: TemplateRecord) -> Self {
        let TemplateRecord { id, name, channel, edition, created_at, created_by, updated_at, updated_by } =
            record;
        Self { id, name, channel, edition, created_at, created_by, updated_at, updated_by }
    }
}
