//! Embeds the window's configuration, permissions and icons.

use std::{fs, io, path::Path};

/// Where the interface lies after `npm run build` in `ui/`.
const DIST: &str = "ui/dist";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Stoneware</title>\
<body style=\"font:15px system-ui;margin:4rem;background:#fff;color:#222\"><h1>The interface is not built yet</h1>\
<p>Run <code>npm ci &amp;&amp; npm run build</code> in <code>ui/</code> and build again, or run <code>make run</code>.</p>";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    ensure_dist()?;
    // Cargo looks inside the folder: a newly built interface rebuilds the binary that embeds it.
    println!("cargo:rerun-if-changed={DIST}");
    tauri_build::try_build(tauri_build::Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/*.json"))?;
    Ok(())
}

/// Without the interface the shell still compiles (checks and command tests need no Node); its window then says what to do.
fn ensure_dist() -> io::Result<()> {
    let page = Path::new(DIST).join("index.html");
    if !page.exists() {
        fs::create_dir_all(DIST)?;
        fs::write(page, NOT_BUILT)?;
    }
    Ok(())
}
