//! Which of the varied values matters: main effects of the axes of a sweep on one metric.
//!
//! The main effect of an axis is how far the means along it lie apart, all else averaged: on a grid
//! the means over the points that share a value, on a sample the means of parts of equally many
//! points in order of their value. Beside it stand standardised regression coefficients where every
//! axis is a number: by how many standard deviations the metric moves for one of the axis.

use std::collections::BTreeMap;

/// Parts into which a sampled axis is cut where most of its values stand alone.
const PARTS: usize = 5;

/// How the points were chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Design {
    /// Every combination of the values.
    Grid,
    /// A sample of them.
    Sample,
}

/// One axis of a sweep, as far as effects are concerned.
#[derive(Clone, PartialEq, Debug)]
pub struct AxisValues {
    /// What it is called.
    pub name: String,
    /// The value of each point, as people read it.
    pub labels: Vec<String>,
    /// The same as numbers of one unit, where all are.
    pub numbers: Option<Vec<f64>>,
}

/// The main effect of one axis; in the unit of the metric.
#[derive(Clone, PartialEq, Debug)]
pub struct Effect {
    /// Which axis, counted from 0 as they were named.
    pub axis: usize,
    /// Highest mean less lowest.
    pub range: f64,
    /// The means along the axis, in order of its values.
    pub levels: Vec<Level>,
    /// Standardised regression coefficient; `None` where there is no regression.
    pub coefficient: Option<f64>,
}

/// The points that share a value of an axis, or lie in one part of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Level {
    /// The value, or the lowest and highest of the part.
    pub label: String,
    /// Points (count).
    pub points: usize,
    /// Mean of the points' means.
    pub mean: f64,
}

/// The main effects of all axes on one metric.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Effects {
    /// From the largest to the smallest: a tornado.
    pub effects: Vec<Effect>,
    /// Share of the variance between points that the regression tells; `None` without one.
    pub explained: Option<f64>,
}

/// The main effects of `axes` on `means`, the mean of a metric at each point; points without a mean
/// are left out.
pub fn effects(design: Design, axes: &[AxisValues], means: &[Option<f64>]) -> Effects {
    let points: Vec<(usize, f64)> =
        means.iter().enumerate().filter_map(|(place, mean)| Some((place, (*mean)?))).collect();
    if points.is_empty() {
        return Effects::default();
    }
    let regression = regression(axes, &points);
    let effect = |(axis, values): (usize, &AxisValues)| {
        let levels = levels(design, values, &points);
        let of = |fold: fn(f64, f64) -> f64, from| {
            levels.iter().map(|level| level.mean).fold(from, fold)
        };
        let range = of(f64::max, f64::NEG_INFINITY) - of(f64::min, f64::INFINITY);
        let coefficient = regression.as_ref().map(|(coefficients, _)| coefficients[axis]);
        Effect { axis, range, levels, coefficient }
    };
    let mut effects: Vec<Effect> = axes.iter().enumerate().map(effect).collect();
    // Stable, so that axes of equal effect stand as they were named.
    effects.sort_by(|a, b| b.range.total_cmp(&a.range));
    Effects { effects, explained: regression.map(|(_, explained)| explained) }
}

/// The means along one axis: of each of its values, in the order in which points first have them;
/// or of parts, where a sample has hardly two points of one value.
fn levels(design: Design, axis: &AxisValues, points: &[(usize, f64)]) -> Vec<Level> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut levels: Vec<Level> = Vec::new();
    for (point, mean) in points {
        let label = axis.labels[*point].as_str();
        let place = *places.entry(label).or_insert(levels.len());
        if place == levels.len() {
            levels.push(Level { label: label.to_owned(), points: 0, mean: 0.0 });
        }
        levels[place].points += 1;
        levels[place].mean += mean;
    }
    if let (Design::Sample, Some(numbers)) = (design, &axis.numbers)
        && levels.len() * 2 > points.len()
    {
        return parts(axis, numbers, points);
    }
    for level in &mut levels {
        level.mean /= level.points as f64;
    }
    levels
}

/// The means of parts of equally many points, in order of their numbers.
fn parts(axis: &AxisValues, numbers: &[f64], points: &[(usize, f64)]) -> Vec<Level> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|(a, _), (b, _)| numbers[*a].total_cmp(&numbers[*b]).then(a.cmp(b)));
    let count = PARTS.min(sorted.len());
    let part = |number: usize| {
        let (from, to) = (number * sorted.len() / count, (number + 1) * sorted.len() / count);
        let inside = &sorted[from..to];
        let sum: f64 = inside.iter().map(|(_, mean)| mean).sum();
        let ends = [inside[0].0, inside[inside.len() - 1].0].map(|point| &axis.labels[point]);
        let label = match ends[0] == ends[1] {
            true => ends[0].clone(),
            false => format!("{}..{}", ends[0], ends[1]),
        };
        Level { label, points: inside.len(), mean: sum / inside.len() as f64 }
    };
    (0..count).map(part).collect()
}

/// Standardised coefficients of a linear regression of the means on all axes, and the share of the
/// variance that it tells. `None` where an axis is no number, or points are too few or too much in
/// line to tell the axes apart.
fn regression(axes: &[AxisValues], points: &[(usize, f64)]) -> Option<(Vec<f64>, f64)> {
    let standardised = |values: Vec<f64>| -> Option<Vec<f64>> {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        let deviation = libm::sqrt(squares / n);
        let varies = deviation > 1e-12 * mean.abs() && deviation > 0.0;
        varies.then(|| values.iter().map(|value| (value - mean) / deviation).collect())
    };
    if points.len() < axes.len() + 2 {
        return None;
    }
    let y = standardised(points.iter().map(|(_, mean)| *mean).collect())?;
    let column = |axis: &AxisValues| {
        let numbers = axis.numbers.as_ref()?;
        standardised(points.iter().map(|(point, _)| numbers[*point]).collect())
    };
    let columns: Vec<Vec<f64>> = axes.iter().map(column).collect::<Option<_>>()?;
    let n = points.len() as f64;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / n;
    let rows = columns.iter().map(|a| {
        let row = columns.iter().map(|b| product(a, b));
        row.chain([product(a, &y)]).collect()
    });
    let coefficients = solved(rows.collect())?;
    let explained: f64 = columns.iter().zip(&coefficients).map(|(c, b)| b * product(c, &y)).sum();
    Some((coefficients, explained.clamp(0.0, 1.0)))
}

/// The solution of linear equations, each a row with its right side last; `None` where they have
/// none or many.
fn solved(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let size = rows.len();
    for column in 0..size {
        let largest =
            (column..size).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()));
        rows.swap(column, largest?);
        if rows[column][column].abs() < 1e-9 {
            return None;
        }
        let pivot = rows[column].clone();
        for row in &mut rows[column + 1..] {
            let factor = row[column] / pivot[column];
            row.iter_mut().zip(&pivot).for_each(|(cell, above)| *cell -= factor * above);
        }
    }
    let mut solution = vec![0.0; size];
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|column| rows[row][column] * solution[column]).sum();
        solution[row] = (rows[row][size] - known) / rows[row][row];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(name: &str, values: &[f64]) -> AxisValues {
        AxisValues {
            name: name.to_owned(),
            labels: values.iter().map(f64::to_string).collect(),
            numbers: Some(values.to_vec()),
        }
    }

    #[test]
    fn on_a_grid_effects_are_ranges_of_means_in_order_of_size() {
        let axes = [axis("a", &[1.0, 1.0, 2.0, 2.0]), axis("b", &[5.0, 9.0, 5.0, 9.0])];
        // a moves it by 1, b by 10.
        let found = effects(Design::Grid, &axes, &[Some(0.0), Some(10.0), Some(1.0), Some(11.0)]);
        assert_eq!(found.effects.iter().map(|e| e.axis).collect::<Vec<_>>(), [1, 0]);
        assert_eq!(found.effects.iter().map(|e| e.range).collect::<Vec<_>>(), [10.0, 1.0]);
        let levels = &found.effects[0].levels;
        assert_eq!(levels[0], Level { label: "5".to_owned(), points: 2, mean: 0.5 });
        assert_eq!(levels[1], Level { label: "9".to_owned(), points: 2, mean: 10.5 });
        assert!((found.explained.unwrap() - 1.0).abs() < 1e-12, "it is linear");
    }

    #[test]
    fn coefficients_tell_direction_and_share() {
        // y = 3 a - b over a full square: variances of equal axes add up.
        let (mut a, mut b, mut y) = (Vec::new(), Vec::new(), Vec::new());
        for i in 0..6 {
            for j in 0..6 {
                a.push(f64::from(i));
                b.push(f64::from(j));
                y.push(Some(f64::from(3 * i - j)));
            }
        }
        let found = effects(Design::Grid, &[axis("a", &a), axis("b", &b)], &y);
        let of = |place: usize| found.effects[place].coefficient.unwrap();
        assert!((of(0) - 3.0 / 10.0_f64.sqrt()).abs() < 1e-12, "{}", of(0));
        assert!((of(1) + 1.0 / 10.0_f64.sqrt()).abs() < 1e-12, "{}", of(1));
    }

    #[test]
    fn sampled_axes_are_cut_into_parts() {
        let values: Vec<f64> = (0..50).map(|k| f64::from(k * 7 % 50)).collect();
        let means: Vec<Option<f64>> = values.iter().map(|value| Some(2.0 * value)).collect();
        let found = effects(Design::Sample, &[axis("a", &values)], &means);
        let levels = &found.effects[0].levels;
        assert_eq!(levels.len(), 5);
        assert_eq!(levels[0], Level { label: "0..9".to_owned(), points: 10, mean: 9.0 });
        assert_eq!(found.effects[0].range, 80.0);
        assert!((found.effects[0].coefficient.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn words_have_means_and_no_regression() {
        let words = ["x", "y", "x", "y"].map(str::to_owned).to_vec();
        let axes = [
            AxisValues { name: "w".to_owned(), labels: words, numbers: None },
            axis("a", &[1.0, 1.0, 2.0, 2.0]),
        ];
        let found = effects(Design::Grid, &axes, &[Some(1.0), None, Some(2.0), Some(5.0)]);
        assert_eq!(found.explained, None);
        assert_eq!(found.effects[0].levels[0].mean, 1.5, "a point without a mean is left out");
        assert_eq!(effects(Design::Grid, &axes, &[None; 4]), Effects::default());
    }

    #[test]
    fn axes_in_line_cannot_be_told_apart() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0];
        let axes = [axis("a", &values), axis("b", &values.map(|value| 10.0 * value))];
        let found = effects(Design::Grid, &axes, &values.map(Some));
        assert_eq!((found.effects[0].coefficient, found.explained), (None, None));
    }
}
