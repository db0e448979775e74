//! Progress, cancel, resume.

/// Jobs this process runs.
#[derive(Debug, Default)]
pub struct Running;
