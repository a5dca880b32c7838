//! Placeholder replaced with the first real code.
