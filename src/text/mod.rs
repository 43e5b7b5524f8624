//! Text folded for comparison, with a map back to the original.
