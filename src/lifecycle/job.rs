//! The life of a job of the second cloud, which an owner may ask about.
#![doc = include_str!("documented/job.md")]

lifecycle! {
    /// Status of a job (spec/refresh-and-migration.md 4.2).
    machine JobStatus by
    /// What may happen to a job.
    JobStep {
        /// Being initialised.
        Init is Transitory: Begin -> Running, Give -> Fail;
        /// In progress.
        Running is Transitory: Finish -> Success, Give -> Fail;
        /// Done.
        Success is Final: ;
        /// Failed.
        Fail is Final: ;
    }
    steps {
        /// It is taken up.
        Begin,
        /// Its work is done.
        Finish,
        /// It is given up.
        Give,
    }
}

impl JobStatus {
    /// The status as the cloud writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Running => "RUNNING",
            Self::Success => "SUCCESS",
            Self::Fail => "FAIL",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_documented_one() {
        let machine = as_text!(JobStatus, JobStep);
        crate::lifecycle::machine::holds_against(include_str!("documented/job.md"), &machine);
    }

    #[test]
    fn the_cloud_writes_capitals() {
        for status in JobStatus::ALL {
            assert_eq!(status.name().to_uppercase(), status.word());
        }
    }
}
