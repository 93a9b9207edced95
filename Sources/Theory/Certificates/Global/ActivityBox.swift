package import Intervals
internal import Networks

/// A box of activities on which the energy of one example is smooth, or not yet.
///
/// A unit with a kink is on one side of it, on the kink itself, or on both sides. A box that ends at a kink stands for its
/// points beside the kink; those on the kink are in a box of their own, in which the unit is *held*.
package struct ActivityBox: Sendable {
    /// `h₁ … h_M` at index `n − 1`, `M` the last layer that varies.
    package private(set) var activities: [[Interval]]
    private(set) var pieces: [[Piece]]

    enum Piece: Sendable {
        /// A unit without a kink.
        case smooth
        case left, right, both, held

        /// The piece of a unit with a kink. One that may be on its kink is on both sides.
        init(_ activity: Interval) {
            self = activity.lower > 0 ? .right : activity.upper < 0 ? .left : .both
        }
    }

    /// - Parameter kinks: whether the units of a layer have kinks, by layers.
    package init(_ activities: [[Interval]], kinks: [Bool]) {
        self.activities = activities
        pieces = zip(activities, kinks).map { layer, hasKink in
            layer.map { hasKink ? Piece($0) : .smooth }
        }
    }

    /// The units that are not held, by layer index and unit.
    package var free: [(layer: Int, unit: Int)] {
        pieces.indices.flatMap { n in
            pieces[n].indices.filter { pieces[n][$0] != .held }.map { (n, $0) }
        }
    }

    var isSmooth: Bool { !pieces.contains { $0.contains(.both) } }

    /// The middle, on the same pieces.
    var middle: ActivityBox {
        var result = self
        result.activities = activities.map { $0.map { Interval($0.midpoint) } }
        return result
    }

    /// Makes a coordinate one number, on the same piece.
    mutating func place(layer n: Int, unit: Int, at value: Double) {
        activities[n][unit] = Interval(value)
    }

    /// What a coordinate is limited to; `nil` if nothing is left. The piece stays.
    func limited(layer n: Int, unit: Int, to range: Interval) -> ActivityBox? {
        let own = activities[n][unit]
        let (low, high) = (max(own.lower, range.lower), min(own.upper, range.upper))
        guard low <= high else { return nil }
        var result = self
        result.activities[n][unit] = Interval(lower: low, upper: high)
        if result.pieces[n][unit] == .both { result.pieces[n][unit] = Piece(result.activities[n][unit]) }
        return result
    }

    /// The two halves of a coordinate; of a unit on both sides of its kink the left, the kink, and the right.
    package func split(layer n: Int, unit: Int) -> [ActivityBox] {
        let own = activities[n][unit]
        let parts: [(Interval, Piece)]
        if pieces[n][unit] == .both {
            let sides = [
                (Interval(lower: own.lower, upper: 0), Piece.left), (.zero, .held),
                (Interval(lower: 0, upper: own.upper), .right),
            ]
            parts = sides.filter { $1 == .left ? own.lower < 0 : $1 == .right ? own.upper > 0 : true }
        } else {
            parts = [
                Interval(lower: own.lower, upper: own.midpoint), Interval(lower: own.midpoint, upper: own.upper),
            ].map { ($0, pieces[n][unit]) }
        }
        return parts.map { part, piece in
            var result = self
            (result.activities[n][unit], result.pieces[n][unit]) = (part, piece)
            return result
        }
    }
}
