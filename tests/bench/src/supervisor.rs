//! What a supervisor costs while its container is quiet.

use crate::measure::{line, proportional_memory};
use teu_tests::{Teu, objects};

/// Memory of one supervisor alone, and of each of thirty.
pub fn bench() {
    for count in [1, 30] {
        let teu = Teu::with_busybox();
        for number in 0..count {
            teu.run([
                "run",
                "-d",
                "--name",
                &format!("quiet{number}"),
                "--network",
                "none",
                "busybox",
                "sleep",
                "100000",
            ])
            .ok();
        }
        std::thread::sleep(std::time::Duration::from_secs(1));
        let supervisors = objects::processes_of(teu.root());
        let mut sizes: Vec<u64> = supervisors.iter().filter_map(|pid| proportional_memory(*pid)).collect();
        sizes.sort_unstable();
        let middle = sizes.get(sizes.len() / 2).copied().unwrap_or(0);
        line(
            &format!("memory (PSS) of a supervisor, {count} running"),
            &format!("{middle} KiB"),
            "2048 KiB",
            middle <= 2048,
        );
        println!("processes of teu: {} for {count} containers", supervisors.len());
        teu.finish();
    }
}
