//! The part of a page that tells the worst minutes.

use super::{
    Moment, Worst,
    table::{Cell, Table},
    within,
};
use crate::report::{number, plain};
use serde::Deserialize;

#[derive(Deserialize)]
struct Told {
    run: Option<u64>,
    availability: Option<f64>,
    #[serde(default)]
    from_s: f64,
    #[serde(default)]
    to_s: f64,
    availability_then: Option<f64>,
    #[serde(default)]
    lost_s: f64,
    #[serde(default)]
    interruptions: u64,
    #[serde(default)]
    causes: Vec<Cause>,
    #[serde(default)]
    servers: Vec<Server>,
    #[serde(default)]
    instances: Vec<Instance>,
    #[serde(default)]
    story: Vec<Line>,
    #[serde(default)]
    trace: Vec<String>,
}

#[derive(Deserialize)]
struct Cause {
    cause: String,
    interruptions: u64,
}

#[derive(Deserialize)]
struct Server {
    server: String,
    interruptions: u64,
}

#[derive(Deserialize)]
struct Instance {
    instance: String,
    cause: String,
    server: Option<String>,
    from_s: f64,
    to_s: f64,
    down_s: f64,
}

#[derive(Deserialize)]
struct Line {
    at: String,
    text: String,
}

/// The part that tells what `text`, a `worst.json`, holds.
pub fn part(text: &str) -> Result<Worst, serde_json::Error> {
    let told: Told = serde_json::from_str(text)?;
    let (Some(run), Some(all), Some(then)) = (told.run, told.availability, told.availability_then)
    else {
        let nothing = match told.run {
            Some(_) => "No service was lost in any run: there are no worst minutes to tell.",
            None => "No service was owed in any run: there are no worst minutes to tell.",
        };
        let text = vec![nothing.to_owned()];
        return Ok(Worst { text, story: Vec::new(), tables: Vec::new(), commands: Vec::new() });
    };
    let causes: Vec<String> = (told.causes.iter())
        .map(|one| format!("{} ({})", within(&one.cause), one.interruptions))
        .collect();
    let times = match told.interruptions {
        1 => "one interruption".to_owned(),
        many => format!("{} interruptions", number::free(many as f64)),
    };
    let text = vec![
        format!(
            "Availability was lowest in run {}: {}. Its worst minutes lie from {} to {}, when {} of \
             the service owed was given and {} instance-minutes of it were lost in {times}: {}.",
            run,
            super::charts::percent(all),
            number::clock(told.from_s),
            number::clock(told.to_s),
            super::charts::percent(then),
            number::brief(told.lost_s / 60.0),
            causes.join(", "),
        ),
        "Times are days and clock since the begin of the run.".to_owned(),
    ];
    Ok(Worst {
        text,
        story: told
            .story
            .iter()
            .map(|line| Moment { at: plain(&line.at), text: plain(&line.text) })
            .collect(),
        tables: vec![servers(&told), instances(&told)]
            .into_iter()
            .filter(|table| !table.rows.is_empty())
            .collect(),
        commands: told.trace.iter().map(|command| plain(command)).collect(),
    })
}

fn servers(told: &Told) -> Table {
    let mut table =
        Table::new("Servers on which instances went down", &["Server", "#Interruptions"]);
    table.folded = true;
    table.rows = told
        .servers
        .iter()
        .map(|one| {
            let count = one.interruptions as f64;
            vec![Cell::words(&one.server), Cell::number(number::free(count), count)]
        })
        .collect();
    table
}

fn instances(told: &Told) -> Table {
    let heads =
        ["Instance", "Cause", "Server", "#Down from", "#Up again", "#Down in these minutes"];
    let listed = told.instances.len() as u64;
    let mut table = Table::new(
        match told.interruptions > listed {
            true => format!("The {listed} longest interruptions of {}", told.interruptions),
            false => "Who was down".to_owned(),
        },
        &heads,
    );
    table.folded = true;
    table.rows = told
        .instances
        .iter()
        .map(|one| {
            let moment = |at: f64| Cell::number(number::clock(at), at);
            vec![
                Cell::words(&one.instance),
                Cell::words(&one.cause),
                Cell::words(one.server.as_deref().unwrap_or("–")),
                moment(one.from_s),
                moment(one.to_s),
                Cell::number(number::amount(one.down_s, "s"), one.down_s),
            ]
        })
        .collect();
    table
}
