//! The operator: tends servers at risk and carries out campaigns.

use super::turn::Turn;
use crate::{
    fleet::ids::{Campaign, Server},
    kernel::column::Id,
};

/// Awaits the begin of every campaign.
pub fn prime(turn: &mut Turn<'_>) {
    _ = (turn,);
}

/// There is something to do about `server`.
pub fn tended(turn: &mut Turn<'_>, server: Id<Server>) {
    _ = (turn, server);
}

/// `campaign` begins, or may take up servers again.
pub fn campaign_continues(turn: &mut Turn<'_>, campaign: Id<Campaign>) {
    _ = (turn, campaign);
}

/// Pass: `campaign` takes up as many servers as its limits allow.
pub fn campaign_plans(turn: &mut Turn<'_>, campaign: Id<Campaign>) {
    _ = (turn, campaign);
}
