//! Hears every statement that writes, just before it runs.

use std::sync::{Arc, Mutex};
use stoneware_engine::store::{alone::writes, rehearsal::WRITES};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// A statement as it ran, and whether it did so in a connection of its own, beside the edit's transaction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    pub statement: String,
    pub beside: bool,
}

#[derive(Clone, Default)]
pub struct Witness(Arc<Mutex<Vec<Heard>>>);

impl Witness {
    /// Hears what this thread does until the guard goes.
    pub fn listen(&self) -> tracing::subscriber::DefaultGuard {
        tracing::subscriber::set_default(self.clone())
    }

    pub fn heard(&self) -> Vec<Heard> {
        let all = std::mem::take(&mut *self.0.lock().unwrap());
        all.into_iter().filter(|heard| !heard.beside || writes(&heard.statement)).collect()
    }
}

impl Visit for Heard {
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "statement" {
            value.clone_into(&mut self.statement);
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.beside |= field.name() == "alone" && value;
    }
}

impl Subscriber for Witness {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == WRITES
    }

    fn event(&self, event: &Event<'_>) {
        let mut heard = Heard::default();
        event.record(&mut heard);
        self.0.lock().unwrap().push(heard);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
