//! Drains, from the first plan to the last server: sequence, limits, failures, and who cannot leave.

use crate::checked::{self, value};
use fleetsim::{
    fleet::{
        Fleet,
        drains::DrainBar,
        ids::{Campaign, Server},
        tasks::TaskKind,
    },
    kernel::{column::Id, time::Instant},
    messages::{
        drain::DrainFact,
        fact::Fact,
        moves::{MoveFact, MoveWhat},
    },
    observe::{Observer, outcome::Outcome},
    policy::drain::DrainOrder,
    scenario::{InMemory, Scenario},
};

/// Nothing fails by itself; a live migration takes 20 s.
const STEADY: &str = r#"
[settings]
instance = { pending = "3s", starting = "40s", stopping = "10s" }
guest = { crash_rate = "never" }
event = { lead = "1h", cancel_p = 0 }
redeploy = { placement = "1s", switch = "60s", fail_p = 0 }
"#;

const LIVE: &str = "livemig = { success_p = 1, duration = \"20s\", blackout = \"100ms\" }\n";

/// A scenario of ten hours with these servers, workload and campaigns.
fn text(what: &str, settings: &str) -> String {
    format!(
        r#"
[scenario]
name = "drains"
horizon = "10h"
[server_models]
m = {{ vcpus = 16, memory = "64GiB", numa_nodes = 2, crash = "never", risk = "never" }}
[instance_types]
big = {{ vcpus = 8, memory = "32GiB", numa_nodes = 1 }}
mid = {{ vcpus = 4, memory = "16GiB" }}
small = {{ vcpus = 2, memory = "8GiB" }}
[policies.customers.default]
restart_after = "never"
{what}
{STEADY}{settings}"#
    )
}

fn servers(count: u32, racks: u32) -> String {
    format!(
        "[[servers]]\nmodel = \"m\"\ncount = {count}\nzones = [\"z\"]\nracks_per_zone = {racks}\n"
    )
}

fn at_start(kind: &str, count: u32) -> String {
    format!("[[workload.instances]]\nname = \"{kind}\"\ntype = \"{kind}\"\ncount = {count}\n")
}

/// A campaign that begins after an hour.
fn drain(which: &str, how: &str) -> String {
    format!(
        "[[campaigns]]\nname = \"rack\"\nstart = \"1h\"\nservers = {{ {which} }}\n\
         drain = {{ {how} }}\n"
    )
}

/// One who sets out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Departure {
    at: Instant,
    vcpus: u32,
    from: usize,
    to: usize,
}

/// When drains begin.
const HOUR: Instant = Instant::from_micros(3_600_000_000);

/// What is seen of drains.
struct Seen<'a> {
    scenario: &'a Scenario,
    facts: Vec<(Instant, DrainFact)>,
    departures: Vec<Departure>,
    ended: Vec<(Id<Campaign>, bool)>,
    /// Most moves under way at once (count).
    most_moves: usize,
    /// Most members of scaling groups under way at once, and fewest that served (counts).
    most_away: usize,
    fewest_serving: u32,
    /// How many went ahead of their memory.
    went_ahead: usize,
    /// System events that were published (count).
    told: usize,
    /// Servers that are open in the end.
    open: Vec<bool>,
}

impl Observer for Seen<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        if let Fact::Drain(fact) = *fact {
            self.facts.push((now, fact));
            if let DrainFact::SetsOut { instance, from, to, .. } = fact {
                let template = fleet.instances[instance].template;
                let vcpus = self.scenario.layout.demand(template).vcpus;
                let (from, to) = (from.index(), to.index());
                self.departures.push(Departure { at: now, vcpus, from, to });
            }
        } else if let Fact::CampaignEnded { campaign, complete } = *fact {
            self.ended.push((campaign, complete));
        } else if let Fact::Move(MoveFact { what: MoveWhat::WentAhead, .. }) = *fact {
            self.went_ahead += 1;
        } else if let Fact::EventPublished { .. } = *fact {
            self.told += 1;
        }
    }

    fn turn_ended(&mut self, now: Instant, fleet: &Fleet) {
        if now < HOUR {
            return; // Groups are still to come up.
        }
        let moves = || {
            let is_move = |kind| matches!(kind, TaskKind::LiveMigration | TaskKind::ColdMigration);
            fleet.tasks.under_way().filter(move |(_, task)| is_move(task.kind))
        };
        self.most_moves = self.most_moves.max(moves().count());
        let of_groups = moves().filter(|(_, task)| fleet.instances[task.instance].in_group).count();
        self.most_away = self.most_away.max(of_groups);
        for (_, group) in fleet.groups.entries() {
            self.fewest_serving = self.fewest_serving.min(group.counts.serving);
        }
        let is_open = |server: Id<Server>| fleet.capacity.is_open(server);
        self.open = self.scenario.layout.servers.ids().iter().map(is_open).collect();
    }
}

impl Seen<'_> {
    /// Who cannot leave, as often as it is told, and why.
    fn barred(&self) -> Vec<DrainBar> {
        let why = |(_, fact): &(Instant, DrainFact)| match *fact {
            DrainFact::Barred { why, .. } => Some(why),
            _ => None,
        };
        self.facts.iter().filter_map(why).collect()
    }

    /// When what `is_it` says became true (s).
    fn when(&self, is_it: impl Fn(&DrainFact) -> bool) -> Vec<f64> {
        let of = self.facts.iter().filter(|(_, fact)| is_it(fact));
        of.map(|(at, _)| at.micros() as f64 / 1e6).collect()
    }

    fn emptied(&self) -> Vec<f64> {
        self.when(|fact| matches!(fact, DrainFact::Emptied { .. }))
    }

    fn given_up(&self) -> Vec<f64> {
        self.when(|fact| matches!(fact, DrainFact::GivenUp { .. }))
    }

    fn returned(&self) -> Vec<f64> {
        self.when(|fact| matches!(fact, DrainFact::Returned { .. }))
    }

    fn plans(&self) -> usize {
        self.when(|fact| matches!(fact, DrainFact::Planned { .. })).len()
    }
}

/// Runs `text` under every check; gives what was seen and measured to `look`.
fn seen<T>(text: &str, look: impl FnOnce(&Seen<'_>, &Outcome) -> T) -> T {
    let scenario = checked::scenario(text);
    let mut seen = Seen {
        scenario: &scenario,
        facts: Vec::new(),
        departures: Vec::new(),
        ended: Vec::new(),
        most_moves: 0,
        most_away: 0,
        fewest_serving: u32::MAX,
        went_ahead: 0,
        told: 0,
        open: Vec::new(),
    };
    let outcome = checked::run(&scenario, 0, &mut seen);
    look(&seen, &outcome)
}

fn is(value: f64, expected: f64) {
    assert!((value - expected).abs() < 1e-6, "{value} is not {expected}");
}

/// Two racks of three servers: the first is full, and to be emptied into the second.
fn rack(how: &str) -> String {
    let more = [at_start("big", 4), at_start("mid", 4)].concat();
    text(&(servers(6, 2) + &more + &drain("racks = [\"z-r1\"]", how)), LIVE)
        + "[policies]\nplacement = \"first-fit\"\n"
}

/// Two servers with two of 8 vCPUs each, one with four of 4.
#[test]
fn every_order_empties_a_rack_in_its_own_sequence() {
    for order in DrainOrder::ALL {
        let how = format!("order = \"{}\", moves = 1", order.name());
        seen(&rack(&how), |seen, outcome| {
            assert_eq!(seen.ended, [(Id::new(0), true)], "{order:?}");
            is(value(outcome, "drain.emptied", &["rack"]), 3.0);
            is(value(outcome, "drain.moves", &["rack"]), 8.0);
            // One after the other, 20 s each.
            is(value(outcome, "drain.duration", &["rack"]), 160.0);
            assert_eq!((seen.plans(), seen.barred(), seen.most_moves), (1, Vec::new(), 1));
            let times = seen.departures.iter().map(|of| of.at.micros() / 1_000_000);
            assert!(times.eq((0..8).map(|place| 3_600 + 20 * place)), "{order:?}");
            assert!(seen.departures.iter().all(|of| of.from < 3 && of.to >= 3));
            assert_eq!(seen.open, [false, false, false, true, true, true]);
            let sizes: Vec<u32> = seen.departures.iter().map(|of| of.vcpus).collect();
            let from: Vec<usize> = seen.departures.iter().map(|of| of.from).collect();
            match order {
                DrainOrder::LargestFirst | DrainOrder::BinPacking => {
                    assert_eq!(sizes, [8, 8, 8, 8, 4, 4, 4, 4]);
                    assert_eq!(from, [0, 0, 1, 1, 2, 2, 2, 2]);
                }
                DrainOrder::SmallestFirst => {
                    assert_eq!(sizes, [4, 4, 4, 4, 8, 8, 8, 8]);
                    assert_eq!(from, [2, 2, 2, 2, 0, 0, 1, 1]);
                }
                DrainOrder::FewestMoves => assert_eq!(from, [0, 0, 1, 1, 2, 2, 2, 2]),
            }
        });
    }
}

#[test]
fn as_many_move_at_once_as_may() {
    for (moves, lasts) in [("2", 80.0), ("3", 60.0), ("\"unlimited\"", 20.0)] {
        seen(&rack(&format!("moves = {moves}")), |seen, outcome| {
            is(value(outcome, "drain.duration", &["rack"]), lasts);
            assert_eq!(seen.most_moves, moves.parse().unwrap_or(8));
        });
    }
}

/// Servers that are taken up one by one limit who may be next, not the sequence among those.
#[test]
fn of_the_servers_taken_up_the_plan_says_who_is_next() {
    let how = rack("order = \"smallest-first\", moves = 1")
        .replace("drain = {", "at_once = { servers = 1 }\ndrain = {");
    seen(&how, |seen, outcome| {
        is(value(outcome, "drain.emptied", &["rack"]), 3.0);
        let from: Vec<usize> = seen.departures.iter().map(|of| of.from).collect();
        assert_eq!(from, [0, 0, 1, 1, 2, 2, 2, 2], "server by server");
    });
}

/// Small ones that go first take the nodes of the large one: the trap of spec R 4.5, in a whole run.
/// 2, 3, 5 and 6 fit on two nodes of 8, unless the 6 comes last.
#[test]
fn large_ones_first_empty_what_small_ones_first_do_not() {
    let filled = |order: &str| {
        let mut what = "[server_models.t]\nvcpus = 32\nmemory = \"128GiB\"\nnuma_nodes = 2\n\
                        crash = \"never\"\nrisk = \"never\"\n[[servers]]\nmodel = \"t\"\n\
                        count = 1\nzones = [\"z\"]\n"
            .to_owned();
        for vcpus in [2, 3, 5, 6] {
            let memory = 4 * vcpus;
            what += &format!(
                "[instance_types.v{vcpus}]\nvcpus = {vcpus}\nmemory = \"{memory}GiB\"\n\
                 numa_nodes = 1\n"
            );
            what += &at_start(&format!("v{vcpus}"), 1);
        }
        let how = format!("order = \"{order}\", patience = \"30min\"");
        text(&format!("{what}{}{}", servers(1, 1), drain("models = [\"t\"]", &how)), LIVE)
            + "[policies]\nplacement = \"first-fit\"\n"
    };
    for order in ["largest-first", "bin-packing", "fewest-moves"] {
        seen(&filled(order), |seen, outcome| {
            is(value(outcome, "drain.emptied", &["rack"]), 1.0);
            assert!(seen.barred().is_empty(), "{order}");
        });
    }
    seen(&filled("smallest-first"), |seen, outcome| {
        is(value(outcome, "drain.emptied", &["rack"]), 0.0);
        is(value(outcome, "drain.given_up", &["rack"]), 1.0);
        is(value(outcome, "drain.moves", &["rack"]), 3.0);
        assert_eq!(seen.barred(), [DrainBar::NoNode], "told once");
        is(value(outcome, "drain.barred", &["rack", "no-numa-node"]), 1.0);
        is(value(outcome, "drain.barred", &["rack", "no-room"]), 0.0);
        assert_eq!(seen.given_up(), [3_600.0 + 1_800.0]);
        assert_eq!(seen.ended, [(Id::new(0), true)]);
    });
}

/// A server that is emptied first-fit into `weak`, which crashes once after `life`, and then `m`.
fn fails(life: &str, how: &str, settings: &str) -> String {
    let what = format!(
        "[server_models.old]\nvcpus = 16\nmemory = \"64GiB\"\ncrash = \"never\"\nrisk = \"never\"\n\
         [server_models.weak]\nvcpus = 16\nmemory = \"64GiB\"\nrisk = \"never\"\n\
         crash = {{ life = \"{life}\", restarts_itself = 0, repair = \"never\" }}\n\
         [[servers]]\nmodel = \"old\"\ncount = 1\nzones = [\"z\"]\n\
         [[servers]]\nmodel = \"weak\"\ncount = 1\nzones = [\"z\"]\n{}{}{}",
        servers(1, 1),
        at_start("mid", 4),
        drain("models = [\"old\"]", how)
    );
    text(&what, settings) + "[policies]\nplacement = \"first-fit\"\n"
}

const AGAIN: &str = "livemig = { success_p = 1, duration = \"20s\", blackout = \"100ms\", \
                     attempts = 3, retry_after = \"1min\" }\n";

#[test]
fn when_a_target_fails_there_is_a_new_plan() {
    // Long before the copies are over, which is found when they are; and in the blackout.
    for (life, found) in [("3610s", 3_619.9), ("3619950ms", 3_620.0)] {
        seen(&fails(life, "", AGAIN), |seen, outcome| {
            assert_eq!(seen.plans(), 2, "{life}");
            let to: Vec<usize> = seen.departures.iter().map(|of| of.to).collect();
            assert_eq!(to, [1, 1, 1, 1, 2, 2, 2, 2], "{life}: all are tried again");
            is(seen.emptied()[0], found + 60.0 + 20.0);
            assert_eq!(seen.ended, [(Id::new(0), true)]);
            is(value(outcome, "drain.barred", &["rack", "no-room"]), 0.0);
        });
    }
    // Two are there already and move on with a failover; the third is under way, the fourth waits.
    seen(&fails("3650s", "moves = 1", AGAIN), |seen, _| {
        let to: Vec<usize> = seen.departures.iter().map(|of| of.to).collect();
        assert_eq!(to[..3], [1, 1, 1]);
        assert_eq!(to[3..], [2, 2], "one more than there are, because one is tried again");
        assert_eq!(seen.barred(), []);
        assert_eq!(seen.emptied().len(), 1);
    });
}

/// Over the network a copy ends when its target fails, and where nobody may try again that is told.
#[test]
fn whose_moves_have_failed_stays() {
    let network = "[network]\n[server_models.old]";
    let how = "patience = \"1h\", retry = \"10min\"";
    let text = fails("3605s", how, "livemig = { success_p = 1, attempts = 1 }\n")
        .replace("[server_models.old]", network);
    seen(&text, |seen, outcome| {
        assert_eq!(seen.departures.len(), 4);
        assert_eq!(seen.barred(), [DrainBar::Failed; 4]);
        is(value(outcome, "drain.barred", &["rack", "failed"]), 4.0);
        assert_eq!(seen.given_up(), [3_605.0 + 3_600.0]);
        assert_eq!(seen.ended, [(Id::new(0), true)]);
        assert_eq!(seen.open, [true, false, true], "it takes instances again");
    });
}

#[test]
fn who_has_no_place_stays_and_says_why() {
    let full = |how: &str| {
        let what = servers(2, 2) + &at_start("big", 2) + &at_start("mid", 4);
        text(&(what + &drain("racks = [\"z-r1\"]", how)), LIVE)
            + "[policies]\nplacement = \"first-fit\"\n"
    };
    seen(&full("patience = \"1h\", retry = \"7min\""), |seen, outcome| {
        assert_eq!(seen.barred(), [DrainBar::NoRoom; 2], "each is told of once");
        assert_eq!(seen.given_up(), [7_200.0]);
        is(value(outcome, "drain.barred", &["rack", "no-room"]), 2.0);
        is(value(outcome, "drain.moves", &["rack"]), 0.0);
        assert_eq!((seen.open.as_slice(), seen.ended.len()), ([true, true].as_slice(), 1));
    });
    // Who is released an hour and a half later makes room; the plan finds it within `retry`.
    let text = full("retry = \"7min\"")
        .replace("type = \"mid\"\ncount = 4", "type = \"mid\"\ncount = 4\nlife = \"150min\"");
    seen(&text, |seen, _| {
        assert_eq!(seen.emptied().len(), 1);
        let gap = seen.emptied()[0] - 9_000.0;
        assert!((20.0..=7.0 * 60.0 + 60.0).contains(&gap), "{gap} s after there is room");
        assert!(seen.given_up().is_empty());
    });
}

/// Servers with disks and GPUs, and a rented one: what is on them is not moved by a drain.
fn bound(how: &str, campaign: &str) -> String {
    let what = "[server_models.special]\nvcpus = 16\nmemory = \"64GiB\"\ngpus = 2\n\
                local_disks = { count = 2, size = \"100GiB\", failure = \"never\" }\n\
                crash = \"never\"\nrisk = \"never\"\n\
                [instance_types.disk]\nvcpus = 2\nmemory = \"8GiB\"\nlocal_disks = 1\n\
                [instance_types.gpu]\nvcpus = 2\nmemory = \"8GiB\"\ngpus = 1\n\
                [[servers]]\nmodel = \"special\"\ncount = 2\nzones = [\"z\"]\nracks_per_zone = 2\n";
    let all = [at_start("disk", 1), at_start("gpu", 1), at_start("small", 1)].concat();
    let drain =
        drain("racks = [\"z-r1\"]", how).replace("drain =", &format!("{campaign}\ndrain ="));
    text(&format!("{what}{all}{drain}"), LIVE) + "[policies]\nplacement = \"first-fit\"\n"
}

#[test]
fn hardware_keeps_who_needs_it() {
    seen(&bound("patience = \"1h\"", ""), |seen, outcome| {
        assert_eq!(seen.barred(), [DrainBar::Hardware; 2]);
        assert_eq!(seen.departures.len(), 1, "the third is moved all the same");
        assert_eq!(seen.given_up(), [7_200.0]);
        is(value(outcome, "drain.barred", &["rack", "hardware"]), 2.0);
    });
}

#[test]
fn who_cannot_be_moved_gets_an_event_and_leaves_by_it() {
    for order in DrainOrder::ALL {
        let how = format!("order = \"{}\"", order.name());
        let text = bound(&how, "event = \"SystemMaintenance.Redeploy\"");
        seen(&text, |seen, outcome| {
            assert_eq!(seen.barred(), [DrainBar::Hardware; 2], "{order:?}");
            assert_eq!(seen.departures.len(), 1, "{order:?}: nobody stays for the others' sake");
            assert_eq!(seen.emptied().len(), 1);
            assert!(seen.emptied()[0] > 7_200.0, "an hour after it was announced");
            let executed = ["SystemMaintenance.Redeploy", "Executed"];
            is(value(outcome, "events", &executed), 2.0);
            assert_eq!(seen.ended, [(Id::new(0), true)]);
        });
    }
}

/// Live, else stopped and then moved: the chain of spec R 6 #12.
#[test]
fn who_may_not_be_moved_live_is_stopped_and_then_moved() {
    let what = servers(2, 2) + &at_start("mid", 3);
    let campaign = drain("racks = [\"z-r1\"]", "patience = \"1h\"")
        .replace("drain =", "live_migration = false\nevent = \"SystemMaintenance.Stop\"\ndrain =");
    let text = text(&(what + &campaign), LIVE) + "[policies]\nplacement = \"first-fit\"\n";
    seen(&text, |seen, outcome| {
        assert_eq!(seen.barred(), [DrainBar::NoWay; 3]);
        assert_eq!(seen.departures.len(), 3, "when they are Stopped");
        is(value(outcome, "migrations", &["cold"]), 3.0);
        assert_eq!((seen.emptied().len(), seen.given_up().len()), (1, 0));
        assert!(seen.emptied()[0] > 7_200.0);
    });
    // Without an event nothing moves them.
    let alone = text.replace("event = \"SystemMaintenance.Stop\"\n", "");
    seen(&alone, |seen, _| {
        assert_eq!(seen.barred(), [DrainBar::NoWay; 3]);
        assert_eq!(seen.given_up(), [7_200.0]);
    });
}

/// Two rented hosts that are drained at once: neither is a way out of the other.
#[test]
fn nobody_on_a_rented_host_is_told_of_what_does_not_take_him_off() {
    let what = "[server_models.host]\nvcpus = 16\nmemory = \"64GiB\"\ncrash = \"never\"\n\
                risk = \"never\"\n[[servers]]\nmodel = \"host\"\ncount = 3\nzones = [\"z\"]\n\
                dedicated = true\n[[dedicated_hosts]]\nname = \"one\"\nmodel = \"host\"\n\
                zone = \"z\"\n[[dedicated_hosts]]\nname = \"two\"\nmodel = \"host\"\n\
                zone = \"z\"\n[[workload.instances]]\ntype = \"small\"\ncount = 2\n\
                tenancy = \"host\"\n";
    let what = servers(1, 1) + &at_start("mid", 1) + what;
    for event in ["Redeploy", "Reboot", "Stop"] {
        let by = format!("event = \"SystemMaintenance.{event}\"\ndrain =");
        let campaign = drain("models = [\"host\"]", "patience = \"2h\"").replace("drain =", &by);
        seen(&text(&(what.clone() + &campaign), LIVE), |seen, outcome| {
            assert_eq!((seen.told, seen.barred()), (0, vec![DrainBar::Hardware; 2]), "{event}");
            // One of three carries no host.
            let (emptied, given_up) = (seen.emptied(), seen.given_up());
            assert_eq!((emptied, given_up), (vec![3_600.0], vec![10_800.0; 2]), "{event}");
            is(value(outcome, "drain.moves", &["rack"]), 0.0);
            assert_eq!(seen.ended, [(Id::new(0), true)]);
        });
    }
}

/// Beside who can be migrated, one with a local disk and one with a GPU.
#[test]
fn who_would_not_leave_by_an_event_gets_none() {
    let how = "patience = \"2h\"";
    // A restart moves who is not bound.
    seen(&bound(how, "event = \"SystemMaintenance.Reboot\""), |seen, outcome| {
        assert_eq!((seen.told, seen.departures.len()), (1, 1));
        is(value(outcome, "events", &["SystemMaintenance.Reboot", "Executed"]), 1.0);
        let GivenUp { at, left } = given_up(seen);
        assert_eq!((at, left), (10_800.0, 1), "the disk keeps its instance");
    });
    let stays = "event = \"SystemMaintenance.Reboot\"\nmoves_instances = false";
    seen(&bound(how, stays), |seen, _| {
        assert_eq!((seen.told, given_up(seen)), (0, GivenUp { at: 10_800.0, left: 2 }));
    });
    // A stop is of use to nobody whose disks nobody copies.
    let stops = bound(how, "event = \"SystemMaintenance.Stop\"");
    let cold = |policy: &str| {
        let disks = format!("coldmig = {{ local_disk_policy = \"{policy}\" }}\n[policies]\n");
        stops.replace("[policies]\n", &disks)
    };
    seen(&cold("forbid"), |seen, _| {
        assert_eq!((seen.told, given_up(seen)), (0, GivenUp { at: 10_800.0, left: 2 }));
    });
    // Who waits in vain beside it does not keep it from being asked again after its event.
    seen(&cold("copy"), |seen, _| {
        assert_eq!((seen.told, seen.departures.len()), (1, 2));
        assert_eq!(given_up(seen).left, 1, "the GPU keeps its instance");
    });
}

/// A server that was given up, and how many stay.
#[derive(PartialEq, Debug)]
struct GivenUp {
    at: f64,
    left: u32,
}

/// The only one.
fn given_up(seen: &Seen<'_>) -> GivenUp {
    let of = |(at, fact): &(Instant, DrainFact)| match *fact {
        DrainFact::GivenUp { left, .. } => Some(GivenUp { at: at.micros() as f64 / 1e6, left }),
        _ => None,
    };
    let mut all: Vec<GivenUp> = seen.facts.iter().filter_map(of).collect();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn a_rented_host_keeps_its_server() {
    let what = "[server_models.host]\nvcpus = 16\nmemory = \"64GiB\"\ncrash = \"never\"\n\
                risk = \"never\"\n[[servers]]\nmodel = \"host\"\ncount = 2\nzones = [\"z\"]\n\
                dedicated = true\n[[dedicated_hosts]]\nname = \"one\"\nmodel = \"host\"\n\
                zone = \"z\"\n[[workload.instances]]\ntype = \"small\"\ncount = 2\n\
                dedicated_host = \"one\"\n";
    let what = servers(1, 1) + &at_start("mid", 1) + what;
    let text = text(&(what + &drain("models = [\"host\"]", "patience = \"1h\"")), LIVE);
    seen(&text, |seen, outcome| {
        assert_eq!(seen.barred(), [DrainBar::Hardware; 2]);
        assert_eq!((seen.emptied(), seen.given_up()), (vec![3_600.0], vec![7_200.0]));
        is(value(outcome, "drain.moves", &["rack"]), 0.0);
        assert_eq!(seen.ended, [(Id::new(0), true)]);
    });
}

#[test]
fn a_server_that_was_worked_on_takes_instances_again() {
    let how = "moves = 1, work = \"1h\"";
    let by_model = rack(how).replace("racks = [\"z-r1\"]", "models = [\"m\"], most = 3");
    seen(&by_model, |seen, _| {
        let (emptied, returned) = (seen.emptied(), seen.returned());
        assert_eq!(emptied.len(), 3);
        assert!(emptied.iter().zip(&returned).all(|(one, two)| (two - one - 3_600.0).abs() < 1e-6));
        assert_eq!(seen.open, [true; 6]);
        assert_eq!(seen.ended, [(Id::new(0), true)]);
    });
}

/// Its rule stops it after the first server that is given up; those it will not come to open again.
#[test]
fn a_drain_that_is_stopped_keeps_nothing_closed() {
    let what = servers(3, 3) + &at_start("big", 6);
    let campaign = drain("most = 2", "patience = \"30min\"")
        .replace("drain =", "stop_after_failures = 1\nat_once = { servers = 1 }\ndrain =");
    let text = text(&(what + &campaign), LIVE);
    seen(&text, |seen, outcome| {
        assert_eq!(seen.given_up(), [3_600.0 + 1_800.0]);
        assert_eq!(seen.ended, [(Id::new(0), false)]);
        assert_eq!(seen.open, [true; 3]);
        is(value(outcome, "drain.given_up", &["rack"]), 1.0);
    });
}

/// A group of four on the drained rack.
fn group(drains: &str, min: u32) -> String {
    let what = format!(
        "{}[configurations.web]\ntype = \"mid\"\n{}",
        servers(6, 3),
        drains.replace("PERCENT", &min.to_string())
    );
    text(&what, LIVE)
        + "[policies]\nplacement = \"first-fit\"\n[[groups]]\nname = \"g\"\n\
           configuration = \"web\"\nmin_size = 0\nmax_size = 9\ndesired = 8\nattach = \"7s\"\n\
           detach = \"20s\"\nwarm_up = \"60s\"\n"
}

#[test]
fn a_drain_leaves_its_group_enough_that_serve() {
    let one = drain("racks = [\"z-r1\"]", "min_healthy = PERCENT");
    // Eight members, four on each server of the rack: so many may be away at once.
    for (percent, away, lasts) in [(0, 8, 20.0), (75, 2, 80.0), (80, 1, 160.0), (87, 1, 160.0)] {
        seen(&group(&one, percent), |seen, outcome| {
            assert_eq!(seen.most_away, away, "{percent} %");
            let least = 8 * percent;
            assert!(seen.fewest_serving * 100 >= least, "{percent} %: {}", seen.fewest_serving);
            is(value(outcome, "drain.moves", &["rack"]), 8.0);
            is(value(outcome, "drain.duration", &["rack"]), lasts);
            assert_eq!((seen.emptied().len(), seen.barred()), (2, Vec::new()));
        });
    }
    // More than 7 of 8 may never be spared: that is told when patience is at its end.
    let none = one.replace("PERCENT", "PERCENT, patience = \"1h\"");
    seen(&group(&none, 90), |seen, _| {
        assert_eq!((seen.most_away, seen.departures.len()), (0, 0));
        assert!(seen.barred().contains(&DrainBar::Group));
        assert_eq!(seen.given_up(), [7_200.0; 2]);
        assert_eq!(seen.ended, [(Id::new(0), true)]);
    });
}

/// Two drains of one rack each: what one has under way, the other counts.
#[test]
fn drains_at_once_count_each_others_members() {
    let racks = [("one", "z-r1"), ("two", "z-r2")].map(|(name, rack)| {
        drain(&format!("racks = [\"{rack}\"]"), "min_healthy = PERCENT, retry = \"1min\"")
            .replace("name = \"rack\"", &format!("name = \"{name}\""))
    });
    // Two or three members in each rack.
    let text = group(&racks.concat(), 87).replace("\"first-fit\"", "\"spread\"");
    seen(&text, |seen, outcome| {
        assert_eq!(seen.most_away, 1);
        assert!(seen.fewest_serving >= 7);
        for name in ["one", "two"] {
            is(value(outcome, "drain.emptied", &[name]), 2.0);
        }
        assert_eq!(seen.ended.len(), 2);
    });
}

/// Guests that write nothing are sent once: all of it over what the drain may send.
#[test]
fn a_drain_sends_no_faster_than_it_may() {
    let network = |how: &str| {
        let what = "[network]\n[instance_types.still]\nvcpus = 2\nmemory = \"4GiB\"\n\
                    dirty = { rate = \"0B/s\" }\n";
        let what = what.to_owned() + &servers(4, 2) + &at_start("still", 6);
        let settings = "livemig = { success_p = 1, setup = \"0s\", resume = \"20ms\" }\n\
                        migration = { max_outbound_per_host = \"unlimited\", \
                        max_inbound_per_host = \"unlimited\" }\n";
        text(&(what + &drain("racks = [\"z-r1\"]", how)), settings)
            + "[policies]\nplacement = \"first-fit\"\n"
    };
    let all = 6.0 * f64::from(1 << 16) * f64::from(1 << 16);
    let lasts = |how: &str| {
        seen(&network(how), |seen, outcome| {
            is(value(outcome, "migration.bytes", &[]), all);
            assert_eq!(seen.emptied().len(), 2, "the second is empty from the start");
            value(outcome, "drain.duration", &["rack"])
        })
    };
    // Six at once have a sixth each; then they go on at the same time.
    let rate = 90e6;
    let shared = lasts("bandwidth = \"90MB/s\"");
    assert!((shared - (all / rate + 0.02)).abs() < 2e-6, "{shared}");
    // One by one each has all of it, and pauses by itself.
    let in_turn = lasts("bandwidth = \"90MB/s\", moves = 1");
    assert!((in_turn - (all / rate + 6.0 * 0.02)).abs() < 12e-6, "{in_turn}");
    let by_two = lasts("bandwidth = \"90MB/s\", moves = 2");
    assert!((by_two - (all / rate + 3.0 * 0.02)).abs() < 6e-6, "{by_two}");
    // More than a card gives is no limit.
    is(lasts("bandwidth = \"1Tbit/s\""), lasts(""));
    assert!(lasts("") < 30.0);
}

#[test]
fn a_bandwidth_needs_a_network() {
    let fault = |text: &str| {
        let read = Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default());
        read.map(|_| ()).unwrap_err().to_string()
    };
    let without = fault(&rack("bandwidth = \"5Gbit/s\""));
    assert!(
        without.contains("`campaigns[rack].drain.bandwidth`: there is no network"),
        "{without}"
    );
    let slow = fault(&format!("{}[network]\n", rack("bandwidth = \"5kbit/s\"")));
    assert!(slow.contains("`campaigns[rack].drain.bandwidth` is 625 B/s"), "{slow}");
}

#[test]
fn what_is_tried_again_at_every_moment_is_a_fault() {
    let read = |how: &str| {
        let text = rack(how);
        Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default())
    };
    for retry in ["0s", "999ms"] {
        let fault = read(&format!("retry = \"{retry}\"")).map(|_| ()).unwrap_err().to_string();
        let says = "`campaigns[rack].drain.retry` is less than a second";
        assert!(fault.contains(says), "{fault}");
        assert!(fault.contains("give \"1s\" or more"), "{fault}");
    }
    assert!(read("retry = \"1s\"").is_ok());
    let republished = |delay: &str| {
        let delay = format!("cancel_p = 0, republish_delay = \"{delay}\"");
        let text = rack("").replace("cancel_p = 0", &delay);
        Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default())
    };
    let fault = republished("0s").map(|_| ()).unwrap_err().to_string();
    let says = "`settings.event.republish_delay` is less than a second";
    assert!(fault.contains(says) && fault.contains("give \"1s\" or more"), "{fault}");
    republished("1s").unwrap();
}

/// A server that fails keeps its slots no longer than its moves last.
#[test]
fn a_source_that_fails_keeps_nobody_waiting() {
    let what = "[server_models.weak]\nvcpus = 16\nmemory = \"64GiB\"\nrisk = \"never\"\n\
                crash = { life = \"3610s\", restarts_itself = 0, repair = \"5h\" }\n\
                [[servers]]\nmodel = \"weak\"\ncount = 1\nzones = [\"z\"]\n";
    let what = what.to_owned() + &servers(3, 3) + &at_start("big", 4);
    let campaign = drain("racks = [\"z-r1\", \"z-r2\"]", "moves = 2");
    let text = text(&(what + &campaign), LIVE) + "[policies]\nplacement = \"first-fit\"\n";
    seen(&text, |seen, _| {
        let first = seen.emptied()[0];
        assert!(first < 3_700.0, "the other server is empty {first} s after the beginning");
        assert_eq!(seen.ended.len(), 1);
        assert_eq!(seen.most_moves, 2);
    });
}

#[test]
fn each_server_that_keeps_somebody_is_given_up() {
    let what = servers(3, 3) + &at_start("big", 5);
    let campaign = drain("most = 2", "patience = \"1h\"");
    let text = text(&(what + &campaign), LIVE) + "[policies]\nplacement = \"first-fit\"\n";
    // Five of 8 on three servers: one has room for one more; one of four has a place.
    seen(&text, |seen, _| {
        assert_eq!(seen.departures.len(), 1);
        assert_eq!(seen.barred().len(), 3);
        assert_eq!(seen.given_up(), [7_200.0; 2]);
    });
}

/// The bound is one of capacity, so that a heavy member is more than one.
#[test]
fn a_member_counts_with_its_weight() {
    let one = drain("racks = [\"z-r1\"]", "min_healthy = PERCENT");
    // Four members of two each; 7 of 8 serving would be enough if they counted one.
    for (percent, away, lasts) in [(0, 4, 20.0), (50, 2, 40.0), (75, 1, 80.0)] {
        let text = group(&one, percent)
            .replace("type = \"mid\"\n", "types = [{ type = \"mid\", weight = 2 }]\n");
        seen(&text, |seen, outcome| {
            assert_eq!(seen.most_away, away, "{percent} %");
            is(value(outcome, "drain.moves", &["rack"]), 4.0);
            is(value(outcome, "drain.duration", &["rack"]), lasts);
        });
    }
    // Where one is too many, none is moved.
    let none = one.replace("PERCENT", "PERCENT, patience = \"1h\"");
    let text =
        group(&none, 80).replace("type = \"mid\"\n", "types = [{ type = \"mid\", weight = 2 }]\n");
    seen(&text, |seen, _| {
        assert_eq!((seen.most_away, seen.departures.len()), (0, 0));
        assert!(seen.barred().contains(&DrainBar::Group));
    });
}

/// Who is on the way to a server when that is closed arrives there, and is moved on.
#[test]
fn who_arrives_at_a_server_that_is_drained_is_moved_on() {
    let campaigns = drain("racks = [\"z-r1\"]", "")
        + &drain("racks = [\"z-r2\"]", "")
            .replace("name = \"rack\"", "name = \"next\"")
            .replace("start = \"1h\"", "start = \"3610s\"");
    let text = text(&(servers(3, 3) + &at_start("big", 1) + &campaigns), LIVE)
        + "[policies]\nplacement = \"first-fit\"\n";
    seen(&text, |seen, outcome| {
        let of = |at: u64, from, to| Departure {
            at: Instant::from_micros(at * 1_000_000),
            vcpus: 8,
            from,
            to,
        };
        // It is looked at when it arrives, not only when it is tried again.
        assert_eq!(seen.departures, [of(3_600, 0, 1), of(3_620, 1, 2)]);
        assert_eq!(seen.emptied(), [3_620.0, 3_640.0]);
        is(value(outcome, "drain.emptied", &["next"]), 1.0);
        assert_eq!(seen.open, [false, false, true]);
    });
}

/// One that runs ahead of its memory is under way until all of that has come, whatever ends meanwhile
/// on the server that it has left.
#[test]
fn a_post_copy_is_a_move_until_its_memory_has_come() {
    let kind = |name: &str, memory: u32, count: u32| {
        let dirty = "dirty = { rate = \"20GB/s\" }";
        let kind = format!("vcpus = 1\nmemory = \"{memory}GiB\"\n{dirty}\n");
        format!("[instance_types.{name}]\n{kind}{}", at_start(name, count))
    };
    let what =
        format!("[network]\n{}{}{}", servers(2, 2), kind("whale", 24, 1), kind("fish", 2, 10));
    let settings = "livemig = { success_p = 1, not_converging = \"post-copy\", max_rounds = 1 }\n\
                    migration = { max_outbound_per_host = \"unlimited\", \
                    max_inbound_per_host = \"unlimited\" }\n";
    let text = text(&(what + &drain("racks = [\"z-r1\"]", "moves = 2")), settings)
        + "[policies]\nplacement = \"first-fit\"\n";
    seen(&text, |seen, outcome| {
        assert_eq!((seen.departures.len(), seen.went_ahead), (11, 11));
        assert_eq!(seen.most_moves, 2);
        is(value(outcome, "migration.ended", &["done"]), 11.0);
        assert_eq!(seen.emptied().len(), 1);
    });
}

/// A server that a drain is at is left to it: another one takes it up afterwards, and has the last
/// word on whether it is open.
#[test]
fn a_server_is_drained_by_one_after_the_other() {
    let which = "racks = [\"z-r1\"]";
    let campaigns = drain(which, "work = \"1h\"")
        + &drain(which, "")
            .replace("name = \"rack\"", "name = \"again\"")
            .replace("start = \"1h\"", "start = \"90min\"");
    let text = text(&(servers(2, 2) + &at_start("big", 1) + &campaigns), LIVE)
        + "[policies]\nplacement = \"first-fit\"\n";
    seen(&text, |seen, outcome| {
        assert_eq!(seen.departures.len(), 1);
        assert_eq!(seen.emptied(), [3_620.0, 7_220.0]);
        assert!(seen.returned().is_empty(), "the next one keeps it closed");
        for name in ["rack", "again"] {
            is(value(outcome, "drain.emptied", &[name]), 1.0);
        }
        assert_eq!(seen.open, [false, true], "the second keeps it closed");
        assert_eq!(seen.ended.len(), 2);
    });
}

/// What one drain keeps for good another one empties, but does not open.
#[test]
fn a_server_opens_when_the_last_drain_lets_it_go() {
    let which = "racks = [\"z-r1\"]";
    let next = |which: &str, how: &str, at_once: &str| {
        drain(which, how)
            .replace("name = \"rack\"\nstart = \"1h\"", "name = \"next\"\nstart = \"2h\"")
            .replace("drain =", &format!("{at_once}drain ="))
    };
    let campaigns = drain(which, "") + &next(which, "work = \"1h\"", "");
    let first_fit = "[policies]\nplacement = \"first-fit\"\n";
    let for_good = text(&(servers(2, 2) + &at_start("big", 1) + &campaigns), LIVE) + first_fit;
    seen(&for_good, |seen, _| {
        assert_eq!(seen.emptied(), [3_620.0, 7_200.0]);
        assert_eq!((seen.returned(), seen.open.as_slice()), (vec![], [false, true].as_slice()));
        assert_eq!(seen.ended.len(), 2);
    });
    // What the first lets go the next one has not come to yet.
    let both = "racks = [\"z-r1\", \"z-r2\"]";
    let campaigns =
        drain(which, "work = \"2h\"") + &next(both, "work = \"3h\"", "at_once = { servers = 1 }\n");
    let in_turn = text(&(servers(3, 3) + &at_start("big", 2) + &campaigns), LIVE) + first_fit;
    seen(&in_turn, |seen, _| {
        assert_eq!(seen.emptied(), [3_620.0, 7_220.0, 18_020.0]);
        assert_eq!(seen.returned(), [18_020.0, 28_820.0], "not when it is let go for another");
        assert_eq!((seen.departures.len(), seen.open.as_slice()), (4, [true; 3].as_slice()));
    });
    // Nor does one that is stopped by its rule open what another one keeps.
    let stopped = next(
        both,
        "patience = \"1h\"",
        "order = \"fullest-first\"\n\
        at_once = { servers = 1 }\nstop_after_failures = 1\n",
    );
    let campaigns = drain(which, "") + &stopped;
    let full = text(&(servers(2, 2) + &at_start("big", 2) + &campaigns), LIVE) + first_fit;
    seen(&full, |seen, _| {
        assert_eq!((seen.emptied(), seen.given_up()), (vec![3_620.0], vec![10_800.0]));
        assert_eq!(seen.ended, [(Id::new(0), true), (Id::new(1), false)]);
        assert_eq!(seen.open, [false, true]);
    });
}

/// The work on an empty server is done, but it has come to be at risk: it is repaired first.
#[test]
fn a_server_at_risk_does_not_return() {
    let what = "[server_models.weak]\nvcpus = 16\nmemory = \"64GiB\"\ncrash = \"never\"\n\
                risk = { life = \"LIFE\", curable = 0, crash_p = 0, repair = \"1h\" }\n\
                [[servers]]\nmodel = \"weak\"\ncount = 1\nzones = [\"z\"]\n";
    let what = what.to_owned() + &servers(1, 1) + &at_start("big", 1);
    let text = text(&(what + &drain("models = [\"weak\"]", "work = \"5h\"")), LIVE)
        + "[policies]\nplacement = \"first-fit\"\n";
    seen(&text.replace("LIFE", "5h"), |seen, _| {
        assert_eq!((seen.emptied(), seen.returned()), (vec![3_620.0], vec![]));
        assert_eq!(seen.ended, [(Id::new(0), true)]);
        assert_eq!(seen.open, [true, true], "after its repair");
    });
    seen(&text.replace("LIFE", "570min"), |seen, _| {
        assert_eq!(seen.returned(), [21_620.0], "it is not at risk yet");
        assert_eq!(seen.open, [false, true]);
    });
}

/// As the drawn model's blackout, the pause of a pre-copy ends with its target: nobody is on the way
/// to a server that is down, and there is a new plan.
#[test]
fn a_copy_fails_just_before_it_is_over() {
    let one = |life: &str| {
        let again = "livemig = { success_p = 1, resume = \"1s\", attempts = 3, \
                     retry_after = \"1min\" }\n";
        fails(life, "", again)
            .replace("[server_models.old]", "[network]\n[server_models.old]")
            .replace("type = \"mid\"\ncount = 4", "type = \"mid\"\ncount = 1")
    };
    let whole = seen(&one("9h"), |seen, _| {
        assert_eq!(seen.plans(), 1);
        seen.emptied()[0]
    });
    let failed = (whole - 0.5).floor();
    assert!(whole - failed < 1.0, "all is sent {} s before the end", whole - failed);
    seen(&one(&format!("{failed}s")), |seen, outcome| {
        let to: Vec<usize> = seen.departures.iter().map(|of| of.to).collect();
        assert_eq!((to, seen.plans()), (vec![1, 2], 2));
        assert_eq!(seen.emptied().len(), 1);
        assert!((seen.emptied()[0] - (failed + 60.0 + whole - 3_600.0)).abs() < 1e-3);
        is(value(outcome, "migration.ended", &["target-failed"]), 1.0);
        assert_eq!(seen.barred(), []);
    });
}

/// A rented host may be filled any time, so that its server is not empty though nobody is there.
#[test]
fn an_empty_rented_host_is_given_up_at_once() {
    let what = "[server_models.host]\nvcpus = 16\nmemory = \"64GiB\"\ncrash = \"never\"\n\
                risk = \"never\"\n[[servers]]\nmodel = \"host\"\ncount = 2\nzones = [\"z\"]\n\
                dedicated = true\n[[dedicated_hosts]]\nname = \"one\"\nmodel = \"host\"\n\
                zone = \"z\"\n";
    let what = servers(1, 1) + &at_start("mid", 1) + what;
    let text = text(&(what + &drain("models = [\"host\"]", "patience = \"1h\"")), LIVE);
    seen(&text, |seen, outcome| {
        assert_eq!((seen.emptied(), seen.given_up()), (vec![3_600.0], vec![3_600.0]));
        is(value(outcome, "drain.emptied", &["rack"]), 1.0);
        assert_eq!(seen.ended, [(Id::new(0), true)]);
    });
}
