//! What a folder of results says, read back as values: texts in, values out. All that is drawn is
//! drawn from here, so that a picture and a page show the numbers of the files and nothing else.
//!
//! Reading order: [`texts`] (how files are read), then one file a kind of study.

pub mod check;

pub mod compare;

pub mod plan;

pub mod run;

pub mod sweep;

pub mod texts;

use texts::Texts;

/// Which command wrote a folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `run`.
    Run,
    /// `sweep` or `merge`.
    Sweep,
    /// `compare`.
    Compare,
    /// `check`.
    Check,
    /// `plan`.
    Plan,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Run, Self::Sweep, Self::Compare, Self::Check, Self::Plan];

    /// As `summary.json` calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Sweep => "sweep",
            Self::Compare => "compare",
            Self::Check => "check",
            Self::Plan => "plan",
        }
    }

    /// The files that [`Study::read`] wants, `summary.json` first.
    pub const fn files(self) -> &'static [&'static str] {
        match self {
            Self::Run => &["summary.json", "runs.csv", "series.csv", "worst.json"],
            Self::Sweep => &["summary.json"],
            Self::Check => &["summary.json"],
            Self::Compare | Self::Plan => &["summary.json", "runs.csv"],
        }
    }

    /// The kind that the text of a `summary.json` names.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn of(summary: &str) -> Result<Self, NoKind> {
        #[derive(serde::Deserialize)]
        struct Named {
            kind: Option<String>,
        }
        // Only this is read: all of a summary may be large.
        let named: Named = serde_json::from_str(summary)
            .map_err(|error| NoKind::Broken(format!("is not JSON: {error}")))?;
        let kind = named.kind;
        let kinds = || Self::ALL.map(Self::name).join(", ");
        let unnamed = || NoKind::NotOurs(format!("names no kind of results ({})", kinds()));
        let kind = kind.ok_or_else(unnamed)?;
        Self::ALL.into_iter().find(|known| known.name() == kind).ok_or_else(|| {
            let kind = super::plain(&kind);
            NoKind::NotOurs(format!("names the unknown kind `{kind}`; known: {}", kinds()))
        })
    }
}

/// Why the text of a `summary.json` names no kind of results; as the end of a sentence that begins
/// with the file's name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoKind {
    /// It is broken.
    Broken(String),
    /// It is none of ours.
    NotOurs(String),
}

impl std::fmt::Display for NoKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Broken(why) | Self::NotOurs(why)) = self;
        f.write_str(why)
    }
}

/// What a folder of results says.
#[derive(Clone, PartialEq, Debug)]
pub enum Study {
    /// The runs of one scenario.
    Run(run::Ran),
    /// A sweep.
    Sweep(sweep::Swept),
    /// A comparison.
    Compare(compare::Compared),
    /// A check.
    Check(check::Checked),
    /// A plan.
    Plan(plan::Planned),
}

impl Study {
    /// What `files` (name and text) say: those that [`Kind::files`] names.
    ///
    /// # Errors
    /// Which file says what it should not.
    pub fn read(files: &[(String, String)]) -> Result<Self, String> {
        let texts = Texts(files);
        let summary = texts.get("summary.json")?;
        let kind = Kind::of(summary).map_err(|why| format!("summary.json {why}"))?;
        Ok(match kind {
            Kind::Run => Self::Run(run::Ran::read(texts)?),
            Kind::Sweep => Self::Sweep(sweep::Swept::read(texts)?),
            Kind::Compare => Self::Compare(compare::Compared::read(texts)?),
            Kind::Check => Self::Check(check::Checked::read(texts)?),
            Kind::Plan => Self::Plan(plan::Planned::read(texts)?),
        })
    }

    /// Which command wrote it.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Run(_) => Kind::Run,
            Self::Sweep(_) => Kind::Sweep,
            Self::Compare(_) => Kind::Compare,
            Self::Check(_) => Kind::Check,
            Self::Plan(_) => Kind::Plan,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of(&format!(r#"{{"kind": "{}"}}"#, kind.name())), Ok(kind));
            assert_eq!(kind.files()[0], "summary.json");
        }
        let known = "run, sweep, compare, check, plan";
        let not_ours = |text: &str| match Kind::of(text) {
            Err(NoKind::NotOurs(why)) => why,
            other => panic!("{other:?}"),
        };
        let unknown = not_ours(r#"{"kind": "walk"}"#);
        assert_eq!(unknown, format!("names the unknown kind `walk`; known: {known}"));
        assert_eq!(not_ours("{}"), format!("names no kind of results ({known})"));
        assert!(
            matches!(Kind::of("{"), Err(NoKind::Broken(why)) if why.starts_with("is not JSON"))
        );
    }
}
