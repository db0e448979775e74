//! Places at which a test can stop a job, or an edit of the schema, as a crash would: at once, with nothing tidied up. Without the feature
//! `faults` they are nothing.

use crate::error::Result;

/// Passes, unless a test wants the job to die here.
#[cfg(not(feature = "faults"))]
pub fn point(_location: &str, _name: &str) -> Result<()> {
    Ok(())
}

/// Whether a test let it die with this: then nothing is tidied up.
#[cfg(not(feature = "faults"))]
pub fn is_crash(_error: &crate::error::Error) -> bool {
    false
}

#[cfg(feature = "faults")]
pub use armed::{arm, is_crash, passed, point};

#[cfg(feature = "faults")]
mod armed {
    use std::{
        collections::HashMap,
        sync::{LazyLock, Mutex, PoisonError},
    };

    use super::Result;
    use crate::error::{Error, ErrorCode};

    #[derive(Default)]
    struct Plan {
        /// Dies at the n-th point from here (1 is the next).
        at: Option<u32>,
        passed: Vec<String>,
    }

    /// By the workspace's location, so that tests that run side by side do not meet.
    static PLANS: LazyLock<Mutex<HashMap<String, Plan>>> = LazyLock::new(Mutex::default);

    /// Lets the job on this workspace die at the n-th point it comes to; none disarms.
    pub fn arm(location: &str, at: Option<u32>) {
        PLANS.lock().unwrap_or_else(PoisonError::into_inner).insert(location.to_owned(), Plan { at, passed: vec![] });
    }

    /// The points passed since [`arm`].
    pub fn passed(location: &str) -> Vec<String> {
        PLANS.lock().unwrap_or_else(PoisonError::into_inner).get(location).map(|p| p.passed.clone()).unwrap_or_default()
    }

    pub fn point(location: &str, name: &str) -> Result<()> {
        let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(plan) = plans.get_mut(location) else { return Ok(()) };
        plan.passed.push(name.to_owned());
        match plan.at {
            Some(1) => {
                plan.at = None;
                Err(Error::new(ErrorCode::Internal, CRASH))
            }
            Some(n) => {
                plan.at = Some(n - 1);
                Ok(())
            }
            None => Ok(()),
        }
    }

    const CRASH: &str = "a test let the job die here";

    pub fn is_crash(error: &Error) -> bool {
        error.message == CRASH
    }
}
