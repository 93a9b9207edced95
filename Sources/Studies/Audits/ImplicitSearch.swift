internal import Comparison
internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import RealModule

/// A search for the learning rate whose exact implicit update is nearest to a given one.
///
/// Relative distance is evaluated at the guesses, and unless one is near enough at two learning rates for each factor of ten in
/// 1e-4 … 1e4; then golden section in `log α` between the neighbours of the best. Every solve
/// descends from `θ_b` anew, so that a value does not depend on the order of the search.
struct ImplicitSearch<Audited: AuditedCase> {
    let update: Parameters<Double>
    let audited: Audited
    private var solves = 0
    private var unsolved = 0
    private var best: (report: ReferenceUpdate, distance: UpdateDistance)?

    /// Golden section ends when the learning rate is known to this, relatively.
    private var resolution: Double { 1e-7 }

    init(update: Parameters<Double>, audited: Audited) {
        self.update = update
        self.audited = audited
    }

    /// - Parameter goal: a relative distance that is good enough to stop.
    /// - Returns: `nil` if no solve converged.
    mutating func nearest(
        guesses: [Double], goal: Double, progress: () -> Void
    ) -> UpdateAudit.NearestImplicit? {
        for guess in Set(guesses).sorted() { _ = distance(at: Double.log(guess), progress) }
        guard !isNear(goal) else { return found }
        let grid = stride(from: -8, through: 8, by: 1).map { Double($0) / 2 * Double.log(10) }
        for logarithm in grid { _ = distance(at: logarithm, progress) }
        if let best, !isNear(goal) {
            let logarithms = Set(grid + guesses.map { Double.log($0) }).sorted()
            let center = Double.log(best.report.learningRate)
            let low = logarithms.last { $0 < center - 1e-9 } ?? center - 1
            let high = logarithms.first { $0 > center + 1e-9 } ?? center + 1
            narrow(low, high, goal: goal, progress)
        }
        return found
    }

    private var found: UpdateAudit.NearestImplicit? {
        best.map {
            UpdateAudit.NearestImplicit(
                report: $0.report, distance: $0.distance, solves: solves, unsolved: unsolved)
        }
    }

    private func isNear(_ goal: Double) -> Bool { (best?.distance.relativeDistance ?? .infinity) <= goal }

    private mutating func narrow(
        _ first: Double, _ last: Double, goal: Double, _ progress: () -> Void
    ) {
        let golden = (Double.sqrt(5) - 1) / 2
        var (low, high) = (first, last)
        var left = high - golden * (high - low)
        var right = low + golden * (high - low)
        var (leftValue, rightValue) = (distance(at: left, progress), distance(at: right, progress))
        while high - low > resolution, !isNear(goal) {
            if leftValue <= rightValue {
                (high, right, rightValue) = (right, left, leftValue)
                left = high - golden * (high - low)
                leftValue = distance(at: left, progress)
            } else {
                (low, left, leftValue) = (left, right, rightValue)
                right = low + golden * (high - low)
                rightValue = distance(at: right, progress)
            }
        }
    }

    /// The relative distance at `α = exp(logarithm)`, `+∞` where there is no exact update.
    private mutating func distance(at logarithm: Double, _ progress: () -> Void) -> Double {
        solves += 1
        progress()
        guard let posed = try? audited.with(learningRate: Double.exp(logarithm)),
            let report = try? posed.exactUpdate(.equation), report.isExact
        else {
            unsolved += 1
            return .infinity
        }
        let distance = UpdateDistance(of: update, to: report.update)
        let value = distance.relativeDistance
        if value.isFinite, value < best?.distance.relativeDistance ?? .infinity {
            best = (report, distance)
        }
        return value.isNaN ? .infinity : value
    }
}
