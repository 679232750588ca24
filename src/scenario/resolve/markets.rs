//! The markets of preemptible instances, by law or from recorded series.

use super::build::Build;
use crate::{
    fleet::spot::{MarketSpec, Price, PriceLaw, PriceSteps, Stock, StockLaw},
    kernel::{
        distribution::Distribution,
        time::{Instant, Span},
    },
    scenario::{
        fault::Fault,
        load::{LARGEST_FILE, Loader},
        tree::shortened,
        view::View,
    },
};
use std::io::Read;

/// What a recorded series looks like.
const FILE_HELP: &str = "the first line is time_s,price or time_s,stock, then a time in seconds from the zero of \
     the clock and a value on each line, in order of time; or it is series,tick,available_nodes, \
     with `of` and `tick` beside the file (docs/spot.md)";

/// Reads markets; digests of files are added to `inputs`.
pub struct Reader<'a, 'l> {
    /// What has been read so far.
    pub build: &'a mut Build,
    /// Opens files.
    pub loader: &'a mut Loader<'l>,
    /// Digests of the files read.
    pub inputs: &'a mut Vec<String>,
}

impl Reader<'_, '_> {
    /// The markets that `view` lists.
    pub fn markets(&mut self, view: View<'_>) {
        for view in view.elements() {
            if let Some(market) = self.market(view) {
                self.build.layout.markets.push(market);
            }
        }
    }

    fn market(&mut self, view: View<'_>) -> Option<MarketSpec> {
        let build = &mut *self.build;
        let rule = Build::find(&mut build.faults, &build.types, view.at("type"), "instance type");
        let zone = Build::find(&mut build.faults, &build.zones, view.at("zone"), "zone");
        let rule = rule?;
        if view.at("zone").is_given() && zone.is_none() {
            return None;
        }
        let same = |other: &MarketSpec| (other.instance_type, other.zone) == (rule.id, zone);
        if build.layout.markets.iter().any(same) {
            let message = "there are two markets of this type here".to_owned();
            build.fault(view.at("type"), "duplicate", message, "a type has one market in a zone");
        }
        let of_type = build.layout.types[rule.id].name.clone();
        let name = match zone {
            Some(zone) => format!("{of_type}@{}", build.layout.zones[zone].name),
            None => of_type,
        };
        let on_demand = Price::nearest(view.at("on_demand").number()?);
        Some(MarketSpec {
            name,
            instance_type: rule.id,
            zone,
            on_demand,
            price: self.price(view.at("price"), on_demand)?,
            stock: self.stock(view.at("stock"))?,
        })
    }

    fn price(&mut self, view: View<'_>, on_demand: Price) -> Option<PriceLaw> {
        if let Some(amount) = view.number() {
            return Some(PriceLaw::Fixed(Price::nearest(amount)));
        }
        if view.at("series").is_given() {
            let points = self.series(view, "price")?;
            let price = |(at, value): (Instant, f64)| (at, Price::nearest(value));
            return Some(PriceLaw::Series(points.into_iter().map(price).collect()));
        }
        self.needs(view, &["mean", "gap", "pull", "noise"])?;
        let amount = |key: &str| view.at(key).number().map(Price::nearest);
        let law = PriceSteps {
            gap: view.at("gap").law()?,
            mean: amount("mean")?,
            pull: view.at("pull").probability()?,
            noise: view.at("noise").number()?,
            least: amount("least").unwrap_or_default(),
            most: amount("most").unwrap_or(on_demand),
        };
        if law.mean.millionths() == 0 || law.mean < law.least || law.mean > law.most {
            let message = "the mean price is zero, or not between `least` and `most`".to_owned();
            let help = "without `most`, the pay-as-you-go price is the highest";
            self.build.fault(view.at("mean"), "range", message, help);
            return None;
        }
        self.lasts(view.at("gap"), &law.gap)?;
        Some(PriceLaw::Steps(law))
    }

    fn stock(&mut self, view: View<'_>) -> Option<StockLaw> {
        if let Some(count) = view.count32() {
            return Some(StockLaw::Fixed(Stock::Of(count)));
        }
        match view.text() {
            Some("room") => return Some(StockLaw::Room),
            Some(_) => return Some(StockLaw::Fixed(Stock::Unlimited)),
            None => {}
        }
        if view.at("series").is_given() {
            let points = self.series(view, "stock")?;
            let stock = |(at, value): (Instant, f64)| (at, Stock::Of(value as u32));
            return Some(StockLaw::Series(points.into_iter().map(stock).collect()));
        }
        self.needs(view, &["on", "off"])?;
        let [on, off] = ["on", "off"].map(|key| view.at(key).law());
        let (on, off) = (on?, off?);
        self.lasts(view.at("on"), &on)?;
        self.lasts(view.at("off"), &off)?;
        Some(StockLaw::OnOff { on, off })
    }

    /// `None`, and a fault, where one of `keys` is missing.
    fn needs(&mut self, view: View<'_>, keys: &[&str]) -> Option<()> {
        view.place()?;
        let missing = keys.iter().find(|key| !view.at(key).is_given());
        let Some(key) = missing else { return Some(()) };
        let help = format!("it takes {}, or `series` alone", keys.join(", "));
        self.build.fault(view, "missing-key", format!("`{key}` is missing"), &help);
        None
    }

    /// `None`, and a fault, where a law gives less than a second on the mean: nothing would be left
    /// between two changes.
    fn lasts(&mut self, view: View<'_>, law: &Distribution) -> Option<()> {
        if law.mean_seconds() >= 1.0 {
            return Some(());
        }
        let message = "a market changes at most once a second".to_owned();
        self.build.fault(view, "range", message, "give a law with a mean of at least \"1s\"");
        None
    }

    /// The points of a recorded series of `what`.
    fn series(&mut self, view: View<'_>, what: &str) -> Option<Vec<(Instant, f64)>> {
        let file = view.at("series");
        let (place, written) = (file.place()?, file.text()?);
        let loader = &mut *self.loader;
        let request = match loader.sources.request((place, written), &loader.root, loader.files) {
            Ok(request) => request,
            Err(fault) => {
                self.build.faults.push(fault);
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
            let message = format!("cannot open the series `{path}`: {why}");
            self.build.faults.push(Fault::at(place, "cannot-open", message));
            return None;
        }
        self.inputs.push(blake3::hash(&bytes).to_hex().to_string());
        let one = view.at("of").count().zip(view.at("tick").span());
        match text_of(bytes).and_then(|text| points(&text, what, one)) {
            Ok(points) => Some(points),
            Err(why) => {
                let message = format!("series `{path}`: {why}");
                self.build.faults.push(Fault::at(place, "series", message).help(FILE_HELP));
                None
            }
        }
    }
}

/// First bytes of what gzip has packed.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The text of a file, unpacked where it is packed.
fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    let bytes = if bytes.starts_with(&GZIP) {
        let mut unpacked = Vec::new();
        let reader = flate2::read::MultiGzDecoder::new(bytes.as_slice());
        let most = LARGEST_FILE as u64 + 1;
        reader.take(most).read_to_end(&mut unpacked).map_err(|error| error.to_string())?;
        unpacked
    } else {
        bytes
    };
    if bytes.len() > LARGEST_FILE {
        return Err(format!("it is larger than {} MiB", LARGEST_FILE >> 20));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

/// The points of a series of `what`: where `one` is given, of that one among several, by ticks of
/// its length. Points that repeat the value before are left out.
fn points(text: &str, what: &str, one: Option<(u64, Span)>) -> Result<Vec<(Instant, f64)>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().enumerate();
    let header = lines.next().map_or("", |(_, line)| line.trim());
    let by_tick = header == "series,tick,available_nodes" && what == "stock";
    if !by_tick && header != format!("time_s,{what}") {
        return Err(format!("line 1: \"{}\" is not the header", shortened(header)));
    }
    if by_tick && one.is_none() {
        return Err("it holds several series, and `of` or `tick` is missing".to_owned());
    }
    let mut points: Vec<(Instant, f64)> = Vec::new();
    let mut last = None;
    for (place, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = || format!("line {}: \"{}\" is no point", place + 1, shortened(line));
        let values: Option<Vec<f64>> = line.split(',').map(number).collect();
        let values = values.ok_or_else(wrong)?;
        let (at, value) = match (values.as_slice(), one.filter(|_| by_tick)) {
            ([of, ..], Some((wanted, _))) if *of as u64 != wanted => continue,
            ([_, number, value], Some((_, tick))) => (number * tick.seconds(), *value),
            ([at, value], None) => (*at, *value),
            (_, _) => return Err(wrong()),
        };
        let at = Instant::ZERO.saturating_add(Span::from_seconds_f64(at));
        if last.is_some_and(|last| at <= last) {
            return Err(format!("line {}: its time is not after the one before it", place + 1));
        }
        last = Some(at);
        let repeats = points.last().is_some_and(|(_, before)| before.to_bits() == value.to_bits());
        if !repeats {
            points.push((at, value));
        }
    }
    if points.is_empty() { Err("it has no points".to_owned()) } else { Ok(points) }
}

/// A number of a line: at least zero, and not past all clocks.
fn number(text: &str) -> Option<f64> {
    let value = text.trim().parse::<f64>().ok();
    value.filter(|value| (0.0..=1e10).contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Instant {
        Instant::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn series_are_read_by_time_or_by_tick_and_repeats_are_left_out() {
        let text = "\u{feff}time_s,price\r\n0,0.08\r\n\r\n60, 0.08\n120,0.1\n";
        assert_eq!(points(text, "price", None), Ok(vec![(at(0), 0.08), (at(120), 0.1)]));
        let text = "series,tick,available_nodes\n0,0,4\n1,0,1\n1,1,1\n1,2,0\n";
        let one = Some((1, Span::from_seconds(10)));
        assert_eq!(points(text, "stock", one), Ok(vec![(at(0), 1.0), (at(20), 0.0)]));
        for (text, what, one, why) in [
            (text, "stock", None, "`of` or `tick`"),
            (text, "price", one, "not the header"),
            (text, "stock", Some((7, Span::from_seconds(1))), "no points"),
            ("time_s,stock\n1\n", "stock", None, "line 2: \"1\" is no point"),
            ("time_s,stock\n1,-1\n", "stock", None, "is no point"),
            ("time_s,stock\n1,1\n1,2\n", "stock", None, "line 3: its time"),
        ] {
            let wrong = points(text, what, one).expect_err("it is wrong");
            assert!(wrong.contains(why), "{wrong}");
        }
    }

    #[test]
    fn packed_series_are_unpacked() {
        use std::io::Write;
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"time_s,stock\n0,1\n").unwrap();
        assert_eq!(text_of(packer.finish().unwrap()), Ok("time_s,stock\n0,1\n".to_owned()));
        assert!(text_of(vec![0xff, 0xfe]).is_err());
    }
}
