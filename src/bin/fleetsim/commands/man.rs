//! `man`: the manual pages, from the same declarations as `--help`.

use crate::{
    args::{Args, Common, Format, Man},
    exit::{CODES, Exit, Failure},
    output,
};
use clap::{Command, CommandFactory as _};
use clap_mangen::roff::{Roff, bold, roman};
use fleetsim::report::plain;

/// Width of the help in the page of all commands [columns].
const WIDTH: usize = 96;

/// What is read and written, beside what options name.
const FILES: &[(&str, &str)] = &[
    ("*.toml, *.json", "scenarios; quantities carry their units"),
    ("scenario.schema.json", "the JSON Schema that editors check scenarios with"),
    (
        "DIR/summary.json",
        "of run --out: every metric with its interval, and the command to repeat it",
    ),
    ("DIR/runs.csv", "a row for each run"),
    ("DIR/manifest.json", "when and on which machine results were made"),
    ("DIR/ledger.jsonl", "of sweep --out: finished runs, by which --resume goes on"),
    ("results/baselines/*.json", "what check judges against, unless --baseline says otherwise"),
];

const ENVIRONMENT: &[(&str, &str)] = &[
    ("NO_COLOR", "no colour, unless --color says always"),
    (
        "SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, ...",
        "which shard of a sweep --shard auto/N is: see docs/cluster.md",
    ),
];

/// Prints the page.
pub fn man(options: &Man, common: &Common) -> Result<Exit, Failure> {
    let mut all = Args::command().term_width(WIDTH);
    all.build();
    let command = match &options.command {
        None => &all,
        Some(name) => all.find_subcommand(name).ok_or_else(|| {
            let names: Vec<&str> = all.get_subcommands().map(Command::get_name).collect();
            let (name, names) = (plain(name), names.join(", "));
            Failure::Fault(format!("there is no command {name}; known: {names}"))
        })?,
    };
    output::print(&match common.format {
        Format::Human => page(command)?,
        Format::Markdown => markdown(command),
        Format::Json | Format::Csv => {
            let message = "a manual page is printed as such, or with --format markdown";
            return Err(Failure::Fault(message.to_owned()));
        }
    })?;
    Ok(Exit::Done)
}

/// The page about `command`, as roff.
fn page(command: &Command) -> Result<String, Failure> {
    let is_whole = command.has_subcommands();
    // Its examples stand in a section of their own.
    let man = clap_mangen::Man::new(command.clone().after_help("").after_long_help(""))
        .source(format!("fleetsim {}", env!("CARGO_PKG_VERSION")))
        .manual("fleetsim manual");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut rest = Roff::default();
    if is_whole {
        let commands = command.get_subcommands().map(|of| (of.get_name(), about(of)));
        section(&mut rest, "COMMANDS", commands);
        rest.control("PP", []);
        rest.text([roman("Each has a page of its own: fleetsim man COMMAND.")]);
    }
    let codes = CODES.lines().skip(1).filter_map(|line| line.trim().split_once(' '));
    section(&mut rest, "EXIT STATUS", codes.map(|(code, what)| (code, what.trim().to_owned())));
    section(&mut rest, "FILES", FILES.iter().map(|(file, what)| (*file, (*what).to_owned())));
    if is_whole {
        let variables = ENVIRONMENT.iter().map(|(name, what)| (*name, (*what).to_owned()));
        section(&mut rest, "ENVIRONMENT", variables);
    }
    rest.control("SH", ["EXAMPLES"]);
    for example in examples(command) {
        rest.control("PP", []);
        rest.text([roman(example)]);
    }
    rest.control("SH", ["SEE ALSO"]);
    rest.text([roman("The pages in docs/ of the source, of which docs/README.md lists all.")]);
    rest.to_writer(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn section<'a>(page: &mut Roff, heading: &str, entries: impl Iterator<Item = (&'a str, String)>) {
    page.control("SH", [heading]);
    for (name, what) in entries {
        page.control("TP", []);
        page.text([bold(name)]);
        page.text([roman(what)]);
    }
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

/// The lines behind `Examples:` in the help; of all of fleetsim, how to start.
fn examples(command: &Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    match help.split_once("Examples:\n") {
        Some((_, lines)) => lines.lines().map(|line| line.trim().to_owned()).collect(),
        None => {
            let commands = help.split_once(": ").map_or("", |(_, commands)| commands);
            commands.split(" && ").map(str::to_owned).collect()
        }
    }
}

/// The help of `command`, or of every command, as a page.
fn markdown(command: &Command) -> String {
    let commands: Vec<&Command> = match command.has_subcommands() {
        true => command.get_subcommands().collect(),
        false => vec![command],
    };
    let mut page = String::new();
    for of in commands {
        let help = of.clone().render_long_help().to_string();
        let help: Vec<&str> = help.lines().map(str::trim_end).collect();
        page += &format!(
            "## fleetsim {}\n\n```text\n{}\n```\n\n",
            of.get_name(),
            help.join("\n").trim()
        );
    }
    if command.has_subcommands() {
        page += &format!("## Exit codes\n\n```text\n{CODES}\n```\n");
    }
    page.trim_end().to_owned() + "\n"
}
