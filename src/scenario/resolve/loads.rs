//! What burstable instances are asked to do, and how the credits of their types go.

use super::{build::Build, utilisation};
use crate::{
    fleet::{
        credits::{BornWith, CREDIT, CreditMode, CreditRules, VCPU, WHOLE},
        ids::Load,
        loads::{LoadLaw, LoadSpec},
    },
    kernel::{column::Id, time::Span},
    scenario::{fault::known_names, load::Loader, view::View},
};

/// The loads by their names; the digests of their files are added to `inputs`.
pub fn loads(view: View<'_>, build: &mut Build, loader: &mut Loader<'_>, inputs: &mut Vec<String>) {
    for (entry, view) in view.entries() {
        let law = law(view, build, loader, inputs);
        let law = law.unwrap_or(LoadLaw::Constant(0)); // Why there is none has been told.
        let id = build.layout.loads.push(LoadSpec { name: entry.key.clone(), law });
        build.loads.insert(&entry.key, id);
    }
}

/// The mode that `view` reads.
pub fn mode(view: View<'_>) -> Option<CreditMode> {
    let text = view.text()?;
    CreditMode::ALL.iter().copied().find(|mode| mode.word() == text)
}

/// The mode and load of an entry, where the type of its instances has `rule`.
pub fn born_with(view: View<'_>, rule: Option<BornWith>, build: &mut Build) -> Option<BornWith> {
    let load = load(view, build);
    let given = mode(view.at("credit_specification")).or(mode(view.at("CreditSpecification")));
    rule.map(|rule| BornWith { mode: given.unwrap_or(rule.mode), load: load.or(rule.load) })
}

/// The load that an entry names.
pub fn load(view: View<'_>, build: &mut Build) -> Option<Id<Load>> {
    Build::find(&mut build.faults, &build.loads, view.at("load"), "load")
}

/// What is wrong with an entry that speaks of credits, but whose type is not burstable.
pub fn is_not_burstable(view: View<'_>, type_name: &str, build: &mut Build) {
    for key in ["credit_specification", "CreditSpecification", "load"] {
        if view.at(key).is_given() {
            let message = format!("the type `{type_name}` is not burstable, but `{key}` is given");
            let help = "leave it out, or give the type its credits: burst = \"ecs.t6-c1m1.large\", \
                        or burst = { baseline = \"10%\" }";
            build.fault(view.at(key), "conflict", message, help);
        }
    }
}

fn law(
    view: View<'_>,
    build: &mut Build,
    loader: &mut Loader<'_>,
    inputs: &mut Vec<String>,
) -> Option<LoadLaw> {
    if view.at("constant").is_given() {
        return Some(LoadLaw::Constant(share(view.at("constant"), build)?));
    }
    if view.at("on_off").is_given() {
        return on_off(view.at("on_off"), build);
    }
    if view.at("steps").is_given() {
        return steps(view, build);
    }
    if view.at("day").is_given() {
        let shares = view.at("day").elements().map(|view| share(view, build));
        let shares: Option<Vec<u32>> = shares.collect();
        let shares = shares.filter(|shares| !shares.is_empty())?;
        if shares.len() > 86_400 {
            let message = format!("the day has {} parts", shares.len());
            build.fault(view.at("day"), "range", message, "a part is at least a second long");
            return None;
        }
        return Some(LoadLaw::Day(shares));
    }
    recorded(view, build, loader, inputs)
}

fn on_off(view: View<'_>, build: &mut Build) -> Option<LoadLaw> {
    let off = match view.at("off").is_given() {
        true => share(view.at("off"), build)?,
        false => 0,
    };
    let on = share(view.at("on"), build)?;
    if on == off {
        let message = "a load that is on has the share of one that is off".to_owned();
        build.fault(view.at("on"), "range", message, "give another share, or write `constant`");
        return None;
    }
    let mut means = [Span::ZERO; 2];
    for (mean, key) in means.iter_mut().zip(["off_for", "on_for"]) {
        *mean = view.at(key).span()?;
        if *mean < Span::from_seconds(1) {
            let message = format!("`{key}` is {mean}");
            build.fault(view.at(key), "range", message, "give at least \"1s\"");
            return None;
        }
    }
    Some(LoadLaw::OnOff { levels: [off, on], means })
}

fn steps(view: View<'_>, build: &mut Build) -> Option<LoadLaw> {
    let mut steps: Vec<(Span, u32)> = Vec::new();
    for pair in view.at("steps").elements() {
        let pair: Vec<View<'_>> = pair.elements().collect();
        let [at, of] = pair.as_slice() else { return None };
        let (from, level) = (at.span()?, share(*of, build)?);
        let is_in_order = steps.last().map_or(from.is_zero(), |(before, _)| from > *before);
        if !is_in_order {
            let message =
                "the steps of a load are not in order, or do not begin at once".to_owned();
            let help = "put them in order of time, each time once, the first at \"0s\"";
            build.fault(*at, "range", message, help);
            return None;
        }
        steps.push((from, level));
    }
    let (last, _) = *steps.last()?;
    let period = view.at("period").span();
    if let Some(period) = period
        && (period <= last || period < Span::from_seconds(1))
    {
        let message = format!("the steps go on after their period of {period}");
        let help = "give a period that is longer than the last step's time";
        build.fault(view.at("period"), "range", message, help);
        return None;
    }
    Some(LoadLaw::Steps { steps, period })
}

/// A share in steps of 0.01 %.
fn share(view: View<'_>, build: &mut Build) -> Option<u32> {
    let steps = view.probability()? * f64::from(WHOLE);
    let share = libm::round(steps);
    if (share - steps).abs() > 1e-6 {
        let message = format!("{} % is not a whole number of steps of 0.01 %", steps / 100.0);
        build.fault(view, "range", message, "give at most two digits behind the point");
        return None;
    }
    Some(share as u32)
}

fn recorded(
    view: View<'_>,
    build: &mut Build,
    loader: &mut Loader<'_>,
    inputs: &mut Vec<String>,
) -> Option<LoadLaw> {
    let step = view.at("step").span()?;
    if step < Span::from_seconds(1) {
        let message = format!("a value of the series holds for {step}");
        build.fault(view.at("step"), "range", message, "give at least \"1s\"");
        return None;
    }
    let named = utilisation::named(view.at("file"), ("load", step), build, loader)?;
    inputs.push(named.digest);
    let is_redrawn = view.at("row").text() == Some("each-round");
    Some(LoadLaw::Recorded { of: named.id, is_redrawn })
}

/// A published burstable type: its name, vCPUs, and the credits that it earns in an hour
/// (spec/events.md 7.3; its largest balance is that of 24 h, its initial credits 30 a vCPU).
type Published = (&'static str, u32, u32);

/// The published types.
const PUBLISHED: &[Published] = &[
    ("ecs.t6-c4m1.large", 2, 6),
    ("ecs.t6-c2m1.large", 2, 12),
    ("ecs.t6-c1m1.large", 2, 24),
    ("ecs.t6-c1m2.large", 2, 24),
    ("ecs.t6-c1m4.large", 2, 36),
    ("ecs.t6-c1m4.xlarge", 4, 96),
    ("ecs.t6-c1m4.2xlarge", 8, 192),
    ("ecs.t5-lc2m1.nano", 1, 12),
    ("ecs.t5-lc1m1.small", 1, 12),
    ("ecs.t5-lc1m2.small", 1, 12),
    ("ecs.t5-lc1m2.large", 2, 24),
    ("ecs.t5-lc1m4.large", 2, 24),
    ("ecs.t5-c1m1.large", 2, 30),
    ("ecs.t5-c1m2.large", 2, 30),
    ("ecs.t5-c1m4.large", 2, 30),
    ("ecs.t5-c1m1.xlarge", 4, 60),
    ("ecs.t5-c1m2.xlarge", 4, 60),
    ("ecs.t5-c1m4.xlarge", 4, 60),
    ("ecs.t5-c1m1.2xlarge", 8, 120),
    ("ecs.t5-c1m2.2xlarge", 8, 120),
    ("ecs.t5-c1m4.2xlarge", 8, 120),
    ("ecs.t5-c1m1.4xlarge", 16, 240),
    ("ecs.t5-c1m2.4xlarge", 16, 240),
];

/// How the credits of the type called `name`, which has so many vCPUs, go; `None`: it is not
/// burstable.
pub fn rules((name, vcpus): (&str, u32), view: View<'_>, build: &mut Build) -> Option<CreditRules> {
    let burst = view.at("burst");
    let (published, place) = match burst.text() {
        Some("never") => return None,
        Some(named) => {
            let found = PUBLISHED.iter().find(|(known, _, _)| *known == named);
            if found.is_none() {
                let known: Vec<&str> = PUBLISHED.iter().map(|(known, _, _)| *known).collect();
                let message = format!("there is no published burstable type `{named}`");
                build.fault(burst, "unknown-name", message, &known_names(named, &known));
            }
            (found, burst)
        }
        None if burst.is_given() => return stated(vcpus, burst, build),
        None => (PUBLISHED.iter().find(|(known, _, _)| *known == name), view.at("vcpus")),
    };
    let (named, of, per_hour) = published?;
    if *of != vcpus {
        let message = format!("`{name}` has {vcpus} vCPUs, `{named}` is published with {of}");
        let help = "give it as many, or say yourself how its credits go: burst = { baseline = \
                    \"10%\" }; burst = \"never\" if it is not burstable";
        build.fault(place, "conflict", message, help);
        return None;
    }
    let (of, per_hour) = (u64::from(*of), u64::from(*per_hour));
    Some(CreditRules {
        full: of * VCPU,
        earns: per_hour * VCPU / 60,
        most: 24 * per_hour * CREDIT,
        initial: 30 * of * CREDIT,
    })
}

/// Most vCPUs of a burstable type (count): amounts stay far below what numbers hold.
const MOST_VCPUS: u32 = 1_024;

/// The rules that a table states.
fn stated(vcpus: u32, view: View<'_>, build: &mut Build) -> Option<CreditRules> {
    if vcpus == 0 || vcpus > MOST_VCPUS {
        let message = format!("a burstable type has {vcpus} vCPUs");
        build.fault(view, "range", message, "it has 1 to 1,024");
        return None;
    }
    let (baseline, per_hour) = (view.at("baseline"), view.at("credits_per_hour"));
    let full = u64::from(vcpus) * VCPU;
    let of_baseline = match baseline.is_given() {
        true => Some(u64::from(share(baseline, build)?) * (full / u64::from(WHOLE))),
        false => None,
    };
    let of_hour = match per_hour.is_given() {
        true => Some(exact((per_hour, 100), VCPU / 60, build)?),
        false => None,
    };
    let earns = match (of_baseline, of_hour) {
        (Some(one), Some(other)) if one != other => {
            let hourly = one as f64 * 60.0 / VCPU as f64;
            let message = format!("the baseline earns {hourly} credits an hour");
            build.fault(per_hour, "conflict", message, "leave one of the two out");
            return None;
        }
        (Some(earns), _) | (None, Some(earns)) => earns,
        (None, None) => {
            let message = "neither `baseline` nor `credits_per_hour` is given".to_owned();
            build.fault(view, "missing-key", message, "write burst = { baseline = \"10%\" }");
            return None;
        }
    };
    if earns > full {
        let message = "it earns more than all its vCPUs can use".to_owned();
        build.fault(per_hour, "range", message, "give at most 60 credits an hour for each vCPU");
        return None;
    }
    let most = match view.at("max_balance") {
        given if given.is_given() => exact((given, 1_000), CREDIT, build)?,
        _ => earns * 24 * (CREDIT / VCPU * 60),
    };
    let initial = match view.at("initial") {
        given if given.is_given() => exact((given, 1_000), CREDIT, build)?,
        _ => 30 * u64::from(vcpus) * CREDIT,
    };
    Some(CreditRules { full, earns, most, initial })
}

/// A number in steps of one `parts`-th, each whole one worth `unit`.
fn exact((view, parts): (View<'_>, u32), unit: u64, build: &mut Build) -> Option<u64> {
    let steps = view.number()? * f64::from(parts);
    let whole = libm::round(steps);
    if (whole - steps).abs() > 1e-6 {
        let digits = if parts == 100 { "two" } else { "three" };
        let message = "the number has too many digits behind the point".to_owned();
        build.fault(view, "range", message, &format!("give at most {digits}"));
        return None;
    }
    Some(whole as u64 * (unit / u64::from(parts)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{InMemory, Scenario};

    /// The table of spec/events.md 7.3: vCPUs, baseline in percent, credits an hour, largest
    /// balance.
    const TABLE: &[(&str, u32, u32, u32, u32)] = &[
        ("t6-c4m1.large", 2, 5, 6, 144),
        ("t6-c2m1.large", 2, 10, 12, 288),
        ("t6-c1m1.large", 2, 20, 24, 576),
        ("t6-c1m2.large", 2, 20, 24, 576),
        ("t6-c1m4.large", 2, 30, 36, 864),
        ("t6-c1m4.xlarge", 4, 40, 96, 2_304),
        ("t6-c1m4.2xlarge", 8, 40, 192, 4_608),
        ("t5-lc2m1.nano", 1, 20, 12, 288),
        ("t5-lc1m1.small", 1, 20, 12, 288),
        ("t5-lc1m2.small", 1, 20, 12, 288),
        ("t5-lc1m2.large", 2, 20, 24, 576),
        ("t5-lc1m4.large", 2, 20, 24, 576),
        ("t5-c1m1.large", 2, 25, 30, 720),
        ("t5-c1m2.large", 2, 25, 30, 720),
        ("t5-c1m4.large", 2, 25, 30, 720),
        ("t5-c1m1.xlarge", 4, 25, 60, 1_440),
        ("t5-c1m2.xlarge", 4, 25, 60, 1_440),
        ("t5-c1m4.xlarge", 4, 25, 60, 1_440),
        ("t5-c1m1.2xlarge", 8, 25, 120, 2_880),
        ("t5-c1m2.2xlarge", 8, 25, 120, 2_880),
        ("t5-c1m4.2xlarge", 8, 25, 120, 2_880),
        ("t5-c1m1.4xlarge", 16, 25, 240, 5_760),
        ("t5-c1m2.4xlarge", 16, 25, 240, 5_760),
    ];

    fn parsed(types: &str) -> Result<Scenario, String> {
        let text = format!(
            "[scenario]\nname = \"x\"\nhorizon = \"10d\"\n\
             [server_models]\nm = {{ vcpus = 64, memory = \"64GiB\" }}\n\
             [[servers]]\nmodel = \"m\"\ncount = 1\nzones = [\"a\"]\n{types}"
        );
        let parsed = Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default());
        parsed.map_err(|faults| faults.to_string())
    }

    fn rules_of(scenario: &Scenario) -> CreditRules {
        scenario.layout.types.iter().next().unwrap().credits.unwrap()
    }

    #[test]
    fn published_types_are_as_published() {
        assert_eq!(TABLE.len(), PUBLISHED.len());
        for (name, vcpus, baseline, per_hour, most) in TABLE {
            let by_name =
                format!("[instance_types.\"ecs.{name}\"]\nvcpus = {vcpus}\nmemory = \"1GiB\"\n");
            let named = format!(
                "[instance_types.x]\nvcpus = {vcpus}\nmemory = \"1GiB\"\nburst = \"ecs.{name}\"\n"
            );
            let stated = format!(
                "[instance_types.x]\nvcpus = {vcpus}\nmemory = \"1GiB\"\nburst = {{ baseline = \
                 \"{baseline}%\", credits_per_hour = {per_hour}, max_balance = {most} }}\n"
            );
            let rules = rules_of(&parsed(&by_name).unwrap());
            assert_eq!(rules.initial, u64::from(30 * vcpus) * CREDIT, "{name}");
            for other in [named, stated] {
                assert_eq!(rules_of(&parsed(&other).unwrap()), rules, "{name}");
            }
        }
    }

    #[test]
    fn what_cannot_be_is_told() {
        let of = |burst: &str| {
            format!("[instance_types.x]\nvcpus = 2\nmemory = \"1GiB\"\nburst = {burst}\n")
        };
        let load = |load: &str| format!("[loads.x]\n{load}\n");
        for (text, wrong) in [
            (of("\"ecs.t6-c1m1\""), "there is no published burstable type `ecs.t6-c1m1`"),
            (of("\"ecs.t5-c1m1.4xlarge\""), "is published with 16"),
            (of("{}"), "neither `baseline` nor `credits_per_hour`"),
            (of("{ baseline = \"10%\", credits_per_hour = 13 }"), "the baseline earns 12 credits"),
            (of("{ baseline = \"10.001%\" }"), "not a whole number of steps"),
            (of("{ credits_per_hour = 121 }"), "more than all its vCPUs"),
            (of("{ credits_per_hour = 1.001 }"), "too many digits"),
            (load("constant = \"10%\"\nday = [0.1]"), "constant"),
            (load("on_off = { on = 0, on_for = \"1h\", off_for = \"1h\" }"), "that is on"),
            (load("on_off = { on = 1, on_for = \"0s\", off_for = \"1h\" }"), "`on_for` is 0s"),
            (load("steps = [[\"1s\", 0.1]]"), "do not begin at once"),
            (load("steps = [[\"0s\", 0.1], [\"0s\", 0.2]]"), "not in order"),
            (load("steps = [[\"0s\", 0.1], [\"2h\", 0.2]]\nperiod = \"1h\""), "after their period"),
            (load("file = \"u.csv\""), "cannot open the load `u.csv`: no such file"),
            (load("file = \"u.csv\"\nstep = \"0s\""), "holds for 0s"),
            (load("constant = \"150%\""), "a share is a number from 0 to 1"),
        ] {
            let told = parsed(&text).expect_err("it is wrong");
            assert!(told.contains(wrong), "{told}\n{wrong}");
        }
        assert!(
            parsed(&of("\"never\"")).unwrap().layout.types.iter().all(|of| of.credits.is_none())
        );
    }
}
