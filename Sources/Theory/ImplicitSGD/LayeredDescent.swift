package import LinearAlgebra
package import Networks

/// A descent of a layered energy by Newton's method, to a stationary point that is a minimum.
package struct LayeredDescent<Energy: LayeredEnergy> {
    package private(set) var energy: Energy
    package private(set) var kinks: KinkState
    package private(set) var iterations = 0
    package private(set) var factorizations = 0

    private let tolerance: Double
    private let iterationLimit: Int
    package private(set) var point: PerLayer<Matrix<Double>>
    package private(set) var value: Double
    private var gradient: PerLayer<Matrix<Double>>
    private var direction: PerLayer<Matrix<Double>>
    /// Where a search looks, with units stopped at their kinks and without.
    private var candidate: PerLayer<Matrix<Double>>
    private var crossing: PerLayer<Matrix<Double>>
    package private(set) var residual = Double.infinity
    private var curvatures: PerLayer<Matrix<Double>>
    private var hessian: BlockTridiagonalMatrix
    private var workspace: Energy.Workspace
    private var factor: BlockTridiagonalCholesky
    /// Whether `factor` has taken the storage of `hessian`.
    private var hessianIsTaken = false
    /// `λ`, in units of the proximal metric.
    private var shift = 0.0

    /// Begins at `start` if the energy exists there, else (or without it) at the feedforward pass.
    ///
    /// - Parameter tolerance: the bound on the energy's own `residual`.
    package init(
        _ energy: Energy, start: PerLayer<Matrix<Double>>?, tolerance: Double, iterationLimit: Int
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
        direction = point
        candidate = point
        crossing = point
        curvatures = kinks.slopes
        hessian = BlockTridiagonalMatrix(uninitializedOrders: energy.blockOrders)
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
        kinks.update(energy)
        energy.gradient(slopes: kinks.slopes, into: &gradient)
        kinks.restrict(&gradient)
        residual = energy.residual(gradient: gradient, slopes: kinks.slopes)
    }

    private mutating func assemble() {
        for n in energy.architecture.hiddenLayers {
            energy.architecture.activation(ofLayer: n).curvature(
                energy.activities[n], into: &curvatures[n])
        }
        assembleHessian()
    }

    /// Writes the Hessian, from curvatures that are there.
    private mutating func assembleHessian() {
        if hessianIsTaken { factor.giveBackStorage(to: &hessian) }
        hessianIsTaken = false
        energy.assembleHessian(
            slopes: kinks.freeSlopes, curvatures: curvatures, workspace: &workspace, into: &hessian)
        kinks.restrict(&hessian)
    }

    /// Factorizes `H + λM`, `M` the energy's precisions; false if that is not positive definite.
    private mutating func factorizeHessian(shiftedBy shift: Double) -> Bool {
        if hessianIsTaken { assembleHessian() }
        if shift > 0 { energy.addMetric(scaledBy: shift, to: &hessian) }
        factorizations += 1
        hessianIsTaken = true
        do {
            try factor.factorize(taking: &hessian)
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
            for n in direction.indices {
                direction[n].assign(gradient[n], scaledBy: -1)
            }
            factor.solveVectorInPlace(&direction.elements)
            kinks.restrict(&direction)
            if let length = search() {
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

    /// Moves along `direction` by the first length that is accepted, which it returns.
    private mutating func search() -> Double? {
        var slope = 0.0
        for n in gradient.indices { slope += gradient[n].dot(direction[n]) }
        guard slope < 0 else { return nil }
        // Rounding of the energy's terms hides decreases below this.
        let noise = 64 * Double.ulpOfOne * value
        var length = 1.0
        while length > 1e-4 {
            let candidateValue = lookAhead(length)
            if accept(candidateValue, predicted: -length * slope, noise: noise) { return length }
            length /= 2
        }
        _ = energy.evaluate(at: point)
        refresh()
        return nil
    }

    /// Puts into `candidate` the point `length` ahead along `direction`, stopped at the kinks on the way
    /// or across them, whichever is lower; returns its value, the last that was evaluated.
    private mutating func lookAhead(_ length: Double) -> Double {
        guard lookStoppingAtKinks(length) else { return energy.evaluate(at: candidate) }
        for n in crossing.indices {
            crossing[n].assignSum(point[n], direction[n], scaledBy: length)
        }
        let crossingValue = energy.evaluate(at: crossing)
        let stoppedValue = energy.evaluate(at: candidate)
        guard crossingValue < stoppedValue else { return stoppedValue }
        swap(&candidate, &crossing)
        return energy.evaluate(at: candidate)
    }

    /// Accepts the candidate for a sufficient decrease of the energy or, where rounding hides it, of
    /// the residual. The energy has just been evaluated there.
    private mutating func accept(
        _ candidateValue: Double, predicted: Double, noise: Double
    ) -> Bool {
        guard candidateValue.isFinite else { return false }
        let decreases = candidateValue <= value - 1e-4 * predicted
        let hidden = predicted <= 1e4 * noise && candidateValue <= value + noise
        guard decreases || hidden else { return false }
        let (oldValue, oldResidual) = (value, residual)
        swap(&point, &candidate)
        value = candidateValue
        refresh()
        if hidden && !(residual < 0.9 * oldResidual) && !(decreases && predicted > noise) {
            swap(&point, &candidate)
            value = oldValue
            _ = energy.evaluate(at: point)
            refresh()
            return false
        }
        return true
    }

    /// `candidate ← point + length · direction` with units that would cross their kink put exactly on
    /// it; returns whether there are such.
    private mutating func lookStoppingAtKinks(_ length: Double) -> Bool {
        var crosses = false
        for n in candidate.indices {
            candidate[n].assignSum(point[n], direction[n], scaledBy: length)
            guard energy.architecture.activation(ofLayer: n).kink != nil else { continue }
            crosses = kinks.stopCrossings(
                layer: n, from: point[n], along: direction[n], base: energy.feedforward[n],
                to: &candidate[n]) || crosses
        }
        return crosses
    }

    /// Leaves a saddle point: moves along the eigenvector of the most negative curvature.
    private mutating func escapeAlongNegativeCurvature() -> Bool {
        var bound = 1e-3
        while bound < 1e16 {
            if factorizeHessian(shiftedBy: bound) {
                var start = gradient
                for n in start.indices {
                    for k in 0..<start[n].count {
                        start[n][k % start[n].rows, k / start[n].rows] = (k * 7 + n - 1) % 5 < 2 ? -1 : 1
                    }
                }
                kinks.restrict(&start)
                let (_, vector) = factor.smallestEigenpair(startingFrom: start.map(\.asColumn))
                assemble()  // without the shift
                let image = hessian.times(vector)
                let quotient = zip(vector, image).reduce(0) { $0 + $1.0.dot($1.1) }
                guard quotient < 0 else { return false }
                let shaped = PerLayer(
                    from: point.startIndex,
                    zip(vector, point).map { $0.reshaped(rows: $1.rows, columns: $1.columns) })
                return descend(along: shaped)
            }
            bound *= 8
        }
        return false
    }

    private mutating func descend(along vector: PerLayer<Matrix<Double>>) -> Bool {
        let size = point.reduce(1e-3) { $0 + $1.norm }
        let noise = 64 * Double.ulpOfOne * value
        var length = size
        while length > 1e-7 * size {
            for signed in [length, -length] {
                for n in candidate.indices {
                    candidate[n].assignSum(point[n], vector[n], scaledBy: signed)
                }
                let candidateValue = energy.evaluate(at: candidate)
                if candidateValue < value - noise {
                    swap(&point, &candidate)
                    value = candidateValue
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
