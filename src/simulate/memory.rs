//! Memory for trajectories.

/// `length` zeros, or `None` where there is no such memory. On Linux they are asked for in large pages: to touch
/// a small page for the first time takes longer than to compute what goes there.
pub fn zeros<T: Copy + Default>(length: usize) -> Option<Vec<T>> {
    let mut probe: Vec<T> = vec![];
    probe.try_reserve_exact(length).ok()?;
    drop(probe);
    // Zeros come untouched from the system, so that the threads that fill a page are the first to touch it.
    let mut values = vec![T::default(); length];
    ask_for_large_pages(&mut values);
    Some(values)
}

#[cfg(target_os = "linux")]
fn ask_for_large_pages<T>(values: &mut [T]) {
    const LARGE: usize = 2 << 20;
    let range = values.as_mut_ptr_range();
    let (start, end) = ((range.start as usize).next_multiple_of(LARGE), range.end as usize / LARGE * LARGE);
    if start < end {
        // SAFETY: the range lies within memory that is ours alone, and the advice changes none of its contents. A
        // refusal leaves small pages.
        unsafe { libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn ask_for_large_pages<T>(_: &mut [T]) {}
