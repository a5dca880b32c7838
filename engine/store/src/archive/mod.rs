//! `save` and `load`: images as one archive that is both Docker's and an OCI image layout.

mod entries;
mod load;
mod names;
mod save;

pub use load::Loaded;

#[cfg(test)]
mod tests;
