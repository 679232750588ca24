//! The layout as it grows, and the names by which its parts are found.

use crate::{
    fleet::{
        credits::BornWith,
        dedicated_hosts::Hosted,
        dirty::DirtyLaw,
        ids::{
            Application, Customer, DedicatedHost, InstanceType, Load, ServerModel, Shape,
            SpreadGroup, Template, Zone,
        },
        layout::{
            ActionOnMaintenance, ApplicationSpec, DiskFlow, GroupSpec, Layout, Resources,
            ShapeSpec, TemplateSpec, TypeSpec,
        },
        numa::NodeRoom,
        spot::SpotTerms,
    },
    kernel::{column::Id, time::Span},
    messages::operation::Cloud,
    scenario::{
        fault::{Fault, known_names},
        resolve::{spot::SpotWritten, utilisation::Named},
        view::View,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// What a template consists of, as a key: type, shape, application, group, owner, attribute,
/// credits, place among the dedicated hosts, terms.
type TemplateKey = (
    Id<InstanceType>,
    Id<Shape>,
    Option<Id<Application>>,
    Option<Id<SpreadGroup>>,
    Id<Customer>,
    u8,
    Option<BornWith>,
    Option<Hosted>,
    Option<SpotTerms>,
);

/// Names of one kind, and what they stand for.
#[derive(Clone, Debug)]
pub struct Names<T> {
    ids: BTreeMap<String, T>,
    /// Whether all of them could be read; if not, no name is called unknown.
    pub are_whole: bool,
}

impl<T: Copy> Names<T> {
    /// None yet; `are_whole` as above.
    pub fn new(are_whole: bool) -> Self {
        Self { ids: BTreeMap::new(), are_whole }
    }

    /// What `name` stands for.
    pub fn get(&self, name: &str) -> Option<T> {
        self.ids.get(name).copied()
    }

    /// Adds a name.
    pub fn insert(&mut self, name: &str, id: T) {
        self.ids.insert(name.to_owned(), id);
    }

    /// All names, in order.
    pub fn all(&self) -> Vec<&str> {
        self.ids.keys().map(String::as_str).collect()
    }
}

/// How fast guests of types that no scenario declares write: as its default says.
const USUAL_DIRTY: DirtyLaw =
    DirtyLaw { rate: 100 << 20, working_set: None, touched: 100, load: None };

/// A layout under construction.
#[derive(Debug)]
pub struct Build {
    /// Everything wrong so far.
    pub faults: Vec<Fault>,
    /// What is no fault, but to be told.
    pub remarks: Vec<String>,
    /// What there is so far.
    pub layout: Layout,
    /// Zones by name.
    pub zones: Names<Id<Zone>>,
    /// Server models by name.
    pub models: Names<Id<ServerModel>>,
    /// Instance types of the scenario by name, with what it says of their instances.
    pub types: Names<TypeRule>,
    /// Loads by name.
    pub loads: Names<Id<Load>>,
    /// Which models stand in which zones, on servers that are not kept for dedicated hosts.
    pub standing: BTreeSet<(Id<ServerModel>, Id<Zone>)>,
    /// Which stand there on servers that are kept for dedicated hosts.
    pub kept: BTreeSet<(Id<ServerModel>, Id<Zone>)>,
    /// Dedicated hosts by name.
    pub hosts: Names<Id<DedicatedHost>>,
    /// Whether all servers could be read; if not, nothing is called too large for them.
    pub all_stand: bool,
    /// Recordings of utilisation by their file, and how long a value of them holds.
    pub recorded: BTreeMap<(String, Span), Named>,
    /// Whose rules hold.
    pub cloud: Cloud,
    /// Whether a command moves instances to dedicated hosts.
    pub moves_to_hosts: bool,
    /// Types that instances may get by a command.
    pub retypes: BTreeMap<Id<InstanceType>, TypeRule>,
    /// Owners by name.
    pub customers: Names<Id<Customer>>,
    applications: BTreeMap<String, Id<Application>>,
    groups: BTreeMap<String, Id<SpreadGroup>>,
    shapes: BTreeMap<ShapeSpec, Id<Shape>>,
    templates: BTreeMap<TemplateKey, Id<Template>>,
}

/// What the scenario says of a type beside its size.
#[derive(Clone, Copy, Debug)]
pub struct TypeRule {
    /// The type.
    pub id: Id<InstanceType>,
    /// The only model that its instances may run on.
    pub model: Option<Id<ServerModel>>,
    /// What happens to its instances when their server fails.
    pub action: ActionOnMaintenance,
    /// The mode and load of its instances, if it is burstable.
    pub credits: Option<BornWith>,
    /// What it says of its instances being preemptible.
    pub spot: SpotWritten,
    /// Whether its instances live on dedicated hosts unless they say otherwise.
    pub dedicated: bool,
}

/// What a template is made of.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// The type.
    pub instance_type: Id<InstanceType>,
    /// The model that it must be on.
    pub model: Option<Id<ServerModel>>,
    /// The zone that it must be in.
    pub zone: Option<Id<Zone>>,
    /// The application that it serves.
    pub application: Option<Id<Application>>,
    /// The group that it is spread with.
    pub group: Option<Id<SpreadGroup>>,
    /// Its owner.
    pub customer: Id<Customer>,
    /// What happens to it when its server fails.
    pub action: ActionOnMaintenance,
    /// Its mode and load, if its type is burstable.
    pub credits: Option<BornWith>,
    /// On which terms it is preemptible, if it is.
    pub spot: Option<SpotTerms>,
    /// Where among the dedicated hosts it lives; `None`: on shared servers.
    pub hosted: Option<Hosted>,
}

impl Build {
    /// Nothing yet of the scenario `root`, but these faults.
    pub fn new(root: View<'_>, faults: Vec<Fault>) -> Self {
        let is_whole = |key: &str| {
            let section = root.at(key);
            !section.is_given() || section.0.is_some_and(|node| node.table().is_some())
        };
        // Without models or servers at all nothing else can be known: that they are missing is
        // told once.
        let has_models = root.at("server_models").is_given() && is_whole("server_models");
        Self {
            faults,
            remarks: Vec::new(),
            layout: Layout::default(),
            zones: Names::new(true),
            models: Names::new(has_models),
            types: Names::new(is_whole("instance_types")),
            loads: Names::new(is_whole("loads")),
            standing: BTreeSet::new(),
            kept: BTreeSet::new(),
            hosts: Names::new(is_whole("dedicated_hosts")),
            all_stand: true,
            recorded: BTreeMap::new(),
            cloud: super::settings::cloud(root.at("settings").at("cloud")),
            moves_to_hosts: false,
            retypes: BTreeMap::new(),
            customers: Names::new(!root.at("policies").at("customers").entries().is_empty()),
            applications: BTreeMap::new(),
            groups: BTreeMap::new(),
            shapes: BTreeMap::new(),
            templates: BTreeMap::new(),
        }
    }

    /// A fault at what `view` reads, if anything is written there.
    pub fn fault(&mut self, view: View<'_>, code: &'static str, message: String, help: &str) {
        if let Some(place) = view.place() {
            self.faults.push(Fault::at(place, code, message).help(help));
        }
    }

    /// The application called `name`, made without limit where it is not declared.
    pub fn application(&mut self, name: &str) -> Id<Application> {
        let applications = &mut self.layout.applications;
        *self.applications.entry(name.to_owned()).or_insert_with(|| {
            let name = name.to_owned();
            applications.push(ApplicationSpec { name, per_server_limit: None, needed: Vec::new() })
        })
    }

    /// The group called `name`, made where it is new.
    pub fn group(&mut self, name: &str) -> Id<SpreadGroup> {
        let groups = &mut self.layout.groups;
        *self
            .groups
            .entry(name.to_owned())
            .or_insert_with(|| groups.push(GroupSpec { name: name.to_owned() }))
    }

    /// A new type.
    pub fn instance_type(&mut self, name: String, demand: Resources) -> Id<InstanceType> {
        self.layout.types.push(TypeSpec {
            name,
            demand,
            nodes: Vec::new(),
            disk_flow: DiskFlow::NoIsolation,
            sgx: false,
            stop_loses_local_data: false,
            is_classic: false,
            pay_as_you_go: true,
            dirty: USUAL_DIRTY,
            credits: None,
            vcpu_price: None,
        })
    }

    /// The template of a wish, made where it is new.
    pub fn template(&mut self, wish: &Wish) -> Id<Template> {
        // On dedicated hosts spot settings are ignored (spec/events.md 8).
        let spot = wish.spot.filter(|_| wish.hosted.is_none());
        let stand_in = spot.map(|_| self.made(&Wish { spot: None, ..*wish }, None));
        self.made(&Wish { spot, ..*wish }, stand_in)
    }

    /// What is wished takes of NUMA nodes: as its type says; on the first cloud's dedicated hosts it
    /// must fit into one socket (spec/events.md 9.2).
    fn nodes_of(&self, wish: &Wish) -> Vec<NodeRoom> {
        let of = &self.layout.types[wish.instance_type];
        match wish.hosted.filter(|_| self.cloud == Cloud::First) {
            Some(_) => vec![NodeRoom { vcpus: of.demand.vcpus, memory: of.demand.memory }],
            None => of.nodes.clone(),
        }
    }

    fn made(&mut self, wish: &Wish, stand_in: Option<Id<Template>>) -> Id<Template> {
        let demand = self.layout.types[wish.instance_type].demand;
        let nodes = self.nodes_of(wish);
        let shape = ShapeSpec { demand, zone: wish.zone, model: wish.model, nodes };
        let shapes = &mut self.layout.shapes;
        let shape = *self.shapes.entry(shape.clone()).or_insert_with(|| shapes.push(shape));
        let spec = TemplateSpec {
            instance_type: wish.instance_type,
            shape,
            application: wish.application,
            group: wish.group,
            customer: wish.customer,
            on_maintenance: wish.action,
            credits: wish.credits,
            spot: wish.spot,
            stand_in,
            hosted: wish.hosted,
        };
        let (action, hosted) = (wish.action as u8, wish.hosted);
        let key = (
            spec.instance_type,
            shape,
            spec.application,
            spec.group,
            spec.customer,
            action,
            spec.credits,
            hosted,
            wish.spot,
        );
        let templates = &mut self.layout.templates;
        *self.templates.entry(key).or_insert_with(|| templates.push(spec))
    }

    /// Whether an empty server that stands somewhere could hold what is wished, as far as is known.
    pub fn can_hold(&self, wish: &Wish) -> bool {
        let (of, nodes) = (&self.layout.types[wish.instance_type], self.nodes_of(wish));
        let standing = if wish.hosted.is_some() { &self.kept } else { &self.standing };
        !self.all_stand
            || standing.iter().any(|(model, zone)| {
                wish.model.is_none_or(|wanted| wanted == *model)
                    && wish.zone.is_none_or(|wanted| wanted == *zone)
                    && self.layout.models[*model].holds(&of.demand, &nodes)
            })
    }

    /// The id of the name that `view` reads; an unknown name is a fault.
    pub fn find<T: Copy>(
        faults: &mut Vec<Fault>,
        known: &Names<T>,
        view: View<'_>,
        what: &str,
    ) -> Option<T> {
        let name = view.text()?;
        let found = known.get(name);
        if let (None, Some(place), true) = (found, view.place(), known.are_whole) {
            let message = format!("there is no {what} `{name}`");
            let help = known_names(name, &known.all());
            faults.push(Fault::at(place, "unknown-name", message).help(help));
        }
        found
    }
}

/// The maintenance attribute that `view` reads.
pub fn action(view: View<'_>) -> Option<ActionOnMaintenance> {
    match view.text()? {
        "AutoRecover" => Some(ActionOnMaintenance::AutoRecover),
        "Stop" => Some(ActionOnMaintenance::Stop),
        "AutoRedeploy" => Some(ActionOnMaintenance::AutoRedeploy),
        _ => None,
    }
}
