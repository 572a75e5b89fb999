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
        let (kind, fix) = match self {
            Self::Reach(ReachError::Secret(_)) => {
                ("sealed", "restore the key, or give the connector its token again".to_owned())
            }
            Self::Reach(ReachError::Setup(_)) => {
                ("configuration", "change the connector, or the section [network], as it says".to_owned())
            }
            Self::Reach(ReachError::Log(_)) | Self::Log(_) => ("log", "see `hubtrail doctor`".to_owned()),
            Self::Collect(error) => (error.kind(), error.fix()),
            Self::Panicked => {
                ("internal", "nothing: it is tried again; please report it with the server's log".to_owned())
            }
        };
        let code = match self {
            Self::Collect(error) => error.code(),
            Self::Reach(_) | Self::Log(_) | Self::Panicked => kind,
        };
        Failure {
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
