//! Colours that everybody tells apart, on light and on dark paper.

use crate::report::chart::Mark;
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

/// The colour of text and axes on light paper; on dark paper it is another ([`STYLE`]), as are the
/// next.
pub const INK: RGBColor = RGBColor(0x24, 0x29, 0x2f);

/// The colour of the grid.
pub const GRID: RGBColor = RGBColor(0xd8, 0xde, 0xe4);

/// The colour of pauses and other shaded times.
pub const SHADE: RGBColor = RGBColor(0x8c, 0x95, 0x9f);

/// How much of a band's colour is seen (0 to 1); on dark paper it is more ([`STYLE`]), as dark colours
/// differ less from it.
pub const BAND: f64 = 0.22;

/// The colour of the paper.
pub const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);

/// The colour of what is pale because it matters less.
pub const PALE: RGBColor = RGBColor(0x6e, 0x77, 0x81);

/// The colour of text on the dark half of the ramp, whatever the paper.
pub const ON_DARK: RGBColor = RGBColor(0xfe, 0xfe, 0xfe);

/// The colour of text on the pale half of the ramp.
pub const ON_PALE: RGBColor = RGBColor(0x0b, 0x1f, 0x3a);

/// The share `part` (0 to 1) of the way from pale to dark of one blue: an order that stays one in
/// grey, for heat maps.
pub fn ramp(part: f64) -> RGBColor {
    const PALE: [f64; 3] = [222.0, 235.0, 247.0];
    const DARK: [f64; 3] = [8.0, 48.0, 107.0];
    let part = part.clamp(0.0, 1.0);
    let of = |place: usize| libm::round(PALE[place] + (DARK[place] - PALE[place]) * part) as u8;
    RGBColor(of(0), of(1), of(2))
}

/// The colour of a verdict.
pub const fn verdict(mark: Mark) -> RGBColor {
    match mark {
        Mark::Plain => SERIES[0],
        Mark::Good => SERIES[2],
        Mark::Bad => SERIES[1],
        Mark::Open => PALE,
    }
}

/// What chooses letters and makes colours follow the reader's scheme; it goes to the head of a
/// picture. It speaks of our pictures only, for a page that holds one as it is. Who does not know
/// it still sees a picture on light paper.
pub const STYLE: &str = "<style>\
.fleetsim-plot{max-width:100%;height:auto}\
.fleetsim-plot text{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif;\
stroke:#ffffff;stroke-width:40;stroke-linejoin:round;paint-order:stroke}\
.fleetsim-plot text[fill=\"#FEFEFE\"],.fleetsim-plot text[fill=\"#0B1F3A\"]{stroke:none}\
.fleetsim-plot polyline{stroke-linejoin:round;stroke-linecap:round}\
@media (prefers-color-scheme:dark){\
.fleetsim-plot text{stroke:#0d1117}\
.fleetsim-plot [fill=\"#24292F\"]{fill:#e6edf3}.fleetsim-plot [stroke=\"#24292F\"]{stroke:#c9d1d9}\
.fleetsim-plot [fill=\"#D8DEE4\"]{fill:#30363d}.fleetsim-plot [stroke=\"#D8DEE4\"]{stroke:#30363d}\
.fleetsim-plot [fill=\"#8C959F\"]{fill:#6e7681}.fleetsim-plot [stroke=\"#8C959F\"]{stroke:#6e7681}\
.fleetsim-plot [fill=\"#FFFFFF\"]{fill:#0d1117}.fleetsim-plot [stroke=\"#FFFFFF\"]{stroke:#0d1117}\
.fleetsim-plot polygon[opacity=\"0.22\"]{opacity:.42}.fleetsim-plot circle[opacity]{opacity:.75}\
.fleetsim-plot [fill=\"#6E7781\"]{fill:#9198a1}.fleetsim-plot [stroke=\"#6E7781\"]{stroke:#9198a1}}\
</style>\n";

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
