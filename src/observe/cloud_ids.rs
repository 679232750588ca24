//! Ids in the cloud's form, made from what things are called in a run (spec/events.md 6.5).
//!
//! An id is a function of (seed, kind of object, number): an instance has the same one in every run
//! of a seed, whatever the policies. What a run makes itself (events, tasks, notifications) has the
//! run's number in it, so that files of several runs can be put together.

use crate::{
    fleet::{
        ids::{Bay, DedicatedHost},
        instances::InstanceName,
    },
    kernel::column::Id,
    scenario::Scenario,
};
use std::fmt;

/// Characters of an id behind its prefix (count).
const LENGTH: usize = 20;

/// How the ids of known regions begin (spec/events.md 6.5).
const REGIONS: [(&str, [u8; 3]); 6] = [
    ("cn-hangzhou", *b"bp1"),
    ("cn-beijing", *b"2ze"),
    ("cn-shanghai", *b"uf6"),
    ("cn-shenzhen", *b"wz9"),
    ("cn-qingdao", *b"m5e"),
    ("ap-southeast-1", *b"t4n"),
];

/// What an id is of.
#[derive(Clone, Copy)]
enum Kind {
    Instance,
    Event,
    Task,
    LocalDisk,
    CloudDisk,
    Notification,
    Region,
    Refresh,
    Job,
    DedicatedHost,
}

/// The ids of one run.
#[derive(Clone, Debug)]
pub struct CloudIds {
    seed: u64,
    run: u32,
    region: [u8; 3],
}

/// An id: two or three letters, `-`, and 20 of `[0-9a-z]`, the first three of which tell the region.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CloudId {
    prefix: &'static str,
    characters: [u8; LENGTH],
}

impl fmt::Display for CloudId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let characters = std::str::from_utf8(&self.characters).expect("digits and letters");
        write!(f, "{}-{characters}", self.prefix)
    }
}

impl CloudIds {
    /// The ids of run number `run` of `scenario`.
    pub fn new(scenario: &Scenario, run: u32) -> Self {
        Self::of_region(scenario.seed, run, &scenario.region)
    }

    fn of_region(seed: u64, run: u32, region: &str) -> Self {
        let known = REGIONS.iter().find(|(name, _)| *name == region);
        let region = match known {
            Some((_, token)) => *token,
            // Nobody has seen theirs: three characters that differ from region to region.
            None => {
                let mut hasher = blake3::Hasher::new();
                hasher.update(&[Kind::Region as u8]).update(region.as_bytes());
                let made = characters(first_bits(&hasher));
                [made[0], made[1], made[2]]
            }
        };
        Self { seed, run, region }
    }

    /// The id of an instance.
    pub fn instance(&self, name: InstanceName) -> CloudId {
        self.made("i", self.bits(Kind::Instance, None, [name.entity(), 0]))
    }

    /// The id of the system event that was published after `number` others.
    pub fn event(&self, number: u64) -> CloudId {
        self.made("e", self.bits(Kind::Event, Some(self.run), [number, 0]))
    }

    /// The id of the task that began after `number` others.
    pub fn task(&self, number: u64) -> CloudId {
        self.made("t", self.bits(Kind::Task, Some(self.run), [number, 0]))
    }

    /// The id of the instance refresh that was started after `number` others.
    pub fn refresh(&self, number: u64) -> CloudId {
        self.made("ir", self.bits(Kind::Refresh, Some(self.run), [number, 0]))
    }

    /// The id of the second cloud's job that began after `number` others: 32 hexadecimal digits.
    pub fn job(&self, number: u64) -> String {
        format!("{:032x}", self.bits(Kind::Job, Some(self.run), [number, 0]))
    }

    /// The id of a dedicated host.
    pub fn dedicated_host(&self, host: Id<DedicatedHost>) -> CloudId {
        self.made("dh", self.bits(Kind::DedicatedHost, None, [host.index() as u64, 0]))
    }

    /// The id of the local disk that came into `bay` after `number` others.
    pub fn local_disk(&self, bay: Id<Bay>, number: u32) -> CloudId {
        let numbers = [bay.index() as u64, u64::from(number)];
        self.made("d", self.bits(Kind::LocalDisk, None, numbers))
    }

    /// The id of the system disk of an instance.
    pub fn system_disk(&self, name: InstanceName) -> CloudId {
        self.made("d", self.bits(Kind::CloudDisk, None, [name.entity(), 0]))
    }

    /// The id of the notification that was sent after `number` others: a UUID in upper case. Its
    /// version, 8, says that it is made by a rule and not by chance as those of the cloud are.
    pub fn notification(&self, number: u64) -> String {
        let bits = self.bits(Kind::Notification, Some(self.run), [number, 0]);
        let bits = bits & !(0xf << 76) | 8 << 76;
        let bits = bits & !(0b11 << 62) | 0b10 << 62;
        let all = format!("{bits:032X}");
        [&all[..8], &all[8..12], &all[12..16], &all[16..20], &all[20..]].join("-")
    }

    fn made(&self, prefix: &'static str, bits: u128) -> CloudId {
        let mut characters = characters(bits);
        characters[..3].copy_from_slice(&self.region);
        CloudId { prefix, characters }
    }

    fn bits(&self, kind: Kind, run: Option<u32>, numbers: [u64; 2]) -> u128 {
        let run = run.map_or(u64::MAX, u64::from);
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[kind as u8]);
        for word in [self.seed, run, numbers[0], numbers[1]] {
            hasher.update(&word.to_le_bytes());
        }
        first_bits(&hasher)
    }
}

/// Whether `id` is that of a notification that we wrote: the cloud's own are of version 4.
pub fn is_made(id: &str) -> bool {
    let id = id.as_bytes();
    let is_uuid = id.len() == 36
        && id.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'A'..=b'F'),
        });
    is_uuid && id[14] == b'8' && matches!(id[19], b'8' | b'9' | b'A' | b'B')
}

fn first_bits(hasher: &blake3::Hasher) -> u128 {
    let mut first = [0; 16];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    u128::from_le_bytes(first)
}

/// The lowest digits of a number of base 36: 20 of them take 104 of its bits.
fn characters(mut bits: u128) -> [u8; LENGTH] {
    let mut made = [0; LENGTH];
    for character in &mut made {
        *character = b"0123456789abcdefghijklmnopqrstuvwxyz"[(bits % 36) as usize];
        bits /= 36;
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn ids(seed: u64, run: u32) -> CloudIds {
        CloudIds::of_region(seed, run, "cn-hangzhou")
    }

    #[test]
    fn ids_have_the_documented_form() {
        let made = ids(1, 0);
        for (id, start) in [
            (made.instance(InstanceName::at_start(0)), "i-bp1"),
            (made.event(0), "e-bp1"),
            (made.task(0), "t-bp1"),
            (made.local_disk(Id::new(0), 0), "d-bp1"),
            (made.system_disk(InstanceName::at_start(0)), "d-bp1"),
        ] {
            let id = id.to_string();
            assert!(id.starts_with(start) && id.len() == 22, "{id}");
            assert!(id[2..].bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()), "{id}");
        }
        let uuid = made.notification(3);
        assert!(is_made(&uuid), "{uuid}");
        assert!(!is_made("2256A988-0B26-4E2B-820A-8A0580D0B8E5"), "the cloud's own");
        assert!(!is_made(&uuid.to_lowercase()) && !is_made(""));
    }

    #[test]
    fn an_instance_has_one_id_in_all_runs_and_others_have_others() {
        let name = |number| InstanceName::at_start(number);
        assert_eq!(ids(1, 0).instance(name(5)), ids(1, 9).instance(name(5)));
        assert_ne!(ids(1, 0).instance(name(5)), ids(2, 0).instance(name(5)));
        assert_ne!(ids(1, 0).event(5), ids(1, 1).event(5));
        let made = ids(1, 0);
        let mut seen = BTreeSet::new();
        for number in 0..1_000 {
            seen.insert(made.instance(name(number)).to_string());
            seen.insert(made.event(number).to_string());
            seen.insert(made.local_disk(Id::new(number as usize), 0).to_string());
            seen.insert(made.local_disk(Id::new(0), number as u32 + 1).to_string());
            seen.insert(made.notification(number));
        }
        assert_eq!(seen.len(), 5_000);
    }

    #[test]
    fn regions_have_their_tokens() {
        let token =
            |region| CloudIds::of_region(1, 0, region).event(0).to_string()[2..5].to_owned();
        assert_eq!(token("cn-beijing"), "2ze");
        assert_ne!(token("mars-north-1"), token("mars-north-2"));
    }
}
