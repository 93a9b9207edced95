internal import LinearAlgebra
internal import Statistics

/// Times of repeated runs.
///
/// Processor times of the calling thread, so that what else the machine does counts less; with one BLAS
/// thread they are the times on the wall of an idle machine.
struct Stopwatch {
    /// Half a second of products, to be spent before limits are measured: a processor that comes from
    /// rest is slow for a while, and a limit measured then would flatter.
    static func warmUp() {
        let factor = Matrix<Double>.identity(256)
        var product = factor
        let began = ProcessorTime.ofThread()
        while ProcessorTime.ofThread() - began < 0.5 { product.assignProduct(factor, factor) }
    }

    /// The median over `repeats` runs of `body`, in seconds, after one run that does not count.
    static func median(repeats: Int, _ body: () throws -> Void) rethrows -> Double {
        try body()
        var times: [Double] = []
        for _ in 0..<max(1, repeats) {
            let began = ProcessorTime.ofThread()
            try body()
            times.append(ProcessorTime.ofThread() - began)
        }
        return Quartiles(times)?.median ?? .nan
    }
}
