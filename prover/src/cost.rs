//! What a part of the work cost: time on the clock, and time of all cores together.

use std::ops::{AddAssign, Sub};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

/// Time on the clock and CPU time of the whole process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Time on the clock.
    pub wall: Duration,
    /// CPU time, all threads.
    pub cpu: Duration,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.wall += other.wall;
        self.cpu += other.cpu;
    }
}

impl Sub for Cost {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { wall: self.wall.saturating_sub(other.wall), cpu: self.cpu.saturating_sub(other.cpu) }
    }
}

/// Measures from its creation.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    wall: Instant,
    cpu: Option<ProcessTime>,
}

impl Stopwatch {
    /// Starts.
    #[must_use]
    pub fn start() -> Self {
        Self { wall: Instant::now(), cpu: ProcessTime::try_now().ok() }
    }

    /// The cost since the start.
    #[must_use]
    pub fn cost(&self) -> Cost {
        let cpu = self.cpu.and_then(|t| t.try_elapsed().ok()).unwrap_or_default();
        Cost { wall: self.wall.elapsed(), cpu }
    }
}
