//! What an edit of the schema would do, for `--plan` of the commands that edit fields, relationships and keys.

use stoneware_engine::{
    Engine,
    model::{EditPlan, EditStage, SchemaEdit},
};

use super::materialize::{in_the_way, seconds};
use crate::{
    failure::Outcome,
    output::{Output, count, grouped, table},
};

/// Answers with the plan; nothing is done.
pub async fn answer(engine: &Engine, output: Output, edit: SchemaEdit) -> Outcome {
    let plan = engine.edit_plan(edit).await?;
    output.answer(&plan, text)
}

fn text(plan: &EditPlan) -> String {
    if plan.statements.is_empty() {
        return "Nothing would change.".to_owned();
    }
    let mut out = plan.statements.iter().map(|s| format!("{};", s.trim_end().trim_end_matches(';'))).collect::<Vec<_>>().join("\n");
    let locks =
        plan.locks.iter().map(|l| vec![stage(l.stage).to_owned(), l.lock.clone(), l.on.clone(), seconds(l.seconds), l.waits.clone()]);
    out += &format!("\n\n{}\n", table(&["When", "Lock", "On", "About", "Who waits"], locks.collect(), ""));
    if plan.problem_count > 0 {
        out += &in_the_way(&plan.problems, plan.problem_count);
        if plan.by_hand > 0 {
            out += &format!("{} to be corrected first: the edit is refused for them.\n", grouped(plan.by_hand.into()));
        }
        if plan.by_hand < plan.problem_count {
            let aside = plan.problem_count - plan.by_hand;
            out += &format!("{} as it is, with a warning.\n", count(aside, "value stays", "values stay"));
        }
    }
    for right in &plan.missing_rights {
        out += &format!("\nThis user lacks a right: {right};");
    }
    out += &format!("\n{} changed", count(plan.records, "record", "records"));
    if plan.links > 0 {
        out += &format!(", {}", count(plan.links, "link", "links"));
    }
    out + &format!(", about {}", seconds(plan.estimate_s))
}

fn stage(stage: EditStage) -> &'static str {
    match stage {
        EditStage::Before => "ahead of it",
        EditStage::Within => "in it",
        EditStage::After => "after it",
    }
}
