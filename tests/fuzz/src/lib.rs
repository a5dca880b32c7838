//! What must hold for any bytes whatever: checked by the fuzz targets under libFuzzer, and by an ordinary test on the
//! inputs in `corpus/`, which are seeds and everything that once went wrong.

pub mod layer;
pub mod log_line;
pub mod manifest;
pub mod reference;
pub mod tar;
pub mod terminal;
