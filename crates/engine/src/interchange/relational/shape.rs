//! Which entity, field, relationship and link each part of the source becomes. Pure: decides, changes nothing.

use super::{
    scan::Scanned,
    source::{ForeignKey, Table, same_set},
    types,
};
use crate::{
    interchange::Findings,
    model::{FieldSpec, FieldType, ReferentialAction, RelationshipType, name},
};

#[derive(Debug, Default)]
pub struct Plan {
    pub entities: Vec<EntityPlan>,
    pub relationships: Vec<RelationshipPlan>,
    pub junctions: Vec<JunctionPlan>,
}

#[derive(Debug)]
pub struct EntityPlan {
    pub table: usize,
    pub name: String,
    pub fields: Vec<FieldPlan>,
    /// Unique keys over several columns of the table.
    pub keys: Vec<Vec<usize>>,
}

#[derive(Debug)]
pub struct FieldPlan {
    pub column: usize,
    pub spec: FieldSpec,
    /// Values of several kinds in one JSON field.
    pub mixed: bool,
}

#[derive(Debug)]
pub struct RelationshipPlan {
    pub table: usize,
    pub foreign_key: usize,
    pub name: String,
    /// The column it takes the place of, and that column's name here; a foreign key over several columns takes none's.
    pub column: Option<usize>,
    pub field: Option<String>,
    pub kind: RelationshipType,
    pub required: bool,
    pub on_delete: ReferentialAction,
}

/// A table that only pairs rows of two others. The first foreign key leads to the source.
#[derive(Debug)]
pub struct JunctionPlan {
    pub table: usize,
    pub name: String,
    pub inverse_name: String,
}

pub fn plan(tables: &[Table], scanned: &Scanned, findings: &mut Findings) -> Plan {
    let mut plan = Plan::default();
    let mut names = Names::default();
    for (t, table) in tables.iter().enumerate() {
        if !is_junction(tables, t) {
            let entity = names.take(&table.name, "table", &table.shown, findings);
            plan.entities.push(EntityPlan { table: t, name: entity, fields: vec![], keys: vec![] });
        }
    }
    for i in 0..plan.entities.len() {
        let t = plan.entities[i].table;
        let table = &tables[t];
        let mut names = Names::default();
        let owned: Vec<Option<usize>> =
            (0..table.columns.len()).map(|c| table.foreign_keys.iter().position(|f| f.columns == [c])).collect();
        let shown: Vec<String> =
            table.columns.iter().map(|c| names.take(&c.name, "column", &format!("{}.{}", table.shown, c.name), findings)).collect();
        for (c, name) in shown.iter().enumerate().filter(|(c, _)| owned[*c].is_none()) {
            plan.entities[i].fields.push(field(table, t, c, name, scanned, findings));
        }
        let keys = std::iter::once(&table.primary_key).chain(&table.unique).filter(|key| key.len() > 1);
        plan.entities[i].keys = keys.cloned().collect();
        for (f, foreign) in table.foreign_keys.iter().enumerate() {
            let column = foreign.columns.first().copied().filter(|c| owned[*c] == Some(f));
            let own = column.map(|c| shown[c].clone());
            plan.relationships.push(relationship(tables, (t, f), (column, own), &mut names, scanned, findings));
        }
        for column in owned.iter().enumerate().filter(|(_, o)| o.is_some()).map(|(c, _)| c) {
            if let Some(default) = &table.columns[column].default {
                let reason = format!("A relationship has no default: {} is not carried over.", default.expression);
                findings.add("default", table.column(column), reason);
            }
        }
    }
    junctions(tables, scanned, &mut plan, findings);
    plan
}

/// Names within one place: mended where ours may not be so, and kept apart.
#[derive(Debug, Default)]
struct Names(Vec<String>);

impl Names {
    fn is_free(&self, name: &str) -> bool {
        !self.0.contains(&name::folded(name))
    }

    fn take(&mut self, wanted: &str, kind: &str, shown: &str, findings: &mut Findings) -> String {
        let printable: String = wanted.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let trimmed = name::shorten(printable.trim(), 240);
        let base = if trimmed.is_empty() { "unnamed".to_owned() } else { trimmed };
        let mut name = base.clone();
        let mut n = 2;
        while !self.is_free(&name) {
            name = format!("{base}_{n}");
            n += 1;
        }
        if name != wanted {
            findings.add("name", shown, format!("This {kind} is called {name:?} here."));
        }
        self.0.push(name::folded(&name));
        name
    }

    /// The first candidate that is free, else the last with a number.
    fn choose(&mut self, candidates: &[&str]) -> String {
        let free = candidates.iter().find(|c| !c.trim().is_empty() && self.is_free(c)).map(|c| (*c).to_owned());
        let last = candidates.last().copied().unwrap_or_default();
        let name = free.unwrap_or_else(|| (2..).map(|n| format!("{last}_{n}")).find(|c| self.is_free(c)).unwrap_or_default());
        self.0.push(name::folded(&name));
        name
    }
}

fn field(table: &Table, t: usize, c: usize, name: &str, scanned: &Scanned, findings: &mut Findings) -> FieldPlan {
    let column = &table.columns[c];
    let scan = &scanned.columns[t][c];
    let shown = table.column(c);
    let (field_type, config, mixed) = scan.decide();
    if mixed {
        findings.add(
            "type",
            shown.clone(),
            "Its values are of several kinds, so it became json, which holds them all; bytes stand in it as {\"binary\": …}.",
        );
    }
    if scan.not_finite > 0 {
        findings.add(
            "value",
            shown.clone(),
            format!("{} of its numbers are infinite, which no value is: they are empty here.", scan.not_finite),
        );
    }
    if scan.mended > 0 {
        findings.add(
            "value",
            shown.clone(),
            format!("{} of its texts hold characters no text may: U+2400 or U+FFFD stands for each.", scan.mended),
        );
    }
    if scan.odd > 0 {
        let examples = scan.odd_examples.join(", ");
        let reason =
            format!("{} of its values are no {} here ({examples}): they are kept as they are written.", scan.odd, field_type.word());
        findings.add("value", shown.clone(), reason);
    }
    if scan.rounded > 0 {
        let reason = format!("{} of its values hold numbers with more digits than JSON keeps here: those are rounded.", scan.rounded);
        findings.add("value", shown.clone(), reason);
    }
    let default = column.default.as_ref().and_then(|default| {
        types::default_value(default, field_type, &config).unwrap_or_else(|reason| {
            findings.add("default", shown.clone(), reason);
            None
        })
    });
    let mut unique = table.primary_key == [c] || table.unique.iter().any(|u| u[..] == [c]);
    if unique && field_type == FieldType::Json {
        findings.add("index", shown, "A json field cannot be unique.");
        unique = false;
    }
    let spec = FieldSpec {
        name: name.to_owned(),
        field_type,
        config,
        required: is_filled(table, t, c, scanned),
        unique,
        indexed: !unique && table.indexed.contains(&c) && field_type != FieldType::Json,
        default,
        description: column.description.clone(),
        ..FieldSpec::default()
    };
    FieldPlan { column: c, spec, mixed }
}

/// Whether the column must have a value, and every row has one that is carried over.
fn is_filled(table: &Table, t: usize, c: usize, scanned: &Scanned) -> bool {
    let scan = &scanned.columns[t][c];
    (table.columns[c].not_null || table.primary_key.contains(&c)) && scan.nulls == 0 && scan.not_finite == 0
}

fn relationship(
    tables: &[Table],
    (t, f): (usize, usize),
    (column, own): (Option<usize>, Option<String>),
    names: &mut Names,
    scanned: &Scanned,
    findings: &mut Findings,
) -> RelationshipPlan {
    let table = &tables[t];
    let foreign = &table.foreign_keys[f];
    let shown = format!("{}.{}", table.shown, table.names(&foreign.columns));
    let parent = tables[foreign.parent].name.as_str();
    let missing = &scanned.unresolved[t][f];
    if missing.count > 0 {
        let kept = if column.is_none() { "their columns stay as they are" } else { "they are empty here" };
        findings.add(
            "reference",
            shown.clone(),
            format!("{} values refer to no row of {parent} ({}): {kept}.", missing.count, missing.examples.join("; ")),
        );
    }
    let required = missing.count == 0 && foreign.columns.iter().all(|c| is_filled(table, t, *c, scanned));
    let mut on_delete = foreign.on_delete;
    if required && on_delete == ReferentialAction::SetNull {
        findings.add("action", shown, "SET NULL on a column that must have a value: deleting what it refers to is refused instead.");
        on_delete = ReferentialAction::Restrict;
    }
    let stem = own.as_deref().map_or(parent, |column| stem(column).unwrap_or(column));
    // The column's own name was taken when it was still a column.
    if let Some(own) = &own {
        names.0.retain(|n| *n != name::folded(own));
    }
    let name = names.choose(&[stem, own.as_deref().unwrap_or(parent), parent]);
    if let Some(own) = &own {
        names.0.push(name::folded(own));
    }
    let kind = if table.is_unique(&foreign.columns) { RelationshipType::OneToOne } else { RelationshipType::ManyToOne };
    RelationshipPlan { table: t, foreign_key: f, name, column, field: own, kind, required, on_delete }
}

/// `ArtistId` less `Id`, `manager_staff_id` less `_id`; none where that would leave nothing or cut a word (`Paid`).
fn stem(column: &str) -> Option<&str> {
    let head = column.get(..column.len().checked_sub(2)?)?;
    let tail = &column[head.len()..];
    let split = head.trim_end_matches(['_', ' ', '-']);
    let camel = matches!(tail, "Id" | "ID") && head.ends_with(|c: char| c.is_lowercase() || c.is_numeric());
    (tail.eq_ignore_ascii_case("id") && !split.is_empty() && (split.len() < head.len() || camel)).then_some(split)
}

/// The primary key is exactly two foreign keys, there is nothing else, and nothing refers to it.
fn is_junction(tables: &[Table], t: usize) -> bool {
    let table = &tables[t];
    let [a, b] = &table.foreign_keys[..] else { return false };
    let both: Vec<usize> = a.columns.iter().chain(&b.columns).copied().collect();
    let referred = tables.iter().flat_map(|t| &t.foreign_keys).any(|f| f.parent == t);
    both.len() == table.columns.len() && same_set(&both, &table.primary_key) && table.unique.is_empty() && !referred
}

fn junctions(tables: &[Table], scanned: &Scanned, plan: &mut Plan, findings: &mut Findings) {
    let entity = |plan: &Plan, t: usize| plan.entities.iter().position(|e| e.table == t);
    for (t, table) in tables.iter().enumerate().filter(|(t, _)| is_junction(tables, *t)) {
        // In the order of the columns, which is how people read the table.
        let [source, target] = ends(table);
        let (Some(source_at), Some(target_at)) = (entity(plan, source.parent), entity(plan, target.parent)) else { continue };
        let of = |f: &ForeignKey, at: usize| match &f.columns[..] {
            [c] if source.parent == target.parent => stem(&table.columns[*c].name).unwrap_or(&table.columns[*c].name).to_owned(),
            _ => plan.entities[at].name.clone(),
        };
        let (forth, back) = (of(target, target_at), of(source, source_at));
        let mut at_source = names_of(plan, source_at, source.parent);
        let name = at_source.choose(&[&forth, &table.name]);
        let mut at_target = if source_at == target_at { at_source } else { names_of(plan, target_at, target.parent) };
        let inverse_name = at_target.choose(&[&back, &table.name]);
        if [source, target].iter().any(|f| f.on_delete != ReferentialAction::Cascade) {
            let reason = "Deleting a record of either side takes its links away; in the source it was refused or left to the program.";
            findings.add("action", table.shown.clone(), reason);
        }
        let missing: usize = scanned.unresolved[t].iter().map(|u| u.count).sum();
        if missing > 0 {
            let examples: Vec<&str> = scanned.unresolved[t].iter().flat_map(|u| &u.examples).map(String::as_str).collect();
            let reason = format!("{missing} ends of its pairs refer to no row ({}): those pairs are left out.", examples.join("; "));
            findings.add("reference", table.shown.clone(), reason);
        }
        plan.junctions.push(JunctionPlan { table: t, name, inverse_name });
    }
}

/// The two foreign keys of a junction: the one to the source, then the one to the target.
pub fn ends(table: &Table) -> [&ForeignKey; 2] {
    let (a, b) = (&table.foreign_keys[0], &table.foreign_keys[1]);
    if a.columns.first() <= b.columns.first() { [a, b] } else { [b, a] }
}

/// Every name in use in an entity: fields, relationships, and those of many-to-manys so far.
fn names_of(plan: &Plan, entity: usize, table: usize) -> Names {
    let mut names = Names::default();
    names.0.extend(plan.entities[entity].fields.iter().map(|f| name::folded(&f.spec.name)));
    names.0.extend(
        plan.relationships
            .iter()
            .filter(|r| r.table == table)
            .flat_map(|r| [Some(&r.name), r.field.as_ref()].into_iter().flatten().map(|n| name::folded(n))),
    );
    names.0.extend(plan.junctions.iter().flat_map(|j| [name::folded(&j.name), name::folded(&j.inverse_name)]));
    names
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_relationship_is_called_after_its_column() {
        let cases = [
            ("ArtistId", Some("Artist")),
            ("manager_staff_id", Some("manager_staff")),
            ("artistID", Some("artist")),
            ("Order ID", Some("Order")),
            ("ReportsTo", None),
            ("Paid", None),
            ("id", None),
            ("_id", None),
            ("VOID", None),
        ];
        for (column, expected) in cases {
            assert_eq!(stem(column), expected, "{column}");
        }
    }
}
