//! How long a container that does nothing takes.

use crate::measure::{in_turn, line, milliseconds, time};
use std::process::Command;
use teu_tests::Teu;

const ROUNDS: usize = 40;

/// `teu run --rm --network none IMAGE true` beside what the kernel alone needs.
pub fn bench() {
    let teu = Teu::with_busybox();
    let words = ["run", "--rm", "--network", "none", "busybox", "true"];
    let mut unshare = || time(Command::new("unshare").args(["-fpmuin", "true"]));
    let mut ours = || time(&mut teu.command(words));
    let medians = in_turn(ROUNDS, &mut [("unshare", &mut unshare), ("teu", &mut ours)]);
    let [Some(kernel), Some(took)] = medians[..] else {
        println!("cannot be measured: unshare or teu run failed");
        return;
    };
    println!("unshare -fpmuin true: {}", milliseconds(kernel));
    let ratio = took.as_secs_f64() / kernel.as_secs_f64();
    line(
        "teu run --rm --network none busybox true",
        &format!("{} = {ratio:.1}x", milliseconds(took)),
        "6x unshare",
        ratio <= 6.0,
    );
    teu.finish();
}
