//! The runtime behind the synchronous interface.

use crate::error::{RegistryError, Result};
use crate::progress::Reporter;
use std::future::Future;
use std::time::Duration;

/// How often a transfer asks whether it is still wanted.
const QUESTION: Duration = Duration::from_millis(150);

/// Carries out asynchronous work on this thread.
pub(crate) fn blocking<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| {
        RegistryError::Store(teu_api::Failure::internal(format!(
            "cannot start network input and output: {e}"
        )))
    })?;
    let outcome = runtime.block_on(work);
    // Name look-ups run on threads of their own; a slow one must not hold the caller.
    runtime.shutdown_background();
    outcome
}

/// The same, ended as soon as the user wants no more of it.
pub(crate) fn cancellable<T>(reporter: &Reporter<'_>, work: impl Future<Output = Result<T>>) -> Result<T> {
    blocking(async {
        let cancelled = async {
            while !reporter.is_cancelled() {
                tokio::time::sleep(QUESTION).await;
            }
        };
        tokio::select! {
            outcome = work => outcome,
            () = cancelled => Err(RegistryError::Cancelled),
        }
    })
}

/// Runs blocking work on a thread of its own and waits for it without blocking the others.
pub(crate) async fn on_thread<'scope, T: Send + 'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<T> {
    let (done, outcome) = tokio::sync::oneshot::channel();
    let spawned =
        std::thread::Builder::new().name("teu-transfer".to_owned()).spawn_scoped(scope, move || {
            let _ = done.send(work());
        });
    let failed =
        |e: String| RegistryError::Store(teu_api::Failure::internal(format!("cannot start a thread: {e}")));
    spawned.map_err(|e| failed(e.to_string()))?;
    outcome.await.map_err(|_| failed("it ended without an answer".to_owned()))
}
