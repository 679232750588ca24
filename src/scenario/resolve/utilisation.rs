//! Recorded utilisation that guests follow: a file of days, a line each.

use super::build::Build;
use crate::{
    fleet::{
        dirty::{LoadSeries, STEPS},
        ids::Utilisation,
    },
    kernel::column::Id,
    scenario::{
        fault::Fault,
        load::{LARGEST_FILE, Loader},
        tree::shortened,
        view::View,
    },
};
use std::{collections::BTreeMap, io::Read};

/// What such a file looks like.
const FILE_HELP: &str = "the first line is day,vm,u0,...,u287; then a day, a name and 288 whole \
     percentages from 0 to 100 on each line, one for every 300 s from midnight on";

/// The recorded utilisation that `view` names, if it names a file; each file is read once. Digests
/// of files are added to the first of `read`.
pub fn load(
    view: View<'_>,
    build: &mut Build,
    loader: &mut Loader<'_>,
    (inputs, known): (&mut Vec<String>, &mut BTreeMap<String, Id<Utilisation>>),
) -> Option<Id<Utilisation>> {
    let (place, written) = (view.place()?, view.text()?);
    let request = match loader.sources.request((place, written), &loader.root, loader.files) {
        Ok(request) => request,
        Err(fault) => {
            build.faults.push(fault);
            return None;
        }
    };
    let path = &request.path;
    if let Some(load) = known.get(path) {
        return Some(*load);
    }
    let mut bytes = Vec::new();
    let read = loader.files.open(&request).and_then(|reader| {
        let mut reader = reader.take(LARGEST_FILE as u64 + 1);
        reader.read_to_end(&mut bytes).map_err(|error| error.to_string())
    });
    if let Err(why) = read {
        let message = format!("cannot open the utilisation `{path}`: {why}");
        build.faults.push(Fault::at(place, "cannot-open", message));
        return None;
    }
    inputs.push(blake3::hash(&bytes).to_hex().to_string());
    let days = match std::str::from_utf8(&bytes) {
        Ok(_) if bytes.len() > LARGEST_FILE => {
            Err(format!("it is larger than {} MiB", LARGEST_FILE >> 20))
        }
        Ok(text) => days(text),
        Err(_) => Err("it is not UTF-8".to_owned()),
    };
    match days {
        Ok(days) => {
            let load = build.layout.utilisations.push(LoadSeries { days });
            known.insert(path.clone(), load);
            Some(load)
        }
        Err(why) => {
            let message = format!("utilisation `{path}`: {why}");
            build.faults.push(Fault::at(place, "utilisation", message).help(FILE_HELP));
            None
        }
    }
}

/// The days of a file.
fn days(text: &str) -> Result<Vec<[u8; STEPS]>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().enumerate();
    let header = lines.next().map_or("", |(_, line)| line.trim());
    let steps = (0..STEPS).map(|step| format!("u{step}"));
    let is_header = ["day", "vm"].into_iter().map(str::to_owned).chain(steps).eq(header.split(','));
    if !is_header {
        return Err(format!("line 1: \"{}\" is not the header", shortened(header)));
    }
    let mut days = Vec::new();
    for (place, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let Some(day) = day(line.trim()) else {
            return Err(format!("line {}: \"{}\" is no day", place + 1, shortened(line)));
        };
        days.push(day);
    }
    if days.is_empty() { Err("it has no days".to_owned()) } else { Ok(days) }
}

/// The day of a line.
fn day(line: &str) -> Option<[u8; STEPS]> {
    let mut fields = line.split(',').skip(2);
    let mut day = [0; STEPS];
    for step in &mut day {
        *step = fields.next()?.trim().parse().ok().filter(|percent| *percent <= 100)?;
    }
    fields.next().is_none().then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_utilisation_have_a_header_and_whole_days() {
        let steps: Vec<String> = (0..STEPS).map(|step| format!("u{step}")).collect();
        let header = format!("day,vm,{}", steps.join(","));
        let line = |value: &str| format!("20110303,one machine,{}", vec![value; STEPS].join(","));
        let good = format!("\u{feff}{header}\r\n{}\r\n\r\n{}\r\n", line("7"), line("100"));
        assert_eq!(days(&good), Ok(vec![[7; STEPS], [100; STEPS]]));
        for (text, wrong) in [
            (String::new(), "line 1"),
            (format!("{header}\n"), "no days"),
            (format!("{header},u288\n{}\n", line("1")), "line 1"),
            (format!("{header}\n{}\n{}\n", line("1"), line("101")), "line 3: \"20110303"),
            (format!("{header}\n{},3\n", line("1")), "line 2"),
            (format!("{header}\nd,vm,1,2\n"), "line 2: \"d,vm,1,2\" is no day"),
            (format!("{header}\n{}\n", line("-1")), "is no day"),
        ] {
            let why = days(&text).expect_err("it is wrong");
            assert!(why.contains(wrong), "{why}");
        }
    }
}
