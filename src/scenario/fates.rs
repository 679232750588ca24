//! What is drawn about failures of hardware: the same under every policy, as far as a run gets to
//! it.

use super::model::Scenario;
use crate::{
    fleet::{
        chance::Chance,
        ids::{Bay, Server},
    },
    kernel::{
        column::Id,
        distribution::Distribution,
        streams::{Draws, Streams},
        time::Span,
    },
};

/// All that chance has to say of one disk: a pure function of the scenario, the run and the disk's
/// place and number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DiskFate {
    /// How long it works from when it is ready (µs, calendar time); never-ending where its model
    /// has no law.
    pub life: Span,
    /// Whether its damage can be isolated online, where the family of its holder supports it (S22).
    pub online: bool,
    /// Whether the online isolation then fails.
    pub isolation_fails: bool,
    /// Whether the online re-initialisation of its successor fails.
    pub reinit_fails: bool,
    /// Whether the restart that is to end an offline job hangs (S25).
    pub hangs: bool,
    /// Time until its damage is detected (µs).
    pub detect: Span,
    /// Time that the operator takes to replace it (µs).
    pub replace: Span,
}

/// All that chance has to say of how one crash of a server goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CrashFate {
    /// How long it takes to restart by itself (µs), if it does.
    pub restart: Option<Span>,
    /// Time until the crash is noticed (µs).
    pub detect: Span,
    /// How long its repair takes (µs), if it needs one.
    pub repair: Span,
}

impl Scenario {
    /// What is drawn about the crash that ends the life number `life` of `server`; `None` where
    /// its model has no law of crashes.
    pub fn crash_fate(
        &self,
        streams: &Streams,
        server: Id<Server>,
        life: u32,
    ) -> Option<CrashFate> {
        let law = self.layout.models[self.layout.servers[server].model].crash.as_ref()?;
        let draws = |what: Chance| what.of(streams, server.index() as u64, life);
        let soft = draws(Chance::ServerRestartsItself).happens(law.restarts_itself);
        Some(CrashFate {
            restart: soft.then(|| law.restart.draw(&mut draws(Chance::ServerRestart))),
            detect: self.settings.recover_detect.draw(&mut draws(Chance::ServerDetect)),
            repair: law.repair.draw(&mut draws(Chance::ServerRepair)),
        })
    }

    /// How long the disk number `number` of `bay` works.
    #[inline]
    pub fn disk_life(&self, streams: &Streams, bay: Id<Bay>, number: u32) -> Span {
        let model = self.layout.servers[self.layout.bays[bay]].model;
        match &self.layout.models[model].disk_life {
            Some(law) => law.draw(&mut at(streams, Chance::DiskLife, bay, number)),
            None => Span::NEVER,
        }
    }

    /// All that is drawn about the disk number `number` of `bay`.
    pub fn disk_fate(&self, streams: &Streams, bay: Id<Bay>, number: u32) -> DiskFate {
        let settings = &self.settings.disk;
        let length = |law: &Distribution, what| law.draw(&mut at(streams, what, bay, number));
        let mut kind = at(streams, Chance::DiskDamageKind, bay, number);
        DiskFate {
            life: self.disk_life(streams, bay, number),
            online: kind.happens(settings.online_isolation_p),
            isolation_fails: kind.happens(settings.online_isolation_fail_p),
            reinit_fails: kind.happens(settings.online_reinit_fail_p),
            hangs: kind.happens(settings.no_nofail_boot_hang_p),
            detect: length(&settings.detect, Chance::DiskDetect),
            replace: length(&settings.replace, Chance::DiskReplace),
        }
    }
}

fn at(streams: &Streams, what: Chance, bay: Id<Bay>, number: u32) -> Draws {
    what.of(streams, bay.index() as u64, number)
}
