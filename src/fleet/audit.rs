//! The invariants of a fleet, checked from scratch: for tests, after every turn.

use super::{Fleet, layout::Layout};
use crate::{
    fleet::{
        groups::Counts,
        ids::{Member, Server},
        instances::Recovering,
        layout::Resources,
        members::MemberRow,
    },
    kernel::column::Id,
    lifecycle::{
        Attribute, instance::InstanceState, local_disk::DiskState, member::MemberState,
        server::ServerState, task::TaskStatus,
    },
};

impl Fleet {
    /// Checks every invariant of a fleet between two turns; costs a walk over everything.
    ///
    /// # Panics
    /// Where one does not hold: capacity is conserved, on NUMA nodes too; an instance is on exactly the server whose
    /// list holds it; whoever is served runs on a working server; each task under way has its
    /// instance, and room is reserved for tasks under way alone; who waits for room is in the queue;
    /// each bay has its holder, and what is free of bays is what capacity says; the books of each
    /// scaling group are what its members add up to; no credit is lost or made up.
    pub fn audit(&self, layout: &Layout) {
        let mut on_servers = 0;
        for (server, row) in self.servers.entries() {
            let mut held = Resources::default();
            let mut count = 0;
            for instance in self.instances.on(&self.servers, server) {
                assert_eq!(self.instances[instance].server, Some(server), "{instance:?} is listed");
                held = held.plus(layout.demand(self.instances[instance].template));
                count += 1;
            }
            on_servers += count as usize;
            for (_, task) in self.tasks.under_way() {
                if task.target.is_some_and(|target| target.server == server) {
                    held = held.plus(layout.demand(self.instances[task.instance].template));
                    count += 1;
                }
            }
            self.audit_nodes(layout, server);
            held.local_disks += self.audit_bays(layout, server);
            let whole = held.plus(self.capacity.free(server));
            assert_eq!(
                whole,
                self.capacity.whole(layout, server),
                "capacity of {server:?} is conserved"
            );
            assert_eq!(self.capacity.held(server), count, "claims on {server:?}");
            let available =
                row.state == ServerState::Up && self.racks.is_up(layout.servers[server].rack);
            let is_kept = self.dedicated.keeps(server);
            let open = available && !self.works[server].closed && !is_kept;
            assert_eq!(self.capacity.is_open(server), open, "{server:?} is open");
        }
        let mut with_server = 0;
        for (instance, row) in self.instances.present() {
            with_server += usize::from(row.server.is_some());
            if row.served {
                assert_eq!(row.state, InstanceState::Running, "{instance:?} is served");
                assert!(self.has_working_server(layout, instance), "{instance:?} is served");
                assert_eq!(row.down_by, None, "{instance:?} is served");
            }
            if row.owing && !row.served {
                assert!(row.down_by.is_some(), "{instance:?} is down for a reason");
            }
            if row.recovery == Recovering::ForRoom {
                assert!(self.waiting.holds(instance), "{instance:?} waits for room");
            }
            if let Some(task) = row.task {
                assert_eq!(self.tasks[task].instance, instance, "the task of {instance:?}");
            }
        }
        for instance in self.waiting.everybody() {
            let recovery = self.instances[instance].recovery;
            assert_eq!(recovery, Recovering::ForRoom, "{instance:?} is in the queue for room");
        }
        assert_eq!(with_server, on_servers, "no instance is on two servers");
        for (task, row) in self.tasks.under_way() {
            assert_eq!(self.instances[row.instance].task, Some(task), "{task:?} has its instance");
        }
        self.audit_flows();
        self.audit_disk_events();
        self.audit_hosts(layout);
        self.audit_groups();
        self.audit_refreshes();
    }

    /// Checks that no credit is lost or made up, and that what is sent is sent for a task under way.
    fn audit_flows(&self) {
        for row in self.burstables.present() {
            assert!(row.is_conserved(), "the credits of {:?}: {row:?}", row.instance);
        }
        self.transfers.audit();
        for (transfer, row) in self.transfers.under_way() {
            let status = self.tasks[row.task].status;
            assert_eq!(status, TaskStatus::Processing, "{transfer:?} is of a task under way");
        }
    }

    /// Checks that a host's instances stand on its server, or on one that it is leaving or going to;
    /// that such servers carry no others; and that nobody with a place on a host stands elsewhere.
    fn audit_hosts(&self, layout: &Layout) {
        for (server, host) in self.dedicated.kept() {
            for instance in self.instances.on(&self.servers, server) {
                let template = self.instances[instance].template;
                let place = self.dedicated.of(layout, instance, template);
                let on = place.and_then(|hosted| hosted.host);
                assert_eq!(on, host, "{instance:?} is of the host of {server:?}");
            }
        }
        for (host, row) in self.dedicated.entries() {
            let leaving = self.dedicated.leaving(host);
            for server in leaving.chain([row.server]).chain(row.target) {
                assert_eq!(self.dedicated.on(server), Some(host), "{server:?} is for {host:?}");
            }
            let spec = &layout.dedicated_hosts[host];
            let of = &layout.servers[row.server];
            assert_eq!((of.model, of.zone), (spec.model, spec.zone), "what carries {host:?}");
            let free = self.capacity.free(row.server);
            assert!(self.dedicated.is_ranked((host, spec.zone), free), "{host:?} is ranked");
            let waits = self.dedicated.waiting().any(|waiting| waiting == host);
            assert_eq!(waits, row.waits_since.is_some(), "{host:?} waits");
        }
        if !self.dedicated.is_empty() {
            for (instance, row) in self.instances.present() {
                let place = self.dedicated.of(layout, instance, row.template);
                let is_kept = row.server.is_some_and(|server| self.dedicated.keeps(server));
                assert!(
                    row.server.is_none() || is_kept == place.is_some(),
                    "{instance:?} is where its tenancy says"
                );
            }
        }
    }

    /// Checks the books of the refreshes under way, unless there are news that nobody has read.
    fn audit_refreshes(&self) {
        for (group, books) in self.groups.entries() {
            let Some(refresh) = books.refresh.filter(|_| books.news.is_empty()) else { continue };
            let row = &self.refreshes[refresh];
            assert_eq!(row.group, group, "{refresh:?} is of its group");
            assert!(row.status.attribute() != Attribute::Final, "{refresh:?} is active");
            assert_eq!(row.need.len(), row.places.len(), "places of {refresh:?}");
            let free: u32 =
                row.need.values().filter(|needy| needy.free).map(|n| u32::from(n.weight)).sum();
            assert_eq!(row.need_free, free, "who may go at once of {refresh:?}");
            assert!(row.finished <= row.total, "{refresh:?} does not finish more than all");
            assert!(row.rolled_back[0] <= row.rolled_back[1], "nor take more back");
            let (mut open, mut fills, mut shares) = ([0; 2], 0, [0; 3]);
            for (replacement, of) in self.refreshes.open_of(refresh) {
                if of.fills {
                    fills += 1;
                } else {
                    open[0] += 1;
                    open[1] += u32::from(!of.finished);
                }
                let counted = |member: Option<Id<Member>>| {
                    member.is_some_and(|member| self.members[member].state.is_counted())
                };
                let share = of.share([counted(of.old), counted(of.new)]);
                assert_eq!(of.share, share, "the share of {replacement:?}");
                shares[0] += share.extra;
                shares[1] += share.owed;
                shares[2] += share.awaited;
                for member in [of.old, of.new.filter(|_| !of.finished)].into_iter().flatten() {
                    let is_of = self.members[member].replacement;
                    assert_eq!(is_of, Some(replacement), "{member:?} knows its replacement");
                    assert!(!row.places.contains_key(&member), "{member:?} is in flight");
                }
            }
            assert_eq!((row.open, row.fills), (open, fills), "replacements of {refresh:?}");
            let sums = [row.shares.extra, row.shares.owed, row.shares.awaited];
            assert_eq!(sums, shares, "shares of {refresh:?}");
        }
    }

    /// Checks the books of the scaling groups against their members, and members against instances.
    fn audit_groups(&self) {
        if self.groups.is_empty() {
            return;
        }
        for (group, books) in self.groups.entries() {
            let of_group = || self.members.present().filter(|(_, row)| row.group == group);
            let counts = of_group().fold(Counts::default(), |sum, (_, row)| sum.plus(row.counts()));
            assert_eq!(books.counts, counts, "counts of {group:?}");
            assert!(counts.healthy <= counts.counted, "who is healthy is counted");
            assert!(counts.serving <= counts.counted, "who serves is counted");
            let [min, max] = books.size;
            assert!(min <= max, "sizes of {group:?}");
            let of_state = |state| of_group().filter(|(_, row)| row.state == state).count();
            let removable = of_state(MemberState::InService);
            assert_eq!(books.removable.len(), removable, "who may be removed of {group:?}");
            assert_eq!(books.stopped.len(), of_state(MemberState::Stopped), "kept of {group:?}");
        }
        for (member, row) in self.members.present() {
            self.audit_member(member, row);
        }
        for (instance, row) in self.instances.present().filter(|(_, row)| row.in_group) {
            let member = self.members.of(instance).expect("who is in a group is a member");
            assert_eq!(self.members[member].instance, Some(instance), "{instance:?} is {member:?}");
            assert!(row.in_group, "{instance:?} is a member");
        }
    }

    /// Checks one member: it has its instance, and is held where it waits.
    fn audit_member(&self, member: Id<Member>, row: &MemberRow) {
        // One whose instance is released has left in the next round.
        let Some(instance) = row.instance else { return };
        assert_eq!(self.members.of(instance), Some(member), "{member:?} has its instance");
        let of = &self.instances[instance];
        assert!(of.in_group, "{instance:?} is a member");
        if row.serves {
            let state = row.state;
            let in_service = matches!(state, MemberState::InService | MemberState::Protected);
            assert!(in_service && row.warm && !row.failing, "{member:?} serves in {state}");
        }
        let is_held = self.members.is_held(member);
        match row.state {
            MemberState::RemovingWait => assert!(is_held, "{member:?} waits for its hooks"),
            // A hook has ended and it is being attached; or its owner started what is kept.
            MemberState::PendingWait | MemberState::Stopped => {}
            MemberState::Removing if row.detached => {
                assert!(of.departing || row.keep || !row.is_ended(), "{member:?} is to end");
            }
            MemberState::Pending
            | MemberState::InService
            | MemberState::Protected
            | MemberState::Standby
            | MemberState::Removing
            | MemberState::Gone => assert!(!is_held, "nothing holds {member:?}"),
        }
    }

    /// Checks that what is free on the NUMA nodes of `server` and what sits there are the whole.
    fn audit_nodes(&self, layout: &Layout, server: Id<Server>) {
        let mut nodes = self.capacity.nodes(server).to_vec();
        if nodes.is_empty() {
            return;
        }
        let here = self.instances.on(&self.servers, server);
        let here = here.map(|instance| (instance, self.instances.nodes(instance)));
        let reserved = self.tasks.under_way().filter_map(|(_, task)| {
            let target = task.target.filter(|target| target.server == server)?;
            Some((task.instance, target.nodes))
        });
        for (instance, seats) in here.chain(reserved) {
            let shape = layout.templates[self.instances[instance].template].shape;
            let parts = &layout.shapes[shape].nodes;
            assert_eq!(seats.each().count(), parts.len(), "nodes of {instance:?}");
            for (part, node) in parts.iter().zip(seats.each()) {
                nodes[node] = nodes[node].plus(part);
            }
        }
        let mut empty = layout.models[layout.servers[server].model].node();
        let whole = self.capacity.whole(layout, server).vcpus;
        empty.vcpus += (whole - layout.capacity(server).vcpus) / nodes.len() as u32;
        assert!(nodes.iter().all(|node| *node == empty), "nodes of {server:?} are conserved");
    }

    /// Checks the bays of `server`; says how many of them are withheld from capacity.
    fn audit_bays(&self, layout: &Layout, server: Id<Server>) -> u32 {
        let (mut free, mut withheld) = (0, 0);
        for bay in layout.servers[server].bays.iter() {
            let row = &self.disks[bay];
            match (row.holder, row.state) {
                (None, DiskState::Healthy) => free += 1,
                (None, DiskState::Damaged) => withheld += 1,
                (None, state) => panic!("nobody holds {bay:?}, whose disk is {state}"),
                (Some(instance), _) => {
                    let holder = &self.instances[instance];
                    let target = holder.task.and_then(|task| self.tasks[task].target);
                    let is_reserved = target.is_some_and(|target| target.server == server);
                    let is_there = holder.server == Some(server) || is_reserved;
                    assert!(is_there, "{instance:?} holds {bay:?} where it is or goes");
                }
            }
        }
        assert_eq!(self.capacity.free(server).local_disks, free, "free bays of {server:?}");
        for instance in self.instances.on(&self.servers, server) {
            let held = self.disks.held(layout.servers[server].bays, instance).count() as u32;
            let demand = layout.demand(self.instances[instance].template);
            assert_eq!(held, demand.local_disks, "bays of {instance:?}");
        }
        withheld
    }

    /// Checks that events about disks are about disks that their instances hold.
    fn audit_disk_events(&self) {
        for (event, row) in self.events.open() {
            if let Some(bay) = row.bay {
                let holder = self.disks[bay].holder;
                assert_eq!(holder, Some(row.instance), "{event:?} is about a disk that is held");
            }
        }
    }
}
