//! The report as a reader's browser shows it: a real headless Chromium opens the page, sorts, zooms
//! and reads, and what it saw is held against the files. Where Chromium is absent, the part that
//! needs it says so and is skipped.

use assert_cmd::Command;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process,
};

/// Names that try to be more than names.
const HOSTILE: &str = r#""><script>window.broken=1</script><!--'&=cmd|' /C calc'!A0"#;

/// The file of the scenario: its name stands in every command of a page.
const FILE: &str = "=x'<b>&\"y.toml";

/// The question that the scenario asks: hostile, read from the right in part, and very long.
fn question() -> String {
    format!("is {HOSTILE} safe? منطقة \u{202e}{}", "very-long-".repeat(40))
}

/// A scenario with something of all: crashes, arrivals, a question like that. (Other names in it can
/// do no harm: they are made of letters, digits and a few marks.)
fn scenario() -> String {
    // A JSON text is a TOML text.
    let question = Value::from(question());
    format!(
        r#"
        scenario = {{ name = "hostile", question = {question}, horizon = "30d", seed = 5, runs = 6 }}
        servers = [{{ model = "m", count = 12, zones = ["a", "b"], racks_per_zone = 2 }}]
        server_models.m = {{ vcpus = 8, memory = "32GiB", crash = {{ rate = "900%/year" }} }}
        instance_types.t = {{ vcpus = 2, memory = "8GiB" }}
        workload.instances = [{{ type = "t", count = 20 }}]
        workload.arrivals = [{{ name = "jobs", rate = "2/h", type = "t", life = "1h..5h" }}]
        "#
    )
}

/// The folder of results of a run of the scenario.
fn results(folder: &Path) -> PathBuf {
    fs::write(folder.join(FILE), scenario()).expect("it is as it was made");
    fleetsim(folder, &["run", FILE, "--out", "r", "--quiet"]);
    folder.join("r")
}

fn fleetsim(folder: &Path, arguments: &[&str]) {
    let mut command = Command::cargo_bin("fleetsim").expect("it is as it was made");
    command.args(arguments).current_dir(folder).assert().success();
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("it is as it was made"))
        .expect("it is as it was made")
}

/// The browser, where it is installed.
fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let all = std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    let found = all.into_iter().find(|program| program.is_file());
    if found.is_none() {
        eprintln!("skipped: Chromium is not installed (Debian's package is called chromium)");
    }
    found
}

/// What the browser prints when it opens `page` in a window of this size with these `options`, and
/// what it complains of.
fn open(browser: &Path, page: &Path, size: &str, options: &[&str]) -> (String, String) {
    let profile = tempfile::tempdir().expect("it is as it was made");
    let output = process::Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr"])
        .args(["--virtual-time-budget=20000", "--hide-scrollbars"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={size}"))
        .args(options)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("it is as it was made");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(output.stdout), text(output.stderr))
}

/// What a reader does, and what is seen then; it ends as JSON in the page.
const DRIVER: &str = include_str!("page/driver.js");

/// Gathers what goes wrong, before anything else runs.
const WATCH: &str = include_str!("page/watch.js");

/// The page with a driver in it, which the page's own policy lets run only with the page's word.
fn driven(page: &str) -> String {
    let (_, rest) = page.split_once("script-src 'nonce-").expect("it is as it was made");
    let nonce = &rest[..rest.find('\'').expect("it is as it was made")];
    let script = |text: &str| format!("<script nonce=\"{nonce}\">{text}</script>");
    let watched = page.replacen("<title>", &format!("{}<title>", script(WATCH)), 1);
    watched.replacen("</body>", &format!("{}</body>", script(DRIVER)), 1)
}

/// What the driver saw in a window of this size.
fn seen(browser: &Path, folder: &Path, size: &str) -> Value {
    let page = fs::read_to_string(folder.join("report.html")).expect("it is as it was made");
    let path = folder.join("driven.html");
    fs::write(&path, driven(&page)).expect("it is as it was made");
    let (dom, log) = open(browser, &path, size, &["--dump-dom"]);
    let console: Vec<&str> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(console.is_empty(), "{console:#?}");
    let (_, told) = dom.split_once("<pre id=\"seen\">").unwrap_or_else(|| panic!("{log}"));
    let told = &told[..told.find("</pre>").expect("it is as it was made")];
    let told = told.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&told).expect("it is as it was made")
}

#[test]
fn the_page_needs_nothing_from_anywhere_and_lets_nothing_in() {
    let folder = tempfile::tempdir().expect("it is as it was made");
    let page = fs::read_to_string(results(folder.path()).join("report.html"))
        .expect("it is as it was made");
    assert!(page.starts_with("<!DOCTYPE html>\n<!-- fleetsim report -->\n<html lang=\"en\">"));
    assert!(page.contains("default-src 'none'"));
    assert!(!page.contains("unsafe-inline") && !page.contains("unsafe-eval"));
    for loads in
        [" src=", "@import", "url(", "<iframe", "<object", "<embed", "http-equiv=\"refresh\""]
    {
        assert!(!page.contains(loads), "{loads}");
    }
    let links = page
        .split(" href=\"")
        .skip(1)
        .map(|rest| &rest[..rest.find('"').expect("it is as it was made")]);
    assert!(links.clone().count() > 3);
    links.for_each(|link| assert!(link.starts_with('#') || link == "data:,", "{link}"));
    // Three scripts of ours, and none of anybody else's.
    assert_eq!(page.matches("<script").count(), 3);
    assert_eq!(page.matches("</script").count(), 3);
    assert_eq!(page.matches("<!--").count(), 1);
    assert!(!page.contains("<b>"), "the file's name is a name");
    // Without scripts: every metric in a table, every chart as a picture with words.
    let summary = json(&folder.path().join("r/summary.json"));
    let metrics = summary["metrics"].as_array().expect("it is as it was made");
    let rows = page.matches("<tr>").count();
    assert!(rows > metrics.len(), "{rows} rows for {} metrics", metrics.len());
    let figures = page.matches("<figure ").count();
    assert!(figures > 0 && page.matches("<svg").count() == figures);
    assert_eq!(page.matches("<figcaption>").count(), figures);
}

#[test]
fn html_writes_the_page_of_the_folder() {
    let folder = tempfile::tempdir().expect("it is as it was made");
    let out = results(folder.path());
    fleetsim(folder.path(), &["run", FILE, "--html", "x.html", "--quiet"]);
    let page = fs::read_to_string(folder.path().join("x.html")).expect("it is as it was made");
    assert_eq!(page, fs::read_to_string(out.join("report.html")).expect("it is as it was made"));
    // It is replaced, but nobody else's page is.
    fleetsim(folder.path(), &["run", FILE, "--html", "x.html", "--quiet"]);
    fs::write(folder.path().join("mine.html"), "<!DOCTYPE html>\n<p>mine")
        .expect("it is as it was made");
    let mut command = Command::cargo_bin("fleetsim").expect("it is as it was made");
    let arguments = ["run", FILE, "--html", "mine.html", "--quiet"];
    let output =
        command.args(arguments).current_dir(folder.path()).output().expect("it is as it was made");
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).expect("it is as it was made");
    assert!(told.contains("is not a report file of an earlier run"), "{told}");
    assert_eq!(
        fs::read_to_string(folder.path().join("mine.html")).expect("it is as it was made"),
        "<!DOCTYPE html>\n<p>mine"
    );
}

#[test]
fn a_browser_sorts_zooms_and_shows_the_numbers_of_the_files() {
    let Some(browser) = chromium() else { return };
    let folder = tempfile::tempdir().expect("it is as it was made");
    let out = results(folder.path());
    let seen = seen(&browser, &out, "1280,900");
    assert_eq!(
        (&seen["errors"], &seen["loaded"]),
        (&Value::from(Vec::<Value>::new()), &Value::from(Vec::<Value>::new()))
    );
    assert_eq!((&seen["broken"], &seen["scripts"]), (&Value::Null, &Value::from(5)));
    assert_eq!(seen["title"], "hostile");
    // What changes the direction of writing is written out, and nothing else.
    assert_eq!(seen["question"], question().replace('\u{202e}', "\\u{202e}"));
    assert!(text(&seen["command"]).contains("<b>&\"y.toml"), "{}", seen["command"]);
    let summary = json(&out.join("summary.json"));
    numbers_are_those_of(&seen["rows"], &summary);
    sorts(&seen);
    // The value under the cursor is the one of the file at that time, to three digits of what is
    // missing to the whole.
    let (day, value) = (clock(text(&seen["where"])), percent(text(&seen["value"])));
    let mean = series(&out, "availability", day);
    assert!(
        (value - mean).abs() <= 0.01 * (1.0 - mean) + 1e-9,
        "{value} on the page, {mean} in series.csv at {day} s"
    );
    for what in ["whole", "zoomed", "reset", "nearer"] {
        assert_eq!(seen[what], true, "{what}: {seen}");
    }
    assert!(clock(text(&seen["first"])) < clock(text(&seen["second"])), "{seen}");
    assert!(text(&seen["spoken"]).contains(text(&seen["second"])), "{seen}");
    let cells = fs::read_to_string(out.join("series.csv")).expect("it is as it was made");
    let cells = cells.lines().filter(|line| line.starts_with("availability,")).count();
    assert_eq!(seen["numbers"], cells.min(100));
}

#[test]
fn a_narrow_window_needs_no_scrolling_sideways() {
    let Some(browser) = chromium() else { return };
    let folder = tempfile::tempdir().expect("it is as it was made");
    let out = results(folder.path());
    let seen = seen(&browser, &out, "500,900");
    assert_eq!(
        (&seen["errors"], &seen["wide"]),
        (&Value::from(Vec::<Value>::new()), &Value::from(0))
    );
    let picture = folder.path().join("page.png");
    let option = format!("--screenshot={}", picture.display());
    open(&browser, &out.join("report.html"), "500,900", &[&option]);
    assert!(fs::read(picture).expect("it is as it was made").starts_with(b"\x89PNG"));
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is a text"))
}

/// Every metric that is not zero stands in the table with its exact mean; digests have none.
fn numbers_are_those_of(rows: &Value, summary: &Value) {
    let rows = rows.as_array().expect("it is as it was made");
    let mut met = 0;
    for metric in summary["metrics"].as_array().expect("it is as it was made") {
        let labels: Vec<String> = metric["labels"]
            .as_object()
            .expect("it is as it was made")
            .iter()
            .map(|(name, value)| format!("{name}={}", text(value)))
            .collect();
        let name = match labels.is_empty() {
            true => text(&metric["name"]).to_owned(),
            false => format!("{}{{{}}}", text(&metric["name"]), labels.join(",")),
        };
        let zero = |key: &str| metric[key].as_f64().is_none_or(|value| value == 0.0);
        let found = rows.iter().find(|row| row[0] == name.as_str());
        let is_digest = metric["unit"] == "digest";
        assert_eq!(found.is_none(), is_digest || zero("min") && zero("max"), "{name}");
        if let Some(row) = found {
            let shown: f64 = text(&row[1]).parse().expect("it is as it was made");
            assert_eq!(Some(shown.to_bits()), metric["mean"].as_f64().map(f64::to_bits), "{name}");
            assert!(!text(&row[2]).is_empty());
            met += 1;
        }
    }
    assert_eq!(met, rows.len());
    assert!(met > 20, "{met} metrics were met");
}

/// A click on a head sorts by its column, another the other way round; a search leaves what fits.
fn sorts(seen: &Value) {
    assert_eq!(seen["sorts"], Value::from(vec!["none", "ascending", "descending"]));
    assert_eq!(seen["focused"], true);
    let column = |place: usize| -> Vec<f64> {
        let column = seen["columns"][place].as_array().expect("it is as it was made");
        column.iter().filter_map(Value::as_f64).collect()
    };
    assert!(column(0).len() > 20 && column(0).is_sorted(), "{:?}", column(0));
    assert!(column(1).iter().rev().is_sorted(), "{:?}", column(1));
    let found = seen["found"].as_array().expect("it is as it was made");
    assert!(!found.is_empty());
    found.iter().for_each(|name| assert!(text(name).contains("availability.instance"), "{name}"));
}

/// `time: 12d 03:04:05` in seconds.
fn clock(told: &str) -> f64 {
    let (_, clock) = told.split_once(": ").unwrap_or_else(|| panic!("{told}"));
    let (days, rest) = clock.split_once("d ").unwrap_or_else(|| panic!("{told}"));
    let parts: Vec<f64> =
        rest.split(':').map(|part| part.parse().expect("it is as it was made")).collect();
    days.parse::<f64>().expect("it is as it was made") * 86_400.0
        + parts[0] * 3_600.0
        + parts[1] * 60.0
        + parts[2]
}

/// `99.98 % (99.9 % to 100 %)` as a share.
fn percent(told: &str) -> f64 {
    let (value, _) = told.split_once(" %").unwrap_or_else(|| panic!("{told}"));
    value.parse::<f64>().expect("it is as it was made") / 100.0
}

/// The mean of the series `name` in the cell that holds `at` (s).
fn series(folder: &Path, name: &str, at: f64) -> f64 {
    let mut reader =
        csv::Reader::from_path(folder.join("series.csv")).expect("it is as it was made");
    let heads = reader.headers().expect("it is as it was made").clone();
    let place =
        |wanted: &str| heads.iter().position(|head| head == wanted).expect("it is as it was made");
    let [series, from, to, mean] = ["series", "from_s", "to_s", "mean"].map(place);
    let number = |cell: &str| cell.parse::<f64>().expect("it is as it was made");
    let mut rows = reader.records().map(Result::unwrap);
    let row =
        rows.find(|row| &row[series] == name && number(&row[from]) <= at && at < number(&row[to]));
    number(&row.expect("the cell is there")[mean])
}
