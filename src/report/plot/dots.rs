//! Single points on a plane, each with its interval and what is said of it.

use super::{
    axis::Axis,
    canvas::{self, Entry, Pen, Place},
    lines::whiskers,
    palette::{self, INK},
    plane::{HEIGHT, Plane, ends, within},
};
use crate::report::chart::{Dots, Figure, Mark, Spot};

/// Points up to which each is marked by its form; more are small and seen through, so that one sees
/// where many lie.
const MARKED_MOST: usize = 60;

impl Dots {
    /// The picture of `figure`, whose chart this is.
    pub(super) fn svg(&self, figure: &Figure) -> String {
        let groups = self.groups.iter().filter(|group| !group.spots.is_empty());
        let line = (!self.line.points.is_empty()).then(|| Entry::line(&self.line.name, INK));
        let legend = groups.map(|group| Entry {
            name: group.name.clone(),
            colour: palette::verdict(group.mark),
            mark: Some(group.mark),
        });
        let legend: Vec<Entry> = legend.chain(line).collect();
        let legend = if legend.len() > 1 { legend } else { Vec::new() };
        canvas::picture(figure, &legend, HEIGHT, |pen, above| self.draw(pen, above))
    }

    fn draw(&self, pen: &mut Pen<'_>, above: f64) {
        let (x, y) = self.axes();
        let mut plane = Plane::new(x, y, above);
        plane.draw(pen);
        let at = |plane: &Plane, spot: &Spot| Some(plane.at(spot.x, spot.y?));
        let of_groups = self.groups.iter().flat_map(|group| &group.spots);
        let spots = of_groups.chain(&self.line.points);
        // What is written keeps away from points and from the ends of their intervals.
        let heights = |spot: &Spot| {
            let (low, high) = spot.between.unzip();
            [spot.y, low, high].into_iter().flatten().map(|y| (spot.x, y)).collect::<Vec<_>>()
        };
        let places: Vec<Place> = spots.flat_map(heights).map(|(x, y)| plane.at(x, y)).collect();
        self.uprights.iter().for_each(|upright| plane.upright(pen, upright, &places));
        self.levels.iter().for_each(|level| plane.level(pen, level, &places));
        let many = self.groups.iter().map(|group| group.spots.len()).sum::<usize>() > MARKED_MOST;
        for group in &self.groups {
            let colour = palette::verdict(group.mark);
            if !many {
                whiskers(pen, &plane, &group.spots, (colour, 0.0));
            }
            for place in group.spots.iter().filter_map(|spot| at(&plane, spot)) {
                match many && group.mark == Mark::Plain {
                    true => pen.dot(place, 3.6, colour, 0.45),
                    false => pen.mark(place, group.mark, colour),
                }
            }
        }
        let line: Vec<Place> =
            self.line.points.iter().filter_map(|spot| at(&plane, spot)).collect();
        pen.path(&line, INK, 2.4);
        line.into_iter().for_each(|place| pen.dot(place, 4.5, INK, 1.0));
    }

    /// Both axes, wide enough for all that is drawn.
    fn axes(&self) -> (Axis, Axis) {
        let of_groups = self.groups.iter().flat_map(|group| &group.spots);
        let spots: Vec<&Spot> = of_groups.chain(&self.line.points).collect();
        let heights = spots.iter().flat_map(|spot| {
            let (low, high) = spot.between.unzip();
            [spot.y, low, high].into_iter().flatten()
        });
        let values = spots.iter().filter_map(|spot| spot.y);
        let heights = within(self.y.scale, values, heights.collect()).into_iter();
        let (low, high) = ends(heights.chain(self.levels.iter().map(|level| level.at)));
        let places = spots.iter().map(|spot| spot.x);
        let places: Vec<f64> = places.chain(self.uprights.iter().map(|mark| mark.at)).collect();
        let x = Axis::of_values(&self.x, &places).padded(0.04);
        (x, Axis::new(&self.y, low, high, true))
    }
}
