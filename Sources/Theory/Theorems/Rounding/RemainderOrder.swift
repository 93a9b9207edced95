/// The order of a remainder in a step that halves from one value to the next, for statements that it is *at least*
/// something.
///
/// Values below 1000 times the rounding of their terms are left out; that leaves a relative error of 0.001 in a value,
/// a tilt of at most 0.001. The fit's 99 % interval widens with the bend that the next order makes, and 0.1 is the
/// tilt of a next order of some 10 % at the largest step.
struct RemainderOrder {
    private var steps: [Double] = []
    private var values: [Double] = []

    mutating func include(step: Double, value: Double, noise: Double) {
        guard value > 1000 * noise else { return }
        steps.append(step)
        values.append(value)
    }

    /// By how much the order falls short of `order`, in units of its tolerance; nil where rounding hides too many values.
    func margin(atLeast order: Double) -> Double? {
        LogLogSlope(steps, values).map { excessMargin(order - $0.slope, tolerance: $0.halfWidth + 0.1) }
    }
}
