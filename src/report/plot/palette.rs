//! Colours that everybody tells apart, on light and on dark paper.

use plotters::style::RGBColor;

/// The eight colours of Okabe and Ito (2008), made for readers of every colour vision, in the order
/// in which charts use them; black, which dark paper would hide, is left out, and yellow, which light
/// paper would hide, is darkened.
pub const SERIES: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(173, 160, 22),
];

/// The colour of series number `place`; they come round again.
pub const fn series(place: usize) -> RGBColor {
    SERIES[place % SERIES.len()]
}

/// What stands for the colour of text and axes until the reader's scheme is known.
pub const INK: RGBColor = RGBColor(1, 2, 3);

/// What stands for the colour of the grid.
pub const GRID: RGBColor = RGBColor(4, 5, 6);

/// What stands for the colour of pauses and other shaded times.
pub const SHADE: RGBColor = RGBColor(7, 8, 9);

/// The share `part` (0 to 1) of the way from pale to dark of one blue: an order that stays one in
/// grey, for heat maps.
pub fn ramp(part: f64) -> RGBColor {
    const PALE: [f64; 3] = [222.0, 235.0, 247.0];
    const DARK: [f64; 3] = [8.0, 48.0, 107.0];
    let part = part.clamp(0.0, 1.0);
    let of = |place: usize| libm::round(PALE[place] + (DARK[place] - PALE[place]) * part) as u8;
    RGBColor(of(0), of(1), of(2))
}

/// What makes the stand-ins follow the reader's scheme; it goes to the head of a picture.
pub const STYLE: &str = "<style>\
text{fill:#24292f;font-family:system-ui,sans-serif}\
[stroke=\"#010203\"]{stroke:#57606a}[fill=\"#010203\"]:not(text){fill:#57606a}\
[stroke=\"#040506\"]{stroke:#d0d7de}\
[fill=\"#070809\"]{fill:#8c959f}\
@media (prefers-color-scheme:dark){text{fill:#e6edf3}\
[stroke=\"#010203\"]{stroke:#8b949e}[fill=\"#010203\"]:not(text){fill:#8b949e}\
[stroke=\"#040506\"]{stroke:#373e47}\
[fill=\"#070809\"]{fill:#6e7681}}\
</style>";

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.1), 0 to 1.
    fn luminance(RGBColor(r, g, b): RGBColor) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            match value <= 0.04045 {
                true => value / 12.92,
                false => libm::pow((value + 0.055) / 1.055, 2.4),
            }
        };
        0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
    }

    fn contrast(a: f64, b: f64) -> f64 {
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn lines_stand_out_on_light_and_on_dark_paper() {
        let (light, dark) = (1.0, luminance(RGBColor(13, 17, 23)));
        for colour in SERIES {
            let own = luminance(colour);
            assert!(contrast(own, light) > 2.0, "{colour:?} on light");
            assert!(contrast(own, dark) > 2.0, "{colour:?} on dark");
        }
    }

    #[test]
    fn the_ramp_grows_darker() {
        let steps: Vec<f64> = (0..=20).map(|n| luminance(ramp(f64::from(n) / 20.0))).collect();
        assert!(steps.windows(2).all(|pair| pair[0] > pair[1]));
    }
}
