//! Letters: rendering and transports.
