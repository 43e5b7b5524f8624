//! The terminal speaks Chinese with people who work on cases.

use crate::casework::voice::Voice;
use crate::casework::world::World;

/// The terminal's voice, on the group's clock.
pub(crate) fn chinese(world: &World) -> Voice {
    Voice::new("zh-CN", world.zone, world.at)
}
