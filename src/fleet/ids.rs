//! The kinds of things that have ids. Each is a name only: `Id<Server>` is a place in a column.

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident),* $(,)?) => {
        $($(#[$doc])* #[derive(Debug)] pub enum $kind {})*
    };
}

kinds! {
    /// A data centre zone: the largest failure domain that placement spreads over.
    Zone,
    /// A rack of one zone: servers that share power and a switch.
    Rack,
    /// A kind of server: capacity, disks, failure and repair laws.
    ServerModel,
    /// A physical server.
    Server,
    /// Recorded utilisation, which loads and guests follow.
    Utilisation,
    /// An instance type as it is sold.
    InstanceType,
    /// What one placement asks for: resources, zone and server model.
    Shape,
    /// An application: instances that serve together and may not crowd one server.
    Application,
    /// A group of instances that is spread over racks and zones.
    SpreadGroup,
    /// Everything that an arriving instance is born with (type, shape, application, group, owner).
    Template,
    /// A source of arrivals: one law, or one trace.
    Source,
    /// A kind of owner: how its instances answer failures.
    Customer,
    /// A dedicated host: what its owner rents; which server carries it may change in a run.
    DedicatedHost,
    /// An instance of this run; its row is recycled when it is released.
    Instance,
    /// An instance with CPU credits; its row is recycled when the instance is released.
    Burstable,
    /// A load that burstable instances may follow.
    Load,
    /// A bay: the place of one local disk in a server.
    Bay,
    /// A system event of this run; its row is recycled when it has ended.
    SystemEvent,
    /// A maintenance campaign of the operator.
    Campaign,
    /// A market of preemptible instances.
    Market,
    /// An interruption of a preemptible instance that the scenario states.
    RecordedInterruption,
    /// A command of the scenario that is given at a time.
    Script,
    /// A system event of the scenario that happens at a time.
    Recorded,
    /// A time at which the account falls into arrears.
    Arrears,
    /// An asynchronous job of the cloud; its row is recycled when it has ended.
    Task,
    /// A link of the network: one direction of a server's card or of a rack's uplink, or the spine.
    Link,
    /// A transfer of this run; its row is recycled when it has ended.
    Transfer,
    /// A scaling group.
    ScalingGroup,
    /// A machine image, as far as its health goes.
    Image,
    /// A scaling configuration, or one version of a launch template (with its overrides).
    Configuration,
    /// A launch template.
    LaunchTemplate,
    /// A member of a scaling group; its row is recycled when it has left.
    Member,
    /// A scaling activity; its row is recycled when it is over.
    Activity,
    /// An instance refresh task; its row stays to the end of the run.
    Refresh,
    /// The replacement of one member within a refresh; its row is recycled when it is closed.
    Replacement,
}
