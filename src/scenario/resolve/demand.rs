//! The demand that a target rule follows: points in the scenario, or in a file.

use super::{build::Build, clock::Clock};
use crate::{
    fleet::scaling::TargetRule,
    kernel::time::{Instant, Span},
    scenario::{
        fault::Fault,
        load::{LARGEST_FILE, Loader},
        tree::shortened,
        view::View,
    },
};
use std::io::Read;

/// What the header of a file of demand says.
const HEADER: &str = "time_s,demand";

/// How often a demand is looked at where nothing is said: the period of the monitoring service's
/// alarms.
const USUAL_PERIOD: Span = Span::from_seconds(60);

/// What such a file looks like.
const FILE_HELP: &str = "the first line is time_s,demand; then a time in seconds from the zero of the clock and \
     a value of at least 0 on each line, in order of time";

/// The target rule that `view` states, if it states one; digests of files are added to `inputs`.
pub fn target(
    view: View<'_>,
    clock: &Clock,
    build: &mut Build,
    loader: &mut Loader<'_>,
    inputs: &mut Vec<String>,
) -> Option<TargetRule> {
    let demand = view.at("demand");
    let points = match demand.text() {
        Some(_) => of_file(demand, build, loader, inputs)?,
        None => written(demand, clock, build),
    };
    let last = points.last().map(|(at, _)| *at)?;
    let period = view.at("period").span();
    if let Some(period) = period
        && (period.is_zero() || last.since(Instant::ZERO) > period)
    {
        let message = format!("the demand goes on after its period of {period}");
        let help = "give a period that is at least as long as the points go on";
        build.fault(view.at("period"), "range", message, help);
    }
    let every = match view.at("every") {
        given if given.is_given() => given.span()?,
        _ => USUAL_PERIOD,
    };
    if every < Span::from_seconds(1) {
        let message = format!("a target rule looks at its demand every {every}");
        build.fault(view.at("every"), "range", message, "give at least \"1s\"");
    }
    Some(TargetRule {
        demand: points,
        period,
        per_unit: view.at("per_unit").number()?,
        every,
        scales_in: view.at("scale_in").switch().unwrap_or(true),
    })
}

fn written(view: View<'_>, clock: &Clock, build: &mut Build) -> Vec<(Instant, f64)> {
    let mut points: Vec<(Instant, f64)> = Vec::new();
    for pair in view.elements() {
        let pair: Vec<View<'_>> = pair.elements().collect();
        let [at, value] = pair.as_slice() else { continue };
        let (Some(instant), Some(value)) = (clock.instant(*at), value.number()) else { continue };
        if points.last().is_some_and(|(before, _)| instant <= *before) {
            let message = "the points of a demand are not in order".to_owned();
            build.fault(*at, "range", message, "put them in order of time, each time once");
        }
        points.push((instant, value));
    }
    points
}

fn of_file(
    view: View<'_>,
    build: &mut Build,
    loader: &mut Loader<'_>,
    inputs: &mut Vec<String>,
) -> Option<Vec<(Instant, f64)>> {
    let (place, written) = (view.place()?, view.text()?);
    let request = match loader.sources.request((place, written), &loader.root, loader.files) {
        Ok(request) => request,
        Err(fault) => {
            build.faults.push(fault);
            return None;
        }
    };
    let path = &request.path;
    let mut bytes = Vec::new();
    let read = loader.files.open(&request).and_then(|reader| {
        let mut reader = reader.take(LARGEST_FILE as u64 + 1);
        reader.read_to_end(&mut bytes).map_err(|error| error.to_string())
    });
    if let Err(why) = read {
        let message = format!("cannot open the demand `{path}`: {why}");
        build.faults.push(Fault::at(place, "cannot-open", message));
        return None;
    }
    inputs.push(blake3::hash(&bytes).to_hex().to_string());
    let points = match std::str::from_utf8(&bytes) {
        Ok(_) if bytes.len() > LARGEST_FILE => {
            Err(format!("it is larger than {} MiB", LARGEST_FILE >> 20))
        }
        Ok(text) => points(text),
        Err(_) => Err("it is not UTF-8".to_owned()),
    };
    match points {
        Ok(points) => Some(points),
        Err(why) => {
            let message = format!("demand `{path}`: {why}");
            build.faults.push(Fault::at(place, "demand", message).help(FILE_HELP));
            None
        }
    }
}

/// The points of a file.
fn points(text: &str) -> Result<Vec<(Instant, f64)>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().enumerate();
    let header = lines.next().map_or("", |(_, line)| line.trim());
    if header != HEADER {
        return Err(format!("line 1: \"{}\" is not the header", shortened(header)));
    }
    let mut points: Vec<(Instant, f64)> = Vec::new();
    for (place, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let number = place + 1;
        let value = |text: &str| {
            let value = text.trim().parse::<f64>().ok();
            value.filter(|value| (0.0..=1e15).contains(value))
        };
        let pair = line.split_once(',').and_then(|(at, of)| Some((value(at)?, value(of)?)));
        let Some((at, value)) = pair.filter(|(at, _)| *at <= Span::LONGEST.seconds()) else {
            return Err(format!("line {number}: \"{}\" is no point", shortened(line)));
        };
        let at = Instant::ZERO.saturating_add(Span::from_seconds_f64(at));
        if points.last().is_some_and(|(before, _)| at <= *before) {
            return Err(format!("line {number}: its time is not after the one before it"));
        }
        points.push((at, value));
    }
    if points.is_empty() { Err("it has no points".to_owned()) } else { Ok(points) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_demand_have_a_header_and_points_in_order() {
        let at = |seconds| Instant::ZERO.saturating_add(Span::from_seconds(seconds));
        let text = "\u{feff}time_s,demand\r\n0,10\r\n\r\n60.0, 20.5\r\n";
        assert_eq!(points(text), Ok(vec![(at(0), 10.0), (at(60), 20.5)]));
        for (text, wrong) in [
            ("", "line 1"),
            ("time_s,demand\n", "no points"),
            ("time_s,demand\n0,1\n0,2\n", "line 3: its time"),
            ("time_s,demand\n0\n", "line 2: \"0\" is no point"),
            ("time_s,demand\n-1,2\n", "is no point"),
            ("time_s,demand\n1,nan\n", "is no point"),
            ("time_s,demand\n1e300,2\n", "is no point"),
        ] {
            let why = points(text).expect_err("it is wrong");
            assert!(why.contains(wrong), "{why}");
        }
    }
}
