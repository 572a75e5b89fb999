//! Structs written as JSON straight into the buffer. Fields that have no value are left out.

use serde::{Serialize, Serializer};

use crate::time::UtcMs;

pub(super) fn write(to: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(to, value).expect("our structs have text keys and memory takes all bytes");
}

/// Written by its `Display`, without a text in between.
#[derive(Clone, Copy)]
pub(super) struct Shown<T>(pub(super) T);

impl<T: std::fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

pub(super) const fn shown(at: UtcMs) -> Shown<UtcMs> {
    Shown(at)
}
