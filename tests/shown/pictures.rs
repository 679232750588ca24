//! Pictures in the documents: each is what a command draws, byte for byte.

use super::{Tool, workshop};
use std::{env, fs, path::Path};

/// A picture, the command that draws it, and where that puts it.
const PICTURES: [[&str; 3]; 1] = [[
    "docs/pictures/recovery.svg",
    "fleetsim compare scenarios/quickstart.toml --vary policies.recovery=in-place,failover --out recovery",
    "recovery/plots/differences-b.svg",
]];

/// The most that a picture may weigh (bytes): the front page shows it.
const MOST: usize = 60_000;

#[test]
fn every_picture_is_what_its_command_draws() {
    let tool = Tool::new();
    for [picture, command, drawn] in PICTURES {
        let folder = workshop();
        let (is_done, told) = tool.give(command, folder.path());
        assert!(is_done, "{command}: {told}");
        let drawn = fs::read(folder.path().join(drawn)).expect("the command drew it");
        assert!(drawn.len() < MOST, "{picture} would weigh {}", drawn.len());
        if env::var_os("FLEETSIM_RENEW").is_some() {
            let parent = Path::new(picture).parent().expect("it lies in a folder");
            fs::create_dir_all(parent).expect("the folder can be made");
            fs::write(picture, &drawn).expect("it can be written");
        }
        let is = fs::read(picture).unwrap_or_default();
        assert!(
            is == drawn,
            "{picture} is not what this draws now: {command}\nto renew: FLEETSIM_RENEW=1 cargo test --test shown"
        );
        // Somebody must be shown it, with the command beside it.
        let pages: Vec<String> = super::pages()
            .iter()
            .map(|page| fs::read_to_string(page).expect("it is text"))
            .collect();
        let name = picture.strip_prefix("docs/").expect("it lies there");
        let is_shown = |page: &&String| page.contains(name) && page.contains(command);
        assert!(pages.iter().any(|page| is_shown(&page)), "no page shows {picture} and {command}");
    }
}
