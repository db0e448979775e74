//! `materialize` and `dematerialize`

use clap::{Args, ValueEnum};
use stoneware_engine::{
    Engine,
    model::{self, EntityId, MaterializeOptions, MaterializePlan},
};

use crate::{
    failure::Outcome,
    output::{cell, count, table},
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

#[derive(Args)]
pub struct Materialize {
    #[arg(required = true)]
    entities: Vec<String>,
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
    #[arg(required = true)]
    entities: Vec<String>,
    /// Records in one batch; adapts to the machine when not given
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    batch_size: Option<u32>,
}

async fn ids(engine: &Engine, names: &[String]) -> Outcome<Vec<EntityId>> {
    let schema = engine.schema().await?;
    Ok(names.iter().map(|name| schema.entity_named(name).map(|e| e.id)).collect::<Result<_, _>>()?)
}

pub async fn materialize(command: Materialize, session: &Session) -> Outcome {
    let engine = session.open().await?;
    let entities = ids(&engine, &command.entities).await?;
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
    let entities = ids(&engine, &command.entities).await?;
    let options = MaterializeOptions { batch_size: command.batch_size, ..MaterializeOptions::default() };
    follow(&engine, session.output, || engine.start_dematerialize(entities, options)).await?;
    engine.close().await;
    Ok(())
}

fn text(plan: &MaterializePlan) -> String {
    let mut out = plan.statements.iter().map(|s| format!("{};", s.trim_end().trim_end_matches(';'))).collect::<Vec<_>>().join("\n");
    out += &format!("\n\n{} in the order {}", count(plan.records, "record", "records"), plan.order.join(", "));
    out += &format!(", about {:.1} s", plan.estimate_s);
    if plan.problem_count > 0 {
        let rows =
            plan.problems.iter().map(|p| vec![p.entity.clone(), p.record.to_string(), p.field.clone(), cell(&p.value), p.reason.clone()]);
        out += &format!("\n\n{} in the way:\n", count(plan.problem_count, "value stands", "values stand"));
        out += &table(&["Entity", "Record", "Field", "Value", "Reason"], rows.collect(), "");
    }
    out
}
