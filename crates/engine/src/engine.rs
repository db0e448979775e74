//! The operations every shell calls: open a workspace, then ask it for things.
//!
//! An [`Engine`] is cheap to clone and safe to share; each call is one transaction. The operations stand in one file for each part:
//! `schema`, `records`, `jobs`, `interchange`, `transfer`.

mod interchange;
mod jobs;
mod opening;
mod records;
mod schema;
mod transfer;
mod watch;

use std::{path::Path, sync::Arc};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::{
    error::{Error, ErrorCode, Result},
    jobs::faults,
    model::*,
    records::{Context, Session},
    sql::Backend,
    store::{SchemaCache, Store, Tx, bootstrap},
};

pub use interchange::OnImport;
pub use transfer::OnCopy;

/// An open workspace.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
    /// Where this handle's writes come from: `cli`, `window`, …
    origin: &'static str,
}

struct Inner {
    store: Store,
    cache: Arc<SchemaCache>,
    events: broadcast::Sender<WorkspaceEvent>,
    author: Option<String>,
    jobs: crate::jobs::Running,
    /// Transactions of this program.
    own: watch::Own,
    /// The schema's version and the last change event when it was opened.
    first: (Result<u32>, i64),
    /// Ends what runs beside the calls.
    closing: CancellationToken,
}

impl Engine {
    /// Makes a new workspace file.
    ///
    /// # Errors
    /// `invalid_input` when there is a file already; `io`, `connection_failed`.
    pub async fn create(path: &Path) -> Result<Self> {
        if path.exists() && std::fs::metadata(path)?.len() > 0 {
            return Err(Error::invalid(format!("{} is there already. Choose another name, or open it.", path.display()))
                .with(serde_json::json!({ "location": path.display().to_string() })));
        }
        if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty() && !p.exists()) {
            return Err(Error::new(ErrorCode::Io, format!("The folder {} does not exist.", folder.display())));
        }
        Ok(Self::start(Store::open_file(path, true).await?, true).await?.0)
    }

    /// Connects to a server and goes again: what it says of itself.
    ///
    /// # Errors
    /// `connection_failed` with a `reason` in its details; `invalid_input`; `unsupported` for a server that is too old.
    pub async fn probe(url: &str) -> Result<ServerInfo> {
        let ParsedConnection { connection, password } = Connection::parse(url)?;
        crate::store::reach::probe(&connection, password.as_deref()).await
    }

    /// The SQL by which an administrator prepares a Postgres schema as a workspace, for a role that may make nothing itself.
    pub fn preparing_sql(schema: &str, role: Option<&str>) -> String {
        bootstrap::script(schema, role)
    }

    /// Opens a workspace that exists.
    ///
    /// # Errors
    /// `not_a_workspace`, `io`; `unsupported` for a kind of database that is not known.
    pub async fn open(location: &str) -> Result<Self> {
        if is_url(location) {
            return Ok(Self::start(Store::open_url(location, false).await?, false).await?.0);
        }
        let path = Path::new(location);
        if !path.is_file() {
            return Err(Error::new(ErrorCode::NotAWorkspace, format!("There is no workspace {location}. Make one with `stoneware init`."))
                .with(serde_json::json!({ "location": location })));
        }
        Ok(Self::start(Store::open_file(path, false).await?, false).await?.0)
    }

    /// Opens it, making it first where there is none. True: it was made.
    pub async fn open_or_create(location: &str) -> Result<(Self, bool)> {
        if is_url(location) {
            return Self::start(Store::open_url(location, true).await?, true).await;
        }
        let path = Path::new(location);
        if path.metadata().is_ok_and(|meta| meta.is_dir() || meta.len() > 0) {
            Ok((Self::open(location).await?, false))
        } else {
            Ok((Self::create(path).await?, true))
        }
    }

    async fn start(store: Store, create: bool) -> Result<(Self, bool)> {
        let found = bootstrap::prepare(&store, create).await?;
        crate::jobs::note_interrupted(crate::jobs::mark(&store, found.running).await)?;
        if store.read_only().is_none() {
            crate::schema::ahead::tidy(&store, crate::schema::ahead::read(&found.ahead)?).await;
        }
        let (events, _) = broadcast::channel(1024);
        let author = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).ok().filter(|u| !u.is_empty());
        let inner = Inner {
            store,
            cache: Arc::default(),
            events,
            author,
            jobs: crate::jobs::Running::default(),
            own: watch::Own::default(),
            first: (found.schema_version, found.last_event),
            closing: CancellationToken::new(),
        };
        let engine = Self { inner: Arc::new(inner), origin: "window" };
        Ok((engine, found.made))
    }

    /// The same workspace, writing in the name of another shell.
    pub fn acting_as(mut self, origin: &'static str) -> Self {
        self.origin = origin;
        self
    }

    /// Lets running jobs stop at a safe point (they stay resumable) and closes the file.
    pub async fn close(&self) {
        self.inner.closing.cancel();
        self.stop_jobs().await;
        self.inner.store.close().await;
    }

    /// # Errors
    /// `unfinished_copy` while another workspace is being copied into this one.
    pub fn info(&self) -> Result<WorkspaceInfo> {
        let store = &self.inner.store;
        let location = store.location.clone();
        let plain = if is_url(&location) { location.split('?').next().unwrap_or_default() } else { &location };
        let name = Path::new(plain).file_stem().map_or_else(|| location.clone(), |s| s.to_string_lossy().into_owned());
        let why = store.read_only().map(str::to_owned);
        let kind = store.dialect().backend().word().to_owned();
        let (first, _) = &self.inner.first;
        let schema_version = match self.inner.cache.known().version {
            0 => first.clone()?,
            known => known,
        };
        Ok(WorkspaceInfo { name, location, kind, read_only: why.is_some(), read_only_reason: why, schema_version })
    }

    /// What changes from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<WorkspaceEvent> {
        self.inner.events.subscribe()
    }

    /// Fills this empty workspace with the sample: a coffee roastery.
    ///
    /// # Errors
    /// `invalid_input` when the workspace holds entities.
    pub async fn fill_sample(&self) -> Result<()> {
        self.edit(async |edit| crate::sample::fill(edit).await).await
    }

    /// Nobody may be listening: that is no error.
    fn send(&self, event: WorkspaceEvent) {
        let _ = self.inner.events.send(event);
    }

    /// Of a transaction that writes.
    fn context(&self) -> Context {
        let context = Context::new(self.origin, self.inner.author.clone());
        self.inner.own.note(&context.transaction);
        context
    }

    /// A snapshot with the schema as it stands in it.
    async fn reading(&self) -> Result<(Tx, Arc<Schema>)> {
        let mut tx = self.inner.store.read().await?;
        let schema = self.inner.cache.current(&mut tx).await?;
        Ok((tx, schema))
    }

    /// A write transaction with the schema as it stands in it.
    async fn writing(&self) -> Result<(Tx, Arc<Schema>)> {
        let mut tx = self.inner.store.write().await?;
        let schema = self.inner.cache.current(&mut tx).await?;
        Ok((tx, schema))
    }

    // What these four run is put on the heap: a caller holds the future of each operation it calls, and those of edits are large.

    /// Runs `work` on a snapshot.
    async fn read<T>(&self, work: impl AsyncFnOnce(&mut Session<'_>) -> Result<T>) -> Result<T> {
        let (mut tx, schema) = self.reading().await?;
        let context = Context::new(self.origin, None);
        Box::pin(work(&mut Session { tx: &mut tx, schema: &schema, context: &context })).await
    }

    /// Runs `work` in a transaction and commits it; then says which entities' records changed.
    async fn write<T>(&self, work: impl AsyncFnOnce(&mut Session<'_>) -> Result<(T, Vec<EntityId>)>) -> Result<T> {
        let (mut tx, schema) = self.writing().await?;
        let context = self.context();
        let (out, entities) = Box::pin(work(&mut Session { tx: &mut tx, schema: &schema, context: &context })).await?;
        tx.commit().await?;
        if !entities.is_empty() {
            self.send(WorkspaceEvent::RecordsChanged { entities });
        }
        Ok(out)
    }

    /// Runs `work` on the schema in a transaction and commits it; then says that the schema changed.
    async fn edit<T>(&self, work: impl AsyncFnOnce(&mut crate::schema::Edit<'_>) -> Result<T>) -> Result<T> {
        let context = self.context();
        let mut tx = self.inner.store.write_tables().await?;
        let mut edit = crate::schema::Edit::begin(&mut tx, &context).await?;
        let before = edit.schema.version;
        let out = Box::pin(work(&mut edit)).await?;
        let version = edit.schema.version;
        let later = std::mem::take(&mut edit.later);
        let noted = Box::pin(crate::schema::ahead::note_keys(edit.tx, later)).await?;
        faults::point(&self.inner.store.location, "edit: before commit")?;
        tx.commit().await?;
        faults::point(&self.inner.store.location, "edit: after commit")?;
        Box::pin(crate::schema::ahead::tidy(&self.inner.store, noted)).await;
        if version != before {
            self.send(WorkspaceEvent::SchemaChanged { version });
        }
        Ok(out)
    }

    /// The same for an edit that may ask for an index, or that every row has a value: what takes long is done beside it, as others write.
    /// `work` is tried out first.
    async fn edit_beside<T>(&self, work: impl AsyncFnOnce(&mut crate::schema::Edit<'_>) -> Result<T> + Clone) -> Result<T> {
        if self.inner.store.dialect().backend() == Backend::Sqlite {
            return self.edit(work).await;
        }
        let (mut tx, schema) = self.reading().await?;
        let context = Context::new(self.origin, None);
        let ops = Box::pin(crate::schema::Edit::rehearse(&mut tx, (*schema).clone(), &context, work.clone())).await;
        drop(tx);
        Box::pin(self.edit_after(&schema, &ops, work)).await
    }

    /// The same where it is known what ops it comes to, by this schema.
    async fn edit_after<T>(
        &self,
        schema: &Schema,
        ops: &[crate::schema::Op],
        work: impl AsyncFnOnce(&mut crate::schema::Edit<'_>) -> Result<T>,
    ) -> Result<T> {
        let store = &self.inner.store;
        let Some(ahead) = Box::pin(crate::schema::ahead::prepare(store, schema, ops)).await? else { return self.edit(work).await };
        let done = self
            .edit(async |edit| {
                let out = work(edit).await?;
                ahead.adopt(edit.tx).await?;
                Ok(out)
            })
            .await;
        if done.as_ref().is_err_and(|error| !faults::is_crash(error)) {
            Box::pin(ahead.take_back(store)).await;
        }
        done
    }
}

/// Whether a location is the address of a Postgres database; else it is a path.
pub fn is_url(location: &str) -> bool {
    location.starts_with("postgres://") || location.starts_with("postgresql://")
}
