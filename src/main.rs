//! The program `wanglou`.

fn main() {}
