//! Verbs on the schema. Every edit is a list of [`Op`]s applied in one transaction; applying one gives the op that takes it back, and both
//! stand in the changelog: undo is "apply the way back".

pub mod ahead;
mod apply;
mod by_hand;
pub mod changelog;
pub mod convert;
mod data;
pub mod edits;
pub mod entities;
pub mod fields;
pub mod foreseen;
pub mod op;
pub mod relationships;
pub mod tables;

pub use foreseen::Foreseen;
pub use op::Op;

use serde_json::json;

use crate::{
    error::{Error, ErrorCode, Result},
    model::{ChangeId, EntityId, Schema, name},
    records::Context,
    sql::{Statement, records::Place, shown},
    store::{EntityStore, Tx, busy, entity_store::Json, system},
};

/// A schema edit under way: one transaction of [`crate::store::Store::write_tables`], and the schema as it stands in it.
pub struct Edit<'a> {
    pub tx: &'a mut Tx,
    pub schema: Schema,
    pub context: &'a Context,
    /// Foreign keys to be held against every row once the edit is committed.
    pub later: Vec<ahead::Made>,
    /// Set while it is only rehearsed, on a snapshot of [`crate::store::Store::rehearse`].
    pub foreseen: Option<Foreseen>,
    /// Set while it is only tried out what ops an edit comes to.
    rehearsed: Option<Vec<Op>>,
}

/// What an edit is called in the changelog.
pub struct Title {
    pub kind: &'static str,
    pub description: String,
    pub entities: Vec<EntityId>,
}

impl<'a> Edit<'a> {
    pub async fn begin(tx: &'a mut Tx, context: &'a Context) -> Result<Self> {
        let schema = system::load_schema(tx).await?;
        Ok(Self::of(tx, schema, context))
    }

    pub fn of(tx: &'a mut Tx, schema: Schema, context: &'a Context) -> Self {
        let foreseen = tx.rehearses().then(Foreseen::default);
        Self { tx, schema, context, later: vec![], foreseen, rehearsed: None }
    }

    /// The ops that `work` comes to, as things stand in this snapshot; nothing is done. None where it is refused.
    pub async fn rehearse<T>(
        tx: &mut Tx,
        schema: Schema,
        context: &Context,
        work: impl AsyncFnOnce(&mut Edit<'_>) -> Result<T>,
    ) -> Vec<Op> {
        let mut edit = Edit { rehearsed: Some(vec![]), ..Edit::of(tx, schema, context) };
        // It ends with an error wherever it would go on: the edit itself will say whether there is one.
        let _ = work(&mut edit).await;
        edit.rehearsed.unwrap_or_default()
    }

    /// Applies the ops in turn and writes them into the changelog as one entry. The caller commits.
    ///
    /// # Errors
    /// `busy` while a job works on one of the entities; whatever the ops meet.
    pub async fn run(&mut self, title: Title, ops: Vec<Op>) -> Result<()> {
        if let Some(rehearsed) = &mut self.rehearsed {
            rehearsed.extend(ops);
            return Err(Error::new(ErrorCode::Cancelled, "Only tried out."));
        }
        self.refuse_busy(&ops).await?;
        let down = self.apply_all(ops.clone()).await?;
        self.log(title, &ops, &down).await
    }

    /// # Errors
    /// `busy` while a job works on an entity that one of the ops changes, be it by a relationship with another one.
    async fn refuse_busy(&mut self, ops: &[Op]) -> Result<()> {
        let entities: Vec<EntityId> = ops.iter().flat_map(|op| self.touched(op)).collect();
        busy::refuse(self.tx, &entities).await
    }

    fn touched(&self, op: &Op) -> Vec<EntityId> {
        match op {
            Op::DropEntity { entity }
            | Op::SetEntity { entity, .. }
            | Op::AddField { entity, .. }
            | Op::DropField { entity, .. }
            | Op::SetField { entity, .. }
            | Op::OrderFields { entity, .. }
            | Op::SetKeys { entity, .. } => vec![*entity],
            Op::AddRelationship { relationship, .. } | Op::SetRelationship { relationship } => {
                vec![relationship.source, relationship.target]
            }
            Op::DropRelationship { relationship } => self.schema.relationship(*relationship).map_or(vec![], |r| vec![r.source, r.target]),
            Op::Materialize { entities, .. } | Op::Dematerialize { entities } => entities.clone(),
            Op::CreateEntity { .. } | Op::AddLibraryField { .. } | Op::DropLibraryField { .. } | Op::Move { .. } => vec![],
        }
    }

    /// In a rehearsal: notes which records change.
    fn touch(&mut self, place: &Place, condition: impl FnOnce() -> String) {
        if let Some(foreseen) = &mut self.foreseen {
            foreseen.touched.push((place.clone(), condition()));
        }
    }

    /// One of many statements alike; a rehearsal comes to the first of them only.
    async fn batch(&mut self, statement: Statement) -> Result<()> {
        if self.tx.rehearses() {
            let shown = shown(self.tx.dialect.backend(), &statement);
            self.tx.note(format!("-- again for each of the batches that follow\n{shown}"));
            return Ok(());
        }
        self.tx.execute(statement).await?;
        Ok(())
    }

    /// Applies the ops in turn; returns the way back, in the order to apply it.
    pub async fn apply_all(&mut self, ops: Vec<Op>) -> Result<Vec<Op>> {
        let mut down = vec![];
        for op in ops {
            down.push(apply::apply(self, op).await?);
        }
        down.reverse();
        Ok(down)
    }

    /// A new entry of the changelog; what was undone can then no longer be redone.
    pub async fn log(&mut self, title: Title, up: &[Op], down: &[Op]) -> Result<()> {
        self.schema.version += 1;
        system::set_schema_version(self.tx, self.schema.version).await?;
        self.tx.execute("UPDATE kdb_schema_changelog SET state = 'discarded' WHERE state = 'undone'").await?;
        let row = system::ChangeRow {
            id: ChangeId::new(),
            version: self.schema.version,
            kind: title.kind.to_owned(),
            description: title.description,
            entities: Json(title.entities),
            up: Json(serde_json::to_value(up)?),
            down: Json(serde_json::to_value(down)?),
            at: self.context.now.clone(),
            author: self.context.author.clone(),
            state: "applied".to_owned(),
        };
        EntityStore::put(self.tx, &row).await
    }
}

/// Refuses a name another thing of the same place has.
///
/// # Errors
/// `name_taken` with the name.
fn refuse_taken<'n>(what: &str, wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Result<()> {
    let folded = name::folded(wanted);
    match names.into_iter().find(|n| name::folded(n) == folded) {
        None => Ok(()),
        Some(taken) => {
            let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            let message = format!("There is {article} {what} {taken:?} already. Choose another name.");
            Err(Error::new(ErrorCode::NameTaken, message).with(json!({ "name": wanted, "taken": taken })))
        }
    }
}

/// Whether a table name is one of ours: no dedicated or junction table may take it.
fn is_system_table(folded: &str) -> bool {
    const OURS: [&str; 17] = [
        "workspace",
        "entity_definitions",
        "field_definitions",
        "entity_fields",
        "relationship_definitions",
        "records",
        "index_entries",
        "record_links",
        "schema_changelog",
        "dropped_values",
        "dropped_records",
        "dropped_links",
        "layout",
        "jobs",
        "captured_writes",
        "change_events",
        "query_metrics",
    ];
    folded.strip_prefix("kdb_").is_some_and(|rest| OURS.contains(&rest))
}
