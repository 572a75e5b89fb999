//! What stops a connector's collection, in the words of the status screen.

use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::time::UtcMs;

use crate::collect::CollectError;
use crate::reach::ReachError;
use crate::store::{Failure, StoreError};

#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Reach(#[from] ReachError),
    #[error(transparent)]
    Collect(#[from] CollectError),
    #[error(transparent)]
    Log(#[from] StoreError),
    #[error("hubtrail made a mistake")]
    Panicked,
}

impl Trouble {
    pub(super) fn failure(&self, at: UtcMs) -> Failure {
        let (kind, code, fix) = match self {
            Self::Reach(ReachError::Secret(_)) => {
                ("sealed", "sealed", "give the connector its token again, or restore the key".to_owned())
            }
            Self::Reach(ReachError::Setup(error)) => {
                let fix = "change the connector, or the section [network], as it says";
                ("configuration", error.code(), fix.to_owned())
            }
            Self::Reach(ReachError::Log(_)) | Self::Log(_) => {
                ("log", "internal", "see `hubtrail doctor`".to_owned())
            }
            Self::Collect(error) => (error.kind(), error.code(), error.fix()),
            Self::Panicked => {
                let fix = "nothing: it is tried again; please report it with the server's log";
                ("internal", "internal", fix.to_owned())
            }
        };
        Failure {
            // Without it nothing new arrives.
            walk: WalkKind::Tail,
            kind: kind.to_owned(),
            code: code.to_owned(),
            message: self.to_string(),
            fix,
            began: at,
            at,
            until: None,
        }
    }
}
