//! How long an edit will take, from its statements and the time a part of the records takes to be read.

use super::{
    edit_locks::staged,
    outlook::{SAMPLE, quickest},
    target,
};
use crate::{
    error::Result,
    model::EditStage,
    schema::Foreseen,
    sql::{
        Backend, Sql,
        compare::Rows,
        records::{self, Place},
    },
    store::Tx,
};

/// Seconds an edit takes that touches no record, and that each thing done outside its transaction adds: it waits for the disk.
const LEAST: f64 = 0.02;

/// Seconds, for each stage.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    before: f64,
    within: f64,
    after: f64,
}

impl Cost {
    pub fn of(&self, stage: EditStage) -> f64 {
        round(match stage {
            EditStage::Before => self.before,
            EditStage::Within => self.within,
            EditStage::After => self.after,
        })
    }

    pub fn whole(&self) -> f64 {
        round(self.before + self.within + self.after)
    }
}

fn round(seconds: f64) -> f64 {
    (seconds * 100.0).round() / 100.0
}

/// `touched`: records that change.
pub async fn estimate(tx: &mut Tx, foreseen: &Foreseen, statements: &[String], touched: u32) -> Result<Cost> {
    let mut cost = Cost::default();
    if statements.is_empty() {
        return Ok(cost);
    }
    let looked = foreseen.looks.iter().map(|look| Place::of(&look.entity));
    let places = foreseen.touched.iter().map(|(place, _)| place.clone()).chain(looked);
    let (mut all, mut unit) = (0.0, 0.0);
    let mut seen: Vec<Place> = vec![];
    for place in places {
        if !seen.contains(&place) {
            all += f64::from(tx.count(records::count(tx.dialect, &place)).await?);
            unit = f64::max(unit, read_one(tx, &place).await?);
            seen.push(place);
        }
    }
    let backend = tx.dialect.backend();
    let touched = f64::from(touched + foreseen.links);
    cost.within = LEAST;
    for (stage, statement) in statements.iter().map(|s| staged(s)) {
        let (each, written) = weight(backend, statement);
        let seconds = unit * (each * all + written * touched);
        match stage {
            EditStage::Before => cost.before += seconds + LEAST,
            EditStage::Within => cost.within += seconds,
            EditStage::After => cost.after += seconds + LEAST,
        }
    }
    cost.within += unit * all * foreseen.looks.len() as f64;
    Ok(cost)
}

/// How many times what reading a record takes a statement needs for each record there is, and for each it writes, as roughly measured.
fn weight(backend: Backend, statement: &str) -> (f64, f64) {
    let file = backend == Backend::Sqlite;
    let batch = statement.starts_with("-- again for each");
    let begins = |word: &str| statement.starts_with(word);
    if batch || begins("INSERT INTO kdb_dropped_") || begins("INSERT INTO kdb_index_entries") {
        (1.0, 8.0)
    } else if begins("UPDATE kdb_records") || begins("UPDATE \"") {
        (1.0, 15.0)
    } else if begins("DELETE FROM kdb_dropped_") || begins("DELETE FROM kdb_record_links") {
        (0.0, 3.0)
    } else if begins("CREATE INDEX") || begins("CREATE UNIQUE INDEX") || (file && statement.contains("\" DROP COLUMN \"")) {
        // On a file a column goes by writing every record anew.
        (3.0, 0.0)
    } else if statement.contains(" VALIDATE CONSTRAINT ") || begins("PRAGMA writable_schema = RESET") {
        (1.0, 0.0)
    } else {
        (0.0, 0.0)
    }
}

/// Seconds it takes to read one record, told from some; 0 where there is none.
async fn read_one(tx: &mut Tx, place: &Place) -> Result<f64> {
    let Some((upto, count)) = target::next(tx, place, "", SAMPLE).await? else { return Ok(0.0) };
    let heads = ["primary_value", "created_at", "updated_at"].map(|head| format!("max({})", place.head(head)));
    let mut sql = Sql::new(tx.dialect, &format!("SELECT {} FROM {} WHERE ", heads.join(", "), place.table(tx.dialect)));
    place.scope(&mut sql);
    sql.push(" AND ");
    Rows::Range("", &upto).limit(&mut sql, "id");
    Ok(quickest(tx, &sql.build()).await? / f64::from(count.max(1)))
}
