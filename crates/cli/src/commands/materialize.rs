//! `materialize` and `dematerialize`

use clap::{Args, ValueEnum};
use serde_json::json;
use stoneware_engine::{
    Engine, Error,
    model::{
        self, EntityId, FieldProfile, MaterializeOptions, MaterializePlan, Phase, Problem, Schema, StorageMode, name::folded, schema::join,
    },
};

use crate::{
    failure::Outcome,
    output::{cell, count, grouped, table},
    progress::follow,
    session::Session,
};

/// Problems asked for at a time.
const PART: u32 = 1000;

#[derive(Clone, Copy, ValueEnum)]
pub enum OnInvalid {
    /// Move nothing and list the values
    Abort,
    /// Store null instead
    Null,
    /// Store null and keep the value beside the record
    Keep,
}

impl From<OnInvalid> for model::OnInvalid {
    fn from(choice: OnInvalid) -> Self {
        match choice {
            OnInvalid::Abort => Self::Abort,
            OnInvalid::Null => Self::Null,
            OnInvalid::Keep => Self::Keep,
        }
    }
}

/// What one job is about, chosen in one way.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Chosen {
    /// Names of entities
    entities: Vec<String>,
    /// Every entity of this application that has not moved yet
    #[arg(long, value_name = "NAME")]
    application: Option<String>,
    /// Every entity that has not moved yet
    #[arg(long)]
    all: bool,
}

#[derive(Args)]
pub struct Materialize {
    #[command(flatten)]
    chosen: Chosen,
    /// Only say what would be done: every statement, and every value that stands in the way
    #[arg(long)]
    plan: bool,
    /// Only write what stands in the way, all of it: a JSON object a line
    #[arg(long, conflicts_with = "plan")]
    problems: bool,
    /// What to do with a value that does not fit its column
    #[arg(long, value_enum, default_value_t = OnInvalid::Abort)]
    on_invalid: OnInvalid,
    /// Records in one batch; adapts to the machine when not given
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    batch_size: Option<u32>,
}

#[derive(Args)]
pub struct Dematerialize {
    #[command(flatten)]
    chosen: Chosen,
    /// Only say what would be done: every statement, the locks, the time and the disk it takes
    #[arg(long)]
    plan: bool,
    /// Records in one batch; adapts to the machine when not given
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    batch_size: Option<u32>,
}

/// `from`: where a job takes them from. What is named is taken as it is, so that one already moved is refused.
async fn ids(engine: &Engine, chosen: &Chosen, from: StorageMode) -> Outcome<Vec<EntityId>> {
    let schema = engine.schema().await?;
    if chosen.application.is_none() && !chosen.all {
        return Ok(chosen.entities.iter().map(|name| schema.entity_named(name).map(|e| e.id)).collect::<Result<_, _>>()?);
    }
    let application = chosen.application.as_deref().map(|name| application(&schema, name)).transpose()?;
    let members = schema.entities.iter().filter(|e| application.is_none() || e.application.as_deref() == application);
    let ids: Vec<EntityId> = members.filter(|e| e.storage_mode == from).map(|e| e.id).collect();
    if ids.is_empty() {
        return Err(none_left(application, from).into());
    }
    Ok(ids)
}

/// By name as entities are: exact first, then without regard to case.
fn application<'a>(schema: &'a Schema, name: &str) -> Outcome<&'a str> {
    let mut names: Vec<&str> = schema.entities.iter().filter_map(|e| e.application.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    let wanted = folded(name.trim());
    let found = names.iter().find(|n| **n == name).or_else(|| names.iter().find(|n| folded(n) == wanted));
    Ok(found.copied().ok_or_else(|| {
        let hint = if names.is_empty() { "No entity here belongs to one.".to_owned() } else { format!("There are: {}.", join(&names)) };
        Error::invalid(format!("There is no application {name:?}. {hint}")).with(json!({ "application": name, "applications": names }))
    })?)
}

fn none_left(application: Option<&str>, from: StorageMode) -> Error {
    let mode = match from {
        StorageMode::Shared => "shared",
        StorageMode::Dedicated => "dedicated",
    };
    let place = application.map_or_else(|| "This workspace".to_owned(), |name| format!("The application {name:?}"));
    Error::invalid(format!("{place} has no {mode} entity, so there is nothing to do."))
        .with(json!({ "application": application, "storage_mode": from }))
}

pub async fn materialize(command: Materialize, session: &Session) -> Outcome {
    let engine = session.open().await?;
    let entities = ids(&engine, &command.chosen, StorageMode::Shared).await?;
    let options = MaterializeOptions { on_invalid: command.on_invalid.into(), batch_size: command.batch_size };
    if command.problems {
        problems(&engine, session, entities, options).await?;
    } else if command.plan {
        let plan = engine.materialize_plan(entities, options).await?;
        session.output.answer(&plan, text)?;
    } else {
        follow(&engine, session.output, || engine.start_materialize(entities, options)).await?;
    }
    engine.close().await;
    Ok(())
}

async fn problems(engine: &Engine, session: &Session, entities: Vec<EntityId>, options: MaterializeOptions) -> Outcome {
    let mut after = None;
    loop {
        let page = engine.materialize_problems(entities.clone(), options.clone(), after, PART).await?;
        for problem in &page.problems {
            session.output.event(&serde_json::to_value(problem)?)?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

pub async fn dematerialize(command: Dematerialize, session: &Session) -> Outcome {
    let engine = session.open().await?;
    let entities = ids(&engine, &command.chosen, StorageMode::Dedicated).await?;
    let options = MaterializeOptions { batch_size: command.batch_size, ..MaterializeOptions::default() };
    if command.plan {
        session.output.answer(&engine.dematerialize_plan(entities, options).await?, text)?;
        engine.close().await;
        return Ok(());
    }
    follow(&engine, session.output, || engine.start_dematerialize(entities, options)).await?;
    engine.close().await;
    Ok(())
}

fn text(plan: &MaterializePlan) -> String {
    let mut out = plan.statements.iter().map(|s| format!("{};", s.trim_end().trim_end_matches(';'))).collect::<Vec<_>>().join("\n");
    out += "\n";
    if !plan.fields.is_empty() {
        out += &format!("\n{}\n", fields(&plan.fields));
    }
    let locks = plan.locks.iter().map(|l| {
        let each = if l.repeated { " each" } else { "" };
        vec![phase(l.phase).to_owned(), l.lock.clone(), l.on.clone(), format!("{}{each}", seconds(l.seconds)), l.waits.clone()]
    });
    out += &format!("\n{}\n", table(&["Phase", "Lock", "On", "About", "Who waits"], locks.collect(), ""));
    if plan.problem_count > 0 {
        out += &in_the_way(&plan.problems, plan.problem_count);
        if plan.by_hand > 0 {
            out += &format!("{} to be corrected by hand: neither null nor keep settles them.\n", grouped(plan.by_hand.into()));
        }
        if plan.problems.len() < plan.problem_count as usize {
            out += "These are the first; --problems writes all of them.\n";
        }
    }
    for right in &plan.missing_rights {
        out += &format!("\nThis user lacks a right: {right};");
    }
    out += &format!("\n{} in the order {}", count(plan.records, "record", "records"), plan.order.join(", "));
    if plan.links > 0 {
        out += &format!(", {}", count(plan.links, "link", "links"));
    }
    let disk = &plan.disk;
    let made = disk.table_bytes + disk.index_bytes;
    out += &format!("\nabout {:.1} s; {} of disk for what is made and its indexes, ", plan.estimate_s, bytes(made));
    out += &format!("{} while both copies exist, {} free again afterwards", bytes(disk.peak_bytes), bytes(disk.freed_bytes));
    out
}

/// The problems a plan lists, of so many there are.
pub fn in_the_way(problems: &[Problem], of: u32) -> String {
    let rows = problems.iter().map(|p| vec![p.entity.clone(), p.record.to_string(), p.field.clone(), cell(&p.value), p.reason.clone()]);
    let listed = table(&["Entity", "Record", "Field", "Value", "Reason"], rows.collect(), "");
    format!("\n{} in the way:\n{listed}\n", count(of, "value stands", "values stand"))
}

fn fields(fields: &[FieldProfile]) -> String {
    let rows = fields.iter().map(|f| {
        let share = |n: u32| if f.records == 0 { 0.0 } else { f64::from(n) * 100.0 / f64::from(f.records) };
        let about = if f.distinct_exact { "" } else { "~" };
        let proposal = f.proposal.as_ref().map_or_else(String::new, |p| format!("{}: {}", p.field_type.word(), p.reason));
        vec![
            format!("{}.{}", f.entity, f.field),
            f.field_type.word().to_owned(),
            format!("{:.1} %", share(f.nulls)),
            format!("{about}{}", grouped(f.distinct.into())),
            if f.problems == 0 { String::new() } else { grouped(f.problems.into()) },
            f.longest.map_or_else(String::new, |n| grouped(n.into())),
            f.smallest.as_ref().map_or_else(String::new, cell),
            f.largest.as_ref().map_or_else(String::new, cell),
            proposal,
        ]
    });
    let header = ["Field", "Type", "Null", "Distinct", "In the way", "Longest", "Smallest", "Largest", "Fits better"];
    table(&header, rows.collect(), "No fields.")
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Validate => "validate",
        Phase::Create => "create",
        Phase::Copy => "copy",
        Phase::Verify => "verify",
        Phase::CutOver => "cut over",
        Phase::CleanUp => "clean up",
    }
}

/// `20 ms`, `1.5 s`
pub fn seconds(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1000.0) } else { format!("{seconds:.1} s") }
}

fn bytes(bytes: f64) -> String {
    match bytes {
        b if b < 1e6 => format!("{:.0} kB", (b / 1e3).ceil()),
        b if b < 1e9 => format!("{:.1} MB", b / 1e6),
        b => format!("{:.1} GB", b / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_read_well() {
        assert_eq!([bytes(0.0), bytes(1500.0), bytes(2.25e6), bytes(3e9)], ["0 kB", "2 kB", "2.2 MB", "3.0 GB"]);
        assert_eq!([seconds(0.02), seconds(1.5)], ["20 ms", "1.5 s"]);
    }
}
