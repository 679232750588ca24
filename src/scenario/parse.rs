//! From the text of a scenario to the scenario.

use super::{
    check::check,
    defaults::{self, WHOLE, lay_under},
    digest::digest,
    fault::Faults,
    files::{Files, GivenBy},
    load::Loader,
    model::Scenario,
    resolve::resolve,
};

impl Scenario {
    /// Reads the scenario called `name` (the path of its file as the user gives it: files that it
    /// names are relative to it) from `bytes`, with what the options `sets` (each `path=value`)
    /// change.
    ///
    /// # Errors
    /// Everything that is wrong with it: faults of syntax alone where there are any; else all
    /// faults of form and meaning together.
    pub fn parse(
        name: &str,
        bytes: &[u8],
        sets: &[String],
        files: &dyn Files,
    ) -> Result<Self, Faults> {
        let mut loader = Loader::new(name, files);
        let source = loader.sources.add("defaults.toml", defaults::TEXT.into(), GivenBy::Scenario);
        let mut tree = loader.scenario(name, bytes);
        loader.set(&mut tree, sets);
        if loader.faults.is_empty() {
            let tree = lay_under(&WHOLE, tree, &defaults::tree(source));
            check(&WHOLE, &tree, "", &mut loader.faults);
            let (mut scenario, inputs) = resolve(&tree, &mut loader);
            if loader.faults.is_empty() {
                scenario.digest = digest(&tree, &inputs);
                return Ok(scenario);
            }
        }
        Err(Faults::new(loader.sources.texts, loader.faults))
    }
}
