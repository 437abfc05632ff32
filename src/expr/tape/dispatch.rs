//! Choice of the instruction set at run time: the same code, compiled twice on x86-64, with the same bits. Wider
//! instructions than AVX2 are left out: the compiler prefers 256 bits even where it has 512.
//!
//! `unsafe` here is the call of functions compiled for instructions that were found on this machine just before.

use super::Scratch;
use super::program::Program;
use super::run::run;

macro_rules! dispatched {
    ($t:ident) => {
        /// Runs a program with the widest instructions of this machine.
        pub fn $t(
            program: &Program,
            columns: &[&[$t]],
            parameters: &[$t],
            out: &mut [&mut [$t]],
            scratch: &mut Scratch<$t>,
        ) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma,bmi1,bmi2")]
                fn avx2(
                    program: &Program,
                    columns: &[&[$t]],
                    parameters: &[$t],
                    out: &mut [&mut [$t]],
                    scratch: &mut Scratch<$t>,
                ) {
                    run(program, columns, parameters, out, scratch)
                }
                if is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("fma")
                    && is_x86_feature_detected!("bmi1")
                    && is_x86_feature_detected!("bmi2")
                {
                    // SAFETY: all features of the callee were detected.
                    return unsafe { avx2(program, columns, parameters, out, scratch) };
                }
            }
            run(program, columns, parameters, out, scratch)
        }
    };
}

dispatched!(f32);
dispatched!(f64);
