//! `trace`: tells the story of one run, or of one entity in it.

mod picture;

use super::load;
use crate::{
    args::{Common, Format, Numbered, Trace, TracedBy, Whose},
    bug,
    exit::{Exit, Failure, note},
    output,
    progress::Quiet,
    terminal,
};
use fleetsim::{
    fleet::{Fleet, ids::Script},
    kernel::{column::Id, time::Instant},
    messages::{
        command::Actor,
        fact::Fact,
        operation::{GroupOperation, Operation},
        refusal::Refusal,
    },
    observe::{
        Observer,
        cloud_ids::CloudIds,
        names,
        story::{Story, Subject},
    },
    report::{About, plain, story, timeline::Timeline},
    scenario::{Scenario, read_span},
    simulation,
};
use picture::Picture;

/// Names that are further off than this are not what was meant.
const FAR: usize = 3;

/// Runs the scenario once and tells what became true.
pub fn trace(options: &Trace, common: &Common) -> Result<Exit, Failure> {
    let loaded = load(&options.scenario, &options.changes)?;
    let mut scenario = loaded.scenario;
    if let Some(seed) = options.seed {
        scenario.seed = seed;
    }
    let format = format(common)?;
    let window = window(&scenario, options)?;
    let subject = subject(&scenario, options.run, &options.whose)?;
    let picture = Picture::prepare(options, &subject, &loaded.inputs)?;
    let _known = bug::simulates(&scenario, &options.scenario, &options.changes);
    // A picture shows at its left what began before it.
    let from = if picture.is_some() { scenario.begin } else { window.0 };
    let mut told = Story::new(&scenario, options.run, subject.clone(), (from, window.1));
    simulation::run(&scenario, options.run, &mut told);
    told.finish();
    if !told.met {
        return Err(Failure::Fault(unknown(&scenario, options.run, &subject, told.numbered)));
    }
    let (about, whose) = (About::new(&scenario, 1), whose(&options.whose));
    if let Some(picture) = &picture {
        let asked = |given: &Option<String>, at| given.is_some().then_some(at);
        picture.write(&Timeline {
            about: &about,
            run: options.run,
            whose: &whose,
            entries: &told.entries,
            window: (asked(&options.from, window.0), asked(&options.to, window.1)),
        })?;
    }
    let before = told.entries.partition_point(|entry| entry.at < window.0);
    let entries = &told.entries[before..];
    output::print(&match format {
        Form::Lines => story::json(scenario.epoch, entries),
        Form::Text => {
            let told = story::Told { about: &about, run: options.run, whose: &whose, entries };
            let by = match options.by {
                TracedBy::Part => story::By::Part,
                TracedBy::Time => story::By::Time,
            };
            story::told(&told, by, &terminal::look())
        }
    })?;
    if let (Some(path), Quiet::No) = (&options.timeline, common.quiet()) {
        note(&format!("wrote {}", plain(&path.to_string_lossy())));
    }
    Ok(Exit::Done)
}

/// The forms of a story.
enum Form {
    Text,
    Lines,
}

fn format(common: &Common) -> Result<Form, Failure> {
    match common.format {
        Format::Human => Ok(Form::Text),
        Format::Json => Ok(Form::Lines),
        Format::Csv | Format::Markdown => {
            let why = "a story is told as text or as JSON lines: --format human or --format json";
            Err(Failure::Fault(why.to_owned()))
        }
    }
}

fn window(scenario: &Scenario, options: &Trace) -> Result<(Instant, Instant), Failure> {
    let read = |name: &str, typed: &Option<String>, default: Instant| match typed {
        None => Ok(default),
        Some(typed) => {
            read_span(typed).map(|span| Instant::ZERO.saturating_add(span)).map_err(|wrong| {
                Failure::Fault(format!(
                    "--{name}: `{}` {}; {}",
                    plain(typed),
                    wrong.why,
                    wrong.help
                ))
            })
        }
    };
    let from = read("from", &options.from, scenario.begin)?;
    let to = read("to", &options.to, scenario.end)?;
    if from > to {
        return Err(Failure::Fault(format!("--from {from} lies behind --to {to}")));
    }
    Ok((from, to))
}

/// Whose story, in words.
fn whose(whose: &Whose) -> String {
    match whose {
        Whose { instance: Some(name), .. } => format!("the story of instance {name}"),
        Whose { server: Some(name), .. } => format!("the story of server {name}"),
        Whose { disk: Some(name), .. } => format!("the story of disk {name}"),
        Whose { event: Some(number), .. } => format!("the story of event {number}"),
        Whose { task: Some(number), .. } => format!("the story of task {number}"),
        Whose { host: Some(name), .. } => format!("the story of dedicated host {name}"),
        Whose { group: Some(name), .. } => format!("the story of group {name}"),
        Whose { refresh: Some(name), .. } => format!("the story of refresh {name}"),
        Whose { .. } => "all of it".to_owned(),
    }
}

fn subject(scenario: &Scenario, run: u32, whose: &Whose) -> Result<Subject, Failure> {
    let layout = &scenario.layout;
    if let Some(name) = &whose.server {
        let known = || layout.servers.ids().iter().map(|server| layout.server_name(server));
        let found = names::find_server(layout, name);
        return found.map(Subject::Server).ok_or_else(|| no("server", name, known()));
    }
    if let Some(name) = &whose.disk {
        let known = || layout.bays.ids().iter().map(|bay| names::disk(layout, bay));
        if let Some(bay) = names::find_disk(layout, name) {
            return Ok(Subject::Disk(bay));
        }
        if !is_id(name, "d-") {
            return Err(no("local disk", name, known()));
        }
        let found = names::find_disk_by_id(layout, &CloudIds::new(scenario, run), name);
        return Ok(found.map_or_else(|| Subject::Coded(name.clone()), Subject::Disk));
    }
    if let Some(name) = &whose.host {
        let hosts = &layout.dedicated_hosts;
        let found = hosts.entries().find(|(_, host)| host.name == *name);
        let known = || hosts.iter().map(|host| host.name.clone());
        return found
            .map(|(host, _)| Subject::Host(host))
            .ok_or_else(|| no("dedicated host", name, known()));
    }
    if let Some(name) = &whose.group {
        let groups = &layout.scaling_groups;
        let found = groups.entries().find(|(_, group)| group.name == *name);
        let known = || groups.iter().map(|group| group.name.clone());
        return found
            .map(|(group, _)| Subject::Group(group))
            .ok_or_else(|| no("scaling group", name, known()));
    }
    if let Some(name) = &whose.refresh {
        let starts = || {
            let all = scenario.scripts.entries();
            all.filter(|(_, script)| {
                script.operation == Operation::Group(GroupOperation::StartInstanceRefresh)
            })
        };
        let found = starts().find(|(_, script)| script.label == *name);
        let known = || starts().map(|(_, script)| script.label.clone());
        if found.is_none() && name.starts_with('#') {
            let known: Vec<String> = known().map(|label| plain(&label).to_string()).collect();
            let known = if known.is_empty() { "there is none".into() } else { known.join(", ") };
            return Err(Failure::Fault(format!(
                "a refresh is called by the command that starts it, not by a number as in {}: {known}",
                plain(name)
            )));
        }
        return found
            .map(|(script, _)| Subject::Refresh(script))
            .ok_or_else(|| no("instance refresh", name, known()));
    }
    Ok(match whose {
        Whose { instance: Some(name), .. } => {
            let found = names::find_instance(scenario, name);
            Subject::Instance(
                found.map_or_else(|| name.clone(), |of| names::instance(of, scenario)),
            )
        }
        Whose { event: Some(Numbered::Number(number)), .. } => Subject::Event(*number),
        Whose { task: Some(Numbered::Number(number)), .. } => Subject::Task(*number),
        Whose { event: Some(Numbered::Id(id)), .. }
        | Whose { task: Some(Numbered::Id(id)), .. } => Subject::Coded(id.clone()),
        Whose { .. } => Subject::Run,
    })
}

/// Whether `name` looks like an id of the cloud that begins so.
fn is_id(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| rest.len() == 20)
}

fn no(what: &str, name: &str, known: impl Iterator<Item = String>) -> Failure {
    let mut nearest = Nearest::to(name);
    known.for_each(|known| nearest.consider(&known));
    Failure::Fault(format!("there is no {what} {}{}", plain(name), nearest.hint()))
}

/// Why nothing was told of `subject`.
fn unknown(scenario: &Scenario, run: u32, subject: &Subject, [events, tasks]: [u64; 2]) -> String {
    let numbered = |what: &str, number: &u64, count: u64| match count {
        0 => format!("there is no {what} {number}: run {run} has none"),
        _ => format!("there is no {what} {number}: those of run {run} are 0 to {}", count - 1),
    };
    match subject {
        Subject::Event(number) => numbered("event", number, events),
        Subject::Task(number) => numbered("task", number, tasks),
        Subject::Instance(name) => {
            let mut names = Names { scenario, nearest: Nearest::to(name) };
            simulation::run(scenario, run, &mut names);
            let hint = names.nearest.hint();
            format!("there is no instance {} in run {run}{hint}", plain(name))
        }
        Subject::Coded(id) => {
            format!("nothing in run {run} has the id {}; ids are those of its seed", plain(id))
        }
        Subject::Refresh(script) => {
            let label = plain(&scenario.scripts[*script].label);
            let mut answer = Answer { script: *script, refusal: None };
            simulation::run(scenario, run, &mut answer);
            let why = answer.refusal.map_or_else(String::new, |refusal| {
                format!(": it was refused with {}", refusal.code())
            });
            format!("the command {label} started no instance refresh in run {run}{why}")
        }
        Subject::Run
        | Subject::Server(_)
        | Subject::Disk(_)
        | Subject::Host(_)
        | Subject::Group(_) => {
            unreachable!("these are there from the begin")
        }
    }
}

/// The name that was likely meant.
struct Nearest {
    wanted: String,
    best: Option<(usize, String)>,
}

impl Nearest {
    fn to(wanted: &str) -> Self {
        Self { wanted: wanted.to_lowercase(), best: None }
    }

    fn consider(&mut self, name: &str) {
        let far = strsim::damerau_levenshtein(&self.wanted, &name.to_lowercase());
        if self.best.as_ref().is_none_or(|(best, _)| far < *best) {
            self.best = Some((far, name.to_owned()));
        }
    }

    fn hint(&self) -> String {
        let near = self.best.as_ref().filter(|(far, _)| *far <= FAR);
        let best = self.best.as_ref();
        match (near, best) {
            (Some((_, name)), _) => format!("; did you mean {}?", plain(name)),
            (None, Some((_, name))) => format!("; names look like {}", plain(name)),
            (None, None) => "; there is none at all".to_owned(),
        }
    }
}

/// Looks for what a command was refused for.
struct Answer {
    script: Id<Script>,
    refusal: Option<Refusal>,
}

impl Observer for Answer {
    fn see(&mut self, _now: Instant, fact: &Fact, _fleet: &Fleet) {
        if let Fact::Commanded { actor: Actor::Script(script), refusal, .. } = *fact
            && script == self.script
        {
            self.refusal = refusal;
        }
    }
}

/// Looks for the instance that was likely meant.
struct Names<'a> {
    scenario: &'a Scenario,
    nearest: Nearest,
}

impl Observer for Names<'_> {
    fn see(&mut self, _now: Instant, fact: &Fact, _fleet: &Fleet) {
        if let Fact::Requested { name, .. } = *fact {
            self.nearest.consider(&names::instance(name, self.scenario));
        }
    }
}
