//! What scaling groups launch: images, scaling configurations, versions of launch templates.

use super::{
    build::{Build, Names, TypeRule, Wish, action},
    clock::Clock,
    dedicated::hosted,
    spot::{self, SpotWritten},
};
use crate::{
    fleet::{
        dedicated_hosts::Hosted,
        ids::{Application, Configuration, Customer, Image, LaunchTemplate, SpreadGroup, Zone},
        layout::ActionOnMaintenance,
        scaling::{ConfigurationSpec, ImageSpec, LaunchTemplateSpec, Offer},
    },
    kernel::{
        column::{Column, Id},
        distribution::Distribution,
        time::{Instant, Span},
    },
    messages::operation::Cloud,
    scenario::{fault::Place, view::View},
};

/// What a configuration says of its instances.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Types with their weights, the preferred one first.
    pub types: Vec<(TypeRule, u16)>,
    customer: Id<Customer>,
    application: Option<Id<Application>>,
    group: Option<Id<SpreadGroup>>,
    action: Option<ActionOnMaintenance>,
    spot: SpotWritten,
    /// Whether pay-as-you-go instances take the place of preemptible ones.
    compensates: bool,
    /// Where it is written, for what is wrong with it in a zone.
    at: Option<Place>,
    hosted: Option<Hosted>,
}

/// What groups may launch, by name.
#[derive(Debug)]
pub struct Configurations {
    /// The images.
    pub images: Names<Id<Image>>,
    /// The scaling configurations, and all versions of launch templates as `NAME:2`.
    pub all: Names<Id<Configuration>>,
    /// The scaling configurations alone: what `ScalingConfigurationId` may name.
    pub scaling: Names<Id<Configuration>>,
    /// The launch templates.
    pub templates: Names<Id<LaunchTemplate>>,
    /// What each configuration says.
    recipes: Column<Configuration, Recipe>,
}

impl Configurations {
    /// Those of the scenario `root`.
    pub fn new(root: View<'_>, clock: &Clock, build: &mut Build) -> Self {
        let mut this = Self {
            images: Names::new(true),
            all: Names::new(true),
            scaling: Names::new(true),
            templates: Names::new(true),
            recipes: Column::default(),
        };
        for (entry, view) in root.at("images").entries() {
            let id = build.layout.images.push(image(&entry.key, view));
            this.images.insert(&entry.key, id);
        }
        for (entry, view) in root.at("configurations").entries() {
            match this.configuration((&entry.key, None), view, build) {
                Some(id) => {
                    this.all.insert(&entry.key, id);
                    this.scaling.insert(&entry.key, id);
                }
                None => (this.all.are_whole, this.scaling.are_whole) = (false, false),
            }
        }
        for (entry, view) in root.at("launch_templates").entries() {
            this.launch_template(&entry.key, view, clock, build);
        }
        this
    }

    /// A configuration of this name, or the version of a launch template that it is.
    fn configuration(
        &mut self,
        (name, version): (&str, Option<(Id<LaunchTemplate>, u32)>),
        view: View<'_>,
        build: &mut Build,
    ) -> Option<Id<Configuration>> {
        let image = Build::find(&mut build.faults, &self.images, view.at("image"), "image");
        let customer = view.at("customer");
        let customer = Build::find(&mut build.faults, &build.customers, customer, "customer");
        let types = types(view, build);
        if view.at("image").is_given() && image.is_none() {
            return None;
        }
        let types = types?;
        let hosted = types.first().and_then(|(rule, _)| hosted(view, rule, build));
        if hosted.is_some() && build.cloud == Cloud::Second {
            // Spec/refresh-and-migration.md 4.1: they may only be attached by hand.
            let message = "the second cloud's groups launch nothing on dedicated hosts".to_owned();
            let keys = ["dedicated_host", "tenancy", "type", "types"].map(|key| view.at(key));
            let at = keys.into_iter().find(|key| key.is_given()).unwrap_or(view);
            build.fault(
                at,
                "conflict",
                message,
                "launch on shared servers, and attach those on hosts",
            );
        }
        let recipe = Recipe {
            types,
            customer: customer?,
            application: view.at("app").text().map(|name| build.application(name)),
            group: view.at("spread").text().map(|name| build.group(name)),
            action: action(view.at("action_on_maintenance")),
            spot: spot::written(view).unwrap_or_else(|wrong| {
                spot::told(view, wrong, build);
                SpotWritten::default()
            }),
            compensates: view.at("CompensateWithOnDemand").switch().unwrap_or(false),
            at: view.place().cloned(),
            hosted,
        };
        let launch_fail_p = view.at("launch_fail_p").probability().unwrap_or(0.0);
        let spec = ConfigurationSpec { name: name.to_owned(), version, image, launch_fail_p };
        self.recipes.push(recipe);
        Some(build.layout.configurations.push(spec))
    }

    fn launch_template(&mut self, name: &str, view: View<'_>, clock: &Clock, build: &mut Build) {
        let id: Id<LaunchTemplate> = Id::new(build.layout.launch_templates.len());
        let mut versions: Vec<(Instant, Id<Configuration>)> = Vec::new();
        let mut is_whole = true;
        for (place, view) in view.at("versions").elements().enumerate() {
            let number = place as u32 + 1;
            let called = format!("{name}:{number}");
            if build.layout.configurations.iter().any(|other| other.name == called) {
                let message = format!("a configuration and a version are both called `{called}`");
                build.fault(view, "duplicate", message, "give the configuration another name");
            }
            let since = clock.instant(view.at("at")).unwrap_or(clock.begin);
            if versions.last().is_some_and(|(before, _)| since < *before) {
                let message = format!(
                    "version {number} of the launch template `{name}` is older than version {place}"
                );
                build.fault(view.at("at"), "range", message, "put versions in order of time");
            }
            match self.configuration((&called, Some((id, number))), view, build) {
                Some(configuration) => {
                    self.all.insert(&called, configuration);
                    versions.push((since, configuration));
                }
                None => is_whole = false,
            }
        }
        is_whole &= !versions.is_empty();
        let defaults = defaults(name, view, clock, (&versions, is_whole), build);
        if !is_whole {
            (self.templates.are_whole, self.all.are_whole) = (false, false);
            return;
        }
        let spec = LaunchTemplateSpec { name: name.to_owned(), versions, defaults };
        build.layout.launch_templates.push(spec);
        self.templates.insert(name, id);
    }

    /// The version `of` a launch template with other types: `None` where one of `names` is unknown.
    pub fn overridden(
        &mut self,
        of: Id<Configuration>,
        names: &[&str],
        build: &mut Build,
    ) -> Option<Id<Configuration>> {
        let original = build.layout.configurations[of].clone();
        let name = format!("{}+{}", original.name, names.join("+"));
        if let Some(known) = self.all.get(&name) {
            return Some(known);
        }
        let mut recipe = self.recipes[of].clone();
        let types: Option<Vec<_>> = names
            .iter()
            .map(|name| {
                let rule = build.types.get(name)?;
                let same = recipe.types.iter().find(|(known, _)| known.id == rule.id);
                Some((rule, same.map_or(1, |(_, weight)| *weight)))
            })
            .collect();
        recipe.types = types?;
        self.recipes.push(recipe);
        let spec = ConfigurationSpec { name: name.clone(), ..original };
        let id = build.layout.configurations.push(spec);
        self.all.insert(&name, id);
        Some(id)
    }

    /// The first type of `configuration` that has no price although there are several to choose from.
    pub fn without_price(&self, configuration: Id<Configuration>, build: &Build) -> Option<String> {
        let types = &self.recipes[configuration].types;
        let mut types = types.iter().filter(|_| types.len() > 1);
        let row = |rule: &TypeRule| &build.layout.types[rule.id];
        let found = types.find(|(rule, _)| row(rule).vcpu_price.is_none());
        found.map(|(rule, _)| row(rule).name.clone())
    }

    /// The weight of the type that `configuration` prefers.
    pub fn first_weight(&self, configuration: Id<Configuration>) -> u32 {
        self.recipes[configuration].types.first().map_or(1, |(_, weight)| u32::from(*weight))
    }

    /// What a group with these zones may launch from each configuration, in the order of its types or
    /// the cheapest vCPU first; and of each, whether a server stands that could ever hold any of it.
    pub fn offers(
        &self,
        (zones, by_price): (&[Id<Zone>], bool),
        from: usize,
        build: &mut Build,
    ) -> Vec<(Vec<Offer>, bool)> {
        let mut all = Vec::new();
        for recipe in self.recipes.iter().skip(from) {
            let (mut offers, mut instead, mut fits) = (Vec::new(), Vec::new(), false);
            let mut types: Vec<&(TypeRule, u16)> = recipe.types.iter().collect();
            if by_price {
                types.sort_by_key(|(rule, _)| {
                    build.layout.types[rule.id].vcpu_price.unwrap_or(u64::MAX)
                });
            }
            for (rule, weight) in types {
                for zone in zones {
                    let wish = recipe.wish(rule, *zone, build);
                    fits |= build.can_hold(&wish);
                    let mut offer = |wish: &Wish| Offer {
                        template: build.template(wish),
                        instance_type: rule.id,
                        zone: *zone,
                        weight: *weight,
                    };
                    offers.push(offer(&wish));
                    if wish.spot.is_some() && recipe.compensates {
                        instead.push(offer(&Wish { spot: None, ..wish }));
                    }
                }
            }
            offers.append(&mut instead);
            all.push((offers, fits));
        }
        all
    }
}

impl Recipe {
    fn wish(&self, rule: &TypeRule, zone: Id<Zone>, build: &mut Build) -> Wish {
        let terms = match self.hosted {
            None => spot::terms(self.spot, rule, Some(zone), build),
            Some(_) => Ok(None),
        };
        let spot = terms.unwrap_or_else(|wrong| {
            spot::told_at(self.at.as_ref(), wrong, build);
            None
        });
        Wish {
            instance_type: rule.id,
            model: rule.model,
            zone: Some(zone),
            application: self.application,
            group: self.group,
            customer: self.customer,
            action: self.action.unwrap_or(rule.action),
            credits: rule.credits,
            spot,
            hosted: self.hosted,
        }
    }
}

fn image(name: &str, view: View<'_>) -> ImageSpec {
    let unhealthy_after = view.at("unhealthy_after").law();
    ImageSpec {
        name: name.to_owned(),
        unhealthy_p: view.at("unhealthy_p").probability().unwrap_or(0.0),
        unhealthy_after: unhealthy_after.unwrap_or(Distribution::Fixed(Span::ZERO)),
    }
}

/// The types in order, with their weights; one that is listed twice is a fault.
fn types(view: View<'_>, build: &mut Build) -> Option<Vec<(TypeRule, u16)>> {
    let listed: Vec<View<'_>> = match view.at("types").is_given() {
        true => view.at("types").elements().collect(),
        false => vec![view.at("type")],
    };
    let mut types: Vec<(TypeRule, u16)> = Vec::new();
    let mut is_whole = !listed.is_empty();
    for one in listed {
        let name = if one.text().is_some() { one } else { one.at("type") };
        let weight = one.at("weight").count().and_then(|weight| u16::try_from(weight).ok());
        let found = Build::find(&mut build.faults, &build.types, name, "instance type");
        let Some(rule) = found else {
            is_whole = false;
            continue;
        };
        if types.iter().any(|(known, _): &(TypeRule, u16)| known.id == rule.id) {
            let message = format!("the type `{}` is listed twice", name.text().unwrap_or_default());
            build.fault(name, "duplicate", message, "name each type once, the preferred one first");
        }
        types.push((rule, weight.unwrap_or(1)));
    }
    is_whole.then_some(types)
}

/// The two values of a pair.
fn pair(pair: View<'_>) -> (View<'_>, View<'_>) {
    let mut pair = pair.elements();
    let nothing = View(None);
    (pair.next().unwrap_or(nothing), pair.next().unwrap_or(nothing))
}

/// The default versions over time.
fn defaults(
    name: &str,
    view: View<'_>,
    clock: &Clock,
    (versions, is_whole): (&[(Instant, Id<Configuration>)], bool),
    build: &mut Build,
) -> Vec<(Instant, u32)> {
    let written = view.at("default_version");
    let pairs: Vec<(View<'_>, View<'_>)> = match written.count().is_some() {
        true => vec![(View(None), written)],
        false => written.elements().map(pair).collect(),
    };
    let mut defaults: Vec<(Instant, u32)> = Vec::new();
    for (at, number) in pairs {
        let since = clock.instant(at).unwrap_or(clock.begin);
        let Some(version) = number.count32() else { continue };
        let created = versions.get(version.saturating_sub(1) as usize).map(|(since, _)| *since);
        if is_whole && created.is_none() {
            let message = format!("the launch template `{name}` has no version {version}");
            let help = format!("it has {}, counted from 1", versions.len());
            build.fault(number, "range", message, &help);
        }
        if created.is_some_and(|created| created > since) {
            let message = format!(
                "version {version} of the launch template `{name}` is the default before it is there"
            );
            build.fault(
                number,
                "range",
                message,
                "let the default change later, or create it earlier",
            );
        }
        if defaults.last().is_some_and(|(before, _)| since < *before) {
            let message = format!("the defaults of the launch template `{name}` are not in order");
            build.fault(at, "range", message, "put them in order of time");
        }
        defaults.push((since, version));
    }
    defaults
}
