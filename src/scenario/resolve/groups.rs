//! Scaling groups.

use super::{
    build::{Build, Names},
    clock::Clock,
    configurations::Configurations,
    demand::target,
    group_words::{health, hook_result, kind, placing, processes, removal},
    refresh::{Layers, rules},
    servers::duplicates,
};
use crate::{
    fleet::{
        ids::{Configuration, ScalingGroup, Zone},
        scaling::{
            Creation, Following, GroupKind, HookSpec, Offer, Reclaim, ScalingGroupSpec, Scheduled,
            StartingMembers,
        },
    },
    kernel::{
        column::{Column, Id},
        distribution::Distribution,
        time::Span,
    },
    lifecycle::member::MemberState,
    policy::refresh::RefreshRules,
    scenario::{load::Loader, view::View},
};

/// A day.
const DAY: Span = Span::from_seconds(86_400);

/// Most hooks that a group may have (spec/refresh-and-migration.md 1.6).
const MOST_HOOKS: usize = 6;

/// The scaling groups, and what they may launch.
#[derive(Debug)]
pub struct Groups {
    /// The groups by name.
    pub names: Names<Id<ScalingGroup>>,
    /// What may be launched.
    pub configurations: Configurations,
    /// How their refreshes go.
    pub rules: Column<ScalingGroup, RefreshRules>,
}

impl Groups {
    /// Those of the scenario `root`; digests of files are added to `inputs`.
    pub fn new(
        root: View<'_>,
        clock: &Clock,
        build: &mut Build,
        loader: &mut Loader<'_>,
        inputs: &mut Vec<String>,
    ) -> Self {
        duplicates(root.at("groups"), "groups", build);
        let configurations = Configurations::new(root, clock, build);
        let mut this = Self { names: Names::new(true), configurations, rules: Column::default() };
        let quota = root.at("settings").at("ess").at("max_size").count32();
        for view in root.at("groups").elements() {
            let settings = root.at("settings").at("refresh");
            let reader = Reader { view, clock, configurations: &this.configurations, build };
            let layers = Layers::new(view, settings);
            match reader.group(layers, quota, (&mut *loader, &mut *inputs)) {
                Some((group, rules)) => {
                    let name = group.name.clone();
                    let id = build.layout.scaling_groups.push(group);
                    this.rules.push(rules);
                    this.names.insert(&name, id);
                }
                None => this.names.are_whole = false,
            }
        }
        this
    }

    /// Lets every group know what it may launch from configurations that were added since it was
    /// made.
    pub fn complete(&self, build: &mut Build) {
        for id in build.layout.scaling_groups.ids().iter() {
            let group = &build.layout.scaling_groups[id];
            let (zones, from) = (group.zones.clone(), group.offers.len());
            let by_price = group.by_price;
            let added = self.configurations.offers((&zones, by_price), from, build);
            for (offers, _) in added {
                build.layout.scaling_groups[id].offers.push(offers);
            }
        }
    }
}

/// Where files come from, and where their digests go.
type Inputs<'a, 'b> = (&'a mut Loader<'b>, &'a mut Vec<String>);

/// Reads one group.
struct Reader<'a, 'v> {
    view: View<'v>,
    clock: &'a Clock,
    configurations: &'a Configurations,
    build: &'a mut Build,
}

impl Reader<'_, '_> {
    fn group(
        mut self,
        layers: Layers<'_>,
        quota: Option<u32>,
        (loader, inputs): Inputs<'_, '_>,
    ) -> Option<(ScalingGroupSpec, RefreshRules)> {
        let view = self.view;
        let name = view.at("name").text();
        let shown = name.unwrap_or_default();
        let sizes = self.sizes(shown, quota);
        let zones = self.zones();
        let (active, follows) = (self.active(shown), self.follows());
        let kind = kind(view);
        let (by_price, balance) = placing(view, kind);
        self.prices(shown, active.filter(|_| by_price));
        let hooks = self.hooks(shown);
        self.ranges(shown, kind);
        let schedule = self.schedule(shown);
        let build = &mut *self.build;
        let target = target(view.at("target"), self.clock, build, loader, inputs);
        let rules = rules(layers, (shown, zones.len() as u32), build);
        let offers = self.offers(shown, (&zones, by_price), active);
        let (size, desired) = sizes?;
        let members = self.members(shown, (size, desired), active?);
        let law = |key: &str| view.at(key).law().unwrap_or(Distribution::Fixed(Span::ZERO));
        let span = |key: &str| view.at(key).span().unwrap_or(Span::ZERO);
        let spec = ScalingGroupSpec {
            name: name?.to_owned(),
            enabled: view.at("enabled").switch()?,
            size,
            desired,
            kind,
            zones,
            by_price,
            balance,
            active: active?,
            follows,
            members: members?,
            offers,
            attach: law("attach"),
            detach: law("detach"),
            stop_timeout: view.at("stop_timeout").span(),
            warm_up: span("warm_up"),
            removal: removal(view.at("removal_policies")),
            hooks,
            health: health(view),
            cooldown: span("cooldown"),
            max_life: view.at("max_instance_lifetime").span().filter(|span| !span.is_zero()),
            suspended: processes(view.at("suspended_processes")),
            schedule,
            target,
            launch_retry: span("launch_retry"),
            refresh_blocks_manual_scaling: layers.blocks_manual_scaling(),
        };
        Some((spec, rules))
    }

    /// What it may launch from each configuration.
    fn offers(
        &mut self,
        name: &str,
        (zones, by_price): (&[Id<Zone>], bool),
        active: Option<Id<Configuration>>,
    ) -> Column<Configuration, Vec<Offer>> {
        let found = self.configurations.offers((zones, by_price), 0, self.build);
        let mut offers = Column::default();
        for (place, (offer, fits)) in found.into_iter().enumerate() {
            let is_active = active.is_some_and(|active| active.index() == place);
            // Zones that are wrong are a fault already.
            if is_active && !fits && !zones.is_empty() {
                let message =
                    format!("no server of its zones could hold what the group `{name}` launches");
                let help = "name other zones, or another configuration";
                self.build.fault(self.view, "does-not-fit", message, help);
            }
            offers.push(offer);
        }
        offers
    }

    /// What is written at `key`, in quotes.
    fn written(&self, key: &str) -> String {
        format!("{:?}", self.view.at(key).text().unwrap_or_default())
    }

    /// A fault at `key` of this group.
    fn wrong(&mut self, key: &str, code: &'static str, message: String, help: &str) {
        self.build.fault(self.view.at(key), code, message, help);
    }

    /// MinSize and MaxSize, DesiredCapacity.
    fn sizes(&mut self, name: &str, quota: Option<u32>) -> Option<([u32; 2], Option<u32>)> {
        let [min, max, desired] =
            ["min_size", "max_size", "desired"].map(|key| self.view.at(key).count32());
        let (min, max) = (min?, max?);
        if let Some(quota) = quota.filter(|quota| max > *quota) {
            let message =
                format!("the group `{name}` has max_size {max}, and the quota is {quota}");
            let help = "give less, or raise settings.ess.max_size";
            self.wrong("max_size", "range", message, help);
        }
        if min > max {
            let message = format!("the group `{name}` has min_size {min} and max_size {max}");
            self.wrong("min_size", "range", message, "min_size is at most max_size");
        } else if let Some(desired) = desired.filter(|desired| !(min..=max).contains(desired)) {
            let message =
                format!("the group `{name}` has desired {desired}, and a size from {min} to {max}");
            self.wrong("desired", "range", message, "desired lies from min_size to max_size");
        }
        Some(([min, max], desired))
    }

    /// A group that goes by price needs the prices of what it launches.
    fn prices(&mut self, name: &str, of: Option<Id<Configuration>>) {
        let configurations = self.configurations;
        let found = of.and_then(|of| configurations.without_price(of, self.build));
        if let Some(unpriced) = found {
            let message = format!(
                "the group `{name}` launches the cheapest type first, and `{unpriced}` has no price"
            );
            let help = format!("give instance_types.{unpriced} a price, as in price = 0.12");
            self.wrong("multi_az_policy", "no-price", message, &help);
        }
    }

    fn zones(&mut self) -> Vec<Id<Zone>> {
        let listed = self.view.at("zones");
        if !listed.is_given() {
            return self.build.layout.zones.ids().iter().collect();
        }
        let mut zones = Vec::new();
        for view in listed.elements() {
            let zone = Build::find(&mut self.build.faults, &self.build.zones, view, "zone");
            if zone.is_some_and(|zone| zones.contains(&zone)) {
                let message = format!("the zone `{}` is listed twice", view.text().unwrap_or(""));
                self.build.fault(view, "duplicate", message, "name each zone once");
            }
            zones.extend(zone);
        }
        zones
    }

    /// What it launches: its configuration, or the version of its launch template.
    fn active(&mut self, name: &str) -> Option<Id<Configuration>> {
        let faults = &mut self.build.faults;
        let [configuration, template, version] =
            ["configuration", "launch_template", "launch_template_version"]
                .map(|key| self.view.at(key));
        if configuration.is_given() {
            let known = &self.configurations.scaling;
            return Build::find(faults, known, configuration, "scaling configuration");
        }
        let known = &self.configurations.templates;
        let template = Build::find(faults, known, template, "launch template")?;
        let template = &self.build.layout.launch_templates[template];
        let there = template.latest(self.clock.begin);
        let number = match (version.count32(), version.text()) {
            (Some(number), _) => number,
            (None, Some("Latest")) => there,
            (None, Some(_) | None) => template.default(self.clock.begin),
        };
        let of = template.versions.get(number.saturating_sub(1) as usize).map(|(_, of)| *of);
        if of.is_none() || number > there {
            let message = format!(
                "the group `{name}` launches version {number} of `{}`, which is not there when the run begins",
                template.name
            );
            let help = format!("known: 1 to {there}");
            self.wrong("launch_template_version", "range", message, &help);
        }
        of
    }

    /// The version that it follows, if that is another one at another time.
    fn follows(&self) -> Option<Following> {
        let [template, version] =
            ["launch_template", "launch_template_version"].map(|key| self.view.at(key));
        let template = self.configurations.templates.get(template.text()?)?;
        let latest = version.text() == Some("Latest");
        version.count32().is_none().then_some(Following { template, latest })
    }

    fn members(
        &mut self,
        name: &str,
        ([min, max], desired): ([u32; 2], Option<u32>),
        active: Id<Configuration>,
    ) -> Option<Vec<StartingMembers>> {
        if !self.view.at("members").is_given() {
            let units = desired.unwrap_or(min);
            let count = units.div_ceil(self.configurations.first_weight(active));
            let (state, creation) = (MemberState::InService, Creation::AutoCreated);
            return Some(vec![StartingMembers { count, state, creation, configuration: active }]);
        }
        let (mut members, mut all, mut is_whole) = (Vec::new(), 0_u64, true);
        for view in self.view.at("members").elements() {
            let of = view.at("configuration");
            let known = &self.configurations.all;
            let found = Build::find(&mut self.build.faults, known, of, "configuration");
            is_whole &= found.is_some() || !of.is_given();
            let Some(count) = view.at("count").count32() else {
                is_whole = false;
                continue;
            };
            let configuration = found.unwrap_or(active);
            all += u64::from(count) * u64::from(self.configurations.first_weight(configuration));
            let state = match view.at("state").text() {
                Some("Protected") => MemberState::Protected,
                Some("Standby") => MemberState::Standby,
                Some(_) | None => MemberState::InService,
            };
            let creation = match view.at("creation").text() {
                Some("Attached") => Creation::Attached,
                Some("Entrusted") => Creation::Entrusted,
                Some(_) | None => Creation::AutoCreated,
            };
            members.push(StartingMembers { count, state, creation, configuration });
        }
        if all > u64::from(max) {
            let message = format!(
                "the group `{name}` begins with {all} capacity units, and its max_size is {max}"
            );
            self.wrong("members", "range", message, "give fewer members, or a larger max_size");
        }
        is_whole.then_some(members)
    }

    fn hooks(&mut self, name: &str) -> Vec<HookSpec> {
        let listed = self.view.at("hooks");
        let (shortest, longest) = (Span::from_seconds(30), Span::from_seconds(21_600));
        let mut hooks: Vec<HookSpec> = Vec::new();
        for view in listed.elements() {
            let Some(called) = view.at("name").text() else { continue };
            if hooks.iter().any(|hook| hook.name == called) {
                let message = format!("two hooks of the group `{name}` have the name `{called}`");
                self.build.fault(view.at("name"), "duplicate", message, "give each its own name");
            }
            let heartbeat = view.at("heartbeat_timeout").span().unwrap_or(shortest);
            if heartbeat < shortest || heartbeat > longest {
                let message = format!(
                    "the hook `{called}` of the group `{name}` has heartbeat_timeout {heartbeat}"
                );
                let help = "it lasts from 30 s to 21600 s";
                self.build.fault(view.at("heartbeat_timeout"), "range", message, help);
            }
            let completes = view.at("completes").law();
            hooks.push(HookSpec {
                name: called.to_owned(),
                on_scale_in: view.at("lifecycle_transition").text() == Some("SCALE_IN"),
                heartbeat,
                default_result: hook_result(view.at("default_result")),
                completes: completes.and_then(crate::scenario::view::sometimes),
                result: hook_result(view.at("result")),
            });
        }
        if hooks.len() > MOST_HOOKS {
            let message = format!("the group `{name}` has {} hooks", hooks.len());
            self.build.fault(listed, "range", message, "it has at most 6");
        }
        hooks
    }

    /// Lengths of time outside of their documented ranges.
    fn ranges(&mut self, name: &str, kind: GroupKind) {
        let span = |this: &Self, key: &str| this.view.at(key).span();
        if span(self, "cooldown").is_some_and(|cooldown| cooldown > DAY) {
            let message = format!("the group `{name}` has cooldown {}", self.written("cooldown"));
            self.wrong("cooldown", "range", message, "it lasts at most 86400 s");
        }
        let (shortest, longest) = (Span::from_seconds(30), Span::from_seconds(240));
        if let Some(stop) = span(self, "stop_timeout") {
            if stop < shortest || stop > longest {
                let message =
                    format!("the group `{name}` has stop_timeout {}", self.written("stop_timeout"));
                let help = "it lasts from 30 s to 240 s, or is \"off\"";
                self.wrong("stop_timeout", "range", message, help);
            } else if kind.reclaim != Reclaim::Release {
                let message = format!(
                    "the group `{name}` has a stop_timeout, and its scaling_policy is not release"
                );
                self.wrong("stop_timeout", "conflict", message, "leave it out");
            }
        }
        if let Some(life) = span(self, "max_instance_lifetime").filter(|life| !life.is_zero()) {
            if life < DAY {
                let message = format!(
                    "the group `{name}` has max_instance_lifetime {}",
                    self.written("max_instance_lifetime")
                );
                let help = "it lasts at least a day, or is \"off\"";
                self.wrong("max_instance_lifetime", "range", message, help);
            } else if kind.is_eci || kind.reclaim.keeps() {
                let message = format!(
                    "the group `{name}` has a max_instance_lifetime, and is of type ECI or keeps stopped instances"
                );
                self.wrong("max_instance_lifetime", "conflict", message, "leave it out");
            }
        }
        for key in ["health_check_interval", "launch_retry"] {
            if span(self, key).is_some_and(Span::is_zero) {
                let message = format!("the group `{name}` has {key} of no time at all");
                self.wrong(key, "range", message, "give a length above zero");
            }
        }
        for key in ["attach", "detach"] {
            let law = self.view.at(key).law();
            if law == Some(Distribution::Fixed(Span::NEVER)) {
                let message = format!("the group `{name}` has {key} \"never\"");
                self.wrong(key, "range", message, "give a law of lengths of time, as in \"60s\"");
            }
        }
    }

    fn schedule(&mut self, name: &str) -> Vec<Scheduled> {
        let mut schedule = Vec::new();
        for (place, view) in self.view.at("schedule").elements().enumerate() {
            let path = format!("groups[{name}].schedule[{place}]");
            let at = self.clock.happening(view.at("at"), &format!("{path}.at"), self.build);
            let every = view.at("every").span();
            if every.is_some_and(Span::is_zero) {
                let message = format!("`{path}.every` is no time at all");
                self.build.fault(view.at("every"), "range", message, "give a length above zero");
            }
            let [min, max, desired] =
                ["min_size", "max_size", "desired"].map(|key| view.at(key).count32());
            if [min, max, desired].iter().all(Option::is_none) {
                let message = format!("`{path}` changes nothing");
                self.build.fault(
                    view,
                    "missing-key",
                    message,
                    "give min_size, max_size or desired",
                );
            }
            if let (Some(least), Some(most)) = (min, max)
                && least > most
            {
                let message = format!("`{path}` has min_size {least} and max_size {most}");
                self.build.fault(
                    view.at("min_size"),
                    "range",
                    message,
                    "min_size is at most max_size",
                );
            }
            schedule.extend(at.map(|at| Scheduled { at, every, min, max, desired }));
        }
        schedule
    }
}

/// Groups that are called as what else brings instances: their members could not be told apart.
pub fn names_of_sources(root: View<'_>, build: &mut Build) {
    let others = [
        (root.at("workload").at("arrivals"), "a stream of arrivals"),
        (root.at("scripts"), "a script"),
    ];
    for group in root.at("groups").elements() {
        let name = group.at("name");
        let Some(text) = name.text() else { continue };
        let same = |(list, _): &(View<'_>, &str)| {
            list.elements().any(|other| other.at("name").text() == Some(text))
        };
        let other = others.iter().find(|other| same(other)).map(|(_, what)| *what);
        if let Some(what) = other.or((text == "trace").then_some("the trace")) {
            let message = format!("a scaling group and {what} are both called `{text}`");
            let help = "give the group another name: `NAME#0` names its first member";
            build.fault(name, "duplicate", message, help);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::scaling::{HookResult, MultiAz, Process, Processes, RemovalPolicy},
        kernel::time::Instant,
        policy::refresh::{Allowance, Bounds, Bystander, VictimOrder},
        scenario::{InMemory, Scenario},
    };

    const PARTS: &str = "[scenario]\nname = \"x\"\nhorizon = \"1d\"\n\
        [server_models]\nm = { vcpus = 8, memory = \"8GiB\" }\n\
        [[servers]]\nmodel = \"m\"\ncount = 4\nzones = [\"a\", \"b\"]\n\
        [instance_types]\nt = { vcpus = 1, memory = \"1GiB\" }\nu = { vcpus = 2, memory = \"1GiB\" }\n\
        [images]\none = {}\n\
        [configurations]\nv1 = { type = \"t\", image = \"one\" }\n\
        v2 = { types = [\"t\", { type = \"u\", weight = 2 }], launch_fail_p = 0.5 }\n\
        w3 = { types = [{ type = \"u\", weight = 3 }] }\n\
        [launch_templates.lt]\nversions = [{ type = \"t\" }, { type = \"u\", at = \"2h\" }]\n\
        default_version = [[\"0s\", 1], [\"3h\", 2]]\n";

    fn scenario(more: &str) -> Scenario {
        let files = InMemory::new([("d.csv", "time_s,demand\n0,1\n60,2\n")]);
        let text = format!("{PARTS}{more}");
        Scenario::parse("x.toml", text.as_bytes(), &[], &files).unwrap_or_else(|e| panic!("{e}"))
    }

    /// The group of this size that also says `more`.
    fn group(more: &str) -> (Scenario, ScalingGroupSpec, RefreshRules) {
        let text = format!("[[groups]]\nname = \"web\"\nmin_size = 1\nmax_size = 20\n{more}\n");
        let scenario = scenario(&text);
        let group = scenario.layout.scaling_groups[Id::new(0)].clone();
        let rules = scenario.refresh_rules[Id::new(0)].clone();
        (scenario, group, rules)
    }

    fn at(hours: u64) -> Instant {
        Instant::ZERO + Span::from_seconds(hours * 3_600)
    }

    #[test]
    fn what_is_left_out_has_the_documented_defaults() {
        let (scenario, group, rules) = group("configuration = \"v1\"\ndesired = 10");
        assert_eq!((group.enabled, group.size, group.desired), (true, [1, 20], Some(10)));
        let [members] = group.members[..] else { panic!("one kind of members") };
        assert_eq!((members.count, members.state), (10, MemberState::InService));
        assert_eq!(
            (members.creation, members.configuration),
            (Creation::AutoCreated, group.active)
        );
        assert_eq!(group.zones.len(), 2);
        assert!(group.health.by_state && !group.health.by_service);
        assert_eq!(group.health.interval, Span::from_seconds(30));
        let policies = [RemovalPolicy::OldestScalingConfiguration, RemovalPolicy::OldestInstance];
        assert_eq!(group.removal, policies);
        assert_eq!((group.stop_timeout, group.max_life), (None, None));
        assert_eq!(group.kind.reclaim, Reclaim::Release);
        assert_eq!(scenario.settings.ess_max_size, 2_000);
        assert_eq!(rules.bounds, Bounds::Percentages { min: 80, max: 120 });
        assert!(rules.in_batches && rules.wait_for_release && rules.skip_matching);
        assert!(rules.empty_is_refused && rules.resolve_per_launch && rules.image_with_config);
        assert_eq!((rules.no_progress, rules.max_batch), (Some(Span::from_seconds(3_600)), None));
        // A launch takes 180 s on average, a removal 90 s, with the default times of instances.
        let mean = |law: &Distribution| law.mean_seconds();
        let settings = &scenario.settings;
        let launch = mean(&settings.instance_pending) + mean(&settings.instance_starting);
        assert!((launch + mean(&group.attach) - 180.0).abs() < 1e-9);
        assert!((mean(&settings.instance_stopping) + mean(&group.detach) - 90.0).abs() < 1e-9);
    }

    #[test]
    fn offers_stand_in_order_of_types_then_zones() {
        let (scenario, group, _) =
            group("configuration = \"v2\"\nzones = [\"b\", \"a\"]\ndesired = 3");
        let layout = &scenario.layout;
        let offers = group.offers[group.active].iter().map(|offer| {
            let template = &layout.templates[offer.template];
            assert_eq!(template.instance_type, offer.instance_type);
            assert_eq!(layout.shapes[template.shape].zone, Some(offer.zone));
            let name = layout.types[offer.instance_type].name.as_str();
            (name, layout.zones[offer.zone].name.as_str(), offer.weight)
        });
        let offers: Vec<_> = offers.collect();
        assert_eq!(offers, [("t", "b", 1), ("t", "a", 1), ("u", "b", 2), ("u", "a", 2)]);
        assert_eq!(group.offers.len(), layout.configurations.len());
        let fails = layout.configurations[group.active].launch_fail_p;
        assert!((fails - 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn weights_count_in_the_members_at_the_beginning() {
        let (_, group, _) = group("configuration = \"w3\"\ndesired = 10");
        assert_eq!(group.members[0].count, 4);
    }

    #[test]
    fn launch_templates_have_versions_over_time() {
        let (scenario, group, _) = group("launch_template = \"lt\"\nhooks = []");
        let template = &scenario.layout.launch_templates[Id::new(0)];
        assert_eq!([1, 2, 3].map(|hour| template.latest(at(hour))), [1, 2, 2]);
        assert_eq!([1, 2, 3].map(|hour| template.default(at(hour))), [1, 1, 2]);
        let active = &scenario.layout.configurations[group.active];
        assert_eq!((active.name.as_str(), active.version), ("lt:1", Some((Id::new(0), 1))));
        assert_eq!(group.members[0].count, 1, "as many as min_size where nothing is desired");
    }

    #[test]
    fn what_a_group_says_is_what_it_has() {
        let (_, group, _) = group(
            "configuration = \"v1\"\nenabled = false\ndesired = \"off\"\nattach = \"10s\"\n\
             members = [{ count = 2 }, { count = 1, state = \"Standby\", creation = \"Entrusted\", \
             configuration = \"lt:2\" }]\nstop_timeout = \"30s\"\nhealth_check_types = \"NONE\"\n\
             removal_policies = [\"NewestInstance\"]\nmax_instance_lifetime = \"1d\"\n\
             suspended_processes = [\"ScaleIn\", \"HealthCheck\"]\nmulti_az_policy = \"BALANCE\"\n\
             hooks = [{ name = \"h\", lifecycle_transition = \"SCALE_IN\", completes = \"5s\", \
             result = \"ROLLBACK\" }]\nschedule = [{ at = \"1h\", every = \"1d\", desired = 3 }]\n\
             target = { demand = \"d.csv\", per_unit = 2.5, scale_in = false }",
        );
        assert!(!group.enabled && group.desired.is_none());
        assert_eq!(group.attach, Distribution::Fixed(Span::from_seconds(10)));
        let kinds = group.members.iter().map(|one| (one.count, one.state, one.creation));
        let expected = [
            (2, MemberState::InService, Creation::AutoCreated),
            (1, MemberState::Standby, Creation::Entrusted),
        ];
        assert_eq!(kinds.collect::<Vec<_>>(), expected);
        assert_ne!(group.members[1].configuration, group.active);
        assert!(!group.health.by_state && !group.health.by_service);
        assert_eq!(group.suspended, Processes(Process::ScaleIn as u8 | Process::HealthCheck as u8));
        assert_eq!((group.kind.multi_az, group.max_life), (MultiAz::Balance, Some(DAY)));
        let hook = &group.hooks[0];
        assert!(hook.on_scale_in && hook.completes.is_some());
        assert_eq!(
            (hook.default_result, hook.result),
            (HookResult::Continue, HookResult::RollBack)
        );
        assert_eq!((group.schedule[0].at, group.schedule[0].desired), (at(1), Some(3)));
        let target = group.target.expect("it has one");
        assert_eq!(target.demand.len(), 2);
        assert!(!target.scales_in && target.every == Span::from_seconds(60));
    }

    fn rules_of(more: &str) -> RefreshRules {
        group(&format!("configuration = \"v1\"\n{more}")).2
    }

    #[test]
    fn the_table_of_a_group_lies_over_that_of_the_settings() {
        let rules = rules_of(
            "refresh = { min_pct = 90, pacing = \"sliding\", standby_policy = { wait = \"1h\" } }\n\
             [settings.refresh]\nmax_pct = 150\npacing = \"batch\"\nbake = \"5min\"",
        );
        assert_eq!(rules.bounds, Bounds::Percentages { min: 90, max: 150 });
        assert!(!rules.in_batches);
        assert_eq!(rules.bake, Span::from_seconds(300));
        assert_eq!(rules.standby, Bystander::Wait(Span::from_seconds(3_600)));
        let rules = rules_of("refresh = { max_surge = 2 }");
        let (none, two) = (Allowance::Fixed(0), Allowance::Fixed(2));
        assert_eq!(rules.bounds, Bounds::Allowances { unavailable: none, surge: two });
    }

    #[test]
    fn presets_set_what_other_controllers_do() {
        let aws = rules_of("refresh = { preset = \"aws\" }");
        assert_eq!(aws.bounds, Bounds::Percentages { min: 90, max: 100 });
        assert_eq!((aws.max_difference, aws.skip_matching), (Some(100), false));
        assert_eq!(aws.victims, VictimOrder::Oldest);
        let gce = rules_of("refresh = { preset = \"gce\" }");
        let zones = Allowance::Fixed(2);
        assert_eq!(gce.bounds, Bounds::Allowances { unavailable: zones, surge: zones });
        assert_eq!((gce.no_progress, gce.in_batches), (None, false));
        let kubernetes = rules_of("[settings.refresh]\npreset = \"kubernetes\"");
        let quarter = |up| Allowance::Percent { percent: 25, up };
        let expected = Bounds::Allowances { unavailable: quarter(false), surge: quarter(true) };
        assert_eq!(kubernetes.bounds, expected);
        let azure = rules_of("refresh = { preset = \"azure\", max_batch_percent = 30 }");
        assert_eq!(azure.bounds, Bounds::Share { percent: 30, surge: false });
        assert!(azure.in_place && azure.max_failed == Some(20));
        let ess =
            rules_of("refresh = { preset = \"ess\" }\n[settings.refresh]\npreset = \"kubernetes\"");
        assert_eq!(ess.bounds, Bounds::Percentages { min: 80, max: 120 });
        assert!(ess.in_batches && ess.wait_for_release);
    }
}
