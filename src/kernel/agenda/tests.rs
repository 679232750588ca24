//! The agenda against the wording of law 7 on sorted sets, and its edges.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn micros(t: u64) -> Instant {
    Instant::from_micros(t)
}

fn agenda(end: u64) -> Agenda<u64> {
    Agenda::new(Instant::ZERO, micros(end))
}

/// The law as it is worded, on sorted sets.
#[derive(Default)]
struct Oracle {
    now: u64,
    later: BTreeSet<(u64, u64)>,
    round: BTreeSet<u64>,
    next_round: BTreeSet<u64>,
    passes: BTreeSet<u64>,
}

impl Oracle {
    fn next(&mut self) -> Option<(u64, u64)> {
        if self.round.is_empty() {
            std::mem::swap(&mut self.round, &mut self.next_round);
        }
        if let Some(what) = self.round.pop_first().or_else(|| self.passes.pop_first()) {
            return Some((self.now, what));
        }
        self.now = self.later.first()?.0;
        while self.later.first().is_some_and(|(when, _)| *when == self.now) {
            self.round.extend(self.later.pop_first().map(|(_, what)| what));
        }
        self.round.pop_first().map(|what| (self.now, what))
    }

    fn len(&self) -> usize {
        self.later.len() + self.round.len() + self.next_round.len() + self.passes.len()
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// So many occurrences, from `delay` on, `gap` apart.
    At {
        delay: u64,
        gap: u64,
        count: u64,
        rank: u64,
    },
    Pass(u64),
    Next(usize),
    Sweep(u64),
}

const END: u64 = u64::MAX / 2;

fn delay() -> impl Strategy<Value = u64> {
    prop_oneof![
        2 => Just(0_u64),
        2 => 0..8_u64,
        4 => (0..62_u32, any::<u64>()).prop_map(|(bits, random)| random & ((1 << bits) - 1)),
        2 => (0..6_u64).prop_map(|minutes| minutes * 60_000_000),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let gap = prop_oneof![Just(0_u64), Just(1), 0..100_000_u64];
    let count = prop_oneof![4 => 1..4_u64, 1 => 1..300_u64];
    prop_oneof![
        8 => (delay(), gap, count, 0..4_u64)
            .prop_map(|(delay, gap, count, rank)| Step::At { delay, gap, count, rank }),
        2 => (0..6_u64).prop_map(Step::Pass),
        8 => prop_oneof![3 => 1..5_usize, 1 => 1..600_usize].prop_map(Step::Next),
        1 => (2..5_u64).prop_map(Step::Sweep),
    ]
}

fn check(steps: Vec<Step>) {
    let (mut ours, mut oracle) = (agenda(END), Oracle::default());
    // Each occurrence is another one, and random in order: its rank, then its number.
    let mut number = 0;
    for step in steps {
        match step {
            Step::At { delay, gap, count, rank } => {
                for place in 0..count {
                    number += 1;
                    let what = (rank + number % 3) << 40 | (number ^ 0b1010);
                    let when = oracle.now.saturating_add(delay).saturating_add(place * gap);
                    ours.at(micros(when), what);
                    if when == oracle.now {
                        oracle.next_round.insert(what);
                    } else if when < END {
                        oracle.later.insert((when, what));
                    }
                }
            }
            Step::Pass(what) => {
                ours.pass(what);
                oracle.passes.insert(what);
            }
            Step::Next(count) => {
                for _ in 0..count {
                    let expected = oracle.next();
                    assert_eq!(ours.next().map(|(t, what)| (t.micros(), what)), expected);
                    assert_eq!(ours.now().micros(), oracle.now);
                }
            }
            Step::Sweep(modulus) => {
                ours.sweep(|what| what % modulus != 1);
                oracle.later.retain(|(_, what)| what % modulus != 1);
                for set in [&mut oracle.round, &mut oracle.next_round, &mut oracle.passes] {
                    set.retain(|what| what % modulus != 1);
                }
            }
        }
        assert_eq!(ours.len(), oracle.len());
    }
    while let Some(expected) = oracle.next() {
        assert_eq!(ours.next().map(|(t, what)| (t.micros(), what)), Some(expected));
    }
    assert!(ours.next().is_none() && ours.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
    #[test]
    fn the_agenda_is_a_sorted_list(steps in prop::collection::vec(step(), 1..60)) {
        check(steps);
    }
}

#[test]
fn causes_precede_effects_and_passes_come_last() {
    let mut agenda = agenda(100);
    for what in [30, 10, 20] {
        agenda.at(micros(7), what);
    }
    agenda.at(micros(8), 1);
    let mut seen = vec![];
    while let Some((now, what)) = agenda.next() {
        seen.push((now.micros(), what, agenda.turns_this_instant()));
        match what {
            10 => {
                agenda.at(now, 5);
                agenda.pass(91);
                agenda.pass(90);
                agenda.pass(90);
            }
            90 => {
                agenda.at(now, 40);
                agenda.pass(89);
            }
            _ => {}
        }
    }
    let expected = [10, 20, 30, 5, 90, 40, 89, 91].into_iter().zip(1..);
    let mut expected: Vec<_> = expected.map(|(what, turn)| (7, what, turn)).collect();
    expected.push((8, 1, 1));
    assert_eq!(seen, expected);
}

#[test]
fn the_first_instant_has_rounds_like_any_other() {
    let mut agenda = Agenda::new(micros(5), micros(10));
    agenda.pass(1);
    agenda.at(micros(5), 3);
    agenda.at(micros(5), 2);
    assert_eq!(agenda.by_ref().map(|(_, what)| what).collect::<Vec<_>>(), [2, 3, 1]);
    assert_eq!((agenda.now(), agenda.turns_this_instant()), (micros(5), 3));
}

#[test]
fn what_lies_past_the_end_never_enters() {
    let mut agenda = agenda(10);
    agenda.at(micros(10), 1);
    agenda.at(micros(u64::MAX), 2);
    assert!(agenda.is_empty());
    agenda.at(micros(9), 3);
    assert_eq!(agenda.next(), Some((micros(9), 3)));
    let mut empty = Agenda::new(Instant::ZERO, Instant::ZERO);
    empty.at(Instant::ZERO, 1);
    empty.pass(2);
    assert_eq!(empty.next(), None);
}

#[test]
#[should_panic(expected = "time never runs back")]
fn nothing_is_scheduled_in_the_past() {
    let mut agenda = agenda(10);
    agenda.at(micros(5), 1);
    agenda.next();
    agenda.at(micros(4), 1);
}

#[test]
#[cfg(debug_assertions)]
fn the_same_occurrence_twice_in_a_round_is_a_bug() {
    // The rounds of a later instant, of the current one, and of an instant within the run.
    let cases: [fn(&mut Agenda<u64>); 3] = [
        |agenda| (0..2).for_each(|_| agenda.at(micros(70), 1)),
        |agenda| (0..2).for_each(|_| agenda.at(micros(0), 1)),
        |agenda| {
            agenda.at(micros(100), 1);
            agenda.next();
            (0..2).for_each(|_| agenda.at(micros(101), 1));
        },
    ];
    for case in cases {
        let twice = std::panic::catch_unwind(|| {
            let mut agenda = agenda(1_000);
            case(&mut agenda);
            agenda.count()
        });
        assert!(twice.is_err());
    }
}

#[test]
fn stale_alarms_are_swept_once_they_outnumber_the_live() {
    let mut agenda = agenda(END);
    let mut stamp = 0;
    let mut most = 0;
    for turn in 0..200_000_u64 {
        if turn > 0 {
            agenda.abandon();
        }
        stamp = turn;
        agenda.at(micros(1_000_000_000 + turn), stamp);
        if agenda.needs_sweep() {
            agenda.sweep(|set| *set == stamp);
            assert_eq!(agenda.len(), 1);
        }
        most = most.max(agenda.len());
    }
    assert!(most <= STALE_LEAST + 1, "{most} pending");
    let (_, last) = agenda.by_ref().last().expect("the live one is there");
    assert_eq!(last, stamp);
    // Met one by one, stale entries count no more.
    (0..STALE_LEAST).for_each(|_| agenda.abandon());
    assert!(agenda.needs_sweep());
    (0..=STALE_LEAST).for_each(|_| agenda.met_stale());
    assert!(!agenda.needs_sweep());
}

#[test]
fn memory_follows_what_is_pending() {
    let mut agenda = agenda(END);
    let room = |agenda: &Agenda<u64>| {
        let rounds = agenda.round.capacity() + agenda.next_round.capacity();
        agenda.wheel.capacity() + agenda.run.capacity() + rounds
    };
    for what in 0..300_000_u64 {
        agenda.at(micros(1 + what * 7_919), what);
        agenda.at(micros(1), (what + 1) << 32);
    }
    assert!(room(&agenda) < 700_000, "{} entries of room", room(&agenda));
    // Half is of one instant; it passes through the run and a later round.
    for _ in 0..300_000 {
        let (now, what) = agenda.next().expect("600,000 are pending");
        agenda.at(now, what | 1);
    }
    while agenda.len() > 1_000 {
        agenda.next();
    }
    // Steady turns: as many come as go.
    let mut most = 0;
    for turn in 0..100_000 {
        let (now, what) = agenda.next().expect("1,000 are pending");
        agenda.at(micros(now.micros() + 1 + what % 1_000_003 * 3_600), what);
        most = if turn < 10_000 { 0 } else { most.max(room(&agenda)) };
    }
    assert!(most < 100_000, "{most} entries of room for 1,000 pending");
}
