//! The bench: teu beside its peers, in one run, as ratios.

mod build;
mod compose;
mod everyday;
mod flood;
mod measure;
mod network;
mod oci;
mod peers;
mod pull;
mod run;
mod screen;
mod supervisor;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    for (name, section) in [
        ("run", run::bench as fn()),
        ("oci", oci::bench),
        ("everyday", everyday::bench),
        ("supervisor", supervisor::bench),
        ("screen", screen::bench),
        ("flood", flood::bench),
        ("pull", pull::bench),
        ("compose", compose::bench),
        ("build", build::bench),
        ("network", network::bench),
    ] {
        if is_wanted(name) {
            println!("== {name}");
            section();
        }
    }
}
