//! One body of plain code, compiled for the vector units a machine may have; the widest it has is taken at run time.

/// Defines a function whose body is the always-inlined function `$body`, compiled once for x86-64 with AVX2 and FMA and
/// once for the target's baseline. Results do not depend on which one runs: bodies use `mul_add` where they fuse, and no
/// reduction changes its order. On x86-64 without FMA (before 2013) the fused operation is emulated and slow.
macro_rules! vectorised {
    ($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),* $(,)?) = $body:path) => {
        $(#[$doc])*
        fn $name($($argument: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma,bmi1,bmi2")]
                fn avx2($($argument: $type),*) {
                    $body($($argument),*)
                }
                if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
                    // SAFETY: the features were just found; every machine with AVX2 has BMI.
                    return unsafe { avx2($($argument),*) };
                }
            }
            $body($($argument),*)
        }
    };
}

pub(super) use vectorised;
