//! The layout as it grows, and the names by which its parts are found.

use crate::{
    fleet::{
        ids::{
            Application, Customer, InstanceType, ServerModel, Shape, SpreadGroup, Template, Zone,
        },
        layout::{
            ActionOnMaintenance, ApplicationSpec, GroupSpec, Layout, Resources, ShapeSpec,
            TemplateSpec, TypeSpec,
        },
    },
    kernel::column::Id,
    scenario::{
        fault::{Fault, known_names},
        view::View,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// What a template consists of, as a key: type, shape, application, group, owner, attribute.
type TemplateKey = (
    Id<InstanceType>,
    Id<Shape>,
    Option<Id<Application>>,
    Option<Id<SpreadGroup>>,
    Id<Customer>,
    u8,
);

/// A layout under construction.
#[derive(Debug)]
pub struct Build {
    /// Everything wrong so far.
    pub faults: Vec<Fault>,
    /// What there is so far.
    pub layout: Layout,
    /// Zones by name.
    pub zones: BTreeMap<String, Id<Zone>>,
    /// Server models by name.
    pub models: BTreeMap<String, Id<ServerModel>>,
    /// Instance types of the scenario by name, with what it says of their instances.
    pub types: BTreeMap<String, TypeRule>,
    /// Which models stand in which zones.
    pub standing: BTreeSet<(Id<ServerModel>, Id<Zone>)>,
    /// Owners by name.
    pub customers: BTreeMap<String, Id<Customer>>,
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
}

impl Build {
    /// Nothing yet, but these faults.
    pub fn new(faults: Vec<Fault>) -> Self {
        Self {
            faults,
            layout: Layout::default(),
            zones: BTreeMap::new(),
            models: BTreeMap::new(),
            types: BTreeMap::new(),
            standing: BTreeSet::new(),
            customers: BTreeMap::new(),
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
        self.layout.types.push(TypeSpec { name, demand })
    }

    /// The template of a wish, made where it is new.
    pub fn template(&mut self, wish: &Wish) -> Id<Template> {
        let demand = self.layout.types[wish.instance_type].demand;
        let shape = ShapeSpec { demand, zone: wish.zone, model: wish.model };
        let shapes = &mut self.layout.shapes;
        let shape = *self.shapes.entry(shape.clone()).or_insert_with(|| shapes.push(shape));
        let spec = TemplateSpec {
            instance_type: wish.instance_type,
            shape,
            application: wish.application,
            group: wish.group,
            customer: wish.customer,
            on_maintenance: wish.action,
        };
        let action = wish.action as u8;
        let key = (spec.instance_type, shape, spec.application, spec.group, spec.customer, action);
        let templates = &mut self.layout.templates;
        *self.templates.entry(key).or_insert_with(|| templates.push(spec))
    }

    /// Whether an empty server that stands somewhere could hold what is wished.
    pub fn can_hold(&self, wish: &Wish) -> bool {
        let demand = &self.layout.types[wish.instance_type].demand;
        self.standing.iter().any(|(model, zone)| {
            wish.model.is_none_or(|wanted| wanted == *model)
                && wish.zone.is_none_or(|wanted| wanted == *zone)
                && self.layout.models[*model].capacity.covers(demand)
        })
    }

    /// The id of the name that `view` reads; an unknown name is a fault.
    pub fn find<T: Copy>(
        faults: &mut Vec<Fault>,
        known: &BTreeMap<String, T>,
        view: View<'_>,
        what: &str,
    ) -> Option<T> {
        let name = view.text()?;
        let found = known.get(name).copied();
        if let (None, Some(place)) = (found, view.place()) {
            let names: Vec<&str> = known.keys().map(String::as_str).collect();
            let message = format!("there is no {what} `{name}`");
            let help = known_names(name, &names);
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
