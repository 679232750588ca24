//! Azure VM requests of 2017, processed: arrivals in 5-minute bins, lifetimes in bins.
//!
//! Its GB are counted as GiB. Batches (what one tenant started in one bin) are told by the file but
//! do not become groups: most hold one instance, and each would be a template of its own.

use super::{
    LifePoint,
    cells::{Flaw, Row},
    fault::TraceFault,
    header::{ColumnSpec, Columns},
    lines::Lines,
    templates::{Ask, Templates},
};
use crate::{fleet::layout::Resources, kernel::time::Span};

/// The columns.
pub(super) const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::required("arrival_s"),
    ColumnSpec::ignored("batch_id"),
    ColumnSpec::required("vcpus"),
    ColumnSpec::required("mem_gb"),
    ColumnSpec::ignored("dur_bin"),
    ColumnSpec::optional("dur_lo_s"),
    ColumnSpec::optional("dur_hi_s"),
    ColumnSpec::optional("censored"),
];

/// Where the columns stand.
pub(super) struct AzureV1 {
    arrival: usize,
    vcpus: usize,
    memory: usize,
    lives: Option<Lives>,
    point: LifePoint,
}

/// Where the columns of lifetimes stand.
struct Lives {
    lower: usize,
    upper: usize,
    censored: usize,
}

impl AzureV1 {
    /// Takes the columns that were found.
    pub(super) fn new(columns: &Columns, point: LifePoint) -> Result<Self, Vec<TraceFault>> {
        let [lower, upper, censored] =
            ["dur_lo_s", "dur_hi_s", "censored"].map(|name| columns.optional(name));
        let lives = match (lower, upper, censored) {
            (Some(lower), Some(upper), Some(censored)) => Some(Lives { lower, upper, censored }),
            (None, None, None) => None,
            _ => {
                let message = "`dur_lo_s`, `dur_hi_s` and `censored` come together or not at all";
                return Err(vec![columns.fault(message)]);
            }
        };
        Ok(Self {
            arrival: columns.required("arrival_s"),
            vcpus: columns.required("vcpus"),
            memory: columns.required("mem_gb"),
            lives,
            point,
        })
    }

    /// Whether the file tells lifetimes.
    pub(super) fn has_lives(&self) -> bool {
        self.lives.is_some()
    }

    /// Reads a row.
    pub(super) fn row(&self, line: &Lines<'_>, templates: &mut Templates) -> Result<Row, Flaw> {
        let arrival = line.instant(self.arrival)?;
        let life = match &self.lives {
            Some(lives) => lives.life(line, self.point)?,
            None => Span::NEVER,
        };
        let demand = Resources {
            vcpus: line.count(self.vcpus)?,
            memory: line.bytes_in(self.memory, 1 << 30)?,
            ..Resources::default()
        };
        let ask = Ask { demand, ..Ask::default() };
        Ok(Row { arrival: Some(arrival), life, template: templates.number(&ask) })
    }
}

impl Lives {
    /// The lifetime: a point of its bin, or no end where the trace saw none.
    fn life(&self, line: &Lines<'_>, point: LifePoint) -> Result<Span, Flaw> {
        match line.field(self.censored) {
            // The bin then bounds the age reached so far, which says nothing of the end.
            b"1" => return Ok(Span::NEVER),
            b"0" => {}
            _ => return Err(Flaw::of_field(self.censored, "is neither 0 nor 1", "0 or 1")),
        }
        let (lower, upper) = (line.span(self.lower)?, line.span(self.upper)?);
        if upper < lower {
            let help = "at least dur_lo_s";
            return Err(Flaw::of_field(self.upper, "is less than dur_lo_s", help));
        }
        Ok(match point {
            LifePoint::Lower => lower,
            LifePoint::Middle => Span::from_micros(lower.micros().midpoint(upper.micros())),
            LifePoint::Upper => upper,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::traces::{LifePoint, TraceFormat, TraceOptions, read};

    const TEXT: &str = "arrival_s,batch_id,vcpus,mem_gb,dur_bin,dur_lo_s,dur_hi_s,censored\n\
                        300,0,1,0.75,13,3900,7200,0\n\
                        300,1,2,3.5,0,0,0,0\n\
                        600,1,1,0.75,2,600,600,1\n";

    #[test]
    fn lives_are_a_point_of_their_bin_or_endless() {
        let points = [
            (LifePoint::Lower, 3_900_000_000),
            (LifePoint::Middle, 5_550_000_000),
            (LifePoint::Upper, 7_200_000_000),
        ];
        for (life_point, first) in points {
            let options = TraceOptions { life_point, ..TraceOptions::new(TraceFormat::AzureV1) };
            let trace = read("a.csv", &mut TEXT.as_bytes(), &options).expect("good");
            let lives: Vec<u64> = trace.arrivals.iter().map(|row| row.life.micros()).collect();
            assert_eq!(lives, [first, 0, u64::MAX]);
            let templates: Vec<u32> = trace.arrivals.iter().map(|row| row.template).collect();
            assert_eq!(templates, [0, 1, 0]);
            assert_eq!(trace.templates[0].demand.memory, 805_306_368);
        }
    }

    #[test]
    fn a_file_without_lifetimes_has_none() {
        let options = TraceOptions::new(TraceFormat::AzureV1);
        let text = "arrival_s,batch_id,vcpus,mem_gb\n300,0,2,3.5\n";
        let trace = read("a.csv", &mut text.as_bytes(), &options).expect("good");
        assert!(!trace.has_lives && trace.arrivals[0].life.is_never());
    }
}
