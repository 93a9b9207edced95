/// Wall-clock times of repeated runs.
struct Stopwatch {
    /// The median over `repeats` runs of `body`, in seconds, after one run that does not count.
    static func median(repeats: Int, _ body: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        try body()
        var times: [Double] = []
        for _ in 0..<max(1, repeats) {
            let began = clock.now
            try body()
            times.append((clock.now - began) / .seconds(1))
        }
        return Quartiles(times)?.median ?? .nan
    }
}
