//! Pictures of every form: that they are well-formed whatever they are called, and the same bytes
//! twice.

use super::svg;
use crate::report::chart::{
    Along, Bar, Bars, Chart, Dots, Figure, Form, Group, Heat, Level, Line, Lines, Mark, Row, Rows,
    Scale, Spot, Spread, Values,
};

const HOSTILE: [&str; 4] = [
    "<script>alert(\"x\")</script> & 'more'",
    "=cmd|' /C calc'!A0",
    "مجموعة الخوادم الرئيسية 42",
    "downtime{cause=server-failure,zone=a-very-long-name-of-a-zone-that-does-not-end-soon}",
];

fn figure(name: &str, title: &str, chart: Chart) -> Figure {
    let caption = format!("What one sees in it, of {}.", HOSTILE[0]);
    Figure { name: name.to_owned(), title: title.to_owned(), caption, chart }
}

fn wave(x: f64) -> f64 {
    libm::sin(x / 9.0) * 3.0 + libm::cos(x / 3.1)
}

fn line(name: &str, count: u32, step: f64, base: f64, scale: f64) -> Line {
    let spot = |n: u32| {
        let y = base + scale * wave(f64::from(n) + base);
        let between = Some((y - scale * 0.8, y + scale * 0.8));
        Spot { x: f64::from(n) * step, y: (n != count / 3).then_some(y), between }
    };
    Line { name: name.to_owned(), points: (0..count).map(spot).collect() }
}

fn level(name: &str, at: f64) -> Level {
    Level { name: name.to_owned(), at }
}

fn lines(form: Form) -> Chart {
    let names = ["waiting", "in repair", HOSTILE[0], HOSTILE[2], "retired", HOSTILE[1], "spare"];
    let lines = names.iter().enumerate();
    Chart::Lines(Lines {
        x: Along::new("time", Scale::Time),
        y: Along::new("servers", Scale::Plain),
        lines: lines
            .map(|(n, name)| line(name, 200, 157_680.0, 9.0 + 4.0 * n as f64, 1.0))
            .collect(),
        levels: vec![level("bound", 30.0), level("goal", 31.0)],
        shaded: vec![(3e6, 5e6), (2e7, 2.2e7)],
        form,
    })
}

fn sweep() -> Chart {
    let line = |name: &str, base: f64| {
        let spot = |n: u32| {
            let y = 0.9999 + 1e-5 * (base - 6.0 / f64::from(n));
            Spot { x: f64::from(n), y: Some(y), between: Some((y - 4e-6, y + 4e-6)) }
        };
        Line { name: name.to_owned(), points: (1..=8).map(spot).collect() }
    };
    Chart::Lines(Lines {
        x: Along::new("policies.repair.crews", Scale::Plain),
        y: Along::new("availability", Scale::Ratio),
        lines: vec![line("10 s", 8.0), line("1 min", 7.5), line("10 min", 4.0)],
        levels: vec![level("goal 99.997 %", 0.99997)],
        shaded: vec![],
        form: Form::Apart,
    })
}

fn bars(points: bool) -> Chart {
    let bar = |(n, name): (usize, &&str)| {
        let value = 4_000.0 * (5.0 - n as f64) - if points { 9_000.0 } else { 0.0 };
        Bar { name: (*name).to_owned(), value, between: Some((value - 900.0, value + 900.0)) }
    };
    let names = ["server-failure", "maintenance", HOSTILE[0], HOSTILE[2], HOSTILE[3]];
    let rows = names.iter().enumerate().map(bar).collect();
    Chart::Bars(Bars { x: Along::new("downtime a run", Scale::Time), rows, points })
}

fn heat(columns: usize, rows: usize) -> Chart {
    let cell = |x: usize, y: usize| {
        let value = 0.999 + 1e-4 * (x as f64 / columns as f64 + y as f64 / rows as f64);
        (x != 2 || y != 1).then_some(value)
    };
    let names = |count: usize, unit: &str| (0..count).map(|n| format!("{n}{unit}")).collect();
    Chart::Heat(Heat {
        x: ("settings.recover.detect".to_owned(), names(columns, " min")),
        y: ("policies.repair.crews".to_owned(), names(rows, "")),
        value: Along::new("availability", Scale::Ratio),
        cells: (0..rows).map(|y| (0..columns).map(|x| cell(x, y)).collect()).collect(),
    })
}

fn tried() -> Chart {
    let spot =
        |(x, y, by): (f64, f64, f64)| Spot { x, y: Some(y), between: Some((y - by, y + by)) };
    let group = |name: &str, mark, spots: &[(f64, f64, f64)]| Group {
        name: name.to_owned(),
        mark,
        spots: spots.iter().copied().map(spot).collect(),
    };
    Chart::Dots(Dots {
        x: Along::new("servers[spare].count", Scale::Plain),
        y: Along::new("share of runs in which it holds", Scale::Ratio),
        groups: vec![
            group("met", Mark::Good, &[(4.0, 0.985, 0.012), (5.0, 0.99, 0.009)]),
            group("not shown", Mark::Open, &[(3.0, 0.94, 0.025)]),
            group("missed", Mark::Bad, &[(1.0, 0.42, 0.05), (2.0, 0.81, 0.04)]),
        ],
        line: Line { name: String::new(), points: vec![] },
        levels: vec![level("goal: 95 % of runs", 0.95)],
        uprights: vec![level("answer: 4", 4.0)],
    })
}

fn cloud(count: u32) -> Chart {
    let spot = |n: u32| {
        let x = 10.0 * libm::pow(60.0, f64::from(n) / f64::from(count));
        let y = 1e-5 * (wave(f64::from(n)) - x / 40.0) + 0.9999;
        Spot { x, y: Some(y), between: Some((y - 1e-5, y + 1e-5)) }
    };
    let means = (0..5).map(|n| Spot { between: None, ..spot(n * count / 5 + count / 10) });
    let group = Group {
        name: "a point".to_owned(),
        mark: Mark::Plain,
        spots: (0..count).map(spot).collect(),
    };
    Chart::Dots(Dots {
        x: Along::new("settings.recover.detect", Scale::Time).logarithmic(true),
        y: Along::new("availability", Scale::Ratio),
        groups: vec![group],
        line: Line { name: "means of fifths".to_owned(), points: means.collect() },
        levels: vec![],
        uprights: vec![],
    })
}

fn rows() -> Chart {
    let row = |name: &str, value: Option<f64>, by: f64, mark, told: &str| Row {
        name: name.to_owned(),
        value,
        between: value.map(|value| (value - by, value + by)),
        mark,
        told: told.to_owned(),
    };
    Chart::Rows(Rows {
        x: Along::new("difference in half-widths of its interval", Scale::Plain),
        rows: vec![
            row("availability", Some(3.2), 1.0, Mark::Good, "+0.000420 ± 0.000019"),
            row(HOSTILE[3], Some(-1.7), 1.0, Mark::Bad, "-12.3 ± 4.1 instance-h"),
            row(HOSTILE[0], Some(0.3), 1.0, Mark::Open, "+0.1 ± 0.4"),
            row(HOSTILE[2], Some(40.0), 1.0, Mark::Good, "+4.01 ± 0.10 TiB"),
            row("refusals", None, 1.0, Mark::Open, "too few runs"),
        ],
        marks: vec![
            (Mark::Good, "better".to_owned()),
            (Mark::Bad, "worse".to_owned()),
            (Mark::Open, "no difference shown".to_owned()),
        ],
        uprights: vec![level("no difference", 0.0)],
        window: Some((-6.0, 6.0)),
    })
}

fn spread() -> Chart {
    let values = |name: &str, by: f64| Values {
        name: name.to_owned(),
        values: (0..60).map(|n| 3_600.0 * (40.0 + by + wave(f64::from(n * n % 61)))).collect(),
    };
    let rows =
        vec![values("A: as the file says", 0.0), values(HOSTILE[0], 4.0), values(HOSTILE[2], 1.0)];
    Chart::Spread(Spread { x: Along::new("downtime of a run", Scale::Time), rows })
}

fn all() -> Vec<Figure> {
    let long = "A title that goes on and on, as those do that name what users named, until it needs \
                more than one line to say all of it, and then ends, which is far too late";
    vec![
        figure("lines", "Servers out of service, by state", lines(Form::Apart)),
        figure("stacked", HOSTILE[0], lines(Form::Stacked)),
        figure("sweep", "Availability by crews and time until a failure is found", sweep()),
        figure("bars", "Downtime by cause, mean of a run with its 95 % interval", bars(false)),
        figure("points", long, bars(true)),
        figure("heat", "Availability by crews and detection", heat(7, 5)),
        figure("heat-large", "Availability by crews and detection", heat(60, 40)),
        figure("tried", "Values that were tried", tried()),
        figure("cloud", "Availability of 1,000 points", cloud(1_000)),
        figure("cloud-small", HOSTILE[2], cloud(40)),
        figure("rows", "B against A, every metric in its own interval", rows()),
        figure("spread", "Downtime of each run", spread()),
    ]
}

#[test]
fn every_picture_is_whole_escaped_small_and_the_same_bytes_twice() {
    for figure in all() {
        let picture = svg(&figure);
        assert_eq!(picture, svg(&figure));
        assert!(picture.len() < 500_000, "{}: {}", figure.name, picture.len());
        assert!(!picture.contains("<script"), "{}", figure.name);
        assert!(picture.contains("role=\"img\"") && picture.contains("<desc>What one sees"));
        for tag in ["svg", "text", "title", "desc", "style"] {
            let opened = picture.matches(&format!("<{tag}")).count();
            assert_eq!(opened, picture.matches(&format!("</{tag}>")).count(), "{tag}");
        }
    }
}
