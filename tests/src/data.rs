//! Data to fill workspaces with: generated, or real databases that lie beside the repository.

use serde_json::{Value, json};
use std::{io::Write, path::PathBuf};

use crate::root;

/// A file of real data beside the repository. None, and says so, where there is none: a plain clone has to pass too.
pub fn shared(path: &str) -> Option<PathBuf> {
    let file = root().join("../shared").join(path);
    if !file.exists() {
        eprintln!("skipped: no ../shared");
        return None;
    }
    Some(file)
}

/// Contact number `i`: a value of most types, some of them null. The same number gives the same contact.
pub fn contact(i: u32) -> Value {
    // A few multiplications scatter the numbers well enough; the order of contacts is no order of any field.
    let noise = |salt: u32| (i.wrapping_mul(2_654_435_761).rotate_left(13) ^ salt.wrapping_mul(40_503)).wrapping_mul(2_246_822_519) >> 8;
    let notes = (noise(1) % 2 == 0).then(|| "ännu en anteckning ".repeat(1 + noise(2) as usize % 6));
    json!({
        "email": format!("user{i}@example.com"),
        "name": format!("Contact {:05}", noise(3) % 100_000),
        "age": 18 + noise(4) % 78,
        "balance": format!("{}.{:02}", noise(5) % 1_000_000, noise(6) % 100),
        "active": noise(7) % 5 != 0,
        "joined": format!("20{:02}-{:02}-{:02}", 10 + noise(8) % 16, 1 + noise(9) % 12, 1 + noise(10) % 28),
        "notes": notes,
        "tags": (0..noise(11) % 4).map(|tag| format!("tag{tag}")).collect::<Vec<_>>(),
    })
}

/// The fields of [`contact`], as the command line writes them.
pub const CONTACT_FIELDS: [&str; 8] = [
    "email:email:required,unique",
    "name:string:required,indexed",
    "age:integer",
    "balance:decimal:precision=15,scale=2",
    "active:bool",
    "joined:date",
    "notes:text",
    "tags:multiselect",
];

/// `count` contacts as NDJSON.
pub fn contacts(count: u32, out: &mut impl Write) -> std::io::Result<()> {
    for i in 0..count {
        writeln!(out, "{}", contact(i))?;
    }
    out.flush()
}
