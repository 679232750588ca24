//! `Instance:LiveMigrationAcrossDDH` (spec/events.md 6.3, 9.4).

use super::Notifications;
use crate::{
    fleet::ids::{DedicatedHost, Instance},
    kernel::{column::Id, time::Instant},
    messages::hosts::LiveStatus,
    observe::names,
    scenario::notifications::{Content, MigrationStatus, MigrationTold},
};
use std::fmt;

impl<W: fmt::Write> Notifications<'_, W> {
    /// A live migration between dedicated hosts began, or ended.
    pub(super) fn migration(
        &mut self,
        now: Instant,
        (instance, began): (Id<Instance>, Instant),
        hosts: [Id<DedicatedHost>; 2],
        status: LiveStatus,
    ) {
        let [source, destination] = hosts.map(|host| self.ids.dedicated_host(host).to_string());
        let name = names::instance(self.instances[instance].name, self.scenario);
        let (status, ended) = match status {
            LiveStatus::Started => (MigrationStatus::Started, None),
            LiveStatus::Accomplished => (MigrationStatus::Accomplished, Some(now)),
            LiveStatus::Failed => (MigrationStatus::Failed, Some(now)),
        };
        let instance = self.instance(instance);
        let (started, ended) = (self.moment(began), ended.map(|ended| self.moment(ended)));
        let told = MigrationTold { instance, source, destination, started, ended, status };
        self.send_named(now, Some(name), Content::LiveMigration(told));
    }
}
