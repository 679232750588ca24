//! Tests of measured values against exact ones, each two-sided at [`ALPHA`].

use fleetsim::kernel::special::{beta_i, gamma_p, normal_quantile, student_quantile};

/// Significance of every single test.
pub const ALPHA: f64 = 1e-4;

/// What was found in one case; [`Verdicts::end`] fails if any value is off.
pub struct Verdicts {
    id: &'static str,
    off: Vec<String>,
}

impl Verdicts {
    /// None yet.
    pub const fn of(id: &'static str) -> Self {
        Self { id, off: Vec::new() }
    }

    /// Student's t over independent replications.
    pub fn t(&mut self, what: &str, values: &[f64], expected: f64) {
        let (mean, se) = mean_and_error(values);
        let bound = student_quantile(1.0 - ALPHA / 2.0, (values.len() - 1) as f64);
        self.standard("t", (what, mean, expected, se), bound);
    }

    /// z with a standard error that is known.
    pub fn z(&mut self, what: &str, (mean, expected): (f64, f64), se: f64) {
        self.standard("z", (what, mean, expected, se), normal_quantile(1.0 - ALPHA / 2.0));
    }

    /// The exact two-sided test of a Poisson count.
    pub fn poisson(&mut self, what: &str, count: u64, mean: f64) {
        let at_least = if count == 0 { 1.0 } else { gamma_p(count as f64, mean) };
        let at_most = 1.0 - gamma_p(count as f64 + 1.0, mean);
        self.exact("Poisson", (what, count as f64, mean), at_least.min(at_most));
    }

    /// The exact two-sided test of `count` out of `trials`.
    pub fn binomial(&mut self, what: &str, (count, trials): (u64, u64), p: f64) {
        let (k, n) = (count as f64, trials as f64);
        let at_least = if count == 0 { 1.0 } else { beta_i(k, n - k + 1.0, p) };
        let at_most = if count == trials { 1.0 } else { 1.0 - beta_i(k + 1.0, n - k, p) };
        self.exact("binomial", (what, k, n * p), at_least.min(at_most));
    }

    /// The two-sided test of a statistic that follows a chi-square law with so many degrees.
    pub fn chi_square(&mut self, what: &str, statistic: f64, freedom: f64) {
        let below = gamma_p(freedom / 2.0, statistic / 2.0);
        self.exact("chi2", (what, statistic, freedom), below.min(1.0 - below));
    }

    /// Kolmogorov and Smirnov's test of values that are uniform between 0 and 1.
    pub fn uniform(&mut self, what: &str, mut values: Vec<f64>) {
        values.sort_unstable_by(f64::total_cmp);
        let n = values.len() as f64;
        let gap = |(i, u): (usize, &f64)| (u - i as f64 / n).max((i as f64 + 1.0) / n - u);
        let widest = values.iter().enumerate().map(gap).fold(0.0, f64::max);
        // The tail of the limiting law is 2 exp(-2 x^2) far out.
        let bound = (libm::log(2.0 / ALPHA) / 2.0).sqrt();
        self.tell("KS", (what, widest * n.sqrt(), 0.0), widest * n.sqrt() <= bound, bound);
    }

    /// A ratio that must lie in a range which is given, not derived.
    pub fn ratio(&mut self, what: &str, ratio: f64, (least, most): (f64, f64)) {
        self.tell("ratio", (what, ratio, 1.0), (least..=most).contains(&ratio), most);
    }

    /// Fails if anything is off.
    pub fn end(self) {
        assert!(self.off.is_empty(), "{} is off:\n{}", self.id, self.off.join("\n"));
    }

    fn standard(
        &mut self,
        test: &str,
        (what, mean, expected, se): (&str, f64, f64, f64),
        bound: f64,
    ) {
        let statistic = if se > 0.0 { (mean - expected) / se } else { f64::INFINITY };
        let line = format!(
            "{} {what}: {mean:.6} for {expected:.6}, s.e. {se:.2e}, {test} = {statistic:.2}",
            self.id
        );
        self.line(line, statistic.abs() <= bound);
    }

    fn exact(&mut self, test: &str, (what, count, mean): (&str, f64, f64), tail: f64) {
        let p = (2.0 * tail).min(1.0);
        let line = format!("{} {what}: {count} for {mean:.3}, {test} p = {p:.3}", self.id);
        self.line(line, p >= ALPHA);
    }

    fn tell(&mut self, test: &str, (what, value, ideal): (&str, f64, f64), ok: bool, bound: f64) {
        let line = format!("{} {what}: {test} {value:.4} for {ideal}, bound {bound:.4}", self.id);
        self.line(line, ok);
    }

    fn line(&mut self, line: String, ok: bool) {
        println!("{line}{}", if ok { "" } else { "   OFF" });
        if !ok {
            self.off.push(line);
        }
    }
}

/// Mean.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Variance of a sample.
pub fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
    squares / (values.len() - 1) as f64
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    (mean(values), (variance(values) / values.len() as f64).sqrt())
}

#[test]
fn the_tests_tell_right_from_wrong() {
    let good = |test: &dyn Fn(&mut Verdicts)| {
        let mut verdicts = Verdicts::of("self-test");
        test(&mut verdicts);
        verdicts.off.is_empty()
    };
    let values: Vec<f64> = (0..40).map(|i| f64::from(i % 5)).collect();
    assert!(good(&|v| v.t("mean", &values, 2.1)) && !good(&|v| v.t("mean", &values, 3.2)));
    // The edges, by summing the laws: twice P(X >= 141) = 1.28e-4 and twice P(X >= 142) = 8.9e-5
    // for a mean of 100; twice P(X <= 64) = 1.56e-4 and twice P(X <= 63) = 9.7e-5; of 100 coins,
    // twice P(X >= 69) = 1.83e-4 and twice P(X >= 70) = 7.9e-5.
    assert!(
        good(&|v| v.poisson("count", 141, 100.0)) && !good(&|v| v.poisson("count", 142, 100.0))
    );
    assert!(good(&|v| v.poisson("count", 64, 100.0)) && !good(&|v| v.poisson("count", 63, 100.0)));
    assert!(good(&|v| v.binomial("count", (69, 100), 0.5)));
    assert!(!good(&|v| v.binomial("count", (70, 100), 0.5)));
    assert!(good(&|v| v.chi_square("x", 60.0, 63.0)) && !good(&|v| v.chi_square("x", 125.0, 63.0)));
    let even: Vec<f64> = (0..1_000).map(|i| (f64::from(i) + 0.5) / 1_000.0).collect();
    let bent = even.iter().map(|u| u * u).collect();
    assert!(good(&|v| v.uniform("u", even.clone())));
    let mut verdicts = Verdicts::of("self-test");
    verdicts.uniform("u^2", bent);
    assert!(!verdicts.off.is_empty());
}
