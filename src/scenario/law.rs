//! Laws of lengths of time, as text or as a table with one key.

use super::{
    fault::{Fault, known_names},
    quantity::{self, Wrong},
    tree::{Node, Table, Value, shortened},
};
use crate::kernel::{
    distribution::{Distribution, Quantiles},
    special::normal_quantile,
    time::Span,
};

/// What a law looks like.
pub const LAW_HELP: &str = "a law is a length (\"20min\"), a range (\"20s..60s\", evenly between), \
     \"never\", or one of { exponential = { mean = \"24h\" } }, { weibull = { shape = 1.5, scale = \
     \"60000h\" } }, { lognormal = { median = \"59min\", p99 = \"63h\" } }, { empirical = [[0.5, \
     \"25min\"], [1.0, \"2h\"]] }";

const NAMES: [&str; 4] = ["exponential", "weibull", "lognormal", "empirical"];

/// The law that `node` states, or `None` where it is faulty: why is added to `faults`.
pub fn law(node: &Node, path: &str, faults: &mut Vec<Fault>) -> Option<Distribution> {
    let reader = &mut Reader { path, faults };
    match &node.value {
        Value::Text(text) => reader.text(node, text),
        Value::Table(table) => reader.table(node, table),
        Value::Integer(_) | Value::Float(_) => {
            let message =
                format!("`{path}` is {}: a length of time needs a unit", node.described());
            reader.fault(node, "no-unit", message, LAW_HELP);
            None
        }
        Value::Switch(_) | Value::Date(_) | Value::Other(_) | Value::List(_) => {
            let message = format!("`{path}` takes a law, not {}", node.described());
            reader.fault(node, "wrong-type", message, LAW_HELP);
            None
        }
    }
}

/// The exponential law of events at `rate` a second; at rate zero nothing ever happens.
pub fn at_rate(rate: f64) -> Distribution {
    if rate > 0.0 { Distribution::with_rate(rate) } else { Distribution::Fixed(Span::NEVER) }
}

/// The exponential law whose length is at most a year with probability `afr`.
pub fn at_afr(afr: f64) -> Distribution {
    at_rate(-libm::log1p(-afr) / quantity::YEAR)
}

struct Reader<'a> {
    path: &'a str,
    faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, node: &Node, code: &'static str, message: String, help: &str) {
        self.faults.push(Fault::at(&node.at, code, message).help(help));
    }

    fn text(&mut self, node: &Node, text: &str) -> Option<Distribution> {
        if text.trim() == "never" {
            return Some(Distribution::Fixed(Span::NEVER));
        }
        let Some((low, high)) = text.split_once("..") else {
            return self.quantity(node, text, quantity::span).map(Distribution::Fixed);
        };
        let low = self.quantity(node, low, quantity::span)?;
        let high = self.quantity(node, high, quantity::span)?;
        if low > high {
            let message = format!("`{}` runs from {low} down to {high}", self.path);
            self.fault(node, "range", message, "write the shorter length first");
            return None;
        }
        Some(Distribution::Uniform { low, high })
    }

    fn table(&mut self, node: &Node, table: &Table) -> Option<Distribution> {
        let [entry] = table.entries.as_slice() else {
            let message =
                format!("`{}` names {} laws instead of one", self.path, table.entries.len());
            self.fault(node, "wrong-law", message, LAW_HELP);
            return None;
        };
        let inner = &entry.node;
        match entry.key.as_str() {
            "exponential" => self.exponential(inner),
            "weibull" => self.weibull(inner),
            "lognormal" => self.lognormal(inner),
            "empirical" => self.empirical(inner),
            other => {
                let message = format!("`{}` has the unknown law `{other}`", self.path);
                let help = known_names(other, &NAMES);
                self.faults.push(Fault::at(&entry.key_at, "unknown-key", message).help(help));
                None
            }
        }
    }

    fn exponential(&mut self, node: &Node) -> Option<Distribution> {
        let [mean, rate] = self.parameters(node, ["mean", "rate"], &[&["mean"], &["rate"]])?;
        if let Some(rate) = rate {
            return self.quantity_of(rate, quantity::rate).map(at_rate);
        }
        let mean = self.length(mean?)?;
        Some(Distribution::Exponential { mean })
    }

    fn weibull(&mut self, node: &Node) -> Option<Distribution> {
        const KEYS: [&str; 5] = ["shape", "scale", "mean", "afr", "annual_rate"];
        let ways: [&[&str]; 4] =
            [&["shape", "scale"], &["shape", "mean"], &["shape", "afr"], &["shape", "annual_rate"]];
        let [shape, scale, mean, afr, annual_rate] = self.parameters(node, KEYS, &ways)?;
        let shape = self.positive(shape?)?;
        if let Some(scale) = scale {
            return Some(Distribution::Weibull { shape, scale: self.length(scale)? });
        }
        let of_mean = |mean: f64| mean / libm::tgamma(1.0 + 1.0 / shape);
        let scale = if let Some(mean) = mean {
            of_mean(self.length(mean)?)
        } else if let Some(afr) = afr {
            let afr = self.quantity_of(afr, quantity::percentage)?;
            quantity::YEAR / libm::pow(-libm::log1p(-afr), 1.0 / shape)
        } else {
            let annual = |text: &str| quantity::percentage(text.trim_end_matches("/year"));
            of_mean(quantity::YEAR / self.quantity_of(annual_rate?, annual)?)
        };
        if scale.is_finite() && scale > 0.0 {
            return Some(Distribution::Weibull { shape, scale });
        }
        let message = format!("`{}` has a Weibull law without a finite scale", self.path);
        self.fault(node, "range", message, "give a rate above 0 % and below 100 %, or \"never\"");
        None
    }

    fn lognormal(&mut self, node: &Node) -> Option<Distribution> {
        let ways: [&[&str]; 3] = [&["median", "p99"], &["median", "sigma"], &["mean", "cv"]];
        let keys = ["median", "p99", "sigma", "mean", "cv"];
        let [median, p99, sigma, mean, cv] = self.parameters(node, keys, &ways)?;
        if let (Some(mean), Some(cv)) = (mean, cv) {
            let (mean, cv) = (self.length(mean)?, self.number(cv)?);
            let variance = libm::log1p(cv * cv);
            let (mu, sigma) = (libm::log(mean) - variance / 2.0, variance.sqrt());
            return Some(Distribution::LogNormal { mu, sigma });
        }
        let mu = libm::log(self.length(median?)?);
        if let Some(sigma) = sigma {
            return Some(Distribution::LogNormal { mu, sigma: self.number(sigma)? });
        }
        let sigma = (libm::log(self.length(p99?)?) - mu) / normal_quantile(0.99);
        if sigma < 0.0 {
            let message = format!("`{}` has a p99 below its median", self.path);
            self.fault(node, "range", message, "the 99th percentile is at least the median");
            return None;
        }
        Some(Distribution::LogNormal { mu, sigma })
    }

    fn empirical(&mut self, node: &Node) -> Option<Distribution> {
        const HELP: &str = "write pairs of probability and length, both rising, as in \
             [[0.5, \"25min\"], [0.9, \"2h\"], [1.0, \"1d\"]]";
        let mut points = Vec::new();
        for pair in node.list().unwrap_or_default() {
            let [probability, length] = pair.list().unwrap_or_default() else {
                let message = format!("`{}` has {} among its pairs", self.path, pair.described());
                self.fault(pair, "wrong-type", message, HELP);
                return None;
            };
            let probability = match probability.text() {
                Some(_) => self.quantity_of(probability, quantity::percentage)?,
                None => self.number(probability)?,
            };
            points.push((probability, self.quantity_of(length, quantity::span)?.seconds()));
        }
        let law = Quantiles::new(points).map(Distribution::Empirical);
        if law.is_none() {
            let message = format!("`{}` has quantiles that do not rise", self.path);
            self.fault(node, "range", message, HELP);
        }
        law
    }

    /// The parameters of a law by name; exactly those of one of the `ways` must be there.
    fn parameters<'n, const N: usize>(
        &mut self,
        node: &'n Node,
        names: [&str; N],
        ways: &[&[&str]],
    ) -> Option<[Option<&'n Node>; N]> {
        let given: &[_] = node.table().map_or(&[], |table| &table.entries);
        for entry in given {
            if !names.contains(&entry.key.as_str()) {
                let message = format!("`{}` has the unknown key `{}`", self.path, entry.key);
                let help = known_names(&entry.key, &names);
                self.faults.push(Fault::at(&entry.key_at, "unknown-key", message).help(help));
                return None;
            }
        }
        let fits = |way: &&[&str]| {
            way.len() == given.len() && given.iter().all(|entry| way.contains(&entry.key.as_str()))
        };
        if !ways.iter().any(fits) {
            let ways: Vec<String> = ways.iter().map(|way| way.join(" and ")).collect();
            let message = format!("`{}` has a law without the parameters it needs", self.path);
            self.fault(node, "wrong-law", message, &format!("it takes {}", ways.join(", or ")));
            return None;
        }
        Some(names.map(|name| node.table().and_then(|table| table.get(name))))
    }

    /// A length above zero, in seconds.
    fn length(&mut self, node: &Node) -> Option<f64> {
        let span = self.quantity_of(node, quantity::span)?;
        if span.is_zero() {
            let message = format!("`{}` has a length of zero", self.path);
            self.fault(node, "range", message, "a parameter of a law is above zero");
            return None;
        }
        Some(span.seconds())
    }

    fn positive(&mut self, node: &Node) -> Option<f64> {
        let number = self.number(node)?;
        if number < 0.01 {
            let message = format!("`{}` has the shape {number}", self.path);
            self.fault(node, "range", message, "a shape is at least 0.01");
            return None;
        }
        Some(number)
    }

    /// A number from 0 to 1,000.
    fn number(&mut self, node: &Node) -> Option<f64> {
        let number = node.number().filter(|x| (0.0..=1_000.0).contains(x) && x.is_sign_positive());
        if number.is_none() {
            let message = format!("`{}` has {} for a number", self.path, node.described());
            self.fault(node, "range", message, "write a number from 0 to 1,000");
        }
        number
    }

    fn quantity_of<T>(
        &mut self,
        node: &Node,
        read: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        match node.text() {
            Some(text) => self.quantity(node, text, read),
            None => {
                // What would be right is what the reader says about a text without a unit.
                let help = read("x").err().map_or("", |wrong| wrong.help);
                let message = format!(
                    "`{}` has {} where a text with a unit belongs",
                    self.path,
                    node.described()
                );
                self.fault(node, "no-unit", message, help);
                None
            }
        }
    }

    fn quantity<T>(
        &mut self,
        node: &Node,
        text: &str,
        read: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        match read(text) {
            Ok(value) => Some(value),
            Err(wrong) => {
                let message = format!("`{}`: \"{}\" {}", self.path, shortened(text), wrong.why);
                self.fault(node, "quantity", message, wrong.help);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{fault::SourceId, from_toml};

    fn read(text: &str) -> Result<Distribution, String> {
        let mut faults = Vec::new();
        let root = from_toml::read(SourceId(0), &format!("x = {text}"), &mut faults);
        assert!(faults.is_empty(), "{faults:?}");
        let node = root.table().unwrap().get("x").unwrap();
        let law = law(node, "x", &mut faults);
        law.ok_or_else(|| faults.remove(0).message)
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * b.abs()
    }

    #[test]
    fn texts_are_lengths_ranges_and_never() {
        assert_eq!(read("'20min'"), Ok(Distribution::Fixed(Span::from_seconds(1_200))));
        let (low, high) = (Span::from_seconds(20), Span::from_seconds(60));
        assert_eq!(read("'20s..60s'"), Ok(Distribution::Uniform { low, high }));
        assert_eq!(read("'never'"), Ok(Distribution::Fixed(Span::NEVER)));
    }

    #[test]
    fn first_year_probabilities_are_met_exactly() {
        for text in
            ["{ weibull = { shape = 1.5, afr = '3%' } }", "{ weibull = { shape = 1, afr = '3%' } }"]
        {
            assert!(close(read(text).unwrap().cdf(quantity::YEAR), 0.03), "{text}");
        }
        assert!(close(at_afr(0.03).cdf(quantity::YEAR), 0.03));
        let renewals = read("{ weibull = { shape = 1.2, annual_rate = '1.6%' } }").unwrap();
        assert!(close(renewals.mean_seconds(), quantity::YEAR / 0.016));
    }

    #[test]
    fn lognormal_laws_meet_what_they_state() {
        let law = read("{ lognormal = { median = '59min', p99 = '63h' } }").unwrap();
        assert!(close(law.quantile(0.5).seconds(), 3_540.0));
        assert!(close(law.quantile(0.99).seconds(), 226_800.0));
        let law = read("{ lognormal = { mean = '30min', cv = 1.5 } }").unwrap();
        assert!(close(law.mean_seconds(), 1_800.0));
    }

    #[test]
    fn faulty_laws_say_why() {
        for (text, why) in [
            ("36", "`x` is the number 36: a length of time needs a unit"),
            ("'60s..20s'", "`x` runs from 1min down to 20s"),
            ("{ weibul = {} }", "`x` has the unknown law `weibul`"),
            ("{ weibull = { shape = 1.5 } }", "`x` has a law without the parameters it needs"),
            ("{ weibull = { shape = 0, scale = '1h' } }", "`x` has the shape 0"),
            ("{ weibull = { shape = nan, scale = '1h' } }", "`x` has the number NaN for a number"),
            (
                "{ weibull = { shape = 1, afr = '100%' } }",
                "`x` has a Weibull law without a finite scale",
            ),
            ("{ exponential = { mean = '0h' } }", "`x` has a length of zero"),
            (
                "{ exponential = { mean = 7 } }",
                "`x` has the number 7 where a text with a unit belongs",
            ),
            ("{ empirical = [[0.5, '2h'], [0.4, '3h']] }", "`x` has quantiles that do not rise"),
            ("{ lognormal = { median = '2h', p99 = '1h' } }", "`x` has a p99 below its median"),
            ("true", "`x` takes a law, not true"),
        ] {
            assert_eq!(read(text).unwrap_err(), why, "{text}");
        }
    }
}
