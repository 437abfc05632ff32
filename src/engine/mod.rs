//! Plan to record: stage graph, cache, events, cancel, run folder.
