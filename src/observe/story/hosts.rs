//! What becomes of dedicated hosts, in words.

use super::{
    Detail, Story,
    about::About,
    words::{Told, of, text},
};
use crate::{
    fleet::{
        dedicated_hosts::MoveFor,
        ids::{DedicatedHost, Script},
    },
    kernel::column::Id,
    messages::hosts::{HostFact, LiveStatus},
};

/// `fact` in words.
pub(super) fn told(story: &Story<'_>, fact: &HostFact) -> Told {
    let layout = &story.scenario.layout;
    let name = |host: Id<DedicatedHost>| &layout.dedicated_hosts[host].name;
    let id = |host| Detail::Text(story.ids.dedicated_host(host).to_string());
    match *fact {
        HostFact::Moved { host, from, to } => {
            let words = format!("dedicated host {} {from} -> {to}", name(host));
            let details = vec![
                ("dedicated_host", text(name(host))),
                ("dedicated_host_id", id(host)),
                ("from", text(from.name())),
                ("to", text(to.name())),
            ];
            of("HostMoved", words, details)
        }
        HostFact::Carried { host, from, to, moves_for } => {
            let (from, to) = (layout.server_name(from), layout.server_name(to));
            let why = why(moves_for);
            let words = format!("dedicated host {} moves from {from} to {to}: {why}", name(host));
            let details = vec![
                ("dedicated_host", text(name(host))),
                ("dedicated_host_id", id(host)),
                ("machine_before", Detail::Text(from)),
                ("machine", Detail::Text(to)),
                ("reason", text(why)),
            ];
            of("HostCarried", words, details)
        }
        HostFact::Waits(host) => {
            let words = format!("dedicated host {} finds no idle server and waits", name(host));
            of("HostWaits", words, vec![("dedicated_host", text(name(host)))])
        }
        HostFact::Modified(host) => {
            let words = format!("attributes of dedicated host {} are changed", name(host));
            of("HostModified", words, vec![("dedicated_host", text(name(host)))])
        }
        HostFact::Retyped { instance, template } => {
            let kind = &layout.types[layout.templates[template].instance_type].name;
            let words = format!("{} is a {kind} from now on", story.name(instance));
            of("Retyped", words, vec![("type", text(kind))])
        }
        HostFact::LiveMigration { instance, source, destination, status, .. } => {
            let status = match status {
                LiveStatus::Started => "started",
                LiveStatus::Accomplished => "accomplished",
                LiveStatus::Failed => "failed",
            };
            let words = format!(
                "the live migration of {} from dedicated host {} to {} is told: {status}",
                story.name(instance),
                name(source),
                name(destination)
            );
            let details = vec![
                ("source", text(name(source))),
                ("destination", text(name(destination))),
                ("status", text(status)),
            ];
            of("LiveMigrationAcrossDDH", words, details)
        }
    }
}

impl Story<'_> {
    /// Whether this is about `host`, the server that carries it now, or a command that names it.
    pub(super) fn concerns_host(&self, about: &About, host: Id<DedicatedHost>) -> bool {
        let server = self.carriers[host];
        let names = |script: Id<Script>| {
            self.scenario.scripts[script].parameters.hosts.hosts.contains(&Some(host))
        };
        about.host == Some(host)
            || about.server == Some(server)
            || about.rack == Some(self.scenario.layout.servers[server].rack)
            || self
                .event_of(about)
                .is_some_and(|event| event.server == Some(server) || event.is_told)
            || about.script.is_some_and(names)
    }
}

const fn why(moves_for: MoveFor) -> &'static str {
    match moves_for {
        MoveFor::Failure => "its server has failed",
        MoveFor::Repair => "its server must be repaired",
        MoveFor::Owner | MoveFor::OwnerLive => "its owner asked for it",
        MoveFor::Ticket => "a support ticket",
    }
}
