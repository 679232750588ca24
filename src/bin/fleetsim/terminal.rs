//! What stdout can show. A pipe or file gets what it always gets, whatever terminal it was made at.

use fleetsim::report::look::Look;
use std::io::IsTerminal as _;

/// Whether somebody looks at a terminal.
pub fn is_watched() -> bool {
    std::io::stdout().is_terminal()
}

/// How text for people is laid out on stdout.
pub fn look() -> Look {
    let stdout = std::io::stdout();
    let colour = match anstream::AutoStream::choice(&stdout) {
        anstream::ColorChoice::Never => false,
        anstream::ColorChoice::Auto
        | anstream::ColorChoice::Always
        | anstream::ColorChoice::AlwaysAnsi => true,
    };
    if !is_watched() {
        return Look::piped(colour);
    }
    let columns = terminal_size::terminal_size_of(&stdout)
        .map_or(Look::PIPED.columns(), |(terminal_size::Width(columns), _)| usize::from(columns));
    Look::terminal(columns, colour, speaks_utf8())
}

/// Whether the locale says that the terminal shows more than ASCII.
fn speaks_utf8() -> bool {
    let said = |name| std::env::var(name).ok().filter(|said| !said.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(said);
    locale.is_some_and(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
