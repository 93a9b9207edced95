internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// What is known of `αE` on one box.
package struct BoxBounds {
    /// Below every value.
    package private(set) var lower: Double
    /// Not below the value at `point`.
    package private(set) var upper: Double
    private(set) var point: ActivityBox
    /// The free unit whose halving promises most, by the part of the first-order bound that it makes; `nil` if none has width.
    let splitting: Int?

    package init(_ energy: BoxEnergy, _ box: ActivityBox) {
        let value = energy.evaluate(box)
        let gradient = energy.gradient(value, box)
        self.init(energy, box, value, slopes: box.free.map { gradient[$0.layer][$0.unit] })
    }

    /// - Parameter slopes: the derivatives of the free units over the box.
    init(_ energy: BoxEnergy, _ box: ActivityBox, _ value: BoxEnergy.Value, slopes: [Interval]) {
        let free = box.free
        let ranges = free.map { box.activities[$0.layer][$0.unit] }
        let radii = ranges.map(\.radius)
        lower = value.energy.lower
        point = box.middle
        let middle = energy.evaluate(point)
        upper = middle.energy.upper
        let parts = zip(slopes, radii).map { (Interval($0.magnitude) * Interval($1)).upper }
        splitting = radii.indices.filter { radii[$0] > 0 }.max {
            (parts[$0].isFinite ? 0 : 1, parts[$0].isFinite ? parts[$0] : radii[$0])
                < (parts[$1].isFinite ? 0 : 1, parts[$1].isFinite ? parts[$1] : radii[$1])
        }
        let plain = parts.reduce(Interval(middle.energy.lower)) { $0 - Interval($1) }
        lower = max(lower, plain.lower)
        guard box.isSmooth, radii.contains(where: { $0 > 0 }) else { return }
        let hessian = energy.hessian(value, box)
        let scaled = hessian.indices.map { i in
            hessian[i].indices.map { j in Interval(radii[i]) * Interval(radii[j]) * hessian[i][j] }
        }
        let least = LeastEigenvalue.lowerBound(scaled)
        guard least.isFinite else { return }
        var (center, found) = (point, middle)
        if least > 0, let step = Self.newtonPoint(energy, center, found, hessian, ranges) {
            (center, found) = (step, energy.evaluate(step))
            if found.energy.upper < upper { (upper, point) = (found.energy.upper, step) }
        }
        let gradient = energy.gradient(found, center)
        var sum = Interval(found.energy.lower)
        for (k, unit) in free.enumerated() where radii[k] > 0 {
            let offset = ranges[k] - Interval(center.activities[unit.layer][unit.unit].midpoint)
            let curvature = Interval(least) / Interval(radii[k]).squared
            sum = sum + Interval(Self.leastParabola(gradient[unit.layer][unit.unit], curvature, offset))
        }
        lower = max(lower, sum.lower)
    }

    /// A lower bound of `gt + ½κt²` for `t` of the range.
    private static func leastParabola(_ slope: Interval, _ curvature: Interval, _ range: Interval) -> Double {
        let ends = [range.lower, range.upper].map { Interval($0) }
        if curvature.lower > 0 {
            let line = ends.map { (slope * $0).lower }.reduce(.infinity, min)
            return max(line, -(Interval(slope.magnitude).squared / (Interval(2) * curvature)).upper)
        }
        return ends.map { (slope * $0 + Interval(0.5) * curvature * $0.squared).lower }.reduce(.infinity, min)
    }

    /// Where Newton's step from the middle leads, kept within the box.
    private static func newtonPoint(
        _ energy: BoxEnergy, _ middle: ActivityBox, _ value: BoxEnergy.Value, _ hessian: [[Interval]], _ ranges: [Interval]
    ) -> ActivityBox? {
        let free = middle.free
        let order = hessian.count
        var center = middle
        var current = value
        for _ in 0..<2 {
            let local = energy.hessian(current, center)
            let matrix = Matrix<Double>(rows: order, columns: order) { i, j in i >= j ? local[i][j].midpoint : 0 }
            let gradient = energy.gradient(current, center)
            var step = Matrix(column: free.map { -gradient[$0.layer][$0.unit].midpoint })
            guard let factor = try? CholeskyFactorization(matrix) else { return nil }
            factor.solveInPlace(&step)
            for (k, unit) in free.enumerated() {
                let wanted = center.activities[unit.layer][unit.unit].midpoint + step[k, 0]
                center.place(layer: unit.layer, unit: unit.unit, at: min(max(wanted, ranges[k].lower), ranges[k].upper))
            }
            current = energy.evaluate(center)
        }
        return center
    }
}
