//! No command without a case.

use std::{collections::BTreeSet, io, path::Path, sync::Mutex};
use stoneware_desktop::bindings::builder;
use tauri::test::MockRuntime;
use tauri_specta::{BuilderConfiguration, LanguageExt};

/// An "exporter" that only notes the names in the list of commands.
struct Names<'a>(&'a Mutex<BTreeSet<String>>);

impl LanguageExt for Names<'_> {
    type Error = io::Error;

    fn export(self, configuration: &BuilderConfiguration, _: &Path) -> io::Result<()> {
        let names = configuration.commands.iter().map(|command| command.name().to_owned());
        self.0.lock().unwrap().extend(names);
        Ok(())
    }
}

#[test]
fn every_command_has_a_success_and_a_refusal() {
    let listed = Mutex::new(BTreeSet::new());
    builder::<MockRuntime>().export(Names(&listed), "").expect("nothing is written");
    let listed = listed.into_inner().unwrap();
    let tested: BTreeSet<String> = [
        crate::workspace::COMMANDS,
        crate::connection::COMMANDS,
        crate::schema::COMMANDS,
        crate::entity::COMMANDS,
        crate::field::COMMANDS,
        crate::relationship::COMMANDS,
        crate::history::COMMANDS,
        crate::record::COMMANDS,
        crate::link::COMMANDS,
        crate::job::COMMANDS,
        crate::interchange::COMMANDS,
    ]
    .concat()
    .into_iter()
    .map(str::to_owned)
    .collect();
    assert!(listed.len() > 40, "the list of commands was read: {listed:?}");
    assert_eq!(listed, tested, "left: commands of the window; right: commands with cases");
}
