//! Trained functions to laws: contributions measured, searched, composed, refitted, verified.
