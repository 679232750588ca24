//! Scaling groups: how they grow, shrink, and look after their members.
