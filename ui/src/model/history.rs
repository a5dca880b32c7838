//! What a container used lately, for graphs.

use std::collections::VecDeque;
use teu_api::stats::StatsSample;

/// Samples kept per container: the widest graph shows two in a cell.
const KEPT: usize = 600;

/// Rates between samples, the newest last.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// CPU in per cent of one core.
    pub cpu: VecDeque<f32>,
    /// Memory in bytes.
    pub memory: VecDeque<f32>,
    /// Bytes received per second.
    pub network_rx: VecDeque<f32>,
    /// Bytes sent per second.
    pub network_tx: VecDeque<f32>,
    /// Bytes read per second.
    pub block_read: VecDeque<f32>,
    /// Bytes written per second.
    pub block_write: VecDeque<f32>,
    last: [i64; 6],
    unchanged: usize,
}

impl History {
    /// Adds the step from one sample to the next; says whether a graph of it looks different now.
    pub fn push(&mut self, before: &StatsSample, now: &StatsSample) -> bool {
        let seconds = ((now.at - before.at) as f64 / 1e9).max(1e-3);
        let rate = |new: u64, old: u64| (new.saturating_sub(old) as f64 / seconds) as f32;
        let values = [
            now.cpu_percent_since(before) as f32,
            now.memory as f32,
            rate(now.network_rx, before.network_rx),
            rate(now.network_tx, before.network_tx),
            rate(now.block_read, before.block_read),
            rate(now.block_write, before.block_write),
        ];
        // Figures are shown with one decimal and tenths of MiB: smaller steps are no change.
        let rounded = [
            (values[0] * 10.0).round() as i64,
            (values[1] / 104_858.0).round() as i64,
            values[2] as i64,
            values[3] as i64,
            values[4] as i64,
            values[5] as i64,
        ];
        self.unchanged = if rounded == self.last { self.unchanged + 1 } else { 0 };
        self.last = rounded;
        for (series, value) in self.series_mut().into_iter().zip(values) {
            if series.len() == KEPT {
                series.pop_front();
            }
            series.push_back(value);
        }
        // A graph of equal values looks the same after one step once it is full of them.
        self.unchanged < self.cpu.len().min(KEPT) - 1 || self.cpu.len() < 2 || self.unchanged == 0
    }

    /// What went over the network, both ways together.
    pub fn network(&self) -> VecDeque<f32> {
        both(&self.network_rx, &self.network_tx)
    }

    /// What went to and from block devices.
    pub fn block(&self) -> VecDeque<f32> {
        both(&self.block_read, &self.block_write)
    }

    fn series_mut(&mut self) -> [&mut VecDeque<f32>; 6] {
        [
            &mut self.cpu,
            &mut self.memory,
            &mut self.network_rx,
            &mut self.network_tx,
            &mut self.block_read,
            &mut self.block_write,
        ]
    }
}

/// The newest value; 0 where there is none.
pub fn last(values: &VecDeque<f32>) -> f32 {
    values.back().copied().unwrap_or(0.0)
}

fn both(a: &VecDeque<f32>, b: &VecDeque<f32>) -> VecDeque<f32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(second: i64, cpu_ns: u64) -> StatsSample {
        StatsSample { at: second * 1_000_000_000, cpu_ns, memory: 1 << 20, ..Default::default() }
    }

    #[test]
    fn rates_are_kept_and_bounded() {
        let mut history = History::default();
        for second in 0..700 {
            history.push(&sample(second, 0), &sample(second + 1, 250_000_000));
        }
        assert_eq!(history.cpu.len(), KEPT);
        assert!((history.cpu[0] - 25.0).abs() < 0.01);
    }
}
