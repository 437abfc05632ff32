//! Trajectories, a network and a prior to trained functions that can be called anywhere. Burn lives here only.
