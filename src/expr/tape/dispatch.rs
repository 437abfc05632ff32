//! Choice of the instruction set at run time, and the only `unsafe` of the tape: calls of functions compiled for
//! instructions that were found on this machine just before. All of them are the same code with the same bits.

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
                #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,bmi1,bmi2")]
                fn avx512(
                    program: &Program,
                    columns: &[&[$t]],
                    parameters: &[$t],
                    out: &mut [&mut [$t]],
                    scratch: &mut Scratch<$t>,
                ) {
                    run(program, columns, parameters, out, scratch)
                }
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
                if is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("bmi2")
                {
                    // SAFETY: all features of the callee were detected (AVX-512 and BMI2 imply AVX2, FMA and BMI1
                    // on every processor that has them).
                    return unsafe { avx512(program, columns, parameters, out, scratch) };
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
