//! What is common to databases of tables: [`source`] says what a table is, whoever describes it.
//!
//! A source is read twice. The first reading ([`scan`]) looks at every value, because a declared type may bind nothing, and notes
//! every key that is referred to. Then [`shape`] decides what becomes of each part, and the second reading ([`load`]) carries the
//! rows over. Old key columns stay as fields; a foreign key column becomes its relationship's field.

mod keys;
mod load;
mod scan;
mod shape;
mod source;
mod types;

use serde_json::json;
use std::collections::HashMap;

use super::{Findings, Watch, sequence::Sequence};
use crate::{
    error::{Error, ErrorCode, Result},
    model::{
        EntityId, EntitySpec, FieldType, ImportReport, KeyId, KeyPart, RelationshipId, RelationshipSpec, RelationshipType, UniqueKey, name,
    },
    schema::{Edit, Op, Title, entities, relationships},
    store::Foreign,
};

pub use source::{Column, Equality, ForeignKey, Given, Table, Worth, same_set};
pub use types::Hint;
#[cfg(test)]
pub use types::{Scan, default_value};

/// A database that has been read once: what is in it, and what it will become.
pub struct Source {
    foreign: Foreign,
    name: String,
    tables: Vec<Table>,
    scanned: scan::Scanned,
    plan: shape::Plan,
    findings: Findings,
}

impl Source {
    /// Looks at every row and decides what becomes of it. `name` is what the changelog calls it.
    ///
    /// # Errors
    /// `cancelled`, and those of reading.
    pub async fn read(name: String, mut foreign: Foreign, tables: Vec<Table>, mut findings: Findings, watch: &Watch<'_>) -> Result<Self> {
        let scanned = scan::scan(&mut foreign, &tables, watch).await?;
        let plan = shape::plan(&tables, &scanned, &mut findings);
        Ok(Self { foreign, name, tables, scanned, plan, findings })
    }
}

/// Of a source that is a workspace of ours: what lies in tables of its own can be had like any other table.
///
/// # Errors
/// `invalid_input` when nothing does.
pub fn found_workspace(empty: bool, findings: &mut Findings) -> Result<()> {
    if empty {
        return Err(Error::invalid(
            "This is a Stoneware workspace, and no entity of it has a table of its own. Open it, or take it over whole with `stoneware copy`.",
        ));
    }
    let reason = "It is a Stoneware workspace: the tables of its dedicated entities come over as plain tables, what lies in shared storage \
                  does not. `stoneware copy` takes everything as it is.";
    findings.add("workspace", "kdb_workspace", reason);
    Ok(())
}

/// Where the parts of the source have gone.
#[derive(Default)]
struct Made {
    entities: HashMap<usize, EntityId>,
    /// Type and whether values of several kinds stand in it, by table and column.
    fields: HashMap<(usize, usize), (crate::model::AttachmentId, FieldType, bool)>,
    /// By table and foreign key.
    relationships: HashMap<(usize, usize), RelationshipId>,
    junctions: Vec<RelationshipId>,
}

/// Makes the entities and relationships as one entry of the changelog, and carries the rows over.
///
/// # Errors
/// `name_taken` when an entity of that name is there; `cancelled`.
pub async fn write(edit: &mut Edit<'_>, source: &mut Source, schema_only: bool, watch: &Watch<'_>) -> Result<ImportReport> {
    refuse_taken(edit, &source.plan)?;
    let mut ops = Ops::default();
    let made = make(edit, source, &mut ops).await?;
    let title = Title {
        kind: "import",
        description: format!("Import {}", source.name),
        entities: source.plan.entities.iter().map(|e| made.entities[&e.table]).collect(),
    };
    edit.log(title, &ops.up, &ops.down).await?;
    let mut report = ImportReport {
        entities: source.plan.entities.iter().map(|e| e.name.clone()).collect(),
        relationships: count(source.plan.relationships.len()),
        many_to_many: count(source.plan.junctions.len()),
        ..ImportReport::default()
    };
    if !schema_only {
        let sequences: Vec<Sequence> = source.tables.iter().map(|_| Sequence::new()).collect();
        load::records(edit, source, &made, &sequences, watch, &mut report).await?;
        load::links(edit, source, &made, &sequences, watch, &mut report).await?;
    }
    report.not_carried = std::mem::take(&mut source.findings.0);
    Ok(report)
}

fn refuse_taken(edit: &Edit<'_>, plan: &shape::Plan) -> Result<()> {
    let there: Vec<String> = edit.schema.entities.iter().map(|e| name::folded(&e.name)).collect();
    let taken: Vec<&str> = plan.entities.iter().filter(|e| there.contains(&name::folded(&e.name))).map(|e| e.name.as_str()).collect();
    if taken.is_empty() {
        return Ok(());
    }
    let message = format!(
        "There are entities of these names already: {}. Rename them, or import into another workspace.",
        crate::model::schema::join(&taken)
    );
    Err(Error::new(ErrorCode::NameTaken, message).with(json!({ "names": taken, "taken": taken[0] })))
}

/// Ops as they are applied, and the way back.
#[derive(Default)]
struct Ops {
    up: Vec<Op>,
    down: Vec<Op>,
}

impl Ops {
    async fn apply(&mut self, edit: &mut Edit<'_>, ops: Vec<Op>) -> Result<()> {
        let mut down = edit.apply_all(ops.clone()).await?;
        self.up.extend(ops);
        down.append(&mut self.down);
        self.down = down;
        Ok(())
    }
}

async fn make(edit: &mut Edit<'_>, source: &Source, ops: &mut Ops) -> Result<Made> {
    let mut made = Made::default();
    for plan in &source.plan.entities {
        let description = source.tables[plan.table].description.clone();
        let spec = EntitySpec { name: plan.name.clone(), description, ..EntitySpec::default() };
        let (entity, create) = entities::create_ops(edit, spec, plan.fields.iter().map(|f| f.spec.clone()).collect(), None)?;
        made.entities.insert(plan.table, entity.id);
        for (field, plan_field) in entity.fields.iter().zip(&plan.fields) {
            made.fields.insert((plan.table, plan_field.column), (field.id, field.field_type, plan_field.mixed));
        }
        ops.apply(edit, create).await?;
    }
    for plan in &source.plan.relationships {
        let table = &source.tables[plan.table];
        let foreign = &table.foreign_keys[plan.foreign_key];
        let spec = RelationshipSpec {
            name: plan.name.clone(),
            kind: plan.kind,
            source: made.entities[&plan.table],
            target: made.entities[&foreign.parent],
            inverse_name: None,
            description: None,
            field: plan.field.clone(),
            required: plan.required,
            on_delete: Some(plan.on_delete),
            on_update: Some(foreign.on_update),
        };
        made.relationships.insert((plan.table, plan.foreign_key), relate(edit, ops, spec).await?);
    }
    for plan in &source.plan.entities {
        let keys: Vec<UniqueKey> = plan.keys.iter().filter_map(|columns| key(source, &made, plan.table, columns)).collect();
        if !keys.is_empty() {
            ops.apply(edit, vec![Op::SetKeys { entity: made.entities[&plan.table], keys }]).await?;
        }
    }
    for plan in &source.plan.junctions {
        let [from, to] = shape::ends(&source.tables[plan.table]);
        let spec = RelationshipSpec {
            name: plan.name.clone(),
            kind: RelationshipType::ManyToMany,
            source: made.entities[&from.parent],
            target: made.entities[&to.parent],
            inverse_name: Some(plan.inverse_name.clone()),
            description: None,
            field: None,
            required: false,
            on_delete: None,
            on_update: None,
        };
        let id = relate(edit, ops, spec).await?;
        made.junctions.push(id);
    }
    Ok(made)
}

async fn relate(edit: &mut Edit<'_>, ops: &mut Ops, spec: RelationshipSpec) -> Result<RelationshipId> {
    let relationship = relationships::made(edit, spec)?;
    let id = relationship.id;
    ops.apply(edit, vec![Op::AddRelationship { relationship: Box::new(relationship), restore: None }]).await?;
    Ok(id)
}

/// A key over several columns, each a field or a relationship by now.
fn key(source: &Source, made: &Made, table: usize, columns: &[usize]) -> Option<UniqueKey> {
    let part = |column: &usize| {
        if let Some((field, ..)) = made.fields.get(&(table, *column)) {
            return Some(KeyPart::Field(*field));
        }
        let plan = source.plan.relationships.iter().find(|r| r.table == table && r.column == Some(*column))?;
        made.relationships.get(&(table, plan.foreign_key)).map(|id| KeyPart::Relationship(*id))
    };
    Some(UniqueKey { id: KeyId::new(), name: None, parts: columns.iter().map(part).collect::<Option<_>>()? })
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
