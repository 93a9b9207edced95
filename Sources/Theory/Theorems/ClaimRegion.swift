/// A feature of cases and its division into regions, for which rates are reported one by one.
public struct RegionAxis: Sendable, Hashable {
    /// The cases whose feature lies in `range`.
    public struct Region: Sendable, Hashable {
        public let label: String
        public let range: Range<Double>
    }

    /// `α`, `depth`, …
    public let title: String
    /// The name of the measurement that is the feature.
    public let measurement: String
    public let regions: [Region]

    /// The region that a case is in.
    public func region(_ measurements: [String: Double]) -> Int? {
        guard let value = measurements[measurement] else { return nil }
        return regions.firstIndex { $0.range.contains(value) }
    }
}

extension RegionAxis {
    /// The decades of α.
    static let learningRate = learningRate(decades: -4..<4)

    static func learningRate(decades: Range<Int>) -> RegionAxis {
        RegionAxis(
            title: "α", measurement: "α",
            regions: decades.map { exponent in
                let (low, high) = (power(exponent), power(exponent + 1))
                // The largest α is the closed end of the last decade.
                return Region(
                    label: "10^\(exponent) to 10^\(exponent + 1)",
                    range: low..<(exponent + 1 == decades.upperBound ? high.nextUp : high))
            })
    }

    static let depth = depth(2...5)

    static func depth(_ depths: ClosedRange<Int>) -> RegionAxis {
        RegionAxis(
            title: "depth", measurement: "depth",
            regions: depths.map { Region(label: "\($0)", range: Double($0)..<Double($0 + 1)) })
    }

    /// Divided so that each part is met often: the widest of three to six layers is rarely narrow.
    static let width = RegionAxis(
        title: "widest layer", measurement: "widest layer",
        regions: [(1, 6), (7, 9), (10, 12)].map { low, high in
            Region(label: "\(low) to \(high)", range: Double(low)..<Double(high + 1))
        })

    static let kinks = RegionAxis(
        title: "activations", measurement: "kinks",
        regions: [Region(label: "smooth", range: 0..<1), Region(label: "with kinks", range: 1..<2)])

    /// What every claim is divided by.
    static let standard: [RegionAxis] = [.learningRate, .depth, .width, .kinks]

    /// Powers of ten as their literals give them.
    private static func power(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? .nan }
}
