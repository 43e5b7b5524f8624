//! Text out of markup and of what people typed.
