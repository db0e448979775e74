//! What a job takes of the disk, told from the bytes of a part of the records. The factors are measured: see the benchmark of the plan.

use super::target::{self, Target};
use crate::{
    error::Result,
    model::{DiskEstimate, JobKind, Schema},
    sql::{
        Backend,
        columns::{columns, keys},
        profile,
    },
    store::Tx,
};

/// Records that are measured.
const SAMPLE: u32 = 4000;

/// What a database adds to the bytes of the values.
struct Overhead {
    /// Of an id, in a row and in an index.
    id: f64,
    /// Of a row, beside its values and head texts.
    row: f64,
    /// Of a text, day or number whose length stands before it.
    value: f64,
    /// Of an entry in an index.
    entry: f64,
    /// How full a page is.
    full: f64,
    /// The most its log keeps of the work, in bytes, and how much of the work goes there.
    log: (f64, f64),
}

fn overhead(backend: Backend) -> Overhead {
    match backend {
        Backend::Sqlite => Overhead { id: 36.0, row: 18.0, value: 1.0, entry: 7.0, full: 0.97, log: (64e6, 1.0) },
        Backend::Postgres => Overhead { id: 16.0, row: 40.0, value: 1.0, entry: 20.0, full: 0.92, log: (1e9, 1.2) },
    }
}

/// For all of the job's entities, of which there are `counts` records. `after`: the schema as it will be.
pub async fn estimate(tx: &mut Tx, after: &Schema, targets: &[Target], counts: &[u32]) -> Result<DiskEstimate> {
    let of = overhead(tx.dialect.backend());
    let (mut disk, mut shared_entries) = (DiskEstimate::default(), 0.0);
    for (target, count) in targets.iter().zip(counts) {
        let Some((upto, _)) = target::next(tx, &target.source(), "", SAMPLE).await? else { continue };
        let total = f64::from(*count);
        let Some(row) = tx.row(profile::sizes(tx.dialect, &target.source(), &target.columns, &upto)).await? else { continue };
        let measured = row.integer(0)?.max(1) as f64;
        let mean = |at: usize| row.integer(at).map(|sum| sum as f64 / measured);
        let (heads, json) = (mean(1)?, mean(2)?);
        let values: Vec<f64> = (0..target.columns.len()).map(|i| mean(3 + i)).collect::<Result<_>>()?;
        let value = |i: usize| values[i] + of.value;
        let columns = columns(after, &target.entity);
        let entry = |bytes: f64| bytes + of.entry;
        let single = (0..columns.len()).filter(|i| columns[*i].has_entries()).map(|i| entry(value(i)));
        let several = keys(&target.entity, &columns).into_iter().map(|key| entry(key.columns.iter().map(|i| value(*i)).sum()));
        let indexes: Vec<f64> = single.chain(several).collect();
        let bytes = |each: f64| each * total / of.full;
        disk.table_bytes += bytes(of.id + of.row + heads + (0..values.len()).map(value).sum::<f64>());
        disk.index_bytes += bytes(entry(of.id)) + indexes.iter().copied().map(bytes).sum::<f64>();
        // A shared record has its head, its JSON, and a row of the index table for each value that is looked up.
        let entries: f64 = indexes.iter().map(|value| 2.0 * (value + of.id * 2.0)).sum();
        disk.freed_bytes += bytes(of.id * 2.0 + of.row + heads + json + entry(of.id) * 2.0 + entries);
        shared_entries += bytes(entries);
    }
    if targets.iter().any(|target| target.kind == JobKind::Dematerialize) {
        // The other way round: what is made are shared rows and their entries.
        let tables = disk.table_bytes + disk.index_bytes;
        (disk.table_bytes, disk.index_bytes, disk.freed_bytes) = (disk.freed_bytes - shared_entries, shared_entries, tables);
    }
    let made = disk.table_bytes + disk.index_bytes;
    disk.peak_bytes = made + (made * of.log.1).min(of.log.0);
    for bytes in [&mut disk.table_bytes, &mut disk.index_bytes, &mut disk.peak_bytes, &mut disk.freed_bytes] {
        *bytes = bytes.round();
    }
    Ok(disk)
}
