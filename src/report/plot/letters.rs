//! Letters without a font: how wide a text is, roughly and rather too wide, so that what is laid out
//! by it does not overlap in the fonts that readers have.

use crate::report::plain;

/// `text` as a picture may hold it: what a file's name or a user's word brings along can neither
/// turn a line around nor be what XML forbids.
pub fn printable(text: &str) -> String {
    plain(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// How wide `text` is in letters of `size` (px).
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|letter| share(letter) * size).sum()
}

/// The width of a letter as a share of the size of letters.
fn share(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.34,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '/' | '-' | '"' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 1.0,
        'A'..='Z' | '=' | '+' | '<' | '>' | '±' | '&' | '~' | '−' | '≤' | '≥' => 0.78,
        '\u{20}'..='\u{10ff}' => 0.64,
        // Of other scripts some letters are as wide as high.
        _ => 1.05,
    }
}

/// `text`, cut in the middle where it is wider than `most` (px): both its ends tell most.
pub fn shortened(text: &str, size: f64, most: f64) -> String {
    let text = printable(text);
    if width(&text, size) <= most {
        return text;
    }
    let letters: Vec<char> = text.chars().collect();
    let cut = |kept: usize| {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        let ends = [&letters[..head], &['…'], &letters[letters.len() - tail..]];
        ends.concat().into_iter().collect::<String>()
    };
    // Where not even one letter fits, a picture has other troubles.
    let fits = (1..letters.len()).rev().map(cut).find(|cut| width(cut, size) <= most);
    fits.unwrap_or_else(|| cut(1))
}

/// `text` in at most `lines` lines that are not wider than `most` (px); what does not fit is cut.
pub fn wrapped(text: &str, size: f64, most: f64, lines: usize) -> Vec<String> {
    let text = printable(text);
    let mut broken: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let count = broken.len();
        match broken.last_mut() {
            // What is left over goes to the last line, which is cut.
            Some(line) if count == lines || width(&format!("{line} {word}"), size) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => broken.push(word.to_owned()),
        }
    }
    broken.iter().map(|line| shortened(line, size, most)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_both_ends() {
        let name = format!("downtime{{cause={}}}", "x".repeat(200));
        let short = shortened(&name, 18.0, 200.0);
        assert!(short.starts_with("downtime") && short.ends_with("x}") && short.contains('…'));
        assert!(width(&short, 18.0) <= 200.0, "{short}");
        assert_eq!(shortened("short", 18.0, 200.0), "short");
    }

    #[test]
    fn titles_break_between_words_and_end() {
        let lines = wrapped("availability against the number of crews", 20.0, 260.0, 2);
        assert_eq!(lines, ["availability against the", "number of crews"]);
        let lines = wrapped(&"words ".repeat(99), 20.0, 260.0, 2);
        assert!(lines.len() == 2 && lines[1].contains('…'), "{lines:?}");
        assert!(lines.iter().all(|line| width(line, 20.0) <= 260.0));
        assert!(wrapped(" ", 20.0, 260.0, 2).is_empty());
    }

    #[test]
    fn what_xml_forbids_or_what_turns_a_line_is_written_out() {
        let shown = printable("a\u{1}b\u{202e}c\u{fffe}");
        assert_eq!(shown, "a\\u{1}b\\u{202e}c\u{fffd}");
    }
}
