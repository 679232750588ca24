//! Every random thing of the model and its address, on one page.
//!
//! An address is (purpose, physical entity, ordinal). No policy can change it: entities are
//! servers, racks, sources of arrivals and instances under the name they arrived with, never
//! something that a policy creates; an ordinal counts what happened to that entity alone.

use crate::kernel::streams::{Draws, Streams};

/// What is drawn. The number is part of the address: numbers are never reused or changed, or every
/// published result would change with them (bump `RNG_SCHEME` then).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum Chance {
    /// Operating time of a server's hardware until it crashes · (server, number of the life).
    ServerLife = 1,
    /// Age of a server's hardware when the run starts · (server, 0).
    ServerAge = 2,
    /// Whether a crashed server restarts by itself · (server, number of the crash).
    ServerRestartsItself = 3,
    /// Time that it takes to do so · (server, number of the crash).
    ServerRestart = 4,
    /// Length of a repair · (server, number of the crash).
    ServerRepair = 5,
    /// Time until a server's crash is noticed · (server, number of the crash).
    ServerDetect = 6,
    /// Time until the next outage of a rack · (rack, number of the outage).
    RackLife = 7,
    /// Length of an outage of a rack · (rack, number of the outage).
    RackRepair = 8,
    /// Time until an outage of a rack is noticed · (rack, number of the outage).
    RackDetect = 9,
    /// Running time of a guest until it crashes · (instance, number of the boot that went well).
    GuestLife = 10,
    /// Time until a guest's crash is noticed · (instance, number of the boot that went well).
    GuestDetect = 11,
    /// Length of an instance's preparation · (instance, 0).
    InstancePending = 12,
    /// Length of a boot, then whether it fails · (instance, number of the boot).
    InstanceBoot = 13,
    /// Time until an owner starts a stopped instance again · (instance, number of the attempt).
    OwnerRestart = 14,
    /// How long an instance lives · (instance, 0).
    InstanceLife = 15,
    /// Time to the next batch, its size, what it holds, then how long that lives where all of it
    /// lives equally long · (source, number of the batch).
    ArrivalBatch = 16,
    /// What one member of a mixed batch is · (instance, 0).
    ArrivalMember = 17,
    /// Time from one predicted risk of a server to the next · (server, number of the risk).
    ServerRisk = 18,
    /// Whether a risk is cured by a restart, whether it turns into a crash, and when · (server,
    /// number of the risk).
    ServerRiskKind = 19,
    /// How the crash of a risk goes: whether the server restarts by itself, how long that takes,
    /// how long a repair takes, how long it goes unnoticed · (server, number of the risk).
    ServerRiskCrash = 20,
    /// Length of the repair of a server taken offline because of a risk · (server, number of the
    /// risk).
    ServerRiskRepair = 21,
    /// Time that a disk works · (bay, number of the disk).
    DiskLife = 22,
    /// Whether its damage can be isolated online, whether that fails, whether the
    /// re-initialisation fails, whether the restart of an offline job hangs · (bay, number of the
    /// disk).
    DiskDamageKind = 23,
    /// Time until the damage is detected · (bay, number of the disk).
    DiskDetect = 24,
    /// Time that the operator takes to replace the disk · (bay, number of the disk).
    DiskReplace = 25,
    /// Notice of a maintenance event, whether it is withdrawn, and when · (instance and what caused
    /// the event; how often something was planned for it because of that before).
    EventLead = 26,
    /// Whether a maintenance event begins as an inquiry · (instance and what caused the event; 0).
    EventInquires = 27,
    /// Time of a graceful stop · (instance, number of the stop).
    InstanceStop = 28,
    /// Time that a redeployment takes to switch servers, then whether it fails · (instance, number
    /// of the redeployment).
    Redeploy = 29,
    /// Duration of a live migration, whether it fails, its blackout · (instance, number of the
    /// migration).
    LiveMigration = 30,
    /// Which of a mix of owners an instance has · (instance, 0).
    OwnerKind = 31,
    /// Time until the owner answers an event · (instance and what caused the event; what is asked
    /// and number of the attempt).
    OwnerAnswer = 32,
    /// Time until the owner reboots after having authorised a disk's isolation, then the same for
    /// its re-initialisation · (bay, number of the disk).
    OwnerReboot = 33,
    /// Order in which a campaign takes up servers · (campaign and server).
    CampaignOrder = 34,
    /// Whether a reboot answers the event · (instance, number of the stop).
    RebootMitigates = 35,
    /// Whether CleanInactiveDisks is asked for · (instance, number of the departure).
    InactiveDisks = 36,
    /// Whether a RedeployInstance meets a cloud disk between states, then whether it fails inside
    /// the cloud · (instance, number of the request).
    RedeployErrors = 37,
    /// Length of a subscription's term · (instance, number of the term).
    SubscriptionTerm = 38,
    /// When, from the day of its end on, the instance is stopped · (instance, number of the term).
    SubscriptionStop = 39,
    /// Whether a launch of a scaling group fails although there is room · (group, number of the
    /// try).
    GroupLaunch = 40,
    /// Whether a member's image makes it fail the health check, then after which time · (launch,
    /// number of its coming into service).
    MemberImage = 41,
    /// Time that it takes to attach a member · (launch, number of its coming).
    MemberAttach = 42,
    /// Time that it takes to detach a member · (launch, number of its leaving).
    MemberDetach = 43,
    /// Time until the user's automation completes a lifecycle hook · (launch, number of its coming
    /// or leaving and the hook).
    HookCompletes = 44,
    /// Time that it takes to re-image a member · (launch, number of its coming into service).
    MemberReimage = 45,
    /// Which of the recorded days of utilisation an instance follows · (instance, 0).
    LoadDay = 55,
    /// Time from the begin of a live migration until the network loses it · (instance, number of the
    /// migration).
    MigrationLost = 56,
    /// Whether a load is on when it begins, and how long it stays so (0); how long it stays on or
    /// off after so many changes · (instance, number of the change).
    BurstLoad = 46,
    /// Which recorded row a load follows · (instance, number of the round; 0 where it keeps its row).
    BurstRow = 47,
    /// Time to the next step of a market's price, then the step · (market, number of the step).
    MarketPrice = 50,
    /// Time for which a market's stock stays available, or not · (market, number of the change).
    MarketStock = 51,
    /// The lot by which one of equal bids is taken back first · (instance, 0).
    SpotLot = 52,
    /// Whether a cold migration is not confirmed · (instance, number of the migration).
    ColdConfirm = 65,
    /// Time until another server is ready for a dedicated host · (dedicated host, number of the
    /// move).
    HostPrepare = 60,
    /// Time that the support ticket about a dedicated host takes · (dedicated host, number of the
    /// move).
    HostTicket = 61,
}

/// One entity made of two, for what belongs to both (an instance and the failure that it meets).
/// Different pairs have different entities as far as 64 bits go: the mixing is a bijection of the
/// second for each first.
#[inline]
pub const fn pair(first: u64, second: u64) -> u64 {
    let mut mixed = first ^ second.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Chance {
    /// The draws at the address (this purpose, `entity`, `ordinal`).
    #[inline]
    pub fn of(self, streams: &Streams, entity: u64, ordinal: u32) -> Draws {
        streams.at(self as u16, entity, ordinal)
    }
}
