//! Who might be behind an account: explained evidence, bands and caps.
