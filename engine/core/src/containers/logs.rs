//! `logs`: what a container has written.

use crate::engine::Engine;
use teu_api::Failure;
use teu_store::ContainerRecord;
use teu_supervisor::log::{ReadOptions, Reader};

impl Engine {
    /// A reader of a container's log.
    pub fn log_reader(&self, record: &ContainerRecord, options: ReadOptions) -> Result<Reader, Failure> {
        if record.spec.host.log.driver == teu_api::container::LogDriver::None {
            return Err(Failure::unsupported("configured logging driver does not support reading")
                .hint("the container was made with --log-driver none"));
        }
        let directory = self.store().paths().container(&record.id).join("log");
        Ok(Reader::open(&directory, options)?)
    }
}
