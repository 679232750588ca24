use super::{table::Cell, *};
use crate::report::chart::{Along, Bar, Bars, Chart, Form, Level, Line, Lines, Scale, Spot};

const HOSTILE: &str = "</script><!--<b>\"'&\u{202e}=cmd";

fn figures() -> Vec<Figure> {
    let spot = |n: u32| Spot {
        x: f64::from(n) * 3_600.0,
        y: (n != 3).then_some(0.5 + f64::from(n) / 100.0),
        between: Some((0.25, 0.75)),
    };
    let lines = Lines {
        x: Along::new("time", Scale::Time),
        y: Along::new(HOSTILE, Scale::Ratio),
        lines: vec![Line { name: HOSTILE.to_owned(), points: (0..9).map(spot).collect() }],
        levels: vec![Level { name: HOSTILE.to_owned(), at: 0.6 }],
        shaded: vec![(3_600.0, 7_200.0)],
        form: Form::Apart,
    };
    let bar = Bar { name: HOSTILE.to_owned(), value: 2.0, between: None };
    let bars = Bars { x: Along::new("servers", Scale::Plain), rows: vec![bar], points: false };
    let figure = |name: &str, chart: Chart| Figure {
        name: name.to_owned(),
        title: HOSTILE.to_owned(),
        caption: HOSTILE.to_owned(),
        chart,
    };
    vec![figure("lines", Chart::Lines(lines)), figure("bars", Chart::Bars(bars))]
}

/// A page on which everything is hostile.
fn text() -> String {
    let mut charts = charts::Charts::default();
    let figures = figures().iter().map(|figure| charts.take(figure)).collect();
    let mut table = Table::new(HOSTILE, &[HOSTILE, "#number"]);
    table.rows = vec![vec![Cell::words(HOSTILE), Cell::number("a tenth".to_owned(), 0.1)]];
    let hostile = || plain(HOSTILE);
    let moment = Moment { at: hostile(), text: hostile() };
    let page = Page {
        title: hostile(),
        question: hostile(),
        answer: vec![within(HOSTILE)],
        remarks: vec![hostile()],
        sections: vec![Section {
            id: "charts".to_owned(),
            title: hostile(),
            text: vec![hostile()],
            figures,
            tables: vec![table.clone()],
        }],
        worst: Some(Worst {
            text: vec![hostile()],
            story: vec![moment],
            tables: vec![table],
            commands: vec![hostile()],
        }),
        facts: vec![(hostile(), hostile())],
        ..Page::new("run", &Asked { command: hostile(), ..Asked::default() })
    };
    render(&page, &charts)
}

#[test]
fn nothing_that_is_named_is_more_than_a_name() {
    let text = text();
    assert!(text.starts_with(BEGINS));
    assert_eq!((text.matches("<script").count(), text.matches("</script>").count()), (3, 3));
    assert_eq!(text.matches("<!--").count(), 1, "ours, at the head");
    assert!(!text.contains("<b>") && !text.contains('\u{202e}'));
    assert!(text.contains("data-v=\"0.1\">a tenth<"));
}

#[test]
fn the_same_page_is_the_same_bytes() {
    assert_eq!(text(), text());
}

#[test]
fn scripts_read_what_is_escaped_for_them() {
    let mut charts = charts::Charts::default();
    figures().iter().for_each(|figure| drop(charts.take(figure)));
    let data = in_script(&charts);
    assert!(!data.contains(['<', '>', '&']), "{data}");
    let read: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!(read["charts"].as_array().map(Vec::len), Some(1), "bars do not zoom");
    let chart = &read["charts"][0];
    assert_eq!(chart["lines"][0]["name"], plain(HOSTILE));
    assert_eq!(chart["lines"][0]["y"][3], serde_json::Value::Null, "a gap");
    assert_eq!(chart["lines"][0]["y"][4], 0.54);
    assert_eq!(chart["lines"][0]["low"][8], 0.25);
    assert_eq!(chart["xs"].as_array().map(Vec::len), Some(9));
}

#[test]
fn every_chart_has_words_and_a_picture() {
    let text = text();
    for part in ["<figure ", "<figcaption>", "<svg "] {
        assert_eq!(text.matches(part).count(), 2, "{part}");
    }
    assert_eq!(text.matches("data-chart=").count(), 1);
}

#[test]
fn the_library_comes_with_its_licence() {
    let text = text();
    assert!(text.contains("github.com/leeoniya/uPlot (v1.6.32) */"));
    assert!(text.contains("Copyright (c) 2022 Leon Sorokin"));
    assert!(text.contains("THE SOFTWARE IS PROVIDED &quot;AS IS&quot;"));
}

#[test]
fn names_that_are_read_from_the_right_stay_where_they_are() {
    assert_eq!(within("web"), "web");
    assert_eq!(within("منطقة"), "\u{2068}منطقة\u{2069}");
    assert_eq!(within("a\u{202e}b"), "\u{2068}a\\u{202e}b\u{2069}");
}

#[test]
fn numbers_are_told_in_units_that_suit() {
    assert_eq!(
        with_width(36_000.0, Some(3_600.0), "instance-s", 36_000.0),
        "10.0 ± 1.0 instance-h"
    );
    assert_eq!(with_width(0.5, None, "ratio", 0.5), "0.5");
    assert_eq!(amount(36_000.0, "instance-s", 36_000.0), "10 instance-h");
    assert_eq!(amount(90.0, "s", 90.0), "90 s");
    let shares = [0.999_960_036, 0.5, 1.0, 0.0, 0.93];
    let told = ["99.99600 %", "50 %", "100 %", "0 %", "93.00 %"];
    assert_eq!(shares.map(charts::percent), told);
}

/// The colours of the page, light and dark: name and red, green, blue.
fn colours() -> [Vec<(String, [f64; 3])>; 2] {
    let css = include_str!("page.css");
    let blocks: Vec<&str> =
        css.split(":root {").skip(1).map(|rest| &rest[..rest.find('}').unwrap()]).collect();
    let read = |block: &str| {
        let all =
            block.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"));
        let channel = |hex: &str, place: usize| {
            f64::from(u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).unwrap()) / 255.0
        };
        all.map(|(name, hex)| (name.to_owned(), [0, 1, 2].map(|place| channel(hex, place))))
            .collect()
    };
    [read(blocks[0]), read(blocks[1])]
}

/// Text stands out as WCAG 2.1 AA demands: 4.5 to 1.
#[test]
fn words_stand_out_in_light_and_dark() {
    let luminance = |channels: [f64; 3]| {
        let part = |value: f64| match value <= 0.04045 {
            true => value / 12.92,
            false => libm::pow((value + 0.055) / 1.055, 2.4),
        };
        let [r, g, b] = channels.map(part);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    for scheme in colours() {
        let of = |name: &str| {
            let found = scheme.iter().find(|(known, _)| known == name);
            luminance(found.unwrap_or_else(|| panic!("{name}")).1)
        };
        for paper in ["paper", "card"] {
            for words in ["ink", "quiet", "link", "good", "bad", "open"] {
                let (a, b) = (of(paper), of(words));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 4.5, "{words} on {paper}: {contrast}");
            }
        }
    }
}
