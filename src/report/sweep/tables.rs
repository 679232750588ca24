//! A sweep as people read it: for each metric that was chosen a table of the points, and one of what
//! the axes bring about.

use super::{
    super::{
        look::Look,
        markdown::escaped,
        number, plain, short_path,
        table::Table,
        text::{counted, dimmed, wrapped_at},
    },
    Chosen, Difference, Swept,
};
use crate::experiment::{
    effects::Effect,
    estimate::{Estimate, LEVEL, Spread},
    paired::Method,
};

/// Points shown of a sweep; the rest is counted.
const POINTS_MAX: usize = 40;

/// Columns of the values of a point; longer ones are cut.
const VALUES_MAX: usize = 16;

/// Columns of the name of an axis.
const AXIS_MAX: usize = 12;

/// Columns of the value of one level.
const LEVEL_MAX: usize = 9;

/// What a sweep prints for people; no line is longer than the screen.
pub fn text(swept: &Swept, chosen: &[Chosen], look: &Look) -> String {
    let width = look.columns();
    let mut text = plain(&swept.scenario);
    if !swept.question.is_empty() {
        text = format!("{text} · {}", plain(&swept.question));
    }
    let title = wrapped_at(&text, "", width);
    let mut text: String = title.lines().map(|line| look.strong(line) + "\n").collect();
    text.push_str(&wrapped_at(&overview(swept), "", width));
    for axis in &swept.vary {
        text.push_str(&wrapped_at(&plain(axis), "  ", width));
    }
    for remark in &swept.remarks {
        text.push_str(&wrapped_at(&format!("note: {}", plain(remark)), "", width));
    }
    for chosen in chosen {
        let heading = format!("{} [{}]", chosen.name, chosen.definition.unit);
        let heading = wrapped_at(&heading, "", width);
        text.push('\n');
        text.extend(heading.lines().map(|line| look.strong(line) + "\n"));
        text.push_str(&trimmed(&points(swept, chosen).text_for(look, &|_, _| None)));
        text.push_str(&unseen(swept));
        if let Some(effects) = effects(swept, chosen) {
            let title = format!("\nmain effects on {}{}", chosen.name, explained(chosen));
            text.push_str(&wrapped_at(&title, "", width));
            text.push_str(&trimmed(&effects.text_for(look, &|_, _| None)));
        }
    }
    text.push('\n');
    text.push_str(&dimmed(&wrapped_at(&legend(swept, chosen), "", width), look));
    text
}

/// `text` without blanks at the ends of its lines.
fn trimmed(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The same as a page.
pub fn markdown(swept: &Swept, chosen: &[Chosen]) -> String {
    let mut text = format!("## {}\n\n", escaped(&swept.scenario));
    if !swept.question.is_empty() {
        text.push_str(&format!("{}\n\n", escaped(&swept.question)));
    }
    text.push_str(&format!("{}\n\n", escaped(&overview(swept))));
    let axes = swept.vary.iter().map(|axis| format!("- {}\n", escaped(axis)));
    text.extend(axes);
    for remark in &swept.remarks {
        text.push_str(&format!("\nNote: {}\n", escaped(remark)));
    }
    for chosen in chosen {
        text.push_str(&format!("\n### {}\n\n", escaped(&chosen.name)));
        text.push_str(&points(swept, chosen).markdown());
        text.push_str(&unseen(swept));
        if let Some(effects) = effects(swept, chosen) {
            let title = format!("main effects on {}{}", chosen.name, explained(chosen));
            text.push_str(&format!("\n{}\n\n{}", escaped(&title), effects.markdown()));
        }
    }
    let cite = format!("Digest of all points: `{}`", swept.digest);
    text.push_str(&format!("\n{} {cite}.\n", escaped(&legend(swept, chosen))));
    text
}

fn overview(swept: &Swept) -> String {
    let points = counted(swept.points.len() as u64, "point");
    let kind = swept.sample.as_deref().map_or("grid".to_owned(), plain);
    let runs = counted(u64::from(swept.runs), "run");
    format!("{points} ({kind}) · {runs} each, seed {}", swept.seed)
}

fn unseen(swept: &Swept) -> String {
    match swept.points.len().saturating_sub(POINTS_MAX) {
        0 => String::new(),
        more => format!("... and {} more; points.csv has them all\n", number::free(more as f64)),
    }
}

/// The points: their values, the metric, and how it differs from the first point's.
fn points(swept: &Swept, chosen: &Chosen) -> Table {
    let names: Vec<&str> = swept.paths.iter().map(|path| short_path(path)).collect();
    let header = cut(&names.join(", "), VALUES_MAX);
    let compares = !chosen.differences.is_empty();
    let mut table = match compares {
        true => Table::new(["point", &header, "mean", "difference to point 0", "p"]),
        false => Table::new(["point", &header, "mean"]),
    };
    for (place, estimate) in chosen.estimates.iter().take(POINTS_MAX).enumerate() {
        let values = cut(&swept.points[place].values.join(", "), VALUES_MAX);
        let difference = place.checked_sub(1).and_then(|place| chosen.differences.get(place));
        let [difference, p] = difference
            .map_or_else(Default::default, |difference| [against(difference), p_value(difference)]);
        let mean = mean(estimate);
        match compares {
            true => table.row([place.to_string(), values, mean, difference, p]),
            false => table.row([place.to_string(), values, mean]),
        }
    }
    table
}

/// Whether `path` says how long runs last or are measured.
pub fn is_of_length(path: &str) -> bool {
    matches!(path, "scenario.horizon" | "scenario.warm_up")
}

fn mean(estimate: &Estimate) -> String {
    let Some(spread) = estimate.value else { return "not defined".to_owned() };
    let mark = if spread.skewed { " *" } else { "" };
    format!("{}{mark}", number::show_in(&spread, 1.0, "").value)
}

fn against(difference: &Difference) -> String {
    let paired = &difference.paired;
    let (Some(mean), Method::Student | Method::Constant | Method::Sparse { .. } | Method::McNemar) =
        (paired.difference, paired.method)
    else {
        return match paired.method {
            Method::Identical => "none in any run".to_owned(),
            Method::TooFew
            | Method::Constant
            | Method::Student
            | Method::Sparse { .. }
            | Method::McNemar => "too few runs".to_owned(),
        };
    };
    let half_width = paired.limits.map(|limits| limits.half_width(LEVEL));
    let spread = Spread {
        mean,
        deviation: paired.deviation,
        half_width,
        // What no interval supports is told with three digits, as far as it is not exact.
        min: f64::min(mean, 0.0),
        max: f64::max(mean, 0.0),
        skewed: paired.skewed,
    };
    let shown = number::show_in(&spread, 1.0, "").value;
    let sign = if mean > 0.0 { "+" } else { "" };
    format!("{sign}{shown}{}", if paired.skewed && half_width.is_some() { " *" } else { "" })
}

/// The p-value, with a letter for the test where that is not Student's.
fn p_value(difference: &Difference) -> String {
    let test = match difference.paired.method {
        Method::Sparse { .. } => " d",
        Method::McNemar => " m",
        Method::Constant => " s",
        Method::TooFew | Method::Identical | Method::Student => "",
    };
    match difference.adjusted {
        None => String::new(),
        Some(p) if p < 0.001 => format!("<0.001{test}"),
        Some(p) => format!("{p:.3}{test}"),
    }
}

/// What the letters behind p-values say, as far as they are there.
fn tests<'a>(differences: impl Iterator<Item = &'a Difference> + Clone) -> String {
    let has = |is: fn(&Method) -> bool| {
        differences.clone().any(|difference| is(&difference.paired.method))
    };
    let letters = [
        (
            has(|method| matches!(method, Method::Sparse { .. })),
            "d: by those that differ, as most runs are equal",
        ),
        (has(|method| matches!(method, Method::McNemar)), "m: McNemar's"),
        (has(|method| matches!(method, Method::Constant)), "s: by signs, as all differ alike"),
    ];
    let told: Vec<&str> = letters.iter().filter(|(is, _)| *is).map(|(_, told)| *told).collect();
    match told.is_empty() {
        true => "p is of Student's t".to_owned(),
        false => format!("p is of Student's t ({})", told.join("; ")),
    }
}

/// What the axes bring about; `None` where there is nothing to tell.
fn effects(swept: &Swept, chosen: &Chosen) -> Option<Table> {
    if chosen.effects.effects.iter().all(|effect| effect.levels.len() < 2) {
        return None;
    }
    let mut table = Table::new(["axis", "range", "lowest mean", "highest mean", "slope"]);
    for effect in &chosen.effects.effects {
        let axis = swept.vary[effect.axis].split('=').next().unwrap_or_default();
        let paths: Vec<&str> = axis.split(',').map(short_path).collect();
        let [lowest, highest] = ends(effect).map(|level| {
            let level = level.map(|place| &effect.levels[place]);
            level.map_or_else(String::new, |level| {
                let mean = number::free(level.mean);
                format!("{mean} at {}", cut(&level.label, LEVEL_MAX))
            })
        });
        let coefficient = effect.coefficient.map(|b| format!("{b:+.2}")).unwrap_or_default();
        let name = cut(&paths.join(", "), AXIS_MAX);
        table.row([name, number::rough(effect.range), lowest, highest, coefficient]);
    }
    Some(table)
}

/// Places of the levels with the lowest and the highest mean, the first of equals.
fn ends(effect: &Effect) -> [Option<usize>; 2] {
    let (mut low, mut high): (Option<usize>, Option<usize>) = (None, None);
    for (place, level) in effect.levels.iter().enumerate() {
        if low.is_none_or(|low| level.mean < effect.levels[low].mean) {
            low = Some(place);
        }
        if high.is_none_or(|high| level.mean > effect.levels[high].mean) {
            high = Some(place);
        }
    }
    [low, high]
}

fn explained(chosen: &Chosen) -> String {
    let share = chosen.effects.explained.map(number::percent);
    share.map(|share| format!(" (a linear fit tells {share})")).unwrap_or_default()
}

/// `text` in at most `most` columns.
fn cut(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

/// How to read all that, and how to cite it.
fn legend(swept: &Swept, chosen: &[Chosen]) -> String {
    let level = number::percent(LEVEL);
    let mut sentences = Vec::new();
    if swept.runs > 1 {
        let runs = counted(u64::from(swept.runs), "run");
        sentences.push(format!("± is a {level} interval over {runs}, each for itself."));
    } else {
        sentences.push("One run has no interval.".to_owned());
    }
    let differences = || chosen.iter().flat_map(|chosen| &chosen.differences);
    let comparisons: usize =
        differences().filter(|difference| difference.adjusted.is_some()).count();
    if comparisons > 0 {
        sentences.push(format!(
            "Differences are of the same runs under the same chance; {}, adjusted for all {} (Holm).",
            tests(differences()),
            number::free(comparisons as f64)
        ));
    }
    if swept.paths.iter().any(|path| is_of_length(path)) {
        let why = "Runs that last or are measured unequally long differ for that alone: their \
                   differences are not tested.";
        sentences.push(why.to_owned());
    }
    let all = || chosen.iter().flat_map(|chosen| &chosen.estimates);
    if all().any(|estimate| estimate.value.is_some_and(|value| value.skewed))
        || differences().any(|d| d.paired.skewed && d.paired.limits.is_some())
    {
        sentences.push("* so skewed that the interval covers less often than it says.".to_owned());
    }
    sentences.push(format!("fleetsim {}, seed {}.", swept.version, swept.seed));
    sentences.join(" ")
}
