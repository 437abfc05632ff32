//! Choice of the instruction set at run time, and the only `unsafe` of this room: calls of functions compiled for
//! instructions that were found on this machine just before. All versions are the same code with the same bits:
//! products that are to be fused say so with `mul_add`.

/// Defines functions that run with the widest instructions of this machine.
macro_rules! widest {
    ($(
        $(#[$meta:meta])*
        pub fn $name:ident $(<const $n:ident: usize>)? ($($arg:ident: $type:ty),* $(,)?) $body:block
    )*) => {
        $(
            $(#[$meta])*
            pub fn $name $(<const $n: usize>)? ($($arg: $type),*) {
                #[inline(always)]
                fn body $(<const $n: usize>)? ($($arg: $type),*) $body
                #[cfg(target_arch = "x86_64")]
                {
                    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx2,fma")]
                    fn avx512 $(<const $n: usize>)? ($($arg: $type),*) {
                        body $(::<$n>)? ($($arg),*)
                    }
                    #[target_feature(enable = "avx2,fma")]
                    fn avx2 $(<const $n: usize>)? ($($arg: $type),*) {
                        body $(::<$n>)? ($($arg),*)
                    }
                    if is_x86_feature_detected!("avx512f")
                        && is_x86_feature_detected!("avx512vl")
                        && is_x86_feature_detected!("avx512dq")
                    {
                        // SAFETY: the features were detected; AVX-512 implies AVX2 and FMA.
                        return unsafe { avx512 $(::<$n>)? ($($arg),*) };
                    }
                    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                        // SAFETY: all features of the callee were detected.
                        return unsafe { avx2 $(::<$n>)? ($($arg),*) };
                    }
                }
                body $(::<$n>)? ($($arg),*)
            }
        )*
    };
}

pub(super) use widest;
