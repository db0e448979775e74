//! What has no counterpart here, named so that nobody misses it later.

use super::catalogue::Found;
use crate::{error::Result, interchange::Findings, store::Foreign};

/// Asks for what stands beside the tables and their columns.
pub async fn read(source: &mut Foreign, found: &Found, findings: &mut Findings) -> Result<()> {
    let (schemas, tables) = (found.schema_list(), found.oids());
    // What belongs to an extension comes with it, and a workspace's own functions are nobody's loss.
    let foreign = |class: &str, of: &str| {
        format!("NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{class}'::regclass AND d.objid = {of} AND d.deptype = 'e')")
    };
    let own = if found.workspace { "AND NOT starts_with(p.proname::text, 'kdb_')" } else { "" };
    let in_namespace = format!("JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ({schemas})");
    // A sequence that gives a column its numbers is told of with the column.
    let counts = "EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')) \
         OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid)";
    // Each row: what it is, its schema, its name, and a word on it.
    let text = format!(
        "SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized_view' ELSE 'sequence' END, n.nspname::text, c.relname::text, '' \
           FROM pg_class c {in_namespace} AND c.relkind IN ('v', 'm', 'S') AND {class_extension} \
           AND NOT (c.relkind = 'S' AND ({counts})) \
         UNION ALL SELECT 'trigger', n.nspname::text, c.relname || '.' || g.tgname, '' \
           FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
           WHERE NOT g.tgisinternal AND g.tgrelid = ANY ({tables}) \
         UNION ALL SELECT 'function', n.nspname::text, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', '' \
           FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ({schemas}) {own} AND {proc_extension} \
         UNION ALL SELECT 'rule', n.nspname::text, c.relname || '.' || r.rulename, '' \
           FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.ev_class = ANY ({tables}) \
         UNION ALL SELECT 'policy', n.nspname::text, c.relname || '.' || p.polname, '' \
           FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE p.polrelid = ANY ({tables}) \
         UNION ALL SELECT CASE k.contype WHEN 'c' THEN 'check' ELSE 'exclusion' END, n.nspname::text, c.relname::text, pg_get_constraintdef(k.oid) \
           FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
           WHERE k.contype IN ('c', 'x') AND k.conrelid = ANY ({tables}) ORDER BY 1, 2, 3, 4",
        class_extension = foreign("pg_class", "c.oid"),
        proc_extension = foreign("pg_proc", "p.oid"),
    );
    for row in source.rows(text).await? {
        let (kind, word) = (row.text(0)?, row.opt_text(3).unwrap_or_default());
        let reason = match kind.as_str() {
            "view" | "materialized_view" => "Views are not carried over. Write it as a query instead.".to_owned(),
            "sequence" => "Numbers are no longer given out by the server: a record has an id of its own.".to_owned(),
            "trigger" => "Triggers are not carried over.".to_owned(),
            "function" => "Functions are not carried over.".to_owned(),
            "rule" => "Rules are not carried over.".to_owned(),
            "policy" => "Row-level security is not carried over: everybody who opens the workspace sees these records.".to_owned(),
            "check" => format!("{word} is not carried over: only types, required and unique hold in an entity."),
            _ => format!("{word} is not carried over: records that overlap are let in."),
        };
        findings.add(&kind, found.shown(&row.text(1)?, &row.text(2)?), reason);
    }
    Ok(())
}
