//! The one fetcher: nothing is fetched except through it.
