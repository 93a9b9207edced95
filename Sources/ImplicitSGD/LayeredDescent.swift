package import LinearAlgebra
internal import Networks

/// A descent of a layered energy by Newton's method, to a stationary point that is a minimum.
package struct LayeredDescent<Energy: LayeredEnergy> {
    package private(set) var energy: Energy
    package private(set) var kinks: KinkState
    package private(set) var iterations = 0
    package private(set) var factorizations = 0

    private let tolerance: Double
    private let iterationLimit: Int
    package private(set) var point: [Matrix<Double>]
    package private(set) var value: Double
    private var gradient: [Matrix<Double>]
    package private(set) var residual = Double.infinity
    private var curvatures: [Matrix<Double>]
    private var hessian: BlockTridiagonalMatrix
    private var workspace: Energy.Workspace
    private var factor: BlockTridiagonalCholesky
    /// The shift that `hessian` contains.
    private var appliedShift = 0.0
    /// `λ`, in units of the proximal metric.
    private var shift = 0.0

    /// Begins at `start` if the energy exists there, else (or without it) at the feedforward pass.
    ///
    /// - Parameter tolerance: the bound on the energy's own `residual`.
    package init(
        _ energy: Energy, start: [Matrix<Double>]?, tolerance: Double, iterationLimit: Int
    ) {
        self.energy = energy
        self.tolerance = tolerance
        self.iterationLimit = iterationLimit
        point = start ?? energy.origin
        value = self.energy.evaluate(at: point)
        if !value.isFinite {
            point = energy.origin
            value = self.energy.evaluate(at: point)
        }
        self.energy.differentiate()
        kinks = KinkState(self.energy)
        gradient = point
        curvatures = kinks.slopes
        hessian = BlockTridiagonalMatrix(orders: energy.blockOrders)
        workspace = energy.makeWorkspace()
        factor = BlockTridiagonalCholesky(orders: energy.blockOrders)
        refresh()
    }

    /// Iterates until the residual is met, or nothing more can be done.
    package mutating func run() -> SolveOutcome {
        while residual > tolerance {
            if iterations >= iterationLimit { return .iterationLimit }
            assemble()
            guard step() else { return residual <= 4 * tolerance ? .converged : .stalled }
            iterations += 1
        }
        return .converged
    }

    /// Whether the point found is a strict minimum, by a factorization of the Hessian there. From a
    /// saddle point it leaves along negative curvature and runs again, so the outcome may change.
    package mutating func proveMinimum(_ outcome: SolveOutcome) -> (SolveOutcome, Curvature) {
        var current = outcome
        for _ in 0..<5 where current == .converged {
            assemble()
            if factorizeHessian(shiftedBy: 0) { return (.converged, .provedPositive) }
            guard escapeAlongNegativeCurvature() else { return (.converged, .notPositive) }
            current = run()
        }
        return (current, current == .converged ? .notPositive : .unknown)
    }

    /// Everything that follows from `point` and its evaluation.
    private mutating func refresh() {
        energy.differentiate()
        kinks = KinkState(energy)
        energy.gradient(slopes: kinks.slopes, into: &gradient)
        kinks.restrict(&gradient)
        residual = energy.residual(gradient: gradient, slopes: kinks.slopes)
    }

    private mutating func assemble() {
        for n in 1..<(energy.hiddenLayers + 1) {
            energy.architecture.activation(ofLayer: n).curvature(
                energy.activities[n - 1], into: &curvatures[n - 1])
        }
        energy.assembleHessian(
            slopes: kinks.freeSlopes, curvatures: curvatures, workspace: &workspace, into: &hessian)
        kinks.restrict(&hessian)
        appliedShift = 0
    }

    /// The factor of `H + λM`, `M` the energy's precisions, or `nil` if that is not positive definite.
    private mutating func factorizeHessian(shiftedBy shift: Double) -> Bool {
        factorizations += 1
        do {
            guard shift > 0 else {
                try factor.factorize(hessian)
                return true
            }
            // Adding and taking away again would round; the unshifted matrix is assembled anew.
            energy.addMetric(scaledBy: shift - appliedShift, to: &hessian)
            appliedShift = shift
            try factor.factorize(hessian)
            return true
        } catch {
            return false
        }
    }

    /// One accepted step; false if there is none.
    private mutating func step() -> Bool {
        let smallestShift = 0.01
        let firstShift = 0.1
        var failures = 0
        while shift < 1e16 {
            guard factorizeHessian(shiftedBy: shift) else {
                failures += 1
                shift = max(firstShift, 8 * shift)
                continue
            }
            var columns = gradient.map(\.asColumn)
            for n in columns.indices { columns[n].scale(by: -1) }
            factor.solveInPlace(&columns)
            var direction = shaped(columns)
            kinks.restrict(&direction)
            if let length = search(along: direction) {
                if length >= 0.5 {
                    // A shift that was needed just now is likely to be needed again.
                    shift = shift <= 2 * smallestShift ? 0 : shift / (failures > 0 ? 2 : 8)
                } else if length < 0.1 {
                    shift = max(smallestShift, 4 * shift)
                }
                return true
            }
            shift = max(smallestShift, 8 * shift)
        }
        shift = 0
        return false
    }

    /// Block columns as one `dₙ × B` matrix for each layer.
    private func shaped(_ columns: [Matrix<Double>]) -> [Matrix<Double>] {
        zip(columns, point).map { $0.reshaped(rows: $1.rows, columns: $1.columns) }
    }

    /// Moves along `direction` by the first length that is accepted, which it returns.
    private mutating func search(along direction: [Matrix<Double>]) -> Double? {
        let slope = zip(gradient, direction).reduce(0) { $0 + $1.0.dot($1.1) }
        guard slope < 0 else { return nil }
        // Rounding of the energy's terms hides decreases below this.
        let noise = 64 * Double.ulpOfOne * value
        var length = 1.0
        while length > 1e-4 {
            let (stopped, crosses) = trial(direction, length, stopsAtKinks: true)
            var best = stopped
            var bestValue = energy.evaluate(at: stopped)
            if crosses {
                let (crossing, _) = trial(direction, length, stopsAtKinks: false)
                let crossingValue = energy.evaluate(at: crossing)
                if crossingValue < bestValue { (best, bestValue) = (crossing, crossingValue) }
            }
            if accept(best, bestValue, predicted: -length * slope, noise: noise) { return length }
            length /= 2
        }
        _ = energy.evaluate(at: point)
        refresh()
        return nil
    }

    /// Accepts a sufficient decrease of the energy or, where rounding hides it, of the residual.
    private mutating func accept(
        _ trial: [Matrix<Double>], _ trialValue: Double, predicted: Double, noise: Double
    ) -> Bool {
        guard trialValue.isFinite else { return false }
        let decreases = trialValue <= value - 1e-4 * predicted
        let hidden = predicted <= 1e4 * noise && trialValue <= value + noise
        guard decreases || hidden else { return false }
        let (oldPoint, oldValue, oldResidual) = (point, value, residual)
        (point, value) = (trial, trialValue)
        _ = energy.evaluate(at: point)
        refresh()
        if hidden && !(residual < 0.9 * oldResidual) && !(decreases && predicted > noise) {
            (point, value) = (oldPoint, oldValue)
            _ = energy.evaluate(at: point)
            refresh()
            return false
        }
        return true
    }

    /// `point + length · direction`, and whether some unit meets its kink on the way. With
    /// `stopsAtKinks` such units are put exactly on it.
    private func trial(
        _ direction: [Matrix<Double>], _ length: Double, stopsAtKinks: Bool
    ) -> ([Matrix<Double>], crosses: Bool) {
        var result = point
        var crosses = false
        for n in result.indices {
            result[n].add(direction[n], scaledBy: length)
            let layer = n + 1
            guard layer <= energy.hiddenLayers,
                energy.architecture.activation(ofLayer: layer).kink != nil
            else { continue }
            for j in 0..<result[n].columns {
                for i in 0..<result[n].rows where direction[n][i, j] != 0 {
                    let base = energy.feedforward[n][i, j]
                    let before = base + point[n][i, j]
                    let side = before != 0
                        ? before : kinks.releasedSides[n][i + j * result[n].rows] ?? 0
                    let after = base + result[n][i, j]
                    guard side * after <= 0 else { continue }
                    crosses = crosses || side * after < 0
                    if stopsAtKinks { result[n][i, j] = -base }
                }
            }
        }
        return (result, crosses)
    }

    /// Leaves a saddle point: moves along the eigenvector of the most negative curvature.
    private mutating func escapeAlongNegativeCurvature() -> Bool {
        var bound = 1e-3
        while bound < 1e16 {
            if factorizeHessian(shiftedBy: bound) {
                var start = gradient
                for n in start.indices {
                    for k in 0..<start[n].count {
                        start[n][k % start[n].rows, k / start[n].rows] = (k * 7 + n) % 5 < 2 ? -1 : 1
                    }
                }
                kinks.restrict(&start)
                let (_, vector) = factor.smallestEigenpair(startingFrom: start.map(\.asColumn))
                assemble()  // without the shift
                let image = hessian.times(vector)
                let quotient = zip(vector, image).reduce(0) { $0 + $1.0.dot($1.1) }
                guard quotient < 0 else { return false }
                return descend(along: shaped(vector))
            }
            bound *= 8
        }
        return false
    }

    private mutating func descend(along vector: [Matrix<Double>]) -> Bool {
        let size = point.reduce(1e-3) { $0 + $1.norm }
        let noise = 64 * Double.ulpOfOne * value
        var length = size
        while length > 1e-7 * size {
            for signed in [length, -length] {
                let (target, _) = trial(vector, signed, stopsAtKinks: false)
                let targetValue = energy.evaluate(at: target)
                if targetValue < value - noise {
                    (point, value) = (target, targetValue)
                    refresh()
                    return true
                }
            }
            length /= 4
        }
        _ = energy.evaluate(at: point)
        refresh()
        return false
    }
}
