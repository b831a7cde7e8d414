//! Secrets and keys at home: a key file that only its owner can read, in the place of Secrets Manager and KMS.
//!
//! To change the master, a new one takes its place and it stands among `former`: what it has wrapped opens still, as KMS has it.

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::TenantId;
use flows::{
    DataKey, Dice, FlowError, KeyWrap, SecretBox, Secrets, seal,
    secrets::{GoogleClient, ShopifyApp},
};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What the key file holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    /// The document that the cloud keeps in Secrets Manager.
    secrets: serde_json::Value,
    /// The key that wraps the data keys of tenants; KMS has it in the cloud.
    master: String,
    /// Those before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former: Vec<String>,
}

/// An installation's keys.
#[derive(Clone)]
pub struct Keys {
    pub secrets: Arc<dyn SecretBox>,
    pub wrap: Arc<dyn KeyWrap>,
    held: Arc<Held>,
    masters: Arc<LocalWrap>,
}

struct Held(Mutex<Arc<Secrets>>);

struct LocalWrap {
    /// The first wraps; each opens what it has wrapped.
    masters: Mutex<Vec<DataKey>>,
    dice: Arc<dyn Dice>,
}

impl Keys {
    /// New keys, kept nowhere.
    ///
    /// # Panics
    /// If keys that were just made cannot be read.
    pub fn new(dice: &Arc<dyn Dice>) -> Self {
        Self::of(&made(&**dice), dice).expect("new keys are sound")
    }

    /// The keys of the file; made with the file if there is none.
    pub fn open(path: &Path, dice: &Arc<dyn Dice>) -> anyhow::Result<Self> {
        if !path.exists() {
            let text = serde_json::to_string_pretty(&made(&**dice))?;
            keep_whole(path, &text)?;
        }
        let file = serde_json::from_str(&fs::read_to_string(path)?);
        let file = file.map_err(|_| anyhow::anyhow!("{} is not a key file of ours", path.display()))?;
        Self::of(&file, dice)
    }

    fn of(file: &KeyFile, dice: &Arc<dyn Dice>) -> anyhow::Result<Self> {
        let mut secrets = Secrets::parse(&file.secrets.to_string())?;
        // The stub issuer and the demo shop know these; real ones may be put into the file.
        secrets.google.get_or_insert_with(|| GoogleClient {
            client_id: crate::google::CLIENT_ID.to_owned(),
            client_secret: crate::google::CLIENT_SECRET.to_owned(),
        });
        secrets.shopify.get_or_insert_with(|| ShopifyApp {
            client_id: crate::shopify::CLIENT_ID.to_owned(),
            secret: crate::shopify::CLIENT_SECRET.to_owned(),
            old_secret: None,
        });
        let key = |text: &String| {
            let key = STANDARD.decode(text).ok().and_then(|key| key.try_into().ok());
            key.map(DataKey).ok_or_else(|| anyhow::anyhow!("a master key is not base64 of 32 bytes"))
        };
        let masters = std::iter::once(&file.master).chain(&file.former).map(key).collect::<Result<_, _>>()?;
        let held = Arc::new(Held(Mutex::new(Arc::new(secrets))));
        let masters = Arc::new(LocalWrap { masters: Mutex::new(masters), dice: dice.clone() });
        Ok(Self { secrets: held.clone(), wrap: masters.clone(), held, masters })
    }

    /// A new master wraps from now on, until the process ends.
    pub fn rotate(&self) {
        let mut master = [0; 32];
        self.masters.dice.fill(&mut master);
        self.masters.lock().insert(0, DataKey(master));
    }

    /// What former masters have wrapped does not open any more.
    pub fn forget_former(&self) {
        self.masters.lock().truncate(1);
    }

    /// Other secrets from now on, as if the document had been changed.
    pub fn change(&self, change: impl FnOnce(&mut Secrets)) {
        let mut held = self.held.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut held));
    }
}

/// Kept whole or not at all, whenever the process is killed; only its owner can read it.
pub(crate) fn keep_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let _ = fs::remove_file(&unfinished);
    let mut file = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(unfinished, path)
}

fn made(dice: &dyn Dice) -> KeyFile {
    let mut master = [0; 32];
    dice.fill(&mut master);
    let secrets = serde_json::from_str(&Secrets::generate(dice, "first")).unwrap_or_default();
    KeyFile { secrets, master: STANDARD.encode(master), former: Vec::new() }
}

impl LocalWrap {
    fn lock(&self) -> MutexGuard<'_, Vec<DataKey>> {
        self.masters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SecretBox for Held {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

#[async_trait]
impl KeyWrap for LocalWrap {
    async fn generate(&self, tenant: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        let mut key = [0; 32];
        self.dice.fill(&mut key);
        let master = self.lock()[0].clone();
        let wrapped = seal::seal(&master, &tenant.to_string(), &key, &*self.dice)?;
        Ok((DataKey(key), wrapped))
    }

    async fn unwrap(&self, tenant: TenantId, wrapped: &[u8]) -> Result<DataKey, FlowError> {
        let masters = self.lock().clone();
        let opened = masters.iter().find_map(|master| seal::open(master, &tenant.to_string(), wrapped).ok());
        let key = opened.ok_or_else(|| FlowError::broken("no master key opens a data key"))?;
        let key = key.try_into().map_err(|_| FlowError::broken("a data key has 32 bytes"))?;
        Ok(DataKey(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::SeededDice;
    use jiff::Timestamp;

    #[tokio::test]
    async fn a_data_key_opens_for_its_tenant_only() {
        let dice: Arc<dyn Dice> = Arc::new(SeededDice::new(1));
        let keys = Keys::new(&dice);
        let tenant = |dice| TenantId::new(Timestamp::UNIX_EPOCH, [dice; 10]);
        let (key, wrapped) = keys.wrap.generate(tenant(1)).await.unwrap();
        assert_eq!(keys.wrap.unwrap(tenant(1), &wrapped).await.unwrap().0, key.0);
        assert!(keys.wrap.unwrap(tenant(2), &wrapped).await.is_err());
    }

    #[tokio::test]
    async fn a_key_files_former_master_opens_what_it_has_wrapped() {
        let dice: Arc<dyn Dice> = Arc::new(SeededDice::new(1));
        let (before, now) = (made(&*dice), made(&*dice));
        let tenant = TenantId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let (key, wrapped) = Keys::of(&before, &dice).unwrap().wrap.generate(tenant).await.unwrap();
        let alone = Keys::of(&now, &dice).unwrap();
        assert!(alone.wrap.unwrap(tenant, &wrapped).await.is_err());
        let both = KeyFile { former: vec![before.master], ..now };
        let both = Keys::of(&both, &dice).unwrap();
        assert_eq!(both.wrap.unwrap(tenant, &wrapped).await.unwrap().0, key.0);
        let bad = KeyFile { former: vec!["short".to_owned()], ..made(&*dice) };
        assert!(Keys::of(&bad, &dice).is_err());
    }
}
