//! Sums over rows with wide registers where the machine has them. The lanes and their order are fixed, and no fused
//! operation is used: equal bits on every machine.

const LANES: usize = 8;

/// Σ a·b.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    wide(Sums::Dot, a, b, &[], 0.0)[0]
}

/// Σ w·(x - mean)² and Σ w·(x - mean)·y.
pub(crate) fn moments(x: &[f64], mean: f64, wy: &[f64], w: &[f64]) -> [f64; 2] {
    wide(Sums::Moments, x, wy, w, mean)
}

#[derive(Clone, Copy)]
enum Sums {
    Dot,
    Moments,
}

fn wide(sums: Sums, a: &[f64], b: &[f64], w: &[f64], mean: f64) -> [f64; 2] {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn avx2(sums: Sums, a: &[f64], b: &[f64], w: &[f64], mean: f64) -> [f64; 2] {
            plain(sums, a, b, w, mean)
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the feature of the callee was detected.
            return unsafe { avx2(sums, a, b, w, mean) };
        }
    }
    plain(sums, a, b, w, mean)
}

#[inline(always)]
fn plain(sums: Sums, a: &[f64], b: &[f64], w: &[f64], mean: f64) -> [f64; 2] {
    match sums {
        Sums::Dot => {
            let mut lanes = [0.0; LANES];
            let (heads, rests) = ((a.chunks_exact(LANES)), (b.chunks_exact(LANES)));
            let rest: f64 = heads.remainder().iter().zip(rests.remainder()).map(|(a, b)| a * b).sum();
            for (a, b) in heads.zip(rests) {
                for lane in 0..LANES {
                    lanes[lane] += a[lane] * b[lane];
                }
            }
            [lanes.iter().sum::<f64>() + rest, 0.0]
        }
        Sums::Moments => {
            let mut squares = [0.0; LANES];
            let mut products = [0.0; LANES];
            let whole = a.len() / LANES * LANES;
            for ((x, y), w) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)).zip(w.chunks_exact(LANES)) {
                for lane in 0..LANES {
                    let d = x[lane] - mean;
                    squares[lane] += w[lane] * d * d;
                    products[lane] += d * y[lane];
                }
            }
            let mut out = [squares.iter().sum::<f64>(), products.iter().sum::<f64>()];
            for at in whole..a.len() {
                let d = a[at] - mean;
                out[0] += w[at] * d * d;
                out[1] += d * b[at];
            }
            out
        }
    }
}
