//! The charts of a sweep: of one axis a line, of two lines or a map, of more what each axis brings
//! about.

use super::words::{along, along_values, counted, named_apart, place_of, slug, told};
use crate::report::{
    chart::{
        Along, Bar, Bars, Chart, Dots, Figure, Form, Group, Heat, Line, Lines, Mark, Spot, Spread,
        Values,
    },
    folder::sweep::{Axis, Effect, Mean, Swept, Told},
    number, plain, short_path,
};

/// Lines on one chart (count); more become a map.
const LINES_MOST: usize = 6;

/// Columns and rows of a map (count); of more, neighbours are taken together.
const CELLS_MOST: [usize; 2] = [60, 40];

/// Axes with charts of their own where there are many (count), those that matter most.
const AXES_MOST: usize = 6;

/// Points drawn of a sample (count); of more, every other, every third, …
const POINTS_MOST: usize = 2_000;

/// The charts of `swept`.
pub fn figures(swept: &Swept) -> Vec<Figure> {
    let of = |told: &Told| match (swept.axes.as_slice(), &swept.sample) {
        ([axis], None) => vec![line(swept, told, axis)],
        ([first, second], None) => vec![plane(swept, told, [first, second])],
        _ => effects(swept, told),
    };
    let told = swept.told.iter().filter(|told| told.means.iter().any(|mean| mean.mean.is_some()));
    named_apart(told.flat_map(of).collect())
}

/// The last part of a path, which mostly says enough: `crews`.
fn short(axis: &Axis) -> String {
    let parts = axis.name.split(", ").map(short_path);
    parts.collect::<Vec<_>>().join(", ")
}

fn titled(told: &Told, axes: &[&Axis]) -> String {
    let names: Vec<String> = axes.iter().map(|axis| short(axis)).collect();
    format!("{} by {}", told.metric, names.join(" and "))
}

fn named(told: &Told, what: &str) -> String {
    format!("{}-{}", slug(&told.metric), slug(what))
}

/// The axis along the bottom, and where its values lie; `None` where they are no numbers.
fn across(axis: &Axis) -> Option<(Along, Vec<f64>)> {
    let (numbers, unit) = axis.numbers.as_ref()?;
    let (along, factor) = along_values(&axis.name, unit);
    let places = numbers.iter().map(|number| number / factor).collect();
    Some((along.logarithmic(axis.log), places))
}

/// What the points of a metric say at their lowest and their highest, and of how many runs that is.
fn extremes(swept: &Swept, told: &Told) -> String {
    let means = told.means.iter().enumerate();
    let known: Vec<(usize, f64)> = means.filter_map(|(at, mean)| Some((at, mean.mean?))).collect();
    let lowest = known.iter().min_by(|(_, a), (_, b)| a.total_cmp(b));
    let highest = known.iter().rev().max_by(|(_, a), (_, b)| a.total_cmp(b));
    let (Some((low, least)), Some((high, most))) = (lowest, highest) else { return String::new() };
    let shown = |at: usize| match told.means[at] {
        Mean { mean: Some(mean), half_width } => self::told(mean, half_width, &told.unit),
        Mean { mean: None, .. } => "nothing".to_owned(),
    };
    let points = counted(swept.points.len() as u64, "point");
    let metric = plain(&told.metric);
    let found = match least < most {
        true => format!(
            "{metric} is lowest at {}: {}, and highest at {}: {}.",
            at(swept, *low),
            shown(*low),
            at(swept, *high),
            shown(*high)
        ),
        false => format!("{metric} is the same at every point: {}.", shown(*low)),
    };
    let level = number::percent(swept.level);
    let runs = counted(swept.runs, "run");
    format!("{found} {points}, {runs} each; intervals are of {level}, each for itself.")
}

/// A point as people name it: `crews 2, detect 10s`.
fn at(swept: &Swept, point: usize) -> String {
    let axes = swept.axes.iter().zip(&swept.points[point]);
    let values =
        axes.map(|(axis, place)| plain(&format!("{} {}", short(axis), axis.values[*place])));
    values.collect::<Vec<_>>().join(", ")
}

/// One axis: a line where its values are numbers, else a row each.
fn line(swept: &Swept, told: &Told, axis: &Axis) -> Figure {
    let of = |place: usize| {
        let point = swept.points.iter().position(|places| places[0] == place);
        point.map_or_else(Mean::default, |point| told.means[point])
    };
    let chart = match across(axis) {
        Some((x, places)) => {
            let spot = |(place, x): (usize, f64)| Spot {
                x,
                y: of(place).mean,
                between: of(place).between(),
            };
            let points = places.into_iter().enumerate().map(spot).collect();
            Chart::Lines(Lines {
                x,
                y: along(&told.metric, &told.unit),
                lines: vec![Line { name: told.metric.clone(), points }],
                levels: Vec::new(),
                shaded: Vec::new(),
                form: Form::Apart,
            })
        }
        None => {
            let bar = |(place, name): (usize, &String)| {
                let mean = of(place);
                Some(Bar { name: name.clone(), value: mean.mean?, between: mean.between() })
            };
            Chart::Bars(Bars {
                x: along(&told.metric, &told.unit),
                rows: axis.values.iter().enumerate().filter_map(bar).collect(),
                points: true,
            })
        }
    };
    let (title, caption) = (titled(told, &[axis]), extremes(swept, told));
    Figure { name: named(told, &short(axis)), title, caption, chart }
}

/// Two axes: a line for each value of the one where these are few, else a map.
fn plane(swept: &Swept, told: &Told, axes: [&Axis; 2]) -> Figure {
    let count = |place: usize| axes[place].values.len();
    let fits = |x: usize| axes[x].numbers.is_some() && count(1 - x) <= LINES_MOST;
    // Along the bottom what has more values, so that lines are few.
    let order = if count(0) > count(1) { [0, 1] } else { [1, 0] };
    let mut table = vec![vec![Mean::default(); count(0)]; count(1)];
    for (places, mean) in swept.points.iter().zip(&told.means) {
        table[places[1]][places[0]] = *mean;
    }
    let of = |x: usize, across: usize, upward: usize| match x {
        0 => table[upward][across],
        _ => table[across][upward],
    };
    let lines = order.into_iter().find(|x| fits(*x));
    let lines = lines.and_then(|x| Some((x, across(axes[x])?)));
    let (title, mut caption) = (titled(told, &axes), extremes(swept, told));
    let chart = match lines {
        Some((place, (x, places))) => {
            let line = |(other, value): (usize, &String)| {
                let spot = |(at, x): (usize, &f64)| {
                    let mean = of(place, at, other);
                    Spot { x: *x, y: mean.mean, between: mean.between() }
                };
                let name = format!("{} {value}", short(axes[1 - place]));
                Line { name, points: places.iter().enumerate().map(spot).collect() }
            };
            Chart::Lines(Lines {
                x,
                y: along(&told.metric, &told.unit),
                lines: axes[1 - place].values.iter().enumerate().map(line).collect(),
                levels: Vec::new(),
                shaded: Vec::new(),
                form: Form::Apart,
            })
        }
        None => {
            // Along the bottom what has more values, as pictures are wider than high.
            let x = order[0];
            let blocks = [x, 1 - x].map(count).into_iter().zip(CELLS_MOST);
            let blocks: Vec<usize> = blocks.map(|(count, most)| count.div_ceil(most)).collect();
            if blocks.iter().any(|size| *size > 1) {
                caption.push_str(" Neighbours are drawn together, as their mean.");
            }
            Chart::Heat(heat(
                told,
                [axes[x], axes[1 - x]],
                [blocks[0], blocks[1]],
                &|across, up| of(x, across, up).mean,
            ))
        }
    };
    let what = format!("{}-{}", short(axes[0]), short(axes[1]));
    Figure { name: named(told, &what), title, caption, chart }
}

/// A map of the values `of` each pair, so many of each axis to a cell as `blocks` says.
fn heat(
    told: &Told,
    axes: [&Axis; 2],
    blocks: [usize; 2],
    of: &dyn Fn(usize, usize) -> Option<f64>,
) -> Heat {
    let names = |axis: &Axis, block: usize| {
        let name = |values: &[String]| match values {
            [first, .., last] => format!("{first} to {last}"),
            _ => values.concat(),
        };
        (axis.name.clone(), axis.values.chunks(block).map(name).collect::<Vec<String>>())
    };
    let counts = axes.map(|axis| axis.values.len());
    let range = |cell: usize, which: usize| {
        let from = cell * blocks[which];
        from..(from + blocks[which]).min(counts[which])
    };
    let (x, y) = (names(axes[0], blocks[0]), names(axes[1], blocks[1]));
    let cell = |column: usize, row: usize| {
        let pairs = range(row, 1).flat_map(|up| range(column, 0).map(move |across| (across, up)));
        let values: Vec<f64> = pairs.filter_map(|(across, up)| of(across, up)).collect();
        let sum: f64 = values.iter().sum();
        (!values.is_empty()).then(|| sum / values.len() as f64)
    };
    let row = |row: usize| (0..x.1.len()).map(|column| cell(column, row)).collect();
    let cells = (0..y.1.len()).map(row).collect();
    Heat { x, y, value: along(&told.metric, &told.unit), cells }
}

/// More axes, or a sample of them: how much each matters, and of each that does its own chart.
fn effects(swept: &Swept, told: &Told) -> Vec<Figure> {
    let rows = told.effects.iter().map(|effect| Bar {
        name: swept.axes[effect.axis].name.clone(),
        value: effect.range,
        between: None,
    });
    let rows: Vec<Bar> = rows.collect();
    let tells = told.effects.iter().map(|effect| effect_told(swept, told, effect));
    let caption = format!(
        "How far the means along each axis lie apart, all else averaged. {} {}",
        tells.take(3).collect::<Vec<_>>().join(" "),
        extremes(swept, told)
    );
    let tornado = Figure {
        name: named(told, "effects"),
        title: format!("What moves {}", told.metric),
        caption,
        chart: Chart::Bars(Bars {
            x: along(&format!("highest less lowest mean of {}", told.metric), &told.unit),
            rows,
            points: false,
        }),
    };
    let of_axis = |effect: &Effect| by_axis(swept, told, effect);
    let each = told.effects.iter().take(AXES_MOST).map(of_axis);
    std::iter::once(tornado).chain(each).collect()
}

/// How far an axis moves a metric, in words.
fn effect_told(swept: &Swept, told: &Told, effect: &Effect) -> String {
    let levels = || effect.levels.iter();
    let lowest = levels().min_by(|a, b| a.mean.total_cmp(&b.mean));
    let highest = levels().rev().max_by(|a, b| a.mean.total_cmp(&b.mean));
    let name = plain(&short(&swept.axes[effect.axis]));
    let shown = |mean: f64| self::told(mean, None, &told.unit);
    match (lowest, highest) {
        (Some(low), Some(high)) if low.mean < high.mean => format!(
            "{name}: {} at {}, {} at {}.",
            shown(low.mean),
            plain(&low.value),
            shown(high.mean),
            plain(&high.value)
        ),
        _ => format!("{name}: no difference."),
    }
}

/// One axis of many: every point, and the means along it.
fn by_axis(swept: &Swept, told: &Told, effect: &Effect) -> Figure {
    let axis = &swept.axes[effect.axis];
    let points = swept.points.iter().zip(&told.means);
    let points: Vec<(usize, f64)> =
        points.filter_map(|(places, mean)| Some((places[effect.axis], mean.mean?))).collect();
    let every = points.len().div_ceil(POINTS_MOST).max(1);
    let mut caption = format!(
        "Every point is the mean of {}; {}",
        counted(swept.runs, "run"),
        effect_told(swept, told, effect)
    );
    let chart = match across(axis) {
        Some((x, places)) => {
            if every > 1 {
                caption.push_str(&format!(" One point of {every} is drawn."));
            }
            let spot = |(place, mean): &(usize, f64)| Spot {
                x: places[*place],
                y: Some(*mean),
                between: None,
            };
            let level = |level: &crate::report::folder::sweep::Level| {
                let x = middle(&level.value, x.log)?;
                Some(Spot { x, y: Some(level.mean), between: None })
            };
            let mut means: Vec<Spot> = effect.levels.iter().filter_map(level).collect();
            means.sort_by(|a, b| a.x.total_cmp(&b.x));
            let group = Group {
                name: "one point".to_owned(),
                mark: Mark::Plain,
                spots: points.iter().step_by(every).map(spot).collect(),
            };
            Chart::Dots(Dots {
                x,
                y: along(&told.metric, &told.unit),
                groups: vec![group],
                line: Line { name: "mean, all else averaged".to_owned(), points: means },
                levels: Vec::new(),
                uprights: Vec::new(),
            })
        }
        None => {
            let row = |(place, name): (usize, &String)| {
                let own = points.iter().filter(|(of, _)| *of == place);
                Values { name: name.clone(), values: own.map(|(_, mean)| *mean).collect() }
            };
            let rows = axis.values.iter().enumerate().map(row).collect();
            Chart::Spread(Spread { x: along(&told.metric, &told.unit), rows })
        }
    };
    Figure { name: named(told, &short(axis)), title: titled(told, &[axis]), caption, chart }
}

/// Where a value lies, or the middle of a part `10s..20s`.
fn middle(value: &str, log: bool) -> Option<f64> {
    let Some((from, to)) = value.split_once("..") else { return place_of(value) };
    let (from, to) = (place_of(from)?, place_of(to)?);
    Some(if log { libm::sqrt(from * to) } else { f64::midpoint(from, to) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{folder::Study, plot};
    use serde_json::{Value, json};

    /// Figures of a sweep of `vary` whose points have `values`, with some metric of a hostile name.
    fn drawn(vary: &[&str], sample: Option<&str>, values: &[Vec<String>]) -> Vec<Figure> {
        let paths: Vec<&str> = vary.iter().filter_map(|axis| axis.split('=').next()).collect();
        let named = |values: &Vec<String>| -> Value {
            let pairs = paths.iter().zip(values);
            Value::Object(pairs.map(|(path, value)| ((*path).to_owned(), json!(value))).collect())
        };
        let points = values.iter().enumerate();
        let points: Vec<Value> =
            points.map(|(at, own)| json!({"point": at, "values": named(own)})).collect();
        let metric = "downtime{cause=\"<script>alert(1)</script>\"}";
        let mean = |point: usize| {
            json!({
                "metric": metric, "unit": "instance-s", "point": point,
                "mean": 7_200.0 * (point % 7 + 1) as f64, "half_width": 360.0,
            })
        };
        let effect = |(place, axis): (usize, &&str)| {
            let mut seen: Vec<&String> = Vec::new();
            for own in values {
                if !seen.contains(&&own[place]) {
                    seen.push(&own[place]);
                }
            }
            let levels: Vec<Value> = seen
                .iter()
                .map(|value| json!({"value": value, "points": 1, "mean": 9_000.0}))
                .collect();
            json!({"metric": metric, "unit": "instance-s", "axis": axis, "range": 10.0,
                "levels": levels, "coefficient": null})
        };
        let summary = json!({
            "kind": "sweep", "scenario": "s", "question": "", "digest": "00", "version": "0",
            "seed": 1, "runs": 5, "level": 0.95, "command": "c", "remarks": [], "vary": vary,
            "sample": sample, "paths": paths, "points": points,
            "means": (0..values.len()).map(mean).collect::<Vec<_>>(),
            "effects": vary.iter().enumerate().map(effect).collect::<Vec<_>>(),
        });
        let files = vec![("summary.json".to_owned(), summary.to_string())];
        let Ok(Study::Sweep(swept)) = Study::read(&files) else { panic!("it is a sweep") };
        figures(&swept)
    }

    fn grid(counts: [usize; 2], of: [fn(usize) -> String; 2]) -> Vec<Vec<String>> {
        let pairs = (0..counts[0]).flat_map(|a| (0..counts[1]).map(move |b| (a, b)));
        pairs.map(|(a, b)| vec![of[0](a), of[1](b)]).collect()
    }

    fn number(place: usize) -> String {
        (place + 1).to_string()
    }

    fn seconds(place: usize) -> String {
        format!("{}s", 10 * (place + 1))
    }

    fn name(place: usize) -> String {
        ["spread", "best-fit", "<b>worst"][place % 3].to_owned()
    }

    #[test]
    fn the_form_follows_what_is_varied() {
        let one = |of: fn(usize) -> String| (0..3).map(|at| vec![of(at)]).collect::<Vec<_>>();
        let line = drawn(&["a.crews=1,2,3"], None, &one(number));
        assert!(matches!(&line[0].chart, Chart::Lines(lines) if lines.lines[0].points.len() == 3));
        let names = drawn(&["a.placement=x,y,z"], None, &one(name));
        assert!(
            matches!(&names[0].chart, Chart::Bars(bars) if bars.points && bars.rows.len() == 3)
        );
        let both = ["a.crews=1,2", "a.time=1,2"];
        let few = drawn(&both, None, &grid([3, 9], [number, seconds]));
        let Chart::Lines(lines) = &few[0].chart else { panic!("{few:?}") };
        assert_eq!((lines.lines.len(), lines.lines[0].points.len()), (3, 9));
        assert_eq!(lines.x.scale, crate::report::chart::Scale::Time);
        assert_eq!(lines.lines[1].name, "crews 2");
        let mixed = drawn(&both, None, &grid([9, 3], [number, name]));
        assert!(matches!(&mixed[0].chart, Chart::Lines(lines) if lines.lines.len() == 3));
        let many = drawn(&both, None, &grid([8, 9], [number, seconds]));
        let Chart::Heat(heat) = &many[0].chart else { panic!("{many:?}") };
        assert_eq!((heat.cells.len(), heat.cells[0].len()), (8, 9));
        // Point 1 is crews 1, time 20s: the second cell of the first row.
        assert_eq!(heat.cells[0][1], Some(14_400.0));
        let sample = drawn(&both, Some("lhs:9"), &grid([3, 3], [number, name]));
        let forms: Vec<&str> = sample
            .iter()
            .map(|figure| match figure.chart {
                Chart::Bars(_) => "bars",
                Chart::Dots(_) => "dots",
                Chart::Spread(_) => "spread",
                Chart::Lines(_) | Chart::Heat(_) | Chart::Rows(_) => "other",
            })
            .collect();
        assert_eq!(forms, ["bars", "dots", "spread"]);
    }

    #[test]
    fn a_thousand_points_are_small_and_names_harmless() {
        let both = ["a.crews=1,2", "a.time=1,2"];
        let thousand = grid([32, 32], [number, seconds]);
        for sample in [None, Some("lhs:1024")] {
            for figure in drawn(&both, sample, &thousand) {
                let picture = plot::svg(&figure);
                assert!(picture.len() < 500_000, "{}: {}", figure.name, picture.len());
                assert!(!picture.contains("<script"), "{picture}");
                assert!(figure.name.starts_with("downtime-cause-script"), "{}", figure.name);
                let cells = picture.matches("<rect").count() + picture.matches("<circle").count();
                assert!(cells > 1_024 || figure.name.ends_with("effects"), "{}", figure.name);
            }
        }
        // Of very many, neighbours share a cell.
        let figures = drawn(&both, None, &grid([100, 130], [number, seconds]));
        let Chart::Heat(heat) = &figures[0].chart else { panic!("a map") };
        assert!(heat.cells.len() <= CELLS_MOST[1] && heat.cells[0].len() <= CELLS_MOST[0]);
        assert!(figures[0].caption.ends_with("Neighbours are drawn together, as their mean."));
        assert!(heat.x.1[0].contains(" to "), "{:?}", heat.x.1[0]);
    }

    #[test]
    fn captions_tell_the_numbers_that_matter() {
        let values: Vec<Vec<String>> = (0..3).map(|at| vec![number(at)]).collect();
        let figures = drawn(&["a.crews=1,2,3"], None, &values);
        assert!(
            figures[0].caption.ends_with(
                " is lowest at crews 1: 2.00 ± 0.10 instance-h, and highest at crews 3: 6.00 ± 0.10 \
                 instance-h. 3 points, 5 runs each; intervals are of 95 %, each for itself."
            ),
            "{}",
            figures[0].caption
        );
    }
}
