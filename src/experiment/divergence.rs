//! Where two candidates' courses part: the first fact of a run that differs, found exactly and in
//! memory that does not grow with the run.

use crate::{
    kernel::time::Instant,
    observe::course::{Ladder, Told, Window},
    scenario::Scenario,
    simulation,
};

/// Where two runs part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Divergence {
    /// The run.
    pub run: u32,
    /// The instant of the first fact that differs; the earlier of both.
    pub at: Instant,
    /// Facts before it, which are the same in both (count).
    pub shared: u64,
    /// What becomes true instead in each, in words; `None` where nothing more does, or where it is
    /// not told in words.
    pub instead: [Option<String>; 2],
}

/// Where run number `run` of `baseline` and of `candidate` part; `None`: nowhere.
///
/// Facts are numbered. First the fingerprints after every so many facts are compared, then each fact
/// between the last that agree and the first that do not.
pub fn first(baseline: &Scenario, candidate: &Scenario, run: u32) -> Option<Divergence> {
    let both = [baseline, candidate];
    let mut ladders = both.map(|scenario| {
        let mut ladder = Ladder::default();
        simulation::run(scenario, run, &mut ladder);
        ladder
    });
    let [one, other] = &mut ladders;
    let numbers = one.first_apart(other)?;
    let windows = both.map(|scenario| {
        let mut window = Window::new(numbers.clone());
        simulation::run(scenario, run, &mut window);
        window.facts
    });
    let [one, other] = &windows;
    let shared = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let next = [one.get(shared), other.get(shared)];
    let at = next.into_iter().flatten().map(|(at, _)| *at).min()?;
    let number = numbers.start + shared as u64;
    let instead = [0, 1].map(|of| {
        next[of]?;
        let mut told = Told::new(both[of], run, number);
        simulation::run(both[of], run, &mut told);
        told.text
    });
    Some(Divergence { run, at, shared: number, instead })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::Fleet,
        messages::fact::Fact,
        observe::{
            Observer,
            course::STEPS_MAX,
            story::{Entry, Story, Subject},
        },
        scenario::InMemory,
    };

    const TEXT: &str = r#"
        scenario = { name = "x", horizon = "100d", seed = 3 }
        servers = [{ model = "m", count = 4, zones = ["z"] }]
        server_models.m = { vcpus = 4, memory = "16GiB", crash = { rate = "10/year", repair = "5d" } }
        instance_types.t = { vcpus = 1, memory = "4GiB" }
        workload.instances = [{ type = "t", count = 12 }]
        workload.arrivals = [{ name = "a", type = "t", rate = "6/h", life = "1h" }]
    "#;

    fn scenario(sets: &[&str]) -> Scenario {
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        Scenario::parse("x.toml", TEXT.as_bytes(), &sets, &InMemory::default())
            .unwrap_or_else(|faults| panic!("{faults}"))
    }

    /// All facts with their instants, and the story.
    fn course(scenario: &Scenario, run: u32) -> (Vec<(Instant, String)>, Vec<Entry>) {
        #[derive(Default)]
        struct All(Vec<(Instant, String)>);
        impl Observer for All {
            fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
                self.0.push((now, format!("{fact:?}")));
            }
        }
        let window = (scenario.begin, scenario.end);
        let mut both = (All::default(), Story::new(scenario, run, Subject::Run, window));
        simulation::run(scenario, run, &mut both);
        (both.0.0, both.1.entries)
    }

    #[test]
    fn the_first_difference_is_the_one_of_the_whole_courses() {
        let base = scenario(&[]);
        let others = [
            scenario(&["policies.repair.crews=1"]),
            scenario(&["policies.repair.order=most-instances-first", "policies.repair.crews=1"]),
            scenario(&["policies.placement=worst-fit"]),
            scenario(&["settings.guest.crash_rate=\"2/year\""]),
        ];
        let (mut found_any, mut told_any) = (0, 0);
        for (other, run) in others.iter().flat_map(|other| [(other, 0), (other, 4)]) {
            let ((one, story), (two, _)) = (course(&base, run), course(other, run));
            assert!(one.len() > STEPS_MAX, "the ladder loses steps");
            let shared = one.iter().zip(&two).take_while(|(a, b)| a == b).count();
            let next = [one.get(shared), two.get(shared)];
            let at = next.into_iter().flatten().map(|(at, _)| *at).min();
            let found = first(&base, other, run);
            assert_eq!(found.as_ref().map(|found| found.at), at);
            let Some(found) = found else { continue };
            assert_eq!((found.run, found.shared), (run, shared as u64));
            found_any += 1;
            let [Some(text), _] = &found.instead else { continue };
            let of_story = |entry: &Entry| entry.at == one[shared].0 && entry.text == *text;
            assert!(story.iter().any(of_story), "{text}");
            told_any += 1;
        }
        assert!(found_any >= 4 && told_any > 0, "{found_any} part, {told_any} in words");
    }

    #[test]
    fn what_never_parts_is_told_as_such() {
        let (base, same) = (scenario(&[]), scenario(&["policies.repair.crews=4"]));
        assert_eq!(first(&base, &same, 0), None, "four servers never need a fifth crew");
    }

    #[test]
    fn a_course_that_only_ends_earlier_parts_there() {
        let short = scenario(&["scenario.horizon=50d"]);
        let found = first(&scenario(&[]), &short, 0).expect("one goes on");
        assert!(found.instead[0].is_some() && found.instead[1].is_none());
        assert!(found.at >= short.end);
    }
}
