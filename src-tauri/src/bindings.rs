//! The one list of commands. The handler the window calls and `ui/src/api/bindings.ts` both come from it.

use crate::commands::{connection, entity, field, history, interchange, job, link, record, relationship, schema, workspace};
use stoneware_engine::model::{CopyProgress, ImportProgress, WorkspaceEvent};
use tauri::Runtime;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands};

/// Every command, and the types of what is told by event. A refused command rejects with the engine's error.
pub fn builder<R: Runtime>() -> Builder<R> {
    Builder::new()
        .commands(collect_commands![
            workspace::current_workspace,
            workspace::opening,
            workspace::create_workspace,
            workspace::open_workspace,
            workspace::open_sample,
            workspace::close_workspace,
            workspace::recent_workspaces,
            workspace::forget_workspace,
            workspace::copy_workspace,
            workspace::cancel_copy,
            connection::parse_connection,
            connection::test_connection,
            connection::connect,
            connection::kept_password,
            schema::schema,
            schema::overview,
            schema::link_counts,
            schema::edit_plan,
            schema::layout,
            schema::move_nodes,
            schema::place_nodes,
            entity::create_entity,
            entity::update_entity,
            entity::set_keys,
            entity::drop_impact,
            entity::drop_entities,
            field::add_field,
            field::update_field,
            field::drop_field,
            field::reorder_fields,
            field::create_library_field,
            field::delete_library_field,
            relationship::add_relationship,
            relationship::update_relationship,
            relationship::drop_relationship,
            history::changelog,
            history::undo_state,
            history::undo,
            history::redo,
            record::insert_record,
            record::record,
            record::update_record,
            record::delete_impact,
            record::delete_records,
            record::list_records,
            record::count_records,
            link::links,
            link::add_links,
            link::remove_links,
            job::materialize_plan,
            job::dematerialize_plan,
            job::materialize_problems,
            job::start_materialize,
            job::start_dematerialize,
            job::jobs,
            job::cancel_job,
            job::pause_job,
            job::resume_job,
            job::rollback_job,
            interchange::import_file,
            interchange::import_database,
            interchange::cancel_import,
            interchange::export_records,
        ])
        .typ::<WorkspaceEvent>()
        .typ::<ImportProgress>()
        .typ::<CopyProgress>()
        .error_handling(ErrorHandlingMode::Throw)
        .disable_serde_phases()
}
